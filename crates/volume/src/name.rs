//! Names in a form that hosts accept (`UDF 2.60 4.2.2.1`).

use std::fmt::Write;

use ecma167::general::tag::crc;
use ecma167::osta::Defined;
use ecma167::osta::cs0::{self, DecodeError};

/// The name of a directory entry, from its recorded file identifier, for a host that allows no `/` or NUL in
/// a name and gives `.` and `..` another meaning.
///
/// Characters that are not allowed are replaced, and a CRC of the recorded name is appended so that two such
/// names remain distinct.
#[must_use]
pub fn host_name(identifier: &[u8]) -> String {
    if let Some(name) = plain(identifier) {
        return name.to_owned();
    }
    let (mut name, whole) = match cs0::decode(identifier) {
        Ok(name) => (name, true),
        // A name in a character set other than CS0 (`ECMA-167 1/7.2.2`); all agree on these characters.
        Err(DecodeError::Compression(_)) if identifier.iter().all(|byte| (b' '..=b'~').contains(byte)) => {
            (cs0::decode_lossy(identifier), true)
        }
        Err(_) => (cs0::decode_lossy(identifier), false),
    };
    if whole && !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0']) {
        return name;
    }
    name = name.replace(['/', '\0'], "_");
    if name.chars().all(|character| character == '.') {
        name = "_".repeat(name.len().max(1));
    }
    // Writing to a String cannot fail.
    let _ = write!(name, "#{:04X}", crc(identifier));
    name
}

/// The names that [`host_name`] makes of `name`, recorded in 8-bit or in 16-bit form: those of UDF have a `/`
/// (`UDF 2.60 3.3.8.2`). Empty if hosts allow the name as it is.
pub(crate) fn replacements(name: &str) -> Vec<String> {
    if !name.contains(['/', '\0']) {
        return Vec::new();
    }
    let units = name.encode_utf16().flat_map(u16::to_be_bytes);
    let wide: Vec<u8> = std::iter::once(cs0::UNITS).chain(units).collect();
    let narrow = cs0::encode(name).ok();
    narrow
        .into_iter()
        .chain([wide])
        .map(|recorded| host_name(&recorded))
        .collect()
}

/// What UDF defines by the name of a stream, as [`DirectoryEntry`](crate::DirectoryEntry) shows it; `None` if
/// it does not define it.
#[must_use]
pub fn defined_stream(shown: &str) -> Option<&'static Defined> {
    let is_it = |defined: &&Defined| replacements(defined.name).iter().any(|name| name == shown);
    Defined::by_name(shown).or_else(|| Defined::all().find(is_it))
}

/// The common case: ASCII in 8-bit form with nothing to replace.
fn plain(identifier: &[u8]) -> Option<&str> {
    let (&cs0::BYTES, name) = identifier.split_first()? else {
        return None;
    };
    let plain = name.first().is_some_and(|first| *first != b'.')
        && name
            .iter()
            .all(|byte| byte.is_ascii() && !matches!(byte, b'/' | 0));
    std::str::from_utf8(name).ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_name_is_unchanged() {
        assert_eq!(host_name(b"\x08a.txt"), "a.txt");
        assert_eq!(host_name(b"\x10\x04\x10\xd8\x3d\xde\x00"), "А😀");
    }

    #[test]
    fn a_name_in_another_character_set_is_shown_by_its_bytes() {
        assert_eq!(host_name(b"README.TXT"), "README.TXT");
        assert!(host_name(b"..").starts_with("__#"));
        let name = host_name(b"Gr\xFCn");
        assert!(name.starts_with("Gr\u{FC}n#"), "{name}");
        assert_ne!(host_name(b"\x09a"), host_name(b"\x0Aa"));
    }

    #[test]
    fn a_name_that_would_leave_its_directory_is_replaced() {
        for identifier in [
            &b"\x08../etc"[..],
            b"\x08..",
            b"\x08.",
            b"\x08",
            b"",
            b"\x08a\0b",
            b"\x10\xd8\x00",
        ] {
            let name = host_name(identifier);
            assert!(
                !name.contains(['/', '\0']) && name != "." && name != ".." && !name.is_empty(),
                "{name}"
            );
        }
    }

    #[test]
    fn two_replaced_names_remain_distinct() {
        assert_ne!(host_name(b"\x08a/b"), host_name(b"\x08a\0b"));
    }
}
