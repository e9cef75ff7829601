//! What the script of a page gets: the runs and their owners as compact JSON.

use serde::Serialize;

use crate::kind::Kind;
use crate::owners::{OwnerId, OwnerKind};
use crate::portrait::Portrait;
use crate::surface::Run;
use crate::words::{time, visible};

/// The most bytes of JSON, so that the page has 8 MB at most.
const MOST_BYTES: usize = 7_400_000;
/// The most owners that are tried with a name each.
const MOST_NAMES: usize = 400_000;
/// The most runs that a page gets; if there are more, neighbours become one run.
const FEW_RUNS: usize = 200_000;

/// The data of a page.
pub(super) struct PageData {
    json: String,
    names_left_out: u64,
    runs_left_out: u64,
}

#[derive(Serialize)]
struct Shown {
    blocks: u32,
    recorded: u32,
    /// Label, letter, both colours, and 2 if unreadable, 1 if recorded, otherwise 0.
    kinds: Vec<(&'static str, char, &'static str, &'static str, u8)>,
    runs: Runs,
    owners: Names,
    sessions: Vec<(u16, u32)>,
    eras: Vec<ShownEra>,
}

/// The columns of the runs, which follow each other without gaps.
#[derive(Default, Serialize)]
struct Runs {
    /// Blocks.
    n: Vec<u32>,
    /// The number of the kind.
    k: Vec<usize>,
    /// The generation; 0 if there is none.
    g: Vec<u32>,
    /// The owner: 0 for none, otherwise the difference from the last one, plus 1 if it is not negative.
    o: Vec<i64>,
}

/// The columns of the owners.
#[derive(Default, Serialize)]
struct Names {
    /// The parent, as the difference from that of the owner before; that of the root is itself.
    p: Vec<i64>,
    /// The name.
    n: Vec<String>,
    /// Bytes; -1 for a directory, -2 for a former node, -3 for a further name.
    b: Vec<i64>,
}

/// Number, session, block, time, blocks, files added, changed and removed, bytes more or less, label.
#[derive(Serialize)]
struct ShownEra(u32, u16, Option<u32>, String, u32, u64, u64, u64, i64, String);

/// How much a page tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Files,
    Directories,
    Few,
}

impl PageData {
    pub fn of(portrait: &Portrait) -> Self {
        for detail in [Detail::Files, Detail::Directories] {
            let names = portrait.owners.all().len();
            if detail == Detail::Files && names > MOST_NAMES {
                continue;
            }
            let data = Self::with(portrait, detail);
            if data.json.len() <= MOST_BYTES {
                return data;
            }
        }
        Self::with(portrait, Detail::Few)
    }

    /// JSON in which no markup can arise.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Names that the page leaves out because there are too many.
    pub fn names_left_out(&self) -> u64 {
        self.names_left_out
    }

    /// Runs that the page joins because there are too many.
    pub fn runs_left_out(&self) -> u64 {
        self.runs_left_out
    }

    fn with(portrait: &Portrait, detail: Detail) -> Self {
        let (names, numbers, names_left_out) = names(portrait, detail);
        let (runs, runs_left_out) = runs(portrait, detail, &numbers);
        let shown = Shown {
            blocks: portrait.surface.blocks(),
            recorded: portrait.recorded_end(),
            kinds: Kind::ALL
                .iter()
                .map(|kind| {
                    let (light, dark) = kind.colours();
                    let state = u8::from(kind.is_recorded()) + u8::from(*kind == Kind::Unreadable);
                    (kind.label(), kind.letter(), light, dark, state)
                })
                .collect(),
            runs,
            owners: names,
            sessions: portrait
                .subject
                .sessions
                .iter()
                .map(|session| (session.number, session.start.0))
                .collect(),
            eras: portrait
                .eras
                .iter()
                .map(|era| {
                    let totals = era.totals.unwrap_or_default();
                    ShownEra(
                        era.number,
                        era.session,
                        era.block,
                        time(&era.recorded),
                        era.blocks,
                        totals.added.files,
                        totals.changed.files,
                        totals.removed.files,
                        i64::try_from(era.more_bytes()).unwrap_or(i64::MAX),
                        visible(&era.label),
                    )
                })
                .collect(),
        };
        // Numbers and strings always serialize.
        let json = serde_json::to_string(&shown).unwrap_or_default();
        Self {
            json: without_markup(&json),
            names_left_out,
            runs_left_out,
        }
    }
}

