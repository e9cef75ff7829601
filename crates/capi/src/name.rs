//! The names that `CreateFile` takes. A volume is `\\.\X:`, `\\.\CdRom0`, or the path of a device or an
//! image; a file or directory on it is `X:\path`.

use std::ffi::OsStr;
use std::path::PathBuf;

use control::NtStatus;

/// The disc in a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A volume letter, in upper case.
    Letter(char),
    /// A device or image of this host.
    Host(PathBuf),
}

/// A parsed name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub disc: Named,
    /// The path on the volume, `/` between names; `None` for the volume itself.
    pub path: Option<String>,
}

/// Parses a name. Both slashes separate in Windows names, as on Windows; paths of this host are used
/// unchanged and may be any bytes.
pub(crate) fn parse(name: impl AsRef<OsStr>) -> Result<Name, NtStatus> {
    let name = name.as_ref();
    match name.to_str() {
        Some(text) => of_text(text),
        None => match of_text(&name.to_string_lossy())? {
            Name {
                disc: Named::Host(_),
                path: None,
            } => Ok(Name {
                disc: Named::Host(name.into()),
                path: None,
            }),
            _ => Err(NtStatus::OBJECT_NAME_INVALID),
        },
    }
}

fn of_text(name: &str) -> Result<Name, NtStatus> {
    if name.is_empty() {
        return Err(NtStatus::OBJECT_PATH_NOT_FOUND);
    }
    let slashed = name.replace('\\', "/");
    if let Some(device) = slashed
        .strip_prefix("//./")
        .or_else(|| slashed.strip_prefix("//?/"))
    {
        return of_device(device);
    }
    if slashed.starts_with("//") {
        // A share of another host.
        return Err(NtStatus::OBJECT_PATH_NOT_FOUND);
    }
    match letter(&slashed) {
        Some((letter, path)) if path.starts_with('/') => Ok(Name {
            disc: Named::Letter(letter),
            path: Some(absolute(path)?),
        }),
        // `X:` and `X:path` are relative to a current directory of the drive, which does not exist here.
        Some(_) => Err(NtStatus::OBJECT_NAME_INVALID),
        None => Ok(Name {
            disc: Named::Host(name.into()),
            path: None,
        }),
    }
}

/// The name after `\\.\`.
fn of_device(name: &str) -> Result<Name, NtStatus> {
    let (disc, path) = letter(name)
        .map(|(letter, path)| (Named::Letter(letter), path))
        .or_else(|| optical_drive(name))
        .ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    match path {
        "" => Ok(Name { disc, path: None }),
        path if path.starts_with('/') => Ok(Name {
            disc,
            path: Some(absolute(path)?),
        }),
        _ => Err(NtStatus::OBJECT_NAME_INVALID),
    }
}

/// A letter with its colon, and the rest.
fn letter(name: &str) -> Option<(char, &str)> {
    let (letter, path) = name.split_once(':')?;
    let mut letters = letter.chars();
    let found = letters.next().filter(char::is_ascii_alphabetic)?;
    letters
        .next()
        .is_none()
        .then_some((found.to_ascii_uppercase(), path))
}

/// `CdRom0` is `/dev/sr0`. Returns the rest too.
fn optical_drive(name: &str) -> Option<(Named, &str)> {
    const FRONT: usize = "CdRom".len();
    let (front, number) = name.split_at_checked(FRONT)?;
    if !front.eq_ignore_ascii_case("CdRom") {
        return None;
    }
    let end = number.find('/').unwrap_or(number.len());
    let (number, path) = number.split_at(end);
    // As the kernel writes numbers: no sign, no leading zeros.
    let counted = number
        .parse::<u16>()
        .ok()
        .filter(|counted| counted.to_string() == number)?;
    Some((Named::Host(format!("/dev/sr{counted}").into()), path))
}

