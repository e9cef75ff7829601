# The whole life of a disc on a device: `life MEDIUM CAPACITY NAME SWITCHES...`
life() {
    medium=$1 capacity=$2 disc=$3
    shift 3
    part "$disc"
    rm -rf "$M/expected"
    mkdir "$M/expected"
    attach "$medium" "$capacity" "$@"
    step "$disc, formatted" format "$device" --label "Disc-$medium"
    cp -a "$M/first" "$M/expected/"
    step "$disc, added" add "$device" "$M/first"
    cp -a "$M/second" "$M/expected/"
    step "$disc, added again" add "$device" "$M/second"
    rm "$M/expected/first/a"
    step "$disc, removed" rm "$device" /first/a
    step "$disc, closed" close "$device" --reload
    cp -a "$M/third" "$M/expected/"
    step "$disc, continued" add "$device" "$M/third"
    step "$disc, finalized" close "$device" --finalize --yes
    detach "$disc"
}

# The commands to the drive are kept in one trace per disc: crates/emulator/tests/traces contains four of them.
step() {
    state=$1
    shift
    judge "$state" $O --trace "$shared/$disc.trace" "$@"
    mv "$W/said" "$W/told"
    case " $* " in
    *" --reload "*)
        judge "$state, not told to reload" test -z "$(grep -e --reload "$W/told")"
        see "$state" "$M/expected"
        ;;
    *)
        judge "$state, told to reload" grep -e --reload "$W/told"
        look "$state" "$M/expected"
        ;;
    esac
    judge "$state, by blkid" test "$(blkid -p -s TYPE -o value "$device")" = udf
    udfinfo --utf8 "$device" > "$shared/$state.udfinfo" 2> "$shared/$state.words"
    $O info "$device" --json > "$shared/$state.info"
}
