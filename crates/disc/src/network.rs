//! Which file systems of the host are on a network or in a cluster: the control API is not offered on them.

use std::io;
use std::path::Path;

use rustix::fs::statfs;

/// The type numbers in statfs(2) of file systems on a network, with their names.
pub const NETWORK_FILE_SYSTEMS: &[(u64, &str)] = &[
    (0x0000_6969, "NFS"),
    (0x0000_517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x00C3_6400, "Ceph"),
    (0x0116_1970, "GFS2"),
    (0x7461_636F, "OCFS2"),
    (0x0BD0_0BD0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x1983_0326, "BeeGFS"),
    (0x2003_0528, "OrangeFS"),
    (0xAAD7_AAEA, "PanFS"),
    (0x5346_414F, "AFS"),
    (0x6B41_4653, "kAFS"),
    (0x7375_7245, "Coda"),
    (0x0000_564C, "NCP"),
    (0x0102_1997, "9P"),
];

/// The type number of every user-space file system, local or remote: for these the subtype counts.
const FUSE: u64 = 0x6573_5546;

/// Subtypes of user-space file systems on a network.
const NETWORK_SUBTYPES: &[&str] = &[
    "ceph",
    "ceph-fuse",
    "curlftpfs",
    "davfs",
    "davfs2",
    "gcsfuse",
    "glusterfs",
    "goofys",
    "httpfs",
    "juicefs",
    "moosefs",
    "mfs",
    "nfs",
    "rclone",
    "s3fs",
    "seaweedfs",
    "smbnetfs",
    "sshfs",
];

/// Whether a type number from statfs(2) is that of a file system on a network.
#[must_use]
pub fn is_network_type(number: u64) -> bool {
    NETWORK_FILE_SYSTEMS.iter().any(|(known, _)| *known == number)
}

/// Whether a path is on a network file system.
///
/// # Errors
/// Errors from statfs(2) or stat(2).
pub fn is_on_network(path: &Path) -> io::Result<bool> {
    // The field is signed on some hosts, and the numbers have 32 bits.
    #[expect(clippy::cast_sign_loss, reason = "the bits count")]
    #[allow(
        clippy::unnecessary_cast,
        reason = "the type of the field depends on the host"
    )]
    let number = statfs(path)?.f_type as u64 & 0xFFFF_FFFF;
    if number == FUSE {
        let device = rustix::fs::stat(path)?.st_dev;
        let device = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
        let mounts = std::fs::read_to_string("/proc/self/mountinfo")?;
        return Ok(is_network_mount(&mounts, &device));
    }
    Ok(is_network_type(number))
}

/// Whether the mount of a device has a network type, or its source names another host. The lines are those of
/// proc(5), mountinfo: the third field is the device; type and source follow a lone `-`.
fn is_network_mount(mounts: &str, device: &str) -> bool {
    let of_device = mounts
        .lines()
        .filter(|line| line.split(' ').nth(2) == Some(device));
    of_device
        .filter_map(|line| line.split_once(" - "))
        .any(|(_, rest)| {
            let mut fields = rest.split(' ');
            let kind = fields.next().unwrap_or_default();
            let source = fields.next().unwrap_or_default();
            let subtype = kind.split_once('.').map_or("", |(_, subtype)| subtype);
            NETWORK_SUBTYPES.contains(&subtype) || is_on_another_host(source)
        })
}

/// `//host/share`, `host:/path`, `https://host/path`.
fn is_on_another_host(source: &str) -> bool {
    source.starts_with("//") || source.contains("://") || source.contains(":/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number_of(name: &str) -> u64 {
        let found = NETWORK_FILE_SYSTEMS.iter().find(|(_, known)| *known == name);
        found.expect("a file system").0
    }

    macro_rules! numbers {
        ($($test:ident: $name:literal = $number:literal;)*) => {
            $(#[test]
            fn $test() {
                assert_eq!(number_of($name), $number);
                assert!(is_network_type($number));
            })*
        };
    }

    numbers! {
        nfs_is_on_a_network: "NFS" = 0x6969;
        smb_1_is_on_a_network: "SMB" = 0x517B;
        cifs_is_on_a_network: "CIFS" = 0xFF53_4D42;
        smb_3_is_on_a_network: "SMB2" = 0xFE53_4D42;
        ceph_is_on_a_network: "Ceph" = 0x00C3_6400;
        gfs2_is_in_a_cluster: "GFS2" = 0x0116_1970;
        ocfs2_is_in_a_cluster: "OCFS2" = 0x7461_636F;
        lustre_is_in_a_cluster: "Lustre" = 0x0BD0_0BD0;
        gpfs_is_in_a_cluster: "GPFS" = 0x4750_4653;
        beegfs_is_in_a_cluster: "BeeGFS" = 0x1983_0326;
        orangefs_is_in_a_cluster: "OrangeFS" = 0x2003_0528;
        panfs_is_in_a_cluster: "PanFS" = 0xAAD7_AAEA;
        afs_is_on_a_network: "AFS" = 0x5346_414F;
        kafs_is_on_a_network: "kAFS" = 0x6B41_4653;
        coda_is_on_a_network: "Coda" = 0x7375_7245;
        ncp_is_on_a_network: "NCP" = 0x564C;
        plan_9_is_on_a_network: "9P" = 0x0102_1997;
    }

    #[test]
    fn file_systems_of_one_host_are_not_on_a_network() {
        let ext4 = 0xEF53;
        let (btrfs, xfs, tmpfs, overlay, udf) =
            (0x9123_683E, 0x5846_5342, 0x0102_1994, 0x794C_7630, 0x1501_3346);
        for number in [ext4, btrfs, xfs, tmpfs, overlay, udf, FUSE] {
            assert!(!is_network_type(number), "{number:#x}");
        }
        assert!(is_on_network(Path::new("/proc")).is_ok_and(|found| !found));
        assert!(is_on_network(Path::new("/nothing/here")).is_err());
    }

    const MOUNTS: &str = "\
        36 35 98:0 / /mnt1 rw,noatime master:1 - ext4 /dev/root rw\n\
        40 35 0:41 / /home/me/far rw,nosuid shared:2 - fuse.sshfs me@host:/home rw,user_id=0\n\
        41 35 0:42 / /mnt/usb rw shared:3 - fuseblk /dev/sdb1 rw\n\
        42 35 0:43 / /mnt/dav rw - fuse https://host/dav rw\n\
        43 35 0:44 / /mnt/gluster rw - fuse.glusterfs host:volume rw\n";

    #[test]
    fn a_file_system_in_user_space_is_judged_by_subtype_and_source() {
        assert!(is_network_mount(MOUNTS, "0:41"));
        assert!(is_network_mount(MOUNTS, "0:43"));
        assert!(is_network_mount(MOUNTS, "0:44"));
        assert!(!is_network_mount(MOUNTS, "0:42"));
        assert!(!is_network_mount(MOUNTS, "98:0"));
        assert!(!is_network_mount(MOUNTS, "1:1"));
    }
}
