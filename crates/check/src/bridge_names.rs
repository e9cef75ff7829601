//! Names in the two trees of a bridge: which identifiers a name may have, their characters and their order
//! (`ECMA-119 7.5`, `7.6`, `9.3`, Joliet, `RRIP 1.12 4.1.4`).

use iso9660::names::rock_ridge::{MAX_NAME_BYTES, MAX_SPECIAL_NAME_BYTES};

/// One of the two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// The primary tree, with Rock Ridge.
    Primary,
    Joliet,
}

impl Tree {
    pub const ALL: [Self; 2] = [Self::Primary, Self::Joliet];
}

/// Length of `~` and eight characters, which distinguish identifiers that would otherwise become equal.
const MARK: usize = 9;
/// The longest extension, without its full stop, that is kept when a name is cut.
const LONGEST_EXTENSION: usize = 15;
/// Maximum UTF-16 units of a Joliet identifier.
const JOLIET_UNITS: usize = 64;
/// Maximum characters of an identifier in the primary tree: of a file with its extension, and of a directory.
const PRIMARY_FILE: usize = 30;
const PRIMARY_DIRECTORY: usize = 31;

/// The maximum length of names, and its unit.
#[derive(Clone, Copy)]
struct Room {
    most: usize,
    /// Counted in bytes of UTF-8 instead of characters.
    bytes: bool,
}

impl Room {
    fn of(tree: Tree, is_special: bool) -> Self {
        match tree {
            Tree::Joliet => Self {
                most: JOLIET_UNITS,
                bytes: false,
            },
            Tree::Primary => Self {
                most: if is_special {
                    MAX_SPECIAL_NAME_BYTES
                } else {
                    MAX_NAME_BYTES
                },
                bytes: true,
            },
        }
    }

    fn length(self, text: &str) -> usize {
        if self.bytes {
            text.len()
        } else {
            text.chars().count()
        }
    }

    fn cut(self, text: &str, room: usize) -> &str {
        let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let last = if self.bytes {
            ends.take_while(|end| *end <= room).last()
        } else {
            room.checked_sub(1)
                .and_then(|before| ends.nth(before))
                .or(Some(text.len()))
        };
        &text[..last.unwrap_or(0)]
    }

    /// A name without the extension that it keeps, and that extension with its full stop.
    fn parts(self, name: &str) -> (&str, &str) {
        match name.rfind('.') {
            Some(at) if at > 0 && self.length(&name[at + 1..]) <= LONGEST_EXTENSION + 1 => name.split_at(at),
            _ => (name, ""),
        }
    }

    fn shortened(self, name: &str, most: usize) -> String {
        let (stem, extension) = self.parts(name);
        let room = most.saturating_sub(self.length(extension));
        format!("{}{extension}", self.cut(stem, room))
    }

    /// The name without its mark, which precedes the extension.
    fn marked(self, tree: Tree, name: &str) -> String {
        let (stem, extension) = self.parts(name);
        let room = self.most.saturating_sub(MARK + self.length(extension));
        let extension = match tree {
            Tree::Primary => extension.to_owned(),
            Tree::Joliet => without_end(extension),
        };
        format!("{}{extension}", self.cut(stem, room))
    }
}

/// A full stop or space at the end becomes `_` in Joliet.
fn without_end(text: &str) -> String {
    match text.strip_suffix(['.', ' ']) {
        Some(rest) => format!("{rest}_"),
        None => text.to_owned(),
    }
}

/// What a record shows of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// All of it.
    Whole,
    /// It was cut, or characters were replaced.
    Changed,
    /// Its beginning, next to a mark.
    Marked,
}

/// An identifier without its mark.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    pub shown: Shown,
    pub text: String,
}

/// The forms in which a tree may record a name: whole or changed, and if it was changed, also next to a mark.
pub(crate) fn forms_of_name(tree: Tree, name: &str, is_special: bool) -> Vec<Form> {
    let room = Room::of(tree, is_special);
    let shown = match tree {
        Tree::Primary => name.to_owned(),
        Tree::Joliet => name.chars().map(joliet).collect(),
    };
    let is_whole = room.length(&shown) <= room.most;
    let cut = if is_whole {
        shown.clone()
    } else {
        room.shortened(&shown, room.most)
    };
    let text = match tree {
        Tree::Primary => cut,
        Tree::Joliet => without_end(&cut),
    };
    let mut forms = vec![Form {
        shown: if text == name {
            Shown::Whole
        } else {
            Shown::Changed
        },
        text,
    }];
    // In Joliet a name also has a mark if another differs from it only in case.
    if !is_whole || tree == Tree::Joliet {
        forms.push(Form {
            shown: Shown::Marked,
            text: room.marked(tree, &shown),
        });
    }
    forms
}

