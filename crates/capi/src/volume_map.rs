//! Maps volume letters to images and devices.
//!
//! In this order: the environment variable `ONCEFS_VOLUMES` (`X=/path;Y=/path2`),
//! `$XDG_CONFIG_HOME/oncefs/volumes.conf` (or `~/.config/oncefs/volumes.conf`), `/etc/oncefs/volumes.conf`. A
//! file has a line `X = /path` for each volume; a line that starts with `#` is a comment. A set-ID program
//! reads the last one only.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::environment;

/// The environment variable.
const VARIABLE: &str = "ONCEFS_VOLUMES";
/// The file for the whole host.
const SYSTEM_FILE: &str = "/etc/oncefs/volumes.conf";
/// The file below a configuration directory.
const FILE: &str = "oncefs/volumes.conf";

/// The path of a letter.
pub(crate) fn path_of(letter: char) -> Option<PathBuf> {
    let variable = environment::variable(VARIABLE);
    if let Some(path) = variable.and_then(|text| find(letter, text.as_bytes(), b';')) {
        return Some(path);
    }
    let files = user_file().into_iter().chain([PathBuf::from(SYSTEM_FILE)]);
    files
        .filter_map(|file| std::fs::read(file).ok())
        .find_map(|text| find(letter, &text, b'\n'))
}

fn user_file() -> Option<PathBuf> {
    let set =
        |name: &str| environment::variable(name).filter(|value: &OsString| Path::new(value).is_absolute());
    let home = || set("HOME").map(|home| PathBuf::from(home).join(".config"));
    set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(home)
        .map(|base| base.join(FILE))
}

/// The first entry for a letter among entries `X = /path` between separators. Only absolute paths count.
fn find(letter: char, text: &[u8], separator: u8) -> Option<PathBuf> {
    text.split(|byte| *byte == separator).find_map(|entry| {
        let entry = entry.trim_ascii();
        let equals = entry.iter().position(|byte| *byte == b'=')?;
        let (name, path) = (entry[..equals].trim_ascii(), entry[equals + 1..].trim_ascii());
        let name = name.strip_suffix(b":").unwrap_or(name);
        let path = PathBuf::from(OsStr::from_bytes(path));
        let found = matches!(name, [one] if char::from(*one).eq_ignore_ascii_case(&letter));
        (found && path.is_absolute()).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_has_an_entry_for_each_letter_between_semicolons() {
        let text = b"X=/discs/one.udf; y: = /discs/two=2.udf ;X=/later";
        assert_eq!(find('X', text, b';'), Some("/discs/one.udf".into()));
        assert_eq!(find('Y', text, b';'), Some("/discs/two=2.udf".into()));
        assert_eq!(find('Z', text, b';'), None);
    }

    #[test]
    fn a_file_has_a_line_for_each_letter() {
        let text = b"# archive\nD = /dev/sr0\n#E = /dev/sr1\nF =\nG = relative\nXY = /two\n";
        assert_eq!(find('D', text, b'\n'), Some("/dev/sr0".into()));
        for letter in ['E', 'F', 'G', 'X'] {
            assert_eq!(find(letter, text, b'\n'), None, "{letter}");
        }
    }
}
