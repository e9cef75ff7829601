set -e
for folder in @MODULES@; do
    for module in $folder/*; do
        busybox insmod "$module" >&2
    done
done
cd @MEMORY@
oncefs=@PROGRAM@
busybox ip link set lo up
say() {
    name=$1
    shift
    # Whatever the drive does, each command must end.
    if answer=$(timeout 60 "$@" 2>answer-error); then :; else
        ended=$?
        answer=$(tail -n 1 answer-error)
        test $ended -ne 124 || answer='"it hangs"'
    fi
    echo "$name $(echo "${answer:-null}" | tr -d '\n')"
}
head -c 3000000 /dev/urandom > large
$oncefs burn large --to ours.udf --medium dvd+r --capacity 60M --finalize > /dev/null
tgtimg --op new --device-type cd --type dvd+r --file blank > /dev/null
mkdir -p /var/run/tgtd /run/lock/iscsi /etc/iscsi
tgtd -f > tgtd-said 2>&1 &
tries=0
until tgtadm --lld iscsi --op new --mode target --tid 1 -T iqn.2001-04.org.example:discs 2> tgtadm-said; do
    tries=$((tries + 1))
    test $tries -lt 50 || { cat tgtd-said tgtadm-said; exit 1; }
    sleep 0.2
done
lun=1
for file in blank ours.udf; do
    tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun $lun --device-type cd -b "$PWD/$file"
    lun=$((lun + 1))
done
tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL
echo 'InitiatorName=iqn.2001-04.org.example:guest' > /etc/iscsi/initiatorname.iscsi
iscsid -f > iscsid-said 2>&1 &
sleep 1
iscsiadm -m discovery -t sendtargets -p 127.0.0.1 > /dev/null
iscsiadm -m node -T iqn.2001-04.org.example:discs -p 127.0.0.1 --login > /dev/null
tries=0
until test -b /dev/sr0 && test -b /dev/sr1; do
    tries=$((tries + 1))
    test $tries -lt 50 || { cat iscsid-said tgtd-said; exit 1; }
    sleep 0.2
done
sleep 1
say drives $oncefs --json drives
for device in sr0 sr1; do
    if timeout 60 $oncefs drives --probe /dev/$device > $device.probe; then
        say replay-$device $oncefs --json drives --replay $device.probe
    else
        echo "replay-$device \"no probe\""
    fi
    cp $device.probe @SHARED@/
done
say blank-info $oncefs --json info /dev/sr0
say blank-format $oncefs --json format /dev/sr0 --label Tgt --trace tgt.trace
say blank-burn $oncefs --json burn large --to /dev/sr0 --finalize
say blank-close $oncefs --json close /dev/sr0 --finalize --yes
say ours-info $oncefs --json info /dev/sr1
say ours-check $oncefs --json check /dev/sr1 --data
say ours-add $oncefs --json add /dev/sr1 large --into /more
timeout 60 $oncefs cat /dev/sr1 /large | cmp - large && echo "ours-content null"
mkdir mounted
mount -t udf -o ro /dev/sr1 mounted
cmp mounted/large large && echo "ours-mounted null"
umount mounted
iscsiadm -m node -u > /dev/null
