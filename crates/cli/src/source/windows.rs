//! Names that UDF allows and Windows cannot open.

use std::hash::{DefaultHasher, Hasher};

use hashbrown::{HashMap, HashSet};

/// Device names in Windows, whatever follows after a dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why Windows cannot open the second of two names that it considers equal.
pub const MEETS: &str = "another name here differs only in case";

/// Why Windows cannot open a file of this name; `None` if it can.
pub fn fault(name: &str) -> Option<&'static str> {
    if name.bytes().any(|c| c < b' ' || b"\"*:<>?\\|".contains(&c)) {
        return Some("a character that Windows allows in no name");
    }
    if name.ends_with(['.', ' ']) {
        return Some("Windows drops a dot or space at the end of a name");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    is_device(stem).then_some("the name of a device in Windows")
}

fn is_device(stem: &str) -> bool {
    let is_numbered = stem.split_at_checked(3).is_some_and(|(port, number)| {
        matches!(
            number,
            "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
        ) && ["com", "lpt"].iter().any(|name| port.eq_ignore_ascii_case(name))
    });
    is_numbered || DEVICES.iter().any(|name| stem.eq_ignore_ascii_case(name))
}

/// The names of one directory, which Windows compares without case.
#[derive(Debug, Default)]
pub struct Folded {
    /// Whether a second name was met.
    folded: HashMap<u64, bool>,
    /// Names that are on the disc already: replacing one adds none.
    there: HashSet<u64>,
    /// The current name, folded.
    name: Vec<u8>,
}

impl Folded {
    /// Adds a name of the disc.
    pub fn note(&mut self, name: &str) {
        let folded = self.fold(name);
        self.folded.insert(folded, false);
        self.there.insert(hash(name.as_bytes()));
    }

    /// Adds a new name. Returns how many more names now differ from another only in case: none, itself, or
    /// both if the other was alone so far.
    pub fn meets(&mut self, name: &str) -> u64 {
        if !self.there.is_empty() && self.there.contains(&hash(name.as_bytes())) {
            return 0;
        }
        let folded = self.fold(name);
        match self.folded.insert(folded, false) {
            None => 0,
            Some(met_before) => {
                self.folded.insert(folded, true);
                if met_before { 1 } else { 2 }
            }
        }
    }

    fn fold(&mut self, name: &str) -> u64 {
        self.name.clear();
        if name.is_ascii() {
            self.name
                .extend(name.bytes().map(|byte| byte.to_ascii_uppercase()));
        } else {
            for character in name.chars().map(upper) {
                self.name.extend(character.encode_utf8(&mut [0; 4]).bytes());
            }
        }
        hash(&self.name)
    }
}

/// The single capital of a letter: Windows knows no others.
fn upper(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => character,
    }
}

fn hash(name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(name);
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
    fn names_that_differ_only_in_case_collide() {
        let mut names = Folded::default();
        names.note("Old");
        assert_eq!(names.meets("Old"), 0, "it replaces what is there");
        assert_eq!(names.meets("old"), 2);
        assert_eq!(["a", "b", "A"].map(|name| names.meets(name)), [0, 0, 2]);
        assert_eq!(["rest", "Rest", "REST"].map(|name| names.meets(name)), [0, 2, 1]);
        assert_eq!(
            ["straße", "STRASSE", "Straße"].map(|name| names.meets(name)),
            [0, 0, 2]
        );
    }
}