/// The path without `.` and `..`, which Windows removes before the file system sees a name.
fn absolute(path: &str) -> Result<String, NtStatus> {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name if name.contains(['<', '>', ':', '"', '|', '?', '*']) => {
                return Err(NtStatus::OBJECT_NAME_INVALID);
            }
            name => names.push(name),
        }
    }
    Ok(format!("/{}", names.join("/")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn volume(letter: char) -> Result<Name, NtStatus> {
        Ok(Name {
            disc: Named::Letter(letter),
            path: None,
        })
    }

    fn host(path: &str) -> Result<Name, NtStatus> {
        Ok(Name {
            disc: Named::Host(path.into()),
            path: None,
        })
    }

    fn path(letter: char, path: &str) -> Result<Name, NtStatus> {
        Ok(Name {
            disc: Named::Letter(letter),
            path: Some(path.into()),
        })
    }

    #[test]
    fn a_device_name_is_the_volume() {
        assert_eq!(parse(r"\\.\X:"), volume('X'));
        assert_eq!(parse(r"\\?\x:"), volume('X'));
        assert_eq!(parse("//./y:"), volume('Y'));
    }

    #[test]
    fn a_path_is_a_file_or_directory_of_it() {
        assert_eq!(parse(r"X:\"), path('X', "/"));
        assert_eq!(parse(r"\\.\X:\"), path('X', "/"));
        assert_eq!(parse(r"X:\one\two.txt"), path('X', "/one/two.txt"));
        assert_eq!(parse("x:/one//./two/../three/"), path('X', "/one/three"));
        assert_eq!(parse(r"X:\..\.."), path('X', "/"));
    }

    #[test]
    fn the_path_of_a_device_or_image_is_the_volume_on_it() {
        assert_eq!(parse("/dev/sr0"), host("/dev/sr0"));
        assert_eq!(parse("/tmp/a disc.udf"), host("/tmp/a disc.udf"));
        assert_eq!(parse("disc.udf"), host("disc.udf"));
        assert_eq!(parse("./disc: old\\1.udf"), host("./disc: old\\1.udf"));
    }

    #[test]
    fn a_path_of_the_host_need_not_be_utf_8() {
        let name = OsStr::from_bytes(b"/tmp/d\xE9.udf");
        let found = parse(name).map(|name| name.disc);
        assert_eq!(found, Ok(Named::Host(name.into())));
        for name in [&b"X:\\d\xE9"[..], b"\\\\.\\CdRom0\\\xE9"] {
            let found = parse(OsStr::from_bytes(name));
            assert_eq!(found, Err(NtStatus::OBJECT_NAME_INVALID));
        }
    }

    #[test]
    fn an_optical_drive_has_its_number() {
        assert_eq!(parse(r"\\.\CdRom0"), host("/dev/sr0"));
        assert_eq!(parse("//?/CDROM12"), host("/dev/sr12"));
        let root = Name {
            path: Some("/".into()),
            ..host("/dev/sr1").unwrap()
        };
        assert_eq!(parse(r"\\.\CdRom1\"), Ok(root));
        for name in [
            r"\\.\CdRom",
            r"\\.\CdRom01",
            r"\\.\CdRom+1",
            r"\\.\CdRom0x",
            r"\\.\Cd",
            "//./CdRo\u{e9}",
        ] {
            assert_eq!(parse(name), Err(NtStatus::OBJECT_NAME_NOT_FOUND), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_not_a_volume_is_refused() {
        assert_eq!(parse(""), Err(NtStatus::OBJECT_PATH_NOT_FOUND));
        assert_eq!(parse("X:"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse("X:file"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse(r"X:\a*b"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse(r"X:\file:stream"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse(r"\\.\PhysicalDrive0"), Err(NtStatus::OBJECT_NAME_NOT_FOUND));
        assert_eq!(
            parse(r"\\server\share\disc"),
            Err(NtStatus::OBJECT_PATH_NOT_FOUND)
        );
    }
}
