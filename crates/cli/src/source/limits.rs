//! What UDF cannot record, and why.

use std::ffi::OsStr;

use oncefs::{BLOCK_SIZE, check_name, name_bytes};

/// Bytes of 2^32 - 1 blocks, the most of any volume (`ECMA-167 4/7.1`).
pub const LONGEST_BODY: u64 = u32::MAX as u64 * BLOCK_SIZE as u64;

/// The longest path in bytes, by the identifiers of its names (`UDF 2.60 2`, basic restrictions).
pub const LONGEST_PATH: u64 = 1023;

/// Bytes that a name adds to a path: its identifier, whose compression ID counts for the separator.
pub fn path_bytes(name: &OsStr) -> u64 {
    name_bytes(&name.to_string_lossy()) as u64
}

/// Why a name cannot be recorded; `None` if it can.
pub fn name(name: &OsStr) -> Option<String> {
    let Some(text) = name.to_str() else {
        return Some("the name is not UTF-8".into());
    };
    check_name(text).err().map(|fault| fault.to_string())
}

/// Why a symbolic link cannot be recorded; `None` if it can. Each name in its target is a path component
/// (`ECMA-167 4/14.16.1`), as long as an identifier.
pub fn link_target(target: &str) -> Option<String> {
    target
        .split('/')
        .filter(|component| !component.is_empty())
        .find_map(|component| name(OsStr::new(component)))
        .map(|reason| format!("in the target of the link {reason}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_end_at_254_bytes_or_127_units() {
        assert_eq!(name(OsStr::new(&"ÿ".repeat(254))), None);
        assert!(
            name(OsStr::new(&"ÿ".repeat(255))).is_some_and(|reason| reason.contains("255 bytes in 8-bit"))
        );
        assert_eq!(name(OsStr::new(&"Ā".repeat(127))), None);
        assert!(
            name(OsStr::new(&"Ā".repeat(128))).is_some_and(|reason| reason.contains("128 units in 16-bit"))
        );
    }

    #[test]
    fn a_character_beyond_the_basic_plane_takes_two_units() {
        assert_eq!(name(OsStr::new(&"𝄞".repeat(63))), None);
        assert!(name(OsStr::new(&"𝄞".repeat(64))).is_some());
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused() {
        assert_eq!(
            name(OsStr::from_bytes(b"a\xFF")).as_deref(),
            Some("the name is not UTF-8")
        );
        assert!(name(OsStr::new("a\u{FEFF}")).is_some_and(|reason| reason.contains("U+FEFF")));
    }

    #[test]
    fn a_link_to_a_name_that_is_too_long_is_refused() {
        assert_eq!(link_target("/usr/../bin//x"), None);
        assert!(link_target(&format!("a/{}", "b".repeat(255))).is_some());
    }
}
