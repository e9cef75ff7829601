//! The text of the side file, version 2: see `docs/understanding/format.md`. This still reads version 1,
//! which proves nothing.

use crate::behaviour::Behaviour;
use crate::digest::{Digest, Witness};
use crate::layout::{DiscLayout, Parts, Session, Status, Track};
use crate::medium::LARGEST_CAPACITY;
use crate::ranges::Ranges;
use std::fmt::Write as _;
use std::ops::Range;
use std::str::SplitAsciiWhitespace;

const HEAD: &str = "oncefs recorder 2";
/// The first line of a side file of 0.1.
const HEAD_1: &str = "oncefs recorder 1";
/// Ranges per line.
const RANGES: usize = 8;
/// Blocks of the digest per line.
const WITNESSES: usize = 4;

/// The contents of a side file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The number of this state of the disc, counted from the first; a side file of 0.1 has none.
    pub(crate) number: u64,
    /// The mark: a program is recording on the disc, or ended without removing it.
    pub(crate) recording: bool,
    pub(crate) disc: DiscLayout,
    pub(crate) behaviour: Behaviour,
    /// Proves that an image is that of this disc; a side file of 0.1 has none.
    pub(crate) digest: Option<Digest>,
}

/// A line, counted from 1, and what is wrong with it.
pub(crate) type Wrong = (usize, &'static str);

pub(crate) fn encode(state: &State) -> String {
    let State { disc, behaviour, .. } = state;
    let mut text = String::new();
    let status = match disc.status() {
        Status::Blank => "blank",
        Status::Appendable => "appendable",
        Status::Finalized => "finalized",
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{HEAD}\nstate {}\nmedium {}\ncapacity {}",
        state.number,
        disc.medium(),
        disc.capacity()
    );
    text.push_str(if state.recording { "recording\n" } else { "" });
    for (name, value) in behaviour.settings() {
        let _ = writeln!(text, "behaviour {name} {value}");
    }
    let _ = writeln!(text, "status {status}");
    for (index, session) in disc.sessions().iter().enumerate() {
        let _ = match session.lead_out {
            Some(lead_out) => writeln!(text, "session {} closed lead-out {lead_out}", index + 1),
            None => writeln!(text, "session {} open", index + 1),
        };
    }
    for track in disc.tracks() {
        let _ = write!(
            text,
            "track {} session {} start {} recorded-end {} next {} end {} {}",
            track.number,
            track.session,
            track.start,
            track.recorded_end,
            track.next,
            track.end,
            if track.closed { "closed" } else { "open" },
        );
        text.push_str(if track.reserved { " reserved" } else { "" });
        text.push_str(if track.uninterrupted {
            " uninterrupted\n"
        } else {
            "\n"
        });
    }
    ranges(&mut text, "links", disc.links());
    ranges(&mut text, "damaged", disc.damaged());
    // The digest comes last, so that a truncated text is detected.
    digest(&mut text, state.digest.as_ref().map_or(&[], Digest::witnesses));
    text
}

fn digest(text: &mut String, witnesses: &[Witness]) {
    let count = witnesses.len();
    let _ = writeln!(text, "digest of {count}");
    for line in witnesses.chunks(WITNESSES) {
        text.push_str("digest");
        for Witness { block, hash } in line {
            let _ = write!(text, " {block}:{hash:016x}");
        }
        text.push('\n');
    }
}

fn ranges(text: &mut String, name: &str, ranges: &Ranges) {
    let all: Vec<_> = ranges.iter().collect();
    for line in all.chunks(RANGES) {
        text.push_str(name);
        for range in line {
            let _ = write!(text, " {}..{}", range.start, range.end);
        }
        text.push('\n');
    }
}

pub(crate) fn decode(text: &str) -> Result<State, Wrong> {
    let mut lines = text.lines();
    let mut reader = Reader::default();
    match lines.next() {
        Some(HEAD) => reader.proves = true,
        Some(HEAD_1) => {}
        Some(other) if other.starts_with("oncefs recorder ") => {
            return Err((1, "a version that this program does not know"));
        }
        _ => return Err((1, "not the side file of a recorder")),
    }
    let mut number = 1;
    for line in lines {
        number += 1;
        reader.line(line).map_err(|what| (number, what))?;
    }
    reader.finish().map_err(|what| (number, what))
}

#[derive(Default)]
struct Reader {
    /// Whether the version has a number, a mark and a digest.
    proves: bool,
    number: Option<u64>,
    recording: bool,
    /// The stated number of blocks in the digest. `digest` contains those read so far.
    witnesses: Option<usize>,
    digest: Vec<Witness>,
    medium: Option<crate::Medium>,
    capacity: Option<u32>,
    behaviour: Behaviour,
    status: Option<String>,
    sessions: Vec<Session>,
    tracks: Vec<Track>,
    links: Ranges,
    damaged: Ranges,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            None => return Ok(()),
            Some("state") if self.proves => {
                let number = words.next().and_then(|word| word.parse().ok());
                self.number = Some(number.ok_or("a state has a number")?);
            }
            Some("recording") if self.proves => self.recording = true,
            Some("digest") if self.proves => self.digest(&mut words).ok_or("not blocks of a digest")?,
            Some("medium") => {
                let name = words.next().ok_or("a medium has a name")?;
                self.medium = Some(name.parse().map_err(|_| "no such medium")?);
            }
            Some("capacity") => self.capacity = Some(value(&mut words).ok_or("a capacity is a number")?),
            Some("behaviour") => {
                let (name, value) = words
                    .next()
                    .zip(words.next())
                    .ok_or("a behaviour has a name and a value")?;
                if !self.behaviour.set(name, value) {
                    return Err("no such behaviour");
                }
            }
            Some("status") => self.status = words.next().map(str::to_owned),
            Some("session") => self.session(&mut words).ok_or("not a session, or out of order")?,
            Some("track") => self.track(&mut words).ok_or("not a track, or out of order")?,
            Some("links") => add_ranges(&mut self.links, words.by_ref()).ok_or("not ranges of blocks")?,
            Some("damaged") => add_ranges(&mut self.damaged, words.by_ref()).ok_or("not ranges of blocks")?,
            Some(_) => return Err("an unknown word"),
        }
        if words.next().is_some() {
            Err("too many words")
        } else {
            Ok(())
        }
    }

    fn digest(&mut self, words: &mut SplitAsciiWhitespace<'_>) -> Option<()> {
        for word in words.by_ref() {
            if word == "of" {
                self.witnesses = Some(words.next()?.parse().ok()?);
                return Some(());
            }
            let (block, hash) = word.split_once(':')?;
            let hash = Some(hash).filter(|hash| hash.len() == 16)?;
            self.digest.push(Witness {
                block: block.parse().ok()?,
                hash: u64::from_str_radix(hash, 16).ok()?,
            });
        }
        Some(())
    }

    fn session(&mut self, words: &mut SplitAsciiWhitespace<'_>) -> Option<()> {
        let number: usize = words.next()?.parse().ok()?;
        let lead_out = match words.next()? {
            "open" => None,
            "closed" => Some(named(words, "lead-out")?),
            _ => return None,
        };
        self.sessions.push(Session { lead_out });
        (number == self.sessions.len() && number <= usize::from(u16::MAX)).then_some(())
    }

    fn track(&mut self, words: &mut SplitAsciiWhitespace<'_>) -> Option<()> {
        let number = words.next()?.parse().ok()?;
        let session = u16::try_from(named(words, "session")?).ok()?;
        let start = named(words, "start")?;
        let recorded_end = named(words, "recorded-end")?;
        let next = named(words, "next")?;
        let end = named(words, "end")?;
        let closed = match words.next()? {
            "open" => false,
            "closed" => true,
            _ => return None,
        };
        let (mut reserved, mut uninterrupted) = (false, false);
        for word in words.by_ref() {
            match word {
                "reserved" => reserved = true,
                "uninterrupted" => uninterrupted = true,
                _ => return None,
            }
        }
        let last = self.tracks.last();
        let follows = last.map_or((1, 0, 1), |track| (track.number + 1, track.end, track.session));
        let ordered = start <= recorded_end && recorded_end <= next && next <= end;
        if number != follows.0 || start < follows.1 || session < follows.2 || !ordered || number == u16::MAX {
            return None;
        }
        let packet_open = false;
        self.tracks.push(Track {
            number,
            session,
            start,
            recorded_end,
            next,
            end,
            closed,
            reserved,
            uninterrupted,
            packet_open,
        });
        Some(())
    }

    fn finish(self) -> Result<State, &'static str> {
        let digest = if self.proves {
            if self.witnesses != Some(self.digest.len()) {
                return Err("the digest is not complete");
            }
            let digest = Digest::new(self.digest).ok_or("the blocks of the digest are out of order")?;
            let _ = self.number.ok_or("the number of the state is missing")?;
            Some(digest)
        } else {
            None
        };
        let medium = self.medium.ok_or("the medium is missing")?;
        let capacity = self.capacity.ok_or("the capacity is missing")?;
        if capacity <= medium.run_out_blocks()
            || capacity > LARGEST_CAPACITY
            || capacity % medium.write_unit() != 0
        {
            return Err("the capacity is not whole units");
        }
        let finalized = self.status.as_deref() == Some("finalized");
        let parts = Parts {
            medium,
            capacity,
            sessions: self.sessions,
            tracks: self.tracks,
            links: self.links,
            damaged: self.damaged,
            finalized,
        };
        let disc = DiscLayout::of(parts).ok_or("tracks and sessions do not fit together")?;
        let reaches = |digest: &Digest| {
            let last = digest.witnesses().last();
            last.is_none_or(|last| last.block < disc.recorded_end())
        };
        if !digest.as_ref().is_none_or(reaches) {
            return Err("the digest has blocks that are not recorded");
        }
        Ok(State {
            number: self.number.unwrap_or(0),
            recording: self.recording,
            disc,
            behaviour: self.behaviour,
            digest,
        })
    }
}