/// The forms that a recorded name may have, the likelier ones first: of all names that become the same, only
/// one that is whole has no mark.
pub(crate) fn forms_of_record(tree: Tree, recorded: &str, is_special: bool) -> Vec<Form> {
    let room = Room::of(tree, is_special);
    let mut forms = Vec::from([Shown::Whole, Shown::Changed].map(|shown| Form {
        shown,
        text: recorded.to_owned(),
    }));
    // An extension that was not kept may have been cut to a short one.
    let mut parts = vec![room.parts(recorded), (recorded, "")];
    // A full stop at the end is an empty extension.
    parts.extend(recorded.strip_suffix('_').map(|stem| (stem, "_")));
    for (stem, extension) in parts {
        let at = stem.len().checked_sub(MARK);
        let Some((start, mark)) = at.and_then(|at| stem.split_at_checked(at)) else {
            continue;
        };
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        if mark.starts_with('~') && mark[1..].bytes().all(is_digit) {
            forms.push(Form {
                shown: Shown::Marked,
                text: format!("{start}{extension}"),
            });
        }
    }
    forms
}

fn joliet(c: char) -> char {
    let is_allowed = !matches!(c, '\0'..='\u{1F}' | '*' | '/' | ':' | ';' | '?' | '\\');
    if is_allowed && u32::from(c) < 0x1_0000 {
        c
    } else {
        '_'
    }
}

/// The name in a Joliet identifier.
pub(crate) fn joliet_name(identifier: &[u8]) -> String {
    let units = identifier
        .chunks_exact(2)
        .map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// What is wrong with the characters or the length of an identifier.
pub(crate) fn identifier_fault(tree: Tree, identifier: &[u8], is_directory: bool) -> Option<&'static str> {
    let is_d = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    match tree {
        Tree::Joliet => {
            if !identifier.len().is_multiple_of(2) || identifier.len() > 2 * JOLIET_UNITS {
                return Some("length");
            }
            let name = joliet_name(identifier);
            name.chars().any(|c| joliet(c) != c).then_some("character")
        }
        Tree::Primary if is_directory => {
            if identifier.len() > PRIMARY_DIRECTORY {
                return Some("length");
            }
            (!identifier.iter().all(is_d)).then_some("character")
        }
        Tree::Primary => {
            let Some(name) = identifier.strip_suffix(b";1") else {
                return Some("version");
            };
            let mut parts = name.splitn(2, |byte| *byte == b'.');
            let (stem, extension) = (parts.next().unwrap_or_default(), parts.next());
            let Some(extension) = extension else {
                return Some("separator");
            };
            if stem.len() + extension.len() > PRIMARY_FILE || stem.len() + extension.len() == 0 {
                return Some("length");
            }
            (!stem.iter().chain(extension).all(is_d)).then_some("character")
        }
    }
}

/// The bytes by which the identifiers of a directory are ordered.
pub(crate) fn order_key(tree: Tree, identifier: &[u8]) -> Vec<u8> {
    if tree == Tree::Joliet {
        return identifier.to_vec();
    }
    let name = identifier.strip_suffix(b";1").unwrap_or(identifier);
    let mut parts = name.splitn(2, |byte| *byte == b'.');
    let mut key = parts.next().unwrap_or_default().to_vec();
    // The shorter of two is padded with spaces.
    key.resize(key.len().max(PRIMARY_DIRECTORY), b' ');
    key.extend_from_slice(parts.next().unwrap_or_default());
    key.resize(key.len().max(2 * PRIMARY_DIRECTORY), b' ');
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_be(tree: Tree, name: &str, recorded: &str) -> bool {
        let forms = forms_of_name(tree, name, false);
        forms_of_record(tree, recorded, false)
            .iter()
            .any(|form| forms.contains(form))
    }

    #[test]
    fn a_name_that_fits_is_recorded_unchanged() {
        assert!(may_be(Tree::Primary, "a.b", "a.b"));
        assert!(!may_be(Tree::Primary, "a.b", "a.c"));
        assert!(!may_be(Tree::Primary, "a.b", "a~12345678.b"));
        assert!(may_be(Tree::Joliet, "a:b.c", "a_b.c"));
        assert!(may_be(Tree::Joliet, "a:b.c", "a_b~1234567Z.c"));
    }

    #[test]
    fn a_full_stop_at_the_end_is_replaced_in_joliet() {
        assert!(may_be(Tree::Joliet, "end.", "end_"));
        assert!(may_be(Tree::Joliet, "end.", "end~12345678_"));
        assert!(may_be(Tree::Joliet, "README", "README~12345678"));
    }

    #[test]
    fn a_longer_name_is_cut_but_keeps_its_extension_and_gets_a_mark() {
        let name = format!("{}.tar.gz", "x".repeat(70));
        assert!(may_be(Tree::Joliet, &name, &format!("{}.gz", "x".repeat(61))));
        assert!(may_be(
            Tree::Joliet,
            &name,
            &format!("{}~12345678.gz", "x".repeat(52))
        ));
        assert!(!may_be(
            Tree::Joliet,
            &name,
            &format!("{}~12345678.gz", "x".repeat(51))
        ));
    }

    #[test]
    fn identifiers_are_in_the_order_of_the_standard() {
        let identifiers: [&[u8]; 4] = [b"A.;1", b"A.B;1", b"A0.;1", b"AB.;1"];
        let keys: Vec<_> = identifiers
            .iter()
            .map(|id| order_key(Tree::Primary, id))
            .collect();
        assert!(keys.is_sorted());
        assert_eq!(identifier_fault(Tree::Primary, b"a.;1", false), Some("character"));
        assert_eq!(identifier_fault(Tree::Primary, b"A", false), Some("version"));
        assert_eq!(identifier_fault(Tree::Joliet, b"\0a\0:", true), Some("character"));
    }
}
