//! The names that `CreateFile` takes: `\\.\X:` for a volume, `X:\path` for a file or directory on it.

use control::NtStatus;

/// What a name names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The letter of the volume, upper case.
    pub letter: char,
    /// The path on the volume, `/` between names; `None` for the volume itself.
    pub path: Option<String>,
}

/// Reads a name. Both slashes separate, as they do on Windows.
pub(crate) fn parse(name: &str) -> Result<Name, NtStatus> {
    if name.is_empty() {
        return Err(NtStatus::OBJECT_PATH_NOT_FOUND);
    }
    let name = name.replace('\\', "/");
    let device = name.strip_prefix("//./").or_else(|| name.strip_prefix("//?/"));
    if device.is_none() && name.starts_with("//") {
        // A share of another host.
        return Err(NtStatus::OBJECT_PATH_NOT_FOUND);
    }
    let rest = device.unwrap_or(&name);
    let mut characters = rest.chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic);
    let (Some(letter), Some(':')) = (letter, characters.next()) else {
        return Err(if device.is_some() {
            NtStatus::OBJECT_NAME_NOT_FOUND
        } else {
            NtStatus::OBJECT_NAME_INVALID
        });
    };
    let letter = letter.to_ascii_uppercase();
    let path = characters.as_str();
    match (path, device) {
        ("", Some(_)) => Ok(Name { letter, path: None }),
        // `X:` and `X:path` mean a current directory of the drive, which there is not.
        (path, _) if !path.starts_with('/') => Err(NtStatus::OBJECT_NAME_INVALID),
        (path, _) => Ok(Name {
            letter,
            path: Some(absolute(path)?),
        }),
    }
}

/// The path without `.` and `..`, which Windows takes out of a name before the file system sees it.
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
    use super::*;

    fn volume(letter: char) -> Result<Name, NtStatus> {
        Ok(Name { letter, path: None })
    }

    fn path(letter: char, path: &str) -> Result<Name, NtStatus> {
        Ok(Name {
            letter,
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
    fn what_names_no_volume_is_refused() {
        assert_eq!(parse(""), Err(NtStatus::OBJECT_PATH_NOT_FOUND));
        assert_eq!(parse("X:"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse("X:file"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse("/tmp/disc.udf"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse(r"X:\a*b"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse(r"X:\file:stream"), Err(NtStatus::OBJECT_NAME_INVALID));
        assert_eq!(parse(r"\\.\PhysicalDrive0"), Err(NtStatus::OBJECT_NAME_NOT_FOUND));
        assert_eq!(
            parse(r"\\server\share\disc"),
            Err(NtStatus::OBJECT_PATH_NOT_FOUND)
        );
    }
}
