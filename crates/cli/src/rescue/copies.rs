//! Which version of a file each file of the host is of, as a map keeps it between runs.

use std::collections::HashMap;

use oncefs::salvage::State;
use rustix::fs::Stat;
use sha2::{Digest as _, Sha256};

/// The most files that are known, each in a line of up to some 120 bytes. A run copies any more again.
const MOST: usize = 1 << 20;

/// A version of a file of the disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The sector of its entry.
    pub sector: Option<u32>,
    /// The state that it is of.
    pub state: State,
    /// Whether it is known to have its own data.
    pub is_certain: bool,
    /// Tells the places of its data, or the data in its entry, from others.
    pub contents: u64,
    /// Whether versions that were recorded later have a higher sector.
    pub is_in_order: bool,
}

/// A file of the host that a run wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// What it is of.
    pub version: Version,
    inode: u64,
    size: i64,
    /// Its modification time; `None` while its contents are being completed.
    time: Option<(i64, i64)>,
}

/// How a file of the host compares with what a run wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is that.
    Itself,
    /// It looks like that, and is another file; or it is that, cut off by a crash of the host.
    Like,
    /// It is something else.
    Other,
}

/// The files that runs with a map wrote, by their paths.
#[derive(Debug, Default)]
pub struct Copies(HashMap<u64, Copy>);

impl Version {
    /// Whether both have the same bytes.
    pub fn is_same(self, other: Self) -> bool {
        self.sector == other.sector && self.contents == other.contents
    }

    /// Whether it is to be kept although a later run found the other one.
    pub fn is_better(self, other: Self) -> bool {
        let rank = |version: Self| match version.state {
            State::Newest => 2,
            State::Later | State::Unknown => 1,
            State::Older => 0,
        };
        let (own, others) = ((self.is_certain, rank(self)), (other.is_certain, rank(other)));
        own > others || (own == others && other.is_in_order && self.sector > other.sector)
    }

    /// As in a comment of the map.
    fn words(self) -> String {
        let sector = self
            .sector
            .map_or_else(|| "-".to_owned(), |sector| sector.to_string());
        let state = match self.state {
            State::Newest => "newest",
            State::Older => "older",
            State::Later => "later",
            State::Unknown => "unknown",
        };
        let doubt = if self.is_certain { "" } else { "?" };
        format!("{sector} {state}{doubt} {:016x}", self.contents)
    }

    fn parsed(sector: &str, state: &str, contents: &str) -> Option<Self> {
        let sure = state.strip_suffix('?');
        Some(Self {
            sector: if sector == "-" {
                None
            } else {
                Some(sector.parse().ok()?)
            },
            state: match sure.unwrap_or(state) {
                "newest" => State::Newest,
                "older" => State::Older,
                "later" => State::Later,
                "unknown" => State::Unknown,
                _ => return None,
            },
            is_certain: sure.is_none(),
            contents: u64::from_str_radix(contents, 16).ok()?,
            is_in_order: false,
        })
    }
}

impl Copy {
    /// A file of the host with these attributes.
    pub fn new(version: Version, found: &Stat) -> Self {
        Self {
            version,
            inode: found.st_ino,
            size: found.st_size,
            time: Some(time(found)),
        }
    }

    /// The same, while its contents and with them its time change.
    pub fn being_completed(self) -> Self {
        Self { time: None, ..self }
    }

    /// How a file of the host compares with it.
    pub fn compare(self, found: &Stat) -> Found {
        let is_itself = self.inode == found.st_ino;
        let has_size = self.size == found.st_size;
        match self.time {
            None if is_itself && has_size => Found::Itself,
            Some(at) if at == time(found) && has_size && is_itself => Found::Itself,
            Some(at) if at == time(found) && (has_size || is_itself) => Found::Like,
            _ => Found::Other,
        }
    }
}

fn time(found: &Stat) -> (i64, i64) {
    (found.st_mtime, found.st_mtime_nsec.cast_signed())
}