fn value(words: &mut SplitAsciiWhitespace<'_>) -> Option<u32> {
    words.next()?.parse().ok()
}

fn named(words: &mut SplitAsciiWhitespace<'_>, name: &str) -> Option<u32> {
    if words.next()? == name { value(words) } else { None }
}

fn add_ranges(ranges: &mut Ranges, words: &mut SplitAsciiWhitespace<'_>) -> Option<()> {
    for word in words {
        let (start, end) = word.split_once("..")?;
        let range: Range<u32> = start.parse().ok()?..end.parse().ok()?;
        ranges.add(range);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Medium;
    use proptest::prelude::*;

    #[test]
    fn a_disc_with_packets_parses_from_its_text() {
        let mut disc = DiscLayout::blank(Medium::CdR80, 40_000);
        for packet in 0..20 {
            disc.record(1, packet * 10, 3);
            disc.end_packets(7);
        }
        disc.spoil(1, disc.tracks()[0].next, 7);
        let behaviour = Behaviour {
            session_gap: Some(64),
            ..Behaviour::default()
        };
        let mut digest = Digest::default();
        digest.take(0, &[1; 3 * 2048]);
        let state = State {
            number: 7,
            recording: true,
            disc,
            behaviour,
            digest: Some(digest),
        };
        let text = encode(&state);
        assert!(text.contains("links 3..10 13..20"), "{text}");
        assert_eq!(decode(&text), Ok(state));
    }

    #[test]
    fn the_example_of_the_documentation_is_a_side_file() {
        let documentation = include_str!("../../../docs/understanding/format.md");
        let start = documentation.find(HEAD).unwrap();
        let example = documentation[start..].split("```").next().unwrap();
        assert_eq!(encode(&decode(example).unwrap()), example);
    }

    #[test]
    fn a_side_file_of_version_1_is_read_and_proves_nothing() {
        let text = encode(&blank()).replace("recorder 2", "recorder 1");
        let (text, _) = text.split_once("digest").unwrap();
        let state = decode(&text.replace("state 1\n", "")).unwrap();
        assert_eq!((state.number, state.recording, state.digest), (0, false, None));
        assert_eq!(decode(text), Err((2, "an unknown word")));
    }

    #[test]
    fn a_truncated_text_is_detected() {
        let mut disc = DiscLayout::blank(Medium::BdR, 640);
        disc.record(1, 0, 320);
        let mut digest = Digest::default();
        (0..10).for_each(|run| digest.take(run * 32, &[1; 32 * 2048]));
        let text = encode(&State {
            disc,
            digest: Some(digest),
            ..blank()
        });
        for (end, _) in text.trim_end().char_indices() {
            assert!(decode(&text[..end]).is_err(), "{}", &text[..end]);
        }
    }

    fn blank() -> State {
        State {
            number: 1,
            recording: false,
            disc: DiscLayout::blank(Medium::DvdR, 160),
            behaviour: Behaviour::default(),
            digest: Some(Digest::default()),
        }
    }

    #[test]
    fn an_error_names_its_line() {
        let text = encode(&blank());
        assert_eq!(
            decode(&text.replace("recorder 2", "recorder 3")).unwrap_err().0,
            1
        );
        assert_eq!(
            decode(&text.replace("dvd-r", "dvd-x")),
            Err((3, "no such medium"))
        );
        assert_eq!(decode(&text.replace("next 0", "next 999")).unwrap_err().0, 7);
        assert_eq!(
            decode(&text.replace("end 160", "end 176")).unwrap_err().0,
            8,
            "after the capacity"
        );
        let two = format!("{text}track 2 session 1 start 160 recorded-end 160 next 160 end 160 open\n");
        assert_eq!(decode(&two).unwrap_err().0, 9, "two invisible tracks");
        assert_eq!(decode(""), Err((1, "not the side file of a recorder")));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            words in proptest::collection::vec("medium|cd-r|capacity|session|track|start|recorded-end|next|end|open|closed|links|[0-9]{1,5}|[0-9]..[0-9]|\n", 0..80)
        ) {
            let _ = decode(&format!("{HEAD}\nmedium cd-r\ncapacity 5000\n{}", words.join(" ")));
        }
    }
}
