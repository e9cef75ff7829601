//! Identifiers of the primary tree: upper case, digits and `_`, at most 31 characters (`ECMA-119 7.5`, `7.6`,
//! level 2).

use super::identifier::{Changes, Identifier, Kind, Mapped, parts};
use super::mark::{Distinction, mark};
use crate::text::{allowed, is_d};

/// Maximum lengths in the identifier of a file.
struct Room {
    /// Characters of the name and extension together.
    both: usize,
    /// Characters of the extension.
    extension: usize,
    /// Characters of the mark.
    mark: usize,
}

/// The maximum of the standard (`ECMA-119 7.5.1`).
const WIDE: Room = Room {
    both: 30,
    extension: 8,
    mark: 8,
};
/// What fits next to a long Rock Ridge name.
const NARROW: Room = Room {
    both: 11,
    extension: 3,
    mark: 6,
};
/// Maximum characters of a directory identifier (`ECMA-119 7.6.3`).
const DIRECTORY: usize = 31;
/// Names with more bytes have a narrow identifier.
pub(crate) const WIDE_NAME_BYTES: usize = 111;
/// Bytes of the longest wide identifier of a file: the two separators and the version take three.
pub(crate) const WIDE_BYTES: usize = WIDE.both + 3;
/// Bytes of the longest narrow identifier.
pub(crate) const NARROW_BYTES: usize = NARROW.both + 3;

/// The identifier of a name.
///
/// A file has at most 30 characters, including its extension, and version 1: `NAME.EXT;1`. A directory has at
/// most 31, and no extension. If the name has more than 111 bytes, these limits are 11 and 14, so that the
/// name fits into the record.
#[must_use]
pub fn identifier(name: &str, kind: Kind, distinction: Distinction) -> Mapped<Identifier> {
    let mut mapped = Mapped {
        identifier: Identifier::EMPTY,
        changes: Changes::empty(),
    };
    let mark = mark::<8>(name, distinction);
    let mark = mark.as_ref().map(|mark| &mark[..]);
    let is_wide = name.len() <= WIDE_NAME_BYTES;
    if kind == Kind::Directory {
        append(
            &mut mapped,
            name,
            if is_wide { DIRECTORY } else { NARROW_BYTES },
            mark,
        );
        return mapped;
    }
    let room = if is_wide { WIDE } else { NARROW };
    let (stem, extension) = parts(name);
    if extension == Some("") {
        // Separator 1 is present anyway, and does not show whether the name has a full stop.
        mapped.changes |= Changes::CUT;
    }
    let extension = extension.unwrap_or("");
    let extension_room = extension.chars().count().min(room.extension);
    append(
        &mut mapped,
        stem,
        room.both - extension_room,
        mark.map(|mark| &mark[..room.mark]),
    );
    mapped.identifier.extend(b".");
    append(&mut mapped, extension, extension_room, None);
    mapped.identifier.extend(b";1");
    mapped
}

/// Appends a part of the name in d-characters, as far as there is room, and the mark after `_`.
fn append(mapped: &mut Mapped<Identifier>, text: &str, room: usize, mark: Option<&[u8]>) {
    let room = room - mark.map_or(0, |mark| mark.len() + 1);
    for (number, c) in text.chars().enumerate() {
        if number == room {
            mapped.changes |= Changes::CUT;
            break;
        }
        let d = allowed(c, is_d);
        if d != c {
            mapped.changes |= Changes::REPLACED;
        }
        mapped.identifier.extend(&[u8::try_from(d).unwrap_or(b'_')]);
    }
    if let Some(mark) = mark {
        mapped.identifier.extend(b"_");
        mapped.identifier.extend(mark);
        mapped.changes |= Changes::MARKED;
    }
}

/// What distinguishes an identifier of the primary tree from others: neither its version, nor whether it is a
/// directory's.
///
/// As bytes the keys are in the order of ECMA-119 9.3: by name, then by extension, with the shorter one
/// padded with spaces.
#[must_use]
pub fn order_key(identifier: &Identifier) -> Identifier {
    let bytes = identifier.as_bytes();
    let bytes = bytes.strip_suffix(b";1").unwrap_or(bytes);
    let mut parts = bytes.splitn(2, |byte| *byte == b'.');
    let mut key = Identifier::EMPTY;
    key.extend(parts.next().unwrap_or(bytes));
    if let Some(extension) = parts.next().filter(|extension| !extension.is_empty()) {
        key.extend(b" ");
        key.extend(extension);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, attempt: u8) -> Mapped<Identifier> {
        identifier(name, Kind::File, Distinction { attempt, child: 0 })
    }

    fn text(mapped: &Mapped<Identifier>) -> &str {
        std::str::from_utf8(mapped.identifier.as_bytes()).unwrap()
    }

    #[test]
    fn a_name_of_d_characters_is_unchanged() {
        for (name, identifier) in [("READ_ME.TXT", "READ_ME.TXT;1"), ("A", "A.;1")] {
            assert_eq!(text(&file(name, 0)), identifier);
            assert_eq!(file(name, 0).changes, Changes::empty());
        }
        assert_eq!(file("END.", 0).changes, Changes::CUT);
    }

    #[test]
    fn other_characters_and_all_full_stops_but_the_last_are_replaced() {
        assert_eq!(text(&file("über.tar.gz", 0)), "_BER_TAR.GZ;1");
        assert_eq!(text(&file(".profile", 0)), "_PROFILE.;1");
        assert_eq!(file("a", 0).changes, Changes::REPLACED);
        let directory = identifier("a.b", Kind::Directory, Distinction::default());
        assert_eq!(text(&directory), "A_B");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = format!("{}.html", "A".repeat(40));
        assert_eq!(text(&file(&name, 0)), format!("{}.HTML;1", "A".repeat(26)));
        assert!(file(&name, 0).changes.contains(Changes::CUT));
        let directory = identifier(&name, Kind::Directory, Distinction::default());
        assert_eq!(text(&directory), "A".repeat(31));
    }

    #[test]
    fn an_identifier_next_to_a_long_rock_ridge_name_is_narrow() {
        let name = format!("{}.html", "a".repeat(120));
        assert_eq!(text(&file(&name, 0)), "AAAAAAAA.HTM;1");
        assert_eq!(file(&name, 1).identifier.as_bytes().len(), NARROW_BYTES);
        assert_eq!(text(&file(&"a".repeat(120), 0)).len(), NARROW_BYTES);
        let directory = identifier(&name, Kind::Directory, Distinction::default());
        assert_eq!(text(&directory), "A".repeat(14));
    }

    #[test]
    fn a_mark_precedes_the_extension() {
        let marked = file("report.txt", 1);
        assert_eq!(&text(&marked)[..7], "REPORT_");
        assert_eq!(&text(&marked)[15..], ".TXT;1");
        assert!(marked.changes.contains(Changes::MARKED));
    }

    #[test]
    fn keys_are_in_the_order_of_the_standard() {
        let identifiers = ["A.;1", "A.B;1", "A0.;1", "A0.A;1", "AB.;1"];
        let keys: Vec<Vec<u8>> = identifiers
            .iter()
            .map(|text| {
                let mut identifier = Identifier::EMPTY;
                identifier.extend(text.as_bytes());
                order_key(&identifier).as_bytes().to_vec()
            })
            .collect();
        assert!(keys.is_sorted());
        assert_eq!(keys[0], b"A");
    }
}
