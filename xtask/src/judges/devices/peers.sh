# Other programs record ISO 9660 on the device, append a session, and close the disc.
mkdir -p "$M/both/one" "$M/both/two" "$M/single"
for number in 1 2 3; do
    bytes "$M/both/one/f$number" 250000
    bytes "$M/both/two/g$number" 100000
done
cp -a "$M/both/one" "$M/single/"
xorriso -as mkisofs -quiet -o "$M/one.iso" -graft-points one="$M/both/one"

blank() {
    disc="$1 by $2"
    part "$disc"
    attach "$1" 100M
    tell "$disc, blank"
}

# The first session, a second one that continues it, and the end.
recorded() { look "$disc, recorded" "$M/single"; tell "$disc, recorded"; }
appended() { look "$disc, appended" "$M/both"; tell "$disc, appended"; }
closed() { judge "$disc, closed" has_status finalized; detach "$disc"; }

# Without a UDF volume the program fails, after reporting on the disc.
has_status() {
    $O info "$device" --json > "$M/info" 2>&1 || true
    grep -q "\"status\": \"$1\"" "$M/info" || { cat "$M/info"; false; }
}

# The answers are compared outside.
tell() {
    $O info "$device" --json > "$shared/$1.info" || true
    case $medium in
    cd-r) cd-info --no-cddb --no-header "$device" > "$shared/$1.cd-info" 2>&1 ;;
    *) dvd+rw-mediainfo "$device" > "$shared/$1.mediainfo" 2>&1 ;;
    esac
    cd_sessions "$device" > "$shared/$1.sessions" 2>&1
}

next_session() {
    from=$("$1" dev="$device" -msinfo 2>> "$shared/words" | tail -n 1)
    genisoimage -quiet -R -C "$from" -M "$device" -o "$M/two.iso" -graft-points two="$M/both/two"
}

by_xorriso() {
    blank "$1" xorriso
    judge "$disc, recording" xorriso -outdev "$device" -blank as_needed -map "$M/both/one" /one -commit
    recorded
    judge "$disc, appending" xorriso -dev "$device" -close on -map "$M/both/two" /two -commit
    appended
    closed
}

# By programs with cdrecord's options: the program, and the write type of the first session.
by_cdrecord() {
    blank "$1" "$2"
    judge "$disc, recording" "$2" dev="$device" $3 -multi padsize=300k "$M/one.iso"
    recorded
    judge "$disc, making the next session" next_session "$2"
    judge "$disc, appending" "$2" dev="$device" -tao padsize=300k "$M/two.iso"
    appended
    closed
}

# One session, which ends the disc.
at_once() {
    blank "$1" "$2 at once"
    judge "$disc, recording" "$2" dev="$device" -dao padsize=300k "$M/one.iso"
    recorded
    closed
}

by_growisofs() {
    blank "$1" growisofs
    judge "$disc, recording" growisofs -use-the-force-luke=spare:none -Z "$device" -quiet -R -graft-points one="$M/both/one"
    recorded
    judge "$disc, appending" growisofs -dvd-compat -M "$device" -quiet -R -graft-points two="$M/both/two"
    appended
    # It closes the session, but the disc remains appendable.
    judge "$disc, closed" has_status appendable
    detach "$disc"
}

growisofs_at_once() {
    blank "$1" "growisofs at once"
    judge "$disc, recording" growisofs -dvd-compat -Z "$device" -quiet -R -graft-points one="$M/both/one"
    recorded
    closed
}

for medium in cd-r dvd-r dvd+r bd-r; do
    by_xorriso $medium
    by_cdrecord $medium cdrskin -tao
done
by_cdrecord cd-r wodim -tao
at_once cd-r wodim
at_once cd-r cdrskin
at_once dvd-r wodim
at_once dvd-r cdrskin
for medium in dvd-r dvd+r; do
    growisofs_at_once $medium
done
for medium in dvd-r dvd+r bd-r; do
    by_growisofs $medium
done
