//! Distinct names for entries of one directory that have the same one, which the standard forbids
//! (`ECMA-167 4/8.6`).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// Maximum number of names remembered per directory, in some 150 MB. A name after them is compared with them,
/// but not with the others after them.
const REMEMBERED: usize = 1 << 23;

/// The names that a directory has shown so far.
#[derive(Debug, Default)]
pub struct ShownNames {
    /// The last in order. Most directories are in order, and a name after this one needs no search.
    greatest: String,
    /// Hashes: a collision only gives a name a number that it does not need.
    shown: HashSet<u64, BuildHasherDefault<Itself>>,
    /// Those that are not in `shown` yet. A set of a million costs more than reading as many names.
    in_order: Vec<u64>,
    /// For names that occurred again, the number to try next.
    numbers: HashMap<u64, u32>,
}

impl ShownNames {
    /// The name to show for the next entry: its own or, if that is taken, `name~2`, `name~3` and so on.
    #[must_use]
    pub fn show(&mut self, name: String) -> String {
        let hash = hash_of(&name);
        if self.is_greatest(&name) {
            if self.shown.len() + self.in_order.len() < REMEMBERED {
                self.in_order.push(hash);
            }
            return name;
        }
        self.shown.extend(self.in_order.drain(..));
        if self.take(hash) {
            return name;
        }
        let mut number = self.numbers.get(&hash).copied().unwrap_or(2);
        let numbered = loop {
            let numbered = format!("{name}~{number}");
            number = number.saturating_add(1);
            if self.take(hash_of(&numbered)) || number == u32::MAX {
                break numbered;
            }
        };
        self.is_greatest(&numbered);
        self.numbers.insert(hash, number);
        numbered
    }

    /// Whether a name is greater than all before; now it is the greatest.
    fn is_greatest(&mut self, name: &str) -> bool {
        let is_it = *name > *self.greatest;
        if is_it {
            self.greatest.clear();
            self.greatest.push_str(name);
        }
        is_it
    }

    /// Whether a name was not shown before; now it is.
    fn take(&mut self, hash: u64) -> bool {
        if self.shown.len() < REMEMBERED {
            self.shown.insert(hash)
        } else {
            !self.shown.contains(&hash)
        }
    }
}

/// Whether a name has the form of one that is not recorded, but shown for an entry whose own name is taken.
pub(crate) fn is_numbered(name: &str) -> bool {
    name.rsplit_once('~')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The same in every process, so that a name stays what it is.
fn hash_of(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// Uses a hash as it is.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(names: &[&str]) -> Vec<String> {
        let mut shown = ShownNames::default();
        names.iter().map(|name| shown.show((*name).to_owned())).collect()
    }

    #[test]
    fn names_that_occur_once_are_unchanged() {
        assert_eq!(shown(&["a", "b", "a~2"]), ["a", "b", "a~2"]);
    }

    #[test]
    fn names_that_occur_again_are_numbered() {
        assert_eq!(shown(&["a", "a", "b", "a"]), ["a", "a~2", "b", "a~3"]);
    }

    #[test]
    fn a_number_is_never_one_that_is_taken() {
        assert_eq!(shown(&["a~2", "a", "a"]), ["a~2", "a", "a~3"]);
        assert_eq!(shown(&["a", "a", "a~2"]), ["a", "a~2", "a~2~2"]);
        assert_eq!(shown(&["z", "a", "a", "a~2"]), ["z", "a", "a~2", "a~2~2"]);
    }

    #[test]
    fn a_million_names_alike_are_numbered_at_once() {
        let mut shown = ShownNames::default();
        let last = (0..1_000_000).map(|_| shown.show("a".to_owned())).last();
        assert_eq!(last.as_deref(), Some("a~1000000"));
    }

    #[test]
    fn only_a_number_at_the_end_is_one() {
        let numbered = ["a~2", "~10", "a~b~3"];
        assert!(numbered.iter().all(|name| is_numbered(name)));
        let plain = ["a", "a~", "a~2b", "2", "~"];
        assert!(!plain.iter().any(|name| is_numbered(name)));
    }
}
