# What goes wrong on a device.
mkdir -p "$M/tree"
bytes "$M/tree/large" 1500000
bytes "$M/more" 900000
mkdir -p "$M/both"
cp -a "$M/tree" "$M/both/"
cp "$M/more" "$M/both/"
mkdir "$M/one"
cp -a "$M/tree" "$M/one/"

checked() { judge "$1, checked" $O check "$device" --data; }

# The medium is taken out while a file is written. What was committed stands, and once it is back the disc goes on.
echo 'remove before WRITE(10) 3' > "$M/script"
for medium in cd-r dvd-r dvd+r bd-r; do
    name="removed in mid-write of $medium"
    fault=
    attach $medium 60M
    judge "$name, formatted" $O format "$device"
    judge "$name, added" $O add "$device" "$M/tree"
    detach "$name"
    fault=$M/script
    attach_again
    judge_refusal "$name" 'medium' $O add "$device" "$M/more" "$M/tree/large"
    judge "$name, put in again" sg_start --load "$generic"
    look "$name" "$M/one"
    judge "$name, added again" $O add "$device" "$M/more"
    look "$name, added again" "$M/both"
    checked "$name"
    detach "$name"
done

# The drive cannot write a block and goes on behind it.
echo 'fail 3/0C/00 at written block 700' > "$M/script"
for medium in cd-r dvd-r dvd+r bd-r; do
    name="a write error on $medium"
    fault=$M/script
    attach $medium 60M
    judge "$name, formatted" $O format "$device"
    $O add "$device" "$M/tree" 2> "$M/said" || judge "$name, added again" $O add "$device" "$M/tree"
    look "$name" "$M/one"
    checked "$name"
    detach "$name"
done

# Nothing protects a CD against an empty buffer: packets end by themselves after any write.
fault=
for writes in 1 2 3; do
    name="packets that end after $writes writes"
    attach cd-r 60M --behaviour buffer_underrun_protection=no --behaviour underrun_after_writes=$writes
    judge "$name, formatted" $O format "$device"
    judge "$name, added" $O add "$device" "$M/tree"
    judge "$name, closed" $O close "$device"
    look "$name" "$M/one"
    checked "$name"
    detach "$name"
done

# A command that is never answered: the kernel gives it up, and the drive answers the next.
echo 'hang at READ BUFFER CAPACITY 1' > "$M/script"
fault=$M/script
attach bd-r 60M
capacity="5c 00 00 00 00 00 00 00 0c 00"
judge_refusal "a command that hangs" '.' sg_raw -t 2 -r 12 "$generic" $capacity
judge "a command that hangs, answered again" sg_raw -t 20 -r 12 "$generic" $capacity
judge "a command that hangs, formatted" $O format "$device"

# The recorder dies: what it leaves behind is cleared away.
kill -9 "$recorder"
tail --pid="$recorder" -f /dev/null
judge "a killed recorder, listed" test -n "$($O recorder list)"
judge "a killed recorder" $O recorder detach --all
judge "a killed recorder, detached" wait_for_recorder

# The program is killed at random points of a recording, each time continued and verified.
fault=
attach bd-r 1G
judge "killed at random, formatted" $O format "$device"
mkdir "$M/kept"
bytes "$M/part" 200000
number=0
while test $number -lt @KILLS@; do
    number=$((number + 1))
    $O add "$device" "$M/part" --into "/lost-$number" > /dev/null 2>&1 &
    victim=$!
    sleep 0.$(shuf -i 100-600 -n 1)
    kill -9 $victim 2>/dev/null
    wait $victim 2>/dev/null
    mkdir -p "$M/kept/kept-$number"
    echo "$number" > "$M/kept/kept-$number/number"
    judge "killed at random $number, continued" $O add "$device" "$M/kept/kept-$number"
    judge "killed at random $number, read" test "$($O cat "$device" "/kept-$number/number")" = "$number"
done
judge "killed at random, closed" $O close "$device"
# What an add had committed before it was killed is there whole.
for found in $($O ls "$device" | sed -n 's,^/*\(lost-[0-9]*\)/*$,\1,p'); do
    mkdir "$M/kept/$found"
    cp "$M/part" "$M/kept/$found/"
done
look "killed at random" "$M/kept"
checked "killed at random"
detach "killed at random"
