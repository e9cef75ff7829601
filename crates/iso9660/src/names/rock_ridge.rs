//! Rock Ridge names: bytes of UTF-8.

use super::identifier::{Changes, Kind, Mapped, Name, parts};
use super::mark::{Distinction, mark};
use super::primary::{NARROW_BYTES, WIDE_BYTES, WIDE_NAME_BYTES};
use crate::directory_record::system_use_room;
use crate::rock_ridge::{NM_BYTES, PX_BYTES, TF_BYTES};
use crate::susp::CE_BYTES;

/// Maximum bytes in the name of a file or directory: what fits into its record.
///
/// A name is never continued elsewhere: libcdio does not follow that, and shows the primary identifier
/// instead.
pub const MAX_NAME_BYTES: usize = 157;
/// Maximum bytes in any other name, whose record also contains the place of the continuation.
pub const MAX_SPECIAL_NAME_BYTES: usize = MAX_NAME_BYTES - CE_BYTES;
/// Maximum bytes of an extension, with its full stop, that is kept when a name is cut.
const EXTENSION_BYTES: usize = 17;

/// Bytes of a record's system use without those of the name.
const BESIDE: usize = PX_BYTES + NM_BYTES;

const _: () = assert!(MAX_NAME_BYTES + BESIDE <= system_use_room(NARROW_BYTES));
const _: () = assert!(WIDE_NAME_BYTES + BESIDE + CE_BYTES <= system_use_room(WIDE_BYTES));
const _: () = assert!(WIDE_NAME_BYTES + BESIDE + TF_BYTES <= system_use_room(WIDE_BYTES));

/// The name of a child: unchanged, except `_` for a slash or NUL, and for each full stop of `.` and `..`; cut
/// between characters at [`MAX_NAME_BYTES`] or [`MAX_SPECIAL_NAME_BYTES`].
#[must_use]
pub fn name(name: &str, kind: Kind, distinction: Distinction) -> Mapped<Name> {
    let mark = mark::<8>(name, distinction);
    let mut mapped = Mapped {
        identifier: Name::EMPTY,
        changes: Changes::empty(),
    };
    let most = match kind {
        Kind::File | Kind::Directory => MAX_NAME_BYTES,
        Kind::Special => MAX_SPECIAL_NAME_BYTES,
    };
    if name.len() <= most && mark.is_none() {
        append(&mut mapped, name, matches!(name, "." | ".."));
        return mapped;
    }
    let (stem, extension) = match parts(name) {
        (stem, Some(extension)) if extension.len() < EXTENSION_BYTES => (stem, extension.len() + 1),
        _ => (name, 0),
    };
    let extension = &name[name.len() - extension..];
    let marked = mark.map_or(0, |mark| mark.len() + 1);
    let room = stem.len().min(most - marked - extension.len());
    let end = (0..=room)
        .rev()
        .find(|end| stem.is_char_boundary(*end))
        .unwrap_or(0);
    let kept = &stem[..end];
    append(&mut mapped, kept, false);
    if kept.len() < stem.len() {
        mapped.changes |= Changes::CUT;
    }
    if let Some(mark) = mark {
        mapped.changes |= Changes::MARKED;
        mapped.identifier.extend(b"~");
        mapped.identifier.extend(&mark);
    }
    append(&mut mapped, extension, false);
    mapped
}

fn append(mapped: &mut Mapped<Name>, text: &str, is_reserved: bool) {
    for byte in text.bytes() {
        let is_replaced = matches!(byte, b'/' | 0) || is_reserved;
        if is_replaced {
            mapped.changes |= Changes::REPLACED;
        }
        mapped.identifier.extend(&[if is_replaced { b'_' } else { byte }]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, kind: Kind, attempt: u8) -> (String, Changes) {
        let mapped = name(text, kind, Distinction { attempt, child: 0 });
        (
            String::from_utf8(mapped.identifier.as_bytes().to_vec()).unwrap(),
            mapped.changes,
        )
    }

    #[test]
    fn a_file_or_directory_has_157_bytes_and_others_129() {
        for (kind, most) in [(Kind::File, 157), (Kind::Directory, 157), (Kind::Special, 129)] {
            let name = "x".repeat(most);
            assert_eq!(of(&name, kind, 0), (name, Changes::empty()));
            let longer = format!("{}.txt", "x".repeat(most - 3));
            assert_eq!(
                of(&longer, kind, 0),
                (format!("{}.txt", "x".repeat(most - 4)), Changes::CUT)
            );
        }
    }

    #[test]
    fn no_character_is_cut_in_two() {
        let name = "€".repeat(60);
        assert_eq!(of(&name, Kind::File, 0).0, "€".repeat(52));
        assert_eq!(&of(&name, Kind::File, 1).0[..148], format!("{}~", "€".repeat(49)));
    }

    #[test]
    fn what_posix_does_not_allow_is_replaced() {
        assert_eq!(
            of("a/b\0c", Kind::File, 0),
            ("a_b_c".to_owned(), Changes::REPLACED)
        );
        assert_eq!(of("..", Kind::Directory, 0), ("__".to_owned(), Changes::REPLACED));
        assert_eq!(
            of("...", Kind::Directory, 0),
            ("...".to_owned(), Changes::empty())
        );
    }
}
