# Faults of media, blocks, buffers, commands and recorders.

# The medium is removed while a file is written. What was committed stays, and the disc is continued once it is back.
for medium in cd-r dvd-r dvd+r bd-r; do
    name="removed in mid-write of $medium"
    part "$name"
    committed $medium 'remove before WRITE(10) 3'
    judge_refusal "$name" 'medium' $O add "$device" "$M/more" "$M/tree/large"
    judge "$name, put in again" sg_start --load "$generic"
    look "$name" "$M/one"
    continued
done

# The drive cannot write a block and continues after it.
echo 'fail 3/0C/00 at written block 700' > "$M/script"
for medium in cd-r dvd-r dvd+r bd-r; do
    name="a write error on $medium"
    part "$name"
    fault=$M/script
    attach $medium 60M
    judge "$name, formatted" $O format "$device"
    $O add "$device" "$M/tree" 2> "$M/said" || judge "$name, added again" $O add "$device" "$M/tree"
    look "$name" "$M/one"
    checked "$name"
    detach "$name"
done

# Without underrun protection on CD, packets may end after any write.
fault=
for writes in 1 2 3; do
    name="packets that end after $writes writes"
    part "$name"
    attach cd-r 60M --behaviour buffer_underrun_protection=no --behaviour underrun_after_writes=$writes
    judge "$name, formatted" $O format "$device"
    judge "$name, added" $O add "$device" "$M/tree"
    judge "$name, closed" $O close "$device"
    look "$name" "$M/one"
    checked "$name"
    detach "$name"
done

# A command that is never answered: the kernel aborts it, and the drive answers the next one.
part 'a command that hangs'
echo 'hang at READ BUFFER CAPACITY 1' > "$M/script"
fault=$M/script
attach bd-r 60M
capacity="5c 00 00 00 00 00 00 00 0c 00"
judge_refusal "a command that hangs" '.' sg_raw -t 2 -r 12 "$generic" $capacity
judge "a command that hangs, answered again" sg_raw -t 20 -r 12 "$generic" $capacity
judge "a command that hangs, formatted" $O format "$device"

# The recorder is killed: what it leaves is cleaned up.
kill -9 "$recorder"
wait "$recorder"
judge "a killed recorder, listed" test -n "$($O recorder list | grep "^$lane:")"
judge "a killed recorder" $O recorder detach "$lane"
judge "a killed recorder, detached" wait_for_recorder
