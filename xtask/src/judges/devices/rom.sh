# A disc with a plain volume on a device, for readers that follow sessions: `rom MEDIUM CAPACITY MODE`
rom() {
    medium=$1 capacity=$2 mode=$3 disc="rom $3 $1"
    part "$disc"
    rm -rf "$M/expected"
    mkdir "$M/expected"
    attach "$medium" "$capacity"
    judge "$disc, formatted" $O format "$device" --rom "$mode" --label "Rom"
    cp -a "$M/first" "$M/expected/"
    rom_step open add "$device" "$M/first"
    case "$mode $medium" in
    "udf cd-r" | bridge*) judge "$disc, open: Linux, udf,novrs" shown_by -t udf -o novrs ;;
    *) judge "$disc, open: Linux, udf" shown_by -t udf ;;
    esac
    rom_closed closed close "$device"
    cp -a "$M/second" "$M/expected/"
    judge "$disc, added to" $O add "$device" "$M/second"
    rom_closed "second session closed" close "$device"
    rm "$M/expected/first/a"
    judge "$disc, removed from" $O rm "$device" /first/a
    rom_closed finalized close "$device" --finalize --yes
    detach "$disc"
}

rom_step() {
    state=$1
    shift
    judge "$disc, $state" $O "$@"
    judge "$disc, $state, put in again" reload
}

# Only Rock Ridge has links.
rom_closed() {
    rom_step "$@"
    judge "$disc, $state: Linux, own choice" shown_by --exclude=link
    judge "$disc, $state: Linux, udf" shown_by -t udf --exclude=link
    case "$medium $state" in
    # For a CD of several sessions it may print nothing.
    "cd-r s"* | "cd-r f"*) ;;
    *) judge "$disc, $state: blkid" test "$(blkid -p -s TYPE -o value "$device")" = udf ;;
    esac
    test "$mode" = bridge || return 0
    judge "$disc, $state: Linux, isofs" shown_by -t iso9660
    (cd "$M/expected" && find . -mindepth 1 -printf '/%P\n' | LC_ALL=C sort) > "$W/names"
    test "$state" != closed || cp "$W/names" "$W/first-names"
    judge "$disc, $state: xorriso" listed_by xorriso_names "$W/names"
    judge "$disc, $state: isoinfo" listed_by isoinfo_names "$W/first-names"
}

# What the kernel shows with these options of mount, compared with these of diff.
shown_by() {
    mount_options= diff_options=
    for word in "$@"; do
        case $word in
        --*) diff_options="$diff_options $word" ;;
        *) mount_options="$mount_options $word" ;;
        esac
    done
    mount -o ro $mount_options "$device" "$W/mounted" || return 1
    diff -r --no-dereference $diff_options "$M/expected" "$W/mounted"
    differ=$?
    umount "$W/mounted"
    return $differ
}

listed_by() {
    "$1" 2> "$W/listed-words" | LC_ALL=C sort > "$W/listed"
    diff "$2" "$W/listed"
}

# It begins with the first session, even on a drive.
isoinfo_names() {
    isoinfo -R -f -i "$device"
}

xorriso_names() {
    xorriso -indev "$device" -find / | sed -n "s/^'\(\/..*\)'\$/\1/p"
}
