# A volume on a device, mounted by the program: the kernel's own driver must show afterwards what other programs did there.
for module in @MOUNT_MODULES@/*; do
    busybox insmod "$module" >&2
done
# As udev creates it.
chmod 666 /dev/fuse
ln -s "$O" /sbin/mount.oncefs
mkdir -p "$M/m" "$M/listings"
cp -a @TREE@ "$M/tree"

# The attributes of each node, except the contents, which `diff` compares, and the size of directories.
list() {
    (cd "$1" && find . -mindepth 1 \( -type f -printf '%P|%y|%m|%U|%G|%n|%T@|%s\n' \) -o -printf '%P|%y|%m|%U|%G|%n|%T@|%l\n') |
        LC_ALL=C sort
}

# Device numbers, which find does not print.
devices() {
    (cd "$1" && find . \( -type b -o -type c \) -exec stat -c '%n %t %T' {} +) | LC_ALL=C sort
}

# Names and contents; special files have none.
same_contents() {
    diff -r --no-dereference --exclude=special "$1" "$2"
}

verified_by_fio() {
    fio --name=verified --directory="$1" --rw=randwrite --bs=3000 --size=600k --verify=crc32c --fallocate=none \
        --end_fsync=1 --ioengine=psync
}

unpacked() {
    mkdir "$2" && tar cf - -C "$1" . | tar xpf - -C "$2"
}

changed() {
    mv "$M/m/synchronized/sizes" "$M/m/moved" &&
        rm -r "$M/m/synchronized" &&
        echo appended >> "$M/m/moved/65536" &&
        truncate -s 1000 "$M/m/moved/32769" &&
        ln "$M/m/moved/1" "$M/m/linked" &&
        dd if=/dev/zero of="$M/m/moved/300001" bs=1000 seek=100 count=3 conv=notrunc
}

mounts() {
    medium=$1 disc="$1 mounted"
    part "$disc"
    attach "$medium" "$2"
    judge "$disc, formatted" $O format "$device" --label Mounted
    judge "$disc, begun" $O mount "$device" "$M/m" --commit-after 5
    judge_refusal "$disc, in use" "is mounted at $M/m" $O add "$device" "$M/tree/deep"
    judge "$disc, copied by cp" cp -a "$M/tree" "$M/m/copied"
    judge "$disc, copied by rsync" rsync -aH "$M/tree/" "$M/m/synchronized"
    judge "$disc, unpacked by tar" unpacked "$M/tree" "$M/m/unpacked"
    judge "$disc, verified by fio" verified_by_fio "$M/m"
    judge "$disc, as cp was given it" same_contents "$M/tree" "$M/m/copied"
    judge "$disc, as tar was given it" same_contents "$M/tree" "$M/m/unpacked"
    judge "$disc, as rsync was given it" test -z "$(rsync -aHnci --delete "$M/tree/" "$M/m/synchronized")"
    judge "$disc, changed" changed
    judge "$disc, synchronized" sync "$M/m"
    judge "$disc, closed" $O close "$M/m"
    judge "$disc, continued" cp -a "$M/tree/sizes" "$M/m/continued"
    list "$M/m" > "$M/listings/ours"
    devices "$M/m" > "$M/listings/our-devices"
    (sleep 1; cat) < "$M/m/moved/300001" > /dev/null &
    reading=$!
    judge_refusal "$disc, not ended under a reader" "Device or resource busy" $O unmount "$M/m"
    wait $reading
    cp -a "$M/m" "$M/seen"
    judge "$disc, ended" $O unmount "$M/m"
    judge "$disc, checked" $O check "$device" --data
    judge "$disc, put in again" reload
    judge "$disc, mounted by Linux" mount "$device" "$W/mounted"
    judge "$disc, contents in Linux" same_contents "$M/seen" "$W/mounted"
    list "$W/mounted" > "$M/listings/theirs"
    devices "$W/mounted" > "$M/listings/their-devices"
    judge "$disc, names and attributes in Linux" diff "$M/listings/ours" "$M/listings/theirs"
    judge "$disc, devices in Linux" diff "$M/listings/our-devices" "$M/listings/their-devices"
    judge "$disc, unmounted by Linux" umount "$W/mounted"
    rm -rf "$M/seen"
    killed
    $O unmount "$M/m"
    judge "$disc, by mount(8)" by_mount
    $O mount "$device" "$M/m"
    judge "$disc, finalized" finalized
    detach "$disc"
}

# The program that serves the mount is killed: what was synchronized must be there.
killed() {
    judge "$disc, begun to be killed" $O mount "$device" "$M/m" --commit-after never
    bytes "$M/kept" 100000
    cp "$M/kept" "$M/m/kept"
    judge "$disc, synchronized by sync" sync "$M/m/kept"
    cp "$M/kept" "$M/m/lost"
    pkill -9 -f "mount $device"
    judge "$disc, unmounted after a kill" $O unmount "$M/m"
    judge "$disc, mounted after a kill" $O mount "$device" "$M/m"
    judge "$disc, kept after a kill" cmp "$M/kept" "$M/m/kept"
    judge "$disc, nothing else after a kill" test ! -e "$M/m/lost"
}

# As with a line of /etc/fstab.
by_mount() {
    mount -t oncefs -o ro,noauto,commit=5m "$device" "$M/m" &&
        cmp "$M/kept" "$M/m/kept" &&
        ! touch "$M/m/more" &&
        umount "$M/m"
}

finalized() {
    $O fsctl "$M/m" make-media-compatible --close-disc --yes &&
        ! touch "$M/m/more" &&
        $O unmount "$M/m" &&
        reload &&
        mount "$device" "$W/mounted" &&
        cmp "$M/kept" "$W/mounted/kept" &&
        umount "$W/mounted"
}

# A user of the drive's group mounts with fusermount3, and no other user sees the mount.
by_a_user() {
    part "mounted by a user"
    attach dvd+r 60M
    chgrp 24 "$device"
    chmod 660 "$device"
    mkdir "$M/users"
    chown 65534 "$M/users"
    user="setpriv --reuid 65534 --regid 24 --clear-groups"
    judge "by a user, formatted" $user $O format "$device"
    judge "by a user, mounted" $user $O mount "$device" "$M/users"
    judge "by a user, written" $user cp "$M/kept" "$M/users/kept"
    judge_refusal "by a user, not for others" "Permission denied" ls "$M/users"
    judge "by a user, closed" $user $O close "$M/users"
    judge "by a user, unmounted" $user $O unmount "$M/users"
    judge "by a user, read" $O cat "$device" /kept
    detach "by a user"
}