/// The owners that the page has, the number of each owner among them, and how many names are left out. An
/// owner that is left out has the number of its directory.
fn names(portrait: &Portrait, detail: Detail) -> (Names, Vec<Option<u32>>, u64) {
    let mut names = Names::default();
    let mut numbers: Vec<Option<u32>> = Vec::with_capacity(portrait.owners.all().len());
    let mut left_out = 0;
    let mut before = 0_i64;
    for owner in portrait.owners.all() {
        let is_shown = match detail {
            Detail::Files => true,
            Detail::Directories => owner.kind == OwnerKind::Directory,
            Detail::Few => owner.parent.is_none() && owner.kind == OwnerKind::Directory,
        };
        let number_of = |id: OwnerId| numbers.get(id.index()).copied().flatten();
        let parent = owner.parent.and_then(number_of);
        if !is_shown {
            left_out += 1;
            numbers.push(parent);
            continue;
        }
        let number = u32::try_from(names.n.len()).unwrap_or(u32::MAX);
        numbers.push(Some(number));
        let parent = i64::from(parent.unwrap_or(number));
        names.p.push(parent - before);
        before = parent;
        names.n.push(visible(&owner.name));
        names.b.push(match owner.kind {
            OwnerKind::Directory => -1,
            OwnerKind::Former => -2,
            OwnerKind::Link(_) => -3,
            OwnerKind::File => i64::try_from(owner.bytes).unwrap_or(i64::MAX),
        });
    }
    (names, numbers, left_out)
}

/// The runs that the page has, and how many are left out.
fn runs(portrait: &Portrait, detail: Detail, numbers: &[Option<u32>]) -> (Runs, u64) {
    let mut shown: Vec<(Run, Option<u32>)> = Vec::new();
    let mut left_out = 0;
    let number_of = |id: OwnerId| numbers.get(id.index()).copied().flatten();
    let least = match detail {
        // Runs below this length become part of the one before.
        Detail::Few => portrait.surface.blocks() / u32::try_from(FEW_RUNS).unwrap_or(u32::MAX),
        _ => 0,
    };
    for run in portrait.surface.runs() {
        let owner = run.owner.and_then(number_of);
        if let Some((last, of)) = shown.last_mut() {
            let same = (last.kind.index(), last.generation, *of) == (run.kind.index(), run.generation, owner);
            let is_short = run.blocks < least && last.blocks < least && run.kind != Kind::Unreadable;
            if same || is_short {
                left_out += u64::from(!same);
                last.blocks += run.blocks;
                continue;
            }
        }
        shown.push((*run, owner));
    }
    let mut runs = Runs::default();
    let mut last = 0_i64;
    for (run, owner) in shown {
        runs.n.push(run.blocks);
        runs.k.push(run.kind.index());
        runs.g.push(run.generation.unwrap_or(0));
        runs.o.push(match owner {
            None => 0,
            Some(owner) => {
                let by = i64::from(owner) - last;
                last = i64::from(owner);
                if by < 0 { by } else { by + 1 }
            }
        });
    }
    (runs, left_out)
}

/// JSON without the characters that end a script element or begin a comment in HTML, or end a line in old
/// scripts. In JSON they are in strings only, where an escape means the same.
fn without_markup(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_markup_arises_in_json_and_its_meaning_stays() {
        let hostile = "</script><!--<script>&amp;\u{2028}\u{2029}\"\\";
        let json = serde_json::to_string(hostile).unwrap_or_default();
        let safe = without_markup(&json);
        assert!(!safe.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{safe}");
        assert_eq!(
            serde_json::from_str::<String>(&safe).ok().as_deref(),
            Some(hostile)
        );
    }
}
