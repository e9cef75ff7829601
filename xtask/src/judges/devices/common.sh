# What the scripts about devices share. Each judgement is a line `judged NAME`, with a line `| ...` for each difference behind it.
set -u
shared=$1
M=@MEMORY@
O=@PROGRAM@
for module in @MODULES@/*; do
    busybox insmod "$module" >&2
done
mount -t configfs none /sys/kernel/config
ln -sf /proc/self/fd /dev/fd
mkdir "$M/mounted" "$M/image"
image=$M/image/disc
fault=
exec 2>> "$shared/words"

# The command has to succeed; where it does not, its last words are told.
judge() {
    echo "judged $1"
    shift
    "$@" > "$M/said" 2>&1
    ended=$?
    if test $ended -ne 0; then
        echo "| $* ended with $ended"
        tail -n 12 "$M/said" | sed 's/^/| /'
    fi
}

# The same for a command that has to fail, with these words.
judge_refusal() {
    echo "judged $1"
    words=$2
    shift 2
    if "$@" > "$M/said" 2>&1; then
        echo "| $* has not failed"
    fi
    grep -q "$words" "$M/said" || { echo "| $* does not say: $words"; tail -n 12 "$M/said" | sed 's/^/| /'; }
}

# Attach an image: medium, capacity, switches. `device` and `generic` are there then.
attach() {
    medium=$1 capacity=$2
    shift 2
    rm -f "$image" "$image.oncefs"
    : > "$M/up"
    $O --json ${fault:+--faults "$fault"} recorder attach "$image" --medium "$medium" --capacity "$capacity" "$@" > "$M/up" &
    up $!
}

# Attach the image that was there before.
attach_again() {
    : > "$M/up"
    $O --json ${fault:+--faults "$fault"} recorder attach "$image" > "$M/up" &
    up $!
}

up() {
    recorder=$1
    until grep -q '^}' "$M/up"; do
        kill -0 "$recorder" || { echo "judged attaching"; echo "| the recorder has ended"; exit 1; }
        sleep 0.05
    done
    device=$(sed -n 's/.*"block": "\(.*\)".*/\1/p' "$M/up")
    generic=$(sed -n 's/.*"generic": "\(.*\)".*/\1/p' "$M/up")
}

# Detach by a signal: clean, and nothing is left.
detach() {
    kill "$recorder"
    judge "$1, detached" wait_for_recorder
}

wait_for_recorder() {
    tail --pid="$recorder" -f /dev/null
    test -z "$($O recorder list)" && ! test -e "$device" && test -z "$(ls -d /sys/kernel/config/target/core/user_* 2>/dev/null)"
}

# Take the disc out and put it in: Linux asks a drive for the size of a disc only then.
reload() {
    # That the disc was changed is told once, to whoever comes first.
    sg_turs "$generic" > /dev/null 2>&1
    sg_start --eject "$generic" && sg_start --load "$generic"
}

# What the kernel shows has to be what stands in a directory.
look() {
    name=$1 expected=$2
    judge "$name, put in again" reload
    judge "$name, mounted" mount "$device" "$M/mounted"
    judge "$name, the tree" diff -r --no-dereference "$expected" "$M/mounted"
    judge "$name, unmounted" umount "$M/mounted"
}

bytes() {
    head -c "$2" /dev/urandom > "$1"
}
