//! The names found by the survey, so that files that are gone when they are to be read are reported. Each
//! takes a few bytes.

use std::cmp::Ordering;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;

use super::found::Found;

/// The name on the roll for a name that a walk finds: the one on the disc.
pub fn name_of<'a>(found: &Found<'a>) -> &'a [u8] {
    found.target_name.unwrap_or_default().as_bytes()
}

/// Names in walk order.
#[derive(Debug, Default)]
pub struct Roll {
    bytes: Vec<u8>,
    /// Position of the mark of the last name.
    mark: usize,
    /// The last name of each directory from the top down: the next one omits the prefix it shares with it.
    last: Vec<Vec<u8>>,
}

/// A name follows: how many bytes of the previous name it keeps, how many follow, and those.
const NAME: u8 = 0;
/// The same for a file that was empty.
const EMPTY: u8 = 3;
/// The following names are in the directory of the last name.
const DOWN: u8 = 1;
/// The end of a directory.
const UP: u8 = 2;

impl Roll {
    /// Adds a name in the lowest directory.
    pub fn meet(&mut self, name: &[u8]) {
        if self.last.is_empty() {
            self.last.push(Vec::new());
        }
        let Some(last) = self.last.last_mut() else { return };
        let kept = last
            .iter()
            .zip(name)
            .take_while(|(one, other)| one == other)
            .count();
        // No host has names over 255 bytes, but the command line may.
        let kept = kept.min(usize::from(u8::MAX));
        let rest = &name[kept..];
        let length = u16::try_from(rest.len()).unwrap_or(u16::MAX);
        self.mark = self.bytes.len();
        self.bytes.push(NAME);
        self.bytes.push(u8::try_from(kept).unwrap_or(u8::MAX));
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(&rest[..usize::from(length)]);
        last.clear();
        last.extend_from_slice(name);
    }

    /// Marks the last name as that of an empty file.
    pub fn hold_nothing(&mut self) {
        if let Some(mark) = self.bytes.get_mut(self.mark) {
            *mark = EMPTY;
        }
    }

    /// Enters the directory of the last name.
    pub fn enter(&mut self) {
        self.bytes.push(DOWN);
        self.last.push(Vec::new());
    }

    /// Leaves the lowest directory.
    pub fn leave(&mut self) {
        self.bytes.push(UP);
        self.last.pop();
    }

    /// Starts comparing with a second walk.
    pub fn call(self) -> Call {
        Call {
            bytes: self.bytes,
            at: 0,
            names: vec![Vec::new()],
            outside: 0,
            is_known: false,
            was_empty: false,
        }
    }
}

/// The next name of a directory.
struct Next {
    /// How many bytes of the last name it keeps.
    kept: usize,
    /// Its other bytes on the roll; the next mark follows them.
    rest: Range<usize>,
    /// Whether it was an empty file.
    is_empty: bool,
}

/// The names, compared with those of a second walk.
#[derive(Debug)]
pub struct Call {
    bytes: Vec<u8>,
    at: usize,
    /// The last name of each directory.
    names: Vec<Vec<u8>>,
    /// Nested directories that the first walk did not find.
    outside: usize,
    /// Whether the first walk found the last name.
    is_known: bool,
    /// Whether that was an empty file.
    was_empty: bool,
}

impl Call {
    /// The second walk finds a name in the lowest directory. Returns the missing names before it.
    pub fn meet(&mut self, name: &[u8]) -> Vec<Vec<u8>> {
        let mut gone = Vec::new();
        self.was_empty = false;
        if self.outside > 0 {
            return gone;
        }
        let is_top = self.names.len() == 1;
        self.is_known = false;
        self.skip_below();
        while let Some(next) = self.next() {
            let order = self.compare(&next, name);
            // Names from the user are in no order; the walk itself reports missing ones.
            if !is_top && order == Ordering::Greater {
                break;
            }
            self.is_known = order == Ordering::Equal;
            if !self.is_known && is_top && !self.comes(name) {
                break;
            }
            self.take(&next);
            if self.is_known {
                self.was_empty = next.is_empty;
                break;
            }
            if !is_top {
                gone.extend(self.names.last().cloned());
            }
            self.skip_below();
        }
        gone
    }

    /// Whether the last name was an empty file when the first walk found it.
    pub fn was_empty(&self) -> bool {
        self.was_empty
    }

    /// Enters the directory of the last name.
    pub fn enter(&mut self) {
        if self.outside == 0 && self.is_known && self.bytes.get(self.at) == Some(&DOWN) {
            self.at += 1;
            self.names.push(Vec::new());
        } else {
            self.outside += 1;
        }
        self.is_known = false;
    }

    /// Leaves the lowest directory. Returns the missing names in it.
    pub fn leave(&mut self) -> Vec<Vec<u8>> {
        let mut gone = Vec::new();
        if self.outside > 0 {
            self.outside -= 1;
            return gone;
        }
        self.skip_below();
        while let Some(next) = self.next() {
            self.take(&next);
            gone.extend(self.names.last().cloned());
            self.skip_below();
        }
        self.at += 1;
        self.names.pop();
        gone
    }

