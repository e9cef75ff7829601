#!/bin/sh
# Links the shared library from the static one, with the soname and symbol versions that cargo cannot set:
# link-shared.sh LIBONCEFS.A OUTPUT
set -eu
map="$(dirname "$0")/oncefs.map"
exec "${CC:-cc}" -shared -o "$2" -Wl,-soname,liboncefs.so.0 -Wl,--version-script="$map" \
    -Wl,--whole-archive "$1" -Wl,--no-whole-archive -Wl,--gc-sections -Wl,--no-undefined \
    -lgcc_s -lpthread -ldl -lm -lc
