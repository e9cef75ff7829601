//! Names in the UDF of a plain volume: no longer than UEFI accepts.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

/// UTF-16 units of the longest name. UEFI shows a directory as empty if one of its names is longer.
const LONGEST: usize = 127;

/// UTF-16 units of `~` and the digits that distinguish cut names.
const MARK: usize = 9;

/// The names of one directory in which some names are cut.
#[derive(Debug, Default)]
pub(crate) struct CutNames {
    taken: HashSet<String>,
}

/// Whether a name must be cut.
pub(crate) fn is_too_long(name: &str) -> bool {
    name.len() > LONGEST && name.encode_utf16().count() > LONGEST
}

impl CutNames {
    /// Starts with the names of a directory that stay whole.
    pub fn new<'n>(whole: impl Iterator<Item = &'n str>) -> Self {
        Self {
            taken: whole.map(str::to_owned).collect(),
        }
    }

    /// Cuts a name to at most 127 UTF-16 units, unique in the directory. It keeps its extension of up to 16
    /// units.
    pub fn cut(&mut self, name: &str) -> String {
        let extension = name.rfind('.').map_or("", |at| &name[at..]);
        let extension = if extension.encode_utf16().count() <= 16 {
            extension
        } else {
            ""
        };
        let room = LONGEST - MARK - extension.encode_utf16().count();
        let mut start = String::new();
        let mut units = 0;
        for character in name.chars() {
            units += character.len_utf16();
            if units > room {
                break;
            }
            start.push(character);
        }
        let mut attempt = 0_u32;
        loop {
            let digest = Sha256::new()
                .chain_update(attempt.to_le_bytes())
                .chain_update(name);
            let [a, b, c, d, ..]: [u8; 32] = digest.finalize().into();
            let mark = u32::from_be_bytes([a, b, c, d]);
            let cut = format!("{start}~{mark:08x}{extension}");
            if self.taken.insert(cut.clone()) {
                return cut;
            }
            attempt += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_name_has_127_characters_and_its_extension() {
        let mut names = CutNames::default();
        let long = format!("{}.jpeg", "x".repeat(200));
        assert!(is_too_long(&long) && !is_too_long(&"x".repeat(127)));
        let cut = names.cut(&long);
        assert_eq!(cut.chars().count(), 127);
        assert!(cut.ends_with(".jpeg"));
    }

    #[test]
    fn a_name_is_always_cut_to_the_same() {
        let cut = CutNames::default().cut(&"x".repeat(200));
        assert_eq!(cut, format!("{}~13303af9", "x".repeat(118)));
    }

    #[test]
    fn names_that_would_be_cut_alike_stay_distinct() {
        let long = "x".repeat(200);
        let first = CutNames::default().cut(&long);
        let mut names = CutNames::new([first.as_str()].into_iter());
        let second = names.cut(&long);
        assert_ne!(first, second);
        assert_ne!(names.cut(&format!("{long}y")), second);
    }

    #[test]
    fn a_character_of_two_units_is_not_split() {
        let cut = CutNames::default().cut(&"\u{1D11E}".repeat(100));
        assert!(cut.encode_utf16().count() <= 127);
    }
}