    /// The next name of the lowest directory; `None` at the end of the directory.
    fn next(&self) -> Option<Next> {
        let rest = self.bytes.get(self.at..)?;
        let (&[kind, kept, low, high], rest) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let kept = usize::from(kept);
        let is_name = kind == NAME || kind == EMPTY;
        let is_whole = is_name && kept <= self.names.last()?.len() && length <= rest.len();
        let start = self.at + 4;
        is_whole.then_some(Next {
            kept,
            rest: start..start + length,
            is_empty: kind == EMPTY,
        })
    }

    /// Compares the next name with another.
    fn compare(&self, next: &Next, name: &[u8]) -> Ordering {
        let last = self.names.last().map_or(&[][..], Vec::as_slice);
        let (start, rest) = name.split_at(next.kept.min(name.len()));
        let order = last[..next.kept].cmp(start);
        order.then_with(|| self.bytes[next.rest.clone()].cmp(rest))
    }

    /// Skips the next name, which becomes the last.
    fn take(&mut self, next: &Next) {
        if let Some(last) = self.names.last_mut() {
            last.truncate(next.kept);
            last.extend_from_slice(&self.bytes[next.rest.clone()]);
        }
        self.at = next.rest.end;
    }

    /// Whether a name from the user comes further on.
    fn comes(&mut self, name: &[u8]) -> bool {
        let (at, last) = (self.at, self.names.clone());
        let mut found = false;
        while let Some(next) = self.next().filter(|_| !found) {
            found = self.compare(&next, name).is_eq();
            self.take(&next);
            self.skip_below();
        }
        (self.at, self.names) = (at, last);
        found
    }

    /// Skips the contents of the directory of the last name if it was not entered.
    fn skip_below(&mut self) {
        if self.bytes.get(self.at) != Some(&DOWN) {
            return;
        }
        let mut depth = 0;
        loop {
            match self.bytes.get(self.at) {
                Some(&(NAME | EMPTY)) => {
                    let length = self.bytes.get(self.at + 2..self.at + 4);
                    let length = length.map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
                    self.at += 4 + usize::from(length);
                    continue;
                }
                Some(&DOWN) => depth += 1,
                Some(_) => depth -= 1,
                None => return,
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk in words: a name, `>` to enter the last one, `<` to leave it.
    fn roll(words: &str) -> Roll {
        let mut roll = Roll::default();
        for word in words.split(' ') {
            match word {
                ">" => roll.enter(),
                "<" => roll.leave(),
                name => roll.meet(name.as_bytes()),
            }
        }
        roll
    }

    fn gone(first: &str, second: &str) -> String {
        let mut call = roll(first).call();
        let mut gone = Vec::new();
        for word in second.split(' ') {
            match word {
                ">" => call.enter(),
                "<" => gone.extend(call.leave()),
                name => gone.extend(call.meet(name.as_bytes())),
            }
        }
        let names = gone
            .into_iter()
            .map(|name| String::from_utf8_lossy(&name).into_owned());
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_name_found_again_is_not_missing() {
        let walk = "t > a ab abc b > x y < c < u";
        assert_eq!(gone(walk, walk), "");
    }

    #[test]
    fn a_missing_name_is_reported_in_its_directory_and_a_new_one_is_not() {
        let first = "t > a b > x y < c d <";
        assert_eq!(gone(first, "t > a b > x < c d <"), "y");
        assert_eq!(gone(first, "t > b > w x xx y z < d <"), "a c");
        assert_eq!(gone(first, "t > a c d <"), "b");
        assert_eq!(gone(first, "t > a aa > n < b > y < c <"), "x d");
        assert_eq!(gone(first, "t > <"), "a b c d");
    }

    #[test]
    fn a_file_that_was_empty_is_known_by_its_name() {
        let mut roll = Roll::default();
        for name in ["a", "b", "c"] {
            roll.meet(name.as_bytes());
            if name == "b" {
                roll.hold_nothing();
            }
        }
        let mut call = roll.call();
        let was_empty = ["a", "b", "bb", "c"].map(|name| {
            call.meet(name.as_bytes());
            call.was_empty()
        });
        assert_eq!(was_empty, [false, true, false, false]);
    }

    #[test]
    fn a_name_that_became_something_else_is_not_missing() {
        assert_eq!(gone("t > a > x < b <", "t > a b <"), "");
        assert_eq!(gone("t > a b <", "t > a > x y < b <"), "");
    }

    #[test]
    fn names_from_the_user_are_in_any_order_and_reported_elsewhere() {
        let first = "z > a < b c > d <";
        assert_eq!(gone(first, "z > < c > <"), "a d");
        assert_eq!(gone(first, "new c > d <"), "");
    }
}
