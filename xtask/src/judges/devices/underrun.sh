# The buffer of a drive runs empty once, after a write of the data or of the end of a session: the CD's packet ends there.
mkdir -p "$M/little/little"
bytes "$M/little/little/file" 400000
without_protection='--behaviour buffer_underrun_protection=no'

# The saved image, in a drive whose buffer runs empty after this write.
underrun_after() {
    number=$1 command=$2
    cp "$W/kept" "$image"
    cp "$W/kept.oncefs" "$image.oncefs"
    echo "underrun after WRITE(10) $number" > "$W/script"
    fault=$W/script
    attach_again
    fault=
    small_commands
    rm -f "$W/trace"
    judge "$name $number" "$command"
    look "$name $number" "$M/little"
    checked "$name $number"
    detach "$name $number"
}

record_data() { $O --trace "$W/trace" add "$device" "$M/little/little"; }
end_session() { $O --trace "$W/trace" close "$device"; }

# The number of writes if the buffer never runs empty; fewer than the given number would prove little.
underruns() {
    name=$1 command=$2
    part "$name"
    cp "$image" "$W/kept"
    cp "$image.oncefs" "$W/kept.oncefs"
    underrun_after 0 "$command"
    writes=$(grep -c 'WRITE(10)' "$W/trace")
    judge "$name, of many" test "$writes" -ge "$3"
}

attach cd-r 60M $without_protection
judge "underruns, formatted" $O format "$device"
detach "underruns, formatted"
underruns "an underrun in the data" record_data 7
for number in 1 $((writes / 2)) $writes; do
    underrun_after $number record_data
done
# The last of them leaves a disc with one commit.
underruns "an underrun in the end of a session" end_session 9
for number in $(seq $writes); do
    underrun_after $number end_session
    # The one after the last write would show only at the next write.
    test $number -eq $writes || judge "$name $number, met" grep -q '5/21/02' "$W/trace"
done
