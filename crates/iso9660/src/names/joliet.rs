//! Joliet identifiers: at most 64 characters of UCS-2.

use super::identifier::{Changes, Identifier, Mapped, parts};
use super::mark::{Distinction, mark};
use crate::text::joliet_unit;

/// Maximum units of an identifier (`Joliet 1995, Relaxation of ISO 9660 Restrictions`).
const UNITS: usize = 64;
/// Maximum units of an extension, with its full stop, that is kept when a name is cut.
const EXTENSION_UNITS: usize = 17;

/// The identifier of a name, for a file or a directory; there is no version.
///
/// Characters that Joliet does not allow become `_`. So do those beyond U+FFFF, because libcdio loses a
/// directory that contains them as two units, and a full stop or space at the end, which Windows and 7-Zip
/// leave out.
#[must_use]
pub fn identifier(name: &str, distinction: Distinction) -> Mapped<Identifier> {
    let mark = mark::<8>(name, distinction);
    let mut mapped = Mapped {
        identifier: Identifier::EMPTY,
        changes: Changes::empty(),
    };
    let units = name.chars().count();
    if units <= UNITS && mark.is_none() {
        append(&mut mapped, name);
        replace_last(&mut mapped);
        return mapped;
    }
    let (stem, extension) = match parts(name) {
        (stem, Some(extension)) if extension.chars().count() < EXTENSION_UNITS => (stem, extension.len() + 1),
        _ => (name, 0),
    };
    let extension = &name[name.len() - extension..];
    let marked = mark.map_or(0, |mark| mark.len() + 1);
    let room = UNITS - marked - extension.chars().count();
    let kept = stem
        .char_indices()
        .nth(room)
        .map_or(stem, |(end, _)| &stem[..end]);
    append(&mut mapped, kept);
    if kept.len() < stem.len() {
        mapped.changes |= Changes::CUT;
    }
    if let Some(mark) = mark {
        mapped.changes |= Changes::MARKED;
        for byte in std::iter::once(b'~').chain(mark) {
            mapped.identifier.extend(&[0, byte]);
        }
    }
    append(&mut mapped, extension);
    replace_last(&mut mapped);
    mapped
}

fn replace_last(mapped: &mut Mapped<Identifier>) {
    let bytes = mapped.identifier.as_bytes();
    if let Some(rest) = bytes.strip_suffix(b"\0.").or(bytes.strip_suffix(b"\0 ")) {
        let mut identifier = Identifier::EMPTY;
        identifier.extend(rest);
        identifier.extend(b"\0_");
        mapped.identifier = identifier;
        mapped.changes |= Changes::REPLACED;
    }
}

fn append(mapped: &mut Mapped<Identifier>, text: &str) {
    for c in text.chars() {
        let unit = joliet_unit(c).unwrap_or_else(|| {
            mapped.changes |= Changes::REPLACED;
            u16::from(b'_')
        });
        mapped.identifier.extend(&unit.to_be_bytes());
    }
}

/// What distinguishes a Joliet identifier from others: Windows and Linux ignore case, and open the first of
/// two names that differ only in case when asked for the second.
pub(super) fn folded(identifier: &Identifier) -> Identifier {
    let mut folded = Identifier::EMPTY;
    for unit in identifier.as_bytes().chunks_exact(2) {
        let unit = u16::from_be_bytes([unit[0], unit[1]]);
        let mut capitals = char::from_u32(u32::from(unit))
            .into_iter()
            .flat_map(char::to_uppercase);
        let capital = match (capitals.next(), capitals.next()) {
            (Some(capital), None) => u16::try_from(u32::from(capital)).unwrap_or(unit),
            _ => unit,
        };
        folded.extend(&capital.to_be_bytes());
    }
    folded
}

/// The key that sorts Joliet identifiers: its bytes, that is, by characters, the shorter one first (`Joliet
/// 1995, Sort Ordering`). A name may have several full stops, so it is not split at one.
#[must_use]
pub fn order_key(identifier: &Identifier) -> Identifier {
    *identifier
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, attempt: u8) -> (String, Changes) {
        let mapped = identifier(name, Distinction { attempt, child: 0 });
        let units: Vec<u16> = mapped
            .identifier
            .as_bytes()
            .chunks(2)
            .map(|unit| u16::from_be_bytes([unit[0], unit[1]]))
            .collect();
        (String::from_utf16(&units).unwrap(), mapped.changes)
    }

    #[test]
    fn a_name_of_64_allowed_characters_is_unchanged() {
        let name = format!("{}é .b", "日".repeat(60));
        assert_eq!(of(&name, 0), (name, Changes::empty()));
    }

    #[test]
    fn what_joliet_does_not_allow_is_replaced() {
        assert_eq!(
            of("a*/:;?\\\u{1}\u{1F4BF}", 0),
            ("a________".to_owned(), Changes::REPLACED)
        );
    }

    #[test]
    fn a_full_stop_or_a_space_at_the_end_is_replaced() {
        for name in ["a.", "a "] {
            assert_eq!(of(name, 0), ("a_".to_owned(), Changes::REPLACED));
            assert!(!of(name, 1).0.ends_with(&name[1..]));
        }
        assert_eq!(of(" .a", 0).1, Changes::empty());
    }

    #[test]
    fn case_is_folded_character_by_character() {
        let folded = |name| folded(&identifier(name, Distinction::default()).identifier);
        assert_eq!(folded("aé日ß"), folded("AÉ日ß"));
        assert_ne!(folded("ß"), folded("SS"));
    }

    #[test]
    fn a_longer_name_is_cut_before_its_extension() {
        let name = format!("{}.tar.gz", "x".repeat(70));
        assert_eq!(of(&name, 0), (format!("{}.gz", "x".repeat(61)), Changes::CUT));
        let (marked, changes) = of(&name, 1);
        assert_eq!(
            (marked.len(), &marked[..53], &marked[61..]),
            (64, &*format!("{}~", "x".repeat(52)), ".gz")
        );
        assert_eq!(changes, Changes::CUT | Changes::MARKED);
        let no_extension = format!("a.{}", "x".repeat(70));
        assert_eq!(of(&no_extension, 0).0, no_extension[..64]);
    }
}
