//! The mounts of this program in the kernel's table, and their file system type.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use oncefs::control::FSCTL_IS_VOLUME_MOUNTED;
use rustix::io::Errno;

/// The type of our mounts by users other than root.
const TYPE: &[u8] = b"fuse.oncefs";

/// The kernel's table of the mounts that this process sees.
const TABLE: &str = "/proc/self/mountinfo";

/// A mounted volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// The disc, by the path it was mounted with.
    pub disc: PathBuf,
    /// Where it is mounted.
    pub mountpoint: PathBuf,
    /// Whether it takes changes.
    pub writable: bool,
}

/// The volume mounted at a directory: the topmost if there are several.
pub fn at(directory: &Path) -> Option<Mounted> {
    let here = std::path::absolute(directory).ok()?;
    let real = directory.canonicalize().unwrap_or(here);
    let found = all().into_iter().rfind(|mounted| mounted.mountpoint == real)?;
    // Mounts by root have a generic type: ask the volume itself.
    let asked = fuse::send_control(&found.mountpoint, FSCTL_IS_VOLUME_MOUNTED.0, None, 0);
    match asked {
        Ok(_) => Some(found),
        Err(error) => is_dead(&error).then_some(found),
    }
}

/// The mount of a disc.
pub fn of(disc: &Path) -> Option<Mounted> {
    let disc = disc.canonicalize().ok()?;
    all().into_iter().find(|mounted| mounted.disc == disc)
}

/// Whether the program serving a mount has ended, by the error of any access.
pub fn is_dead(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::NOTCONN)
}

fn all() -> Vec<Mounted> {
    let table = std::fs::read(TABLE).unwrap_or_default();
    table.split(|byte| *byte == b'\n').filter_map(mounted).collect()
}

/// Parses a line of the table: number, parent, device, root, mountpoint, options, optional fields, `-`, type,
/// source, options.
fn mounted(line: &[u8]) -> Option<Mounted> {
    let mut fields = line.split(|byte| *byte == b' ');
    let mountpoint = path(fields.nth(4)?);
    let mut after_dash = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = after_dash.next()?;
    let source = path(after_dash.next()?);
    let mut options = after_dash.next()?.split(|byte| *byte == b',');
    [b"fuse", TYPE].contains(&kind).then(|| Mounted {
        disc: source,
        mountpoint,
        writable: !options.any(|option| option == b"ro"),
    })
}

/// Parses a path of the table, which writes some bytes as a backslash and three octal digits.
fn path(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *first == b'\\');
        let number = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match number {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

/// Whether the table can contain a path as a source: FUSE allows no line break in it, and a path that is not
/// UTF-8 would be found under another name.
pub fn can_name(disc: &Path) -> bool {
    disc.to_str().is_some_and(|path| !path.contains('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_contains_disc_and_mountpoint() {
        let line = b"36 35 0:47 / /mnt/my\\040disc rw,noatime shared:1 - fuse.oncefs /a\\134b\\040c.udf ro,user_id=0";
        let expected = Mounted {
            disc: "/a\\b c.udf".into(),
            mountpoint: "/mnt/my disc".into(),
            writable: false,
        };
        assert_eq!(mounted(line), Some(expected));
        let line = b"36 35 0:47 / /mnt rw,noatime - fuse /dev/sr0 rw,user_id=0";
        assert!(mounted(line).is_some_and(|mounted| mounted.writable));
    }

    #[test]
    fn other_and_malformed_lines_are_skipped() {
        for line in [
            &b"36 35 0:47 / /mnt rw - fuse.sshfs host: rw"[..],
            b"36 35 0:47 / /mnt rw - ext4 /dev/sda1 rw",
            b"36 35 0:47 / /mnt rw",
            b"",
        ] {
            assert_eq!(mounted(line), None);
        }
    }
}
