# The drive is reset while it records, and the program is killed while the medium is locked in.

# Waits until the image has grown by this many bytes, or the process has ended.
until_recorded() {
    while kill -0 "$1" 2> /dev/null && test "$(stat -c %s "$image")" -lt $(($before + $2)); do
        sleep 0.02
    done
}

start_adding() {
    before=$(stat -c %s "$image")
    $O add "$@" > "$W/added" 2>&1 &
    adding=$!
}

# It continued, or reports what happened.
told_or_done() {
    wait $adding
    done=$?
    test $done -eq 0 || grep 'reset function occurred\|the drive was reset\|aborted the command' "$W/added" || { cat "$W/added"; false; }
}

reset_while_recording() {
    name="a reset while $1 is recorded"
    part "$name"
    attach $1 100M
    small_commands
    judge "$name, formatted" $O format "$device"
    rm -rf "$W/expected"
    mkdir "$W/expected"
    number=0
    for least in 1 500000 2000000; do
        number=$((number + 1))
        bytes "$W/expected/part-$number" 6000000
        start_adding "$device" "$W/expected/part-$number"
        until_recorded $adding $least
        judge "$name $number" sg_reset -d "$generic"
        judge "$name $number, done or reported" told_or_done
        tail -n 3 "$W/added" >&2
        test $done -eq 0 || judge "$name $number, added again" $O add "$device" "$W/expected/part-$number"
    done
    look "$name" "$W/expected"
    checked "$name"
    detach "$name"
}
for medium in cd-r bd-r; do
    reset_while_recording $medium
done

kill_in_mid_write() {
    start_adding "$1" "$M/large"
    until_recorded $adding 200000
    judge_refusal "$name, shut while it records" 'Medium removal prevented' sg_start -v --eject "$generic"
    kill -9 $adding
    wait $adding
}


opens() {
    judge "$1" sg_start --eject "$generic"
    judge "$1, and shuts" sg_start --load "$generic"
    sg_turs "$generic" > /dev/null 2>&1
}

part 'the door'
bytes "$M/large" 24000000
attach bd-r 100M
small_commands
name="the door after a killed program on srN"
judge "$name, formatted" $O format "$device"
kill_in_mid_write "$device"
opens "$name, opens"
judge "$name, added" $O add "$device" "$M/tree"
opens "$name, opens after the next"
# Without a block device it stays locked until the next recording has ended.
address=$(basename "$(readlink -f "/sys/block/${device#/dev/}/device")")
echo "$address" > /sys/bus/scsi/drivers/sr/unbind
name="the door after a killed program on sgN"
kill_in_mid_write "$generic"
judge_refusal "$name, stays shut" 'Medium removal prevented' sg_start -v --eject "$generic"
judge "$name, added" $O add "$generic" "$M/more"
opens "$name, opens after the next"
echo "$address" > /sys/bus/scsi/drivers/sr/bind
look "$name" "$M/both"
checked "$name"
detach "$name"