impl Copies {
    /// What was written to a path below the target.
    pub fn get(&self, path: &str) -> Option<Copy> {
        self.0.get(&key(path)).copied()
    }

    /// Notes what was written to a path. Returns the line to add to a map, if it says something new.
    pub fn note(&mut self, path: &str, copy: Copy) -> Option<String> {
        let key = key(path);
        let is_known = self.0.contains_key(&key);
        if self.0.get(&key) == Some(&copy) || (self.0.len() >= MOST && !is_known) {
            return None;
        }
        self.0.insert(key, copy);
        Some(line(key, &copy))
    }

    /// Takes a line of a map. Returns whether it is one.
    pub fn take(&mut self, words: &str) -> bool {
        let parsed = parsed(words);
        if let Some((key, copy)) = parsed
            && self.0.len() < MOST
        {
            self.0.insert(key, copy);
        }
        parsed.is_some()
    }

    /// The lines of a map, in an order that stays the same.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_unstable_by_key(|(key, _)| **key);
        all.into_iter().map(|(key, copy)| line(*key, copy))
    }
}

/// Stands for a path: of a hostile disc, paths may be long and many.
fn key(path: &str) -> u64 {
    first_bytes(Sha256::digest(path).as_ref())
}

/// The first 8 bytes of a hash.
pub fn first_bytes(hash: &[u8]) -> u64 {
    let first = hash.first_chunk::<8>();
    first.map_or(0, |first| u64::from_be_bytes(*first))
}

fn line(key: u64, copy: &Copy) -> String {
    let Copy {
        version,
        inode,
        size,
        time,
    } = copy;
    let time = time.map_or_else(|| "-".to_owned(), |(seconds, nanos)| format!("{seconds}/{nanos}"));
    format!("{key:016x} {} {inode} {size} {time}", version.words())
}

fn parsed(words: &str) -> Option<(u64, Copy)> {
    let words: Vec<&str> = words.split(' ').collect();
    let [key, sector, state, contents, inode, size, time] = words[..] else {
        return None;
    };
    let copy = Copy {
        version: Version::parsed(sector, state, contents)?,
        inode: inode.parse().ok()?,
        size: size.parse().ok()?,
        time: if time == "-" {
            None
        } else {
            let (seconds, nanos) = time.split_once('/')?;
            Some((seconds.parse().ok()?, nanos.parse().ok()?))
        },
    };
    Some((u64::from_str_radix(key, 16).ok()?, copy))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: Version = Version {
        sector: Some(7),
        state: State::Newest,
        is_certain: true,
        contents: 5,
        is_in_order: false,
    };
    const COPY: Copy = Copy {
        version: VERSION,
        inode: 3,
        size: 9,
        time: Some((-1, 5)),
    };

    #[test]
    fn what_was_written_comes_back_from_its_line() {
        let odd = Version {
            sector: None,
            state: State::Older,
            is_certain: false,
            ..VERSION
        };
        for copy in [COPY, COPY.being_completed(), Copy { version: odd, ..COPY }] {
            let mut copies = Copies::default();
            let line = copies.note("a/b", copy);
            let mut again = Copies::default();
            assert!(line.is_some_and(|line| again.take(&line)));
            assert_eq!(again.get("a/b"), Some(copy));
            assert_eq!(again.note("a/b", copy), None, "it says nothing new");
        }
        assert!(!Copies::default().take("0 1 newest 2 3 4"));
    }

    #[test]
    fn a_version_of_a_worse_state_or_before_it_is_not_better() {
        let older = Version {
            state: State::Older,
            ..VERSION
        };
        let uncertain = Version {
            is_certain: false,
            ..VERSION
        };
        let before = Version {
            sector: Some(6),
            is_in_order: true,
            ..VERSION
        };
        for worse in [older, uncertain, before] {
            assert!(VERSION.is_better(worse) && !worse.is_better(VERSION), "{worse:?}");
        }
    }
}
