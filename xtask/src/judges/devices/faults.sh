# The common part of the fault scripts: what is recorded, and how a disc begins and continues.
mkdir -p "$M/tree"
bytes "$M/tree/large" 1500000
bytes "$M/more" 900000
mkdir -p "$M/both"
cp -a "$M/tree" "$M/both/"
cp "$M/more" "$M/both/"
mkdir "$M/one"
cp -a "$M/tree" "$M/one/"

checked() { judge "$1, checked" $O check "$device" --data; }

# A disc with one commit, in a drive with these faults, one per line.
committed() {
    attach "$1" 60M
    judge "$name, formatted" $O format "$device"
    judge "$name, added" $O add "$device" "$M/tree"
    detach "$name"
    shift
    printf '%s\n' "$@" > "$W/script"
    fault=$W/script
    attach_again
    fault=
}

# The rest of the data, the kernel's view of it, and the judge.
continued() {
    judge "$name, added again" $O add "$device" "$M/more"
    look "$name, added again" "$M/both"
    checked "$name"
    detach "$name"
}
