# The common part of the device scripts. Each judgement is a line `judged NAME`, followed by a line `| ...` for each difference.
set -u
shared=$1
M=@MEMORY@
for module in @MODULES@/*; do
    busybox insmod "$module" >&2
done
mount -t configfs none /sys/kernel/config
ln -sf /proc/self/fd /dev/fd
# From memory it starts faster.
O=$M/oncefs
cp @PROGRAM@ "$O"
exec 2>> "$shared/words"

# A lane has a folder and a recorder of its own, so that lanes can run at the same time.
lane() {
    lane=$1 part= fault=
    W=$M/lane-$lane
    mkdir -p "$W/mounted" "$W/image"
    image=$W/image/disc
}
lane main

# The duration of each part in hundredths of a second, which is not judged.
part() {
    read -r now rest < /proc/uptime
    now=${now%.*}${now#*.}
    test -z "$part" || echo "took $((now - began)) $part"
    part=$1 began=$now
}

# The command must succeed; if it fails, its last lines are printed.
judge() {
    echo "judged $1"
    shift
    "$@" > "$W/said" 2>&1
    ended=$?
    if test $ended -ne 0; then
        echo "| $* ended with $ended"
        tail -n 12 "$W/said" | sed 's/^/| /'
    fi
}

# The same for a command that must fail with these words.
judge_refusal() {
    echo "judged $1"
    words=$2
    shift 2
    if "$@" > "$W/said" 2>&1; then
        echo "| $* has not failed"
    fi
    grep -q "$words" "$W/said" || { echo "| $* does not say: $words"; tail -n 12 "$W/said" | sed 's/^/| /'; }
}

# Attach an image: medium, capacity, switches. `device` and `generic` are set then.
attach() {
    medium=$1 capacity=$2
    shift 2
    rm -f "$image" "$image.oncefs"
    up --medium "$medium" --capacity "$capacity" "$@"
}

# Attach the previous image again.
attach_again() {
    up
}

up() {
    : > "$W/up"
    $O --json ${fault:+--faults "$fault"} recorder attach "$image" --name "$lane" "$@" > "$W/up" &
    recorder=$!
    until grep -q '^}' "$W/up"; do
        kill -0 "$recorder" || { echo "judged attaching"; echo "| the recorder has ended"; exit 1; }
        sleep 0.05
    done
    device=$(sed -n 's/.*"block": "\(.*\)".*/\1/p' "$W/up")
    generic=$(sed -n 's/.*"generic": "\(.*\)".*/\1/p' "$W/up")
}

# Detach by a signal: clean, and nothing is left.
detach() {
    kill "$recorder"
    judge "$1, detached" wait_for_recorder
}

wait_for_recorder() {
    wait "$recorder"
    ! $O recorder list | grep "^$lane:" && ! ls -d /sys/kernel/config/target/core/user_*/"$lane"
}

# After all lanes.
nothing_is_left() {
    test -z "$($O recorder list)" && ! ls -d /dev/sr* && ! ls -d /sys/kernel/config/target/core/user_*
}

# Take the disc out and put it in: only then does Linux ask a drive for the size of a disc.
reload() {
    # A change of the disc is reported once, and a reset once each by the kernel and by the drive, to the first command.
    for attention in 1 2 3; do
        sg_turs "$generic" > /dev/null 2>&1 && break
    done
    sg_start --eject "$generic" && sg_start --load "$generic"
}

# The kernel must show the contents of a directory.
look() {
    judge "$1, put in again" reload
    see "$1" "$2"
}

# The same for a disc that Linux already knows.
see() {
    judge "$1, mounted" mount "$device" "$W/mounted"
    judge "$1, the tree" diff -r --no-dereference "$2" "$W/mounted"
    judge "$1, unmounted" umount "$W/mounted"
}

# A host adapter that moves little at once: a recording takes many writes.
small_commands() {
    echo 64 > "/sys/block/${device#/dev/}/queue/max_sectors_kb"
}

bytes() {
    head -c "$2" /dev/urandom > "$1"
}

# A lane parallel to the others: its judgements are printed when it is collected.
beside() {
    (
        lane "$1"
        "$1"
        part ''
    ) > "$M/$1.judged" &
    lanes="$lanes $1:$!"
}

collect() {
    for beside in $lanes; do
        wait "${beside#*:}"
        cat "$M/${beside%:*}.judged"
    done
}
lanes=
