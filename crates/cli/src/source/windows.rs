//! Names that Windows cannot open, though UDF has them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What Windows takes for a device, whatever follows behind a dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why Windows cannot open a file of this name; `None` where it can.
pub fn fault(name: &str) -> Option<&'static str> {
    if name.chars().any(|c| c < ' ' || "\"*:<>?\\|".contains(c)) {
        return Some("a character that Windows has in no name");
    }
    if name.ends_with(['.', ' ']) {
        return Some("Windows leaves out a dot or space at the end of a name");
    }
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_lowercase();
    let is_numbered = ["com", "lpt"].iter().any(|port| {
        let number = stem
            .strip_prefix(port)
            .map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['1'..='9' | '¹' | '²' | '³']))
    });
    (is_numbered || DEVICES.contains(&stem.as_str())).then_some("the name of a device to Windows")
}

/// The names of one directory, which Windows tells apart without looking at the case of letters.
#[derive(Debug, Default)]
pub struct Folded {
    folded: HashSet<u64>,
    /// Names that are on the disc already: what replaces one is not another.
    there: HashSet<u64>,
}

impl Folded {
    /// Notes a name that the disc has.
    pub fn note(&mut self, name: &str) {
        self.folded.insert(folded(name));
        self.there.insert(hash(name.chars()));
    }

    /// Notes a new name; whether one that differs only in case is there.
    pub fn meets(&mut self, name: &str) -> bool {
        let is_there = !self.there.is_empty() && self.there.contains(&hash(name.chars()));
        !is_there && !self.folded.insert(folded(name))
    }
}

fn folded(name: &str) -> u64 {
    hash(name.chars().map(upper))
}

/// The one capital of a letter: Windows knows no others.
fn upper(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => character,
    }
}

fn hash(characters: impl Iterator<Item = char>) -> u64 {
    let mut hasher = DefaultHasher::new();
    characters.for_each(|character| character.hash(&mut hasher));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_cannot_open_has_a_reason() {
        for name in [
            "bad?name",
            "a:b",
            "x\\y",
            "tab\t",
            "end.",
            "end ",
            "CON",
            "con.txt",
            "Nul .x",
            "COM1",
            "lpt9.a",
            "com²",
            "CONIN$",
            "conout$.txt",
        ] {
            assert!(fault(name).is_some(), "{name}");
        }
        for name in [
            "good name",
            "console",
            "com",
            "com0",
            "com10",
            ".hidden",
            "a.con",
            "ÄÖ",
            "名前",
        ] {
            assert!(fault(name).is_none(), "{name}");
        }
    }

    #[test]
    fn names_that_differ_in_case_meet() {
        let mut names = Folded::default();
        names.note("Old");
        assert!(!names.meets("Old"), "it replaces what is there");
        assert!(names.meets("old"));
        assert!(!names.meets("a") && !names.meets("b") && names.meets("A"));
        assert!(!names.meets("straße") && !names.meets("STRASSE") && names.meets("Straße"));
    }
}
