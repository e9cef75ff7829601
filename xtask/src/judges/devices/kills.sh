# The program is killed at random points of a recording, each time continued and verified.
part 'killed at random'
fault=
attach bd-r 1G
judge "killed at random, formatted" $O format "$device"
mkdir "$M/kept"
bytes "$M/part" 200000
number=0
for pause in $(shuf -i 100-600 -r -n @KILLS@); do
    number=$((number + 1))
    $O add "$device" "$M/part" --into "/lost-$number" > /dev/null 2>&1 &
    victim=$!
    sleep 0.$pause
    kill -9 $victim 2>/dev/null
    wait $victim 2>/dev/null
    mkdir -p "$M/kept/kept-$number"
    echo "$number" > "$M/kept/kept-$number/number"
    judge "killed at random $number, continued" $O add "$device" "$M/kept/kept-$number"
    judge "killed at random $number, read" test "$($O cat "$device" "/kept-$number/number")" = "$number"
done
judge "killed at random, closed" $O close "$device"
# What an add committed before it was killed must be there and whole.
for found in $($O ls "$device" | sed -n 's,^/*\(lost-[0-9]*\)/*$,\1,p'); do
    mkdir "$M/kept/$found"
    cp "$M/part" "$M/kept/$found/"
done
look "killed at random" "$M/kept"
checked "killed at random"
detach "killed at random"
