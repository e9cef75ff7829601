# The whole life of a disc in a drive with switches; the kernel reads it in one without: `odd_life MEDIUM CAPACITY NAME SWITCHES...`
odd_life() {
    medium=$1 capacity=$2 disc=$3
    shift 3
    part "$disc"
    rm -rf "$M/expected"
    mkdir "$M/expected"
    attach "$medium" "$capacity" "$@"
    odd_step "$disc, formatted" format "$device" --label "Odd-$medium"
    cp -a "$M/first" "$M/expected/"
    odd_step "$disc, added" add "$device" "$M/first"
    rm "$M/expected/first/a"
    odd_step "$disc, removed" rm "$device" /first/a
    odd_step "$disc, closed" close "$device"
    shown "$disc, closed"
    up "$@"
    cp -a "$M/third" "$M/expected/"
    odd_step "$disc, continued" add "$device" "$M/third"
    odd_step "$disc, finalized" close "$device" --finalize --yes
    shown "$disc, finalized"
}

odd_step() {
    state=$1
    shift
    judge "$state" $O "$@"
    rm -rf "$W/read"
    mkdir "$W/read"
    judge "$state, read" $O extract "$device" --to "$W/read"
    judge "$state, as recorded" diff -r --no-dereference "$M/expected" "$W/read"
}

# The disc in a drive without switches, as the kernel sees it.
shown() {
    detach "$1, in the odd drive"
    sed -i '/^behaviour /d' "$image.oncefs"
    up
    see "$1" "$M/expected"
    judge "$1, by blkid" test "$(blkid -p -s TYPE -o value "$device")" = udf
    detach "$1, in another drive"
}
