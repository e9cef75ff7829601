//! `docs/proving/readers.md`: tables of what the readers showed in a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::limits::limits;
use super::sight::Show;

/// The values of `--rom`.
pub const MODES: &[&str] = &["bridge", "udf"];

/// The states of each disc; the last is that of another disc.
pub const STATES: &[&str] = &[
    "open",
    "closed",
    "second session open",
    "second session closed",
    "finalized",
    "finalized at once",
];

/// What a reader showed of one state of a disc.
#[derive(Clone, Debug)]
pub struct Sighting {
    pub reader: String,
    /// `bridge` or `udf`.
    pub mode: &'static str,
    pub medium: &'static str,
    /// One of [`STATES`].
    pub state: &'static str,
    /// Whether on a drive that follows sessions, or on a bare image.
    pub on_a_drive: bool,
    pub shown: Show,
}

const HEAD: &str = "\
# Readers

What readers, most without VAT support, show of discs formatted with `--rom`. `cargo xtask readers` writes this page:
do not edit it. A short form is a judge ([judges.md](judges.md)).

A CD-R, DVD-R, DVD+R and BD-R have some 340 nodes each: files of 0 to 100 KB, one of 5 MB, holes, 300 files in a
directory, 12 levels, names of 200 characters and beyond ASCII, links, a FIFO. Between states a file is removed and a
directory added.

**yes**: the state of the disc, whole: paths, sizes, SHA-256, and the times and owners that the reader reports. A state:
that one instead, whole. **no**: no volume. An empty cell: not asked. Links and special files need Rock Ridge; longer
names are cut ([format.md](../understanding/format.md#a-disc-with-a-plain-volume)).
";

/// The page.
pub fn page(sightings: &[Sighting]) -> String {
    let mut page = HEAD.to_owned();
    for on_a_drive in [false, true] {
        for mode in MODES {
            let these: Vec<&Sighting> = sightings
                .iter()
                .filter(|one| one.on_a_drive == on_a_drive && one.mode == *mode)
                .collect();
            if !these.is_empty() {
                let place = if on_a_drive {
                    "on a drive, as `/dev/sr0`"
                } else {
                    "as an image"
                };
                let title = format!("`--rom {mode}`, {place}");
                table(&mut page, &title, &these);
            }
        }
    }
    table_of_limits(&mut page, sightings);
    page
}

fn table(page: &mut String, title: &str, sightings: &[&Sighting]) {
    let states: Vec<&str> = STATES
        .iter()
        .copied()
        .filter(|state| sightings.iter().any(|one| one.state == *state))
        .collect();
    let _ = write!(page, "\n## {title}\n\n| readers |");
    states.iter().for_each(|state| {
        let _ = write!(page, " {state} |");
    });
    let _ = write!(page, "\n|---|{}\n", "---|".repeat(states.len()));
    let cells = |reader: &str| {
        let mut cells = String::new();
        for state in &states {
            let here = |one: &&&Sighting| one.reader == reader && one.state == *state;
            let _ = write!(cells, " {} |", cell(sightings.iter().filter(here).copied()));
        }
        cells
    };
    for (readers, cells) in grouped(sightings.iter().map(|one| one.reader.as_str()), cells) {
        let _ = writeln!(page, "| {readers} |{cells}");
    }
}

fn table_of_limits(page: &mut String, sightings: &[Sighting]) {
    page.push_str("\n## Limits\n\nThey hold for any disc.\n\n| readers | limits |\n|---|---|\n");
    let readers = sightings.iter().map(|one| one.reader.as_str());
    for (readers, limits) in grouped(readers, |reader| limits(reader).to_owned()) {
        let _ = writeln!(page, "| {readers} | {limits} |");
    }
}

/// The readers with the same answer, sorted by name and joined, each group with its answer.
fn grouped<'a>(
    readers: impl Iterator<Item = &'a str>,
    answer: impl Fn(&str) -> String,
) -> Vec<(String, String)> {
    let mut readers: Vec<&str> = readers.collect();
    readers.sort_by_key(|reader| reader.to_lowercase());
    readers.dedup();
    let mut groups: Vec<(String, String)> = Vec::new();
    for reader in readers {
        let given = answer(reader);
        match groups.iter_mut().find(|(_, other)| *other == given) {
            Some((names, _)) => {
                names.push_str("; ");
                names.push_str(reader);
            }
            None => groups.push((reader.to_owned(), given)),
        }
    }
    groups
}

/// One word if all media agree; otherwise a word per group of media.
fn cell<'a>(sightings: impl Iterator<Item = &'a Sighting>) -> String {
    let mut words: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for one in sightings {
        let word = match &one.shown {
            Show::State(state) if state == one.state => "yes".to_owned(),
            shown => shown.to_string(),
        };
        words.entry(word).or_default().insert(one.medium);
    }
    if words.len() == 1 {
        return words.into_keys().next().unwrap_or_default();
    }
    let each = words.into_iter().map(|(word, media)| {
        let media: Vec<&str> = media.into_iter().collect();
        format!("{word} ({})", media.join(", "))
    });
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(medium: &'static str, shown: Show) -> Sighting {
        Sighting {
            reader: "a reader".into(),
            mode: "udf",
            medium,
            state: "finalized",
            on_a_drive: false,
            shown,
        }
    }

    #[test]
    fn a_cell_says_which_media_differ() {
        let seen = [
            sighting("cd-r", Show::State("finalized".into())),
            sighting("bd-r", Show::State("closed".into())),
        ];
        assert_eq!(cell(seen[..1].iter()), "yes");
        assert_eq!(cell(seen.iter()), "closed (bd-r); yes (cd-r)");
        assert!(page(&seen).contains("| a reader | closed (bd-r); yes (cd-r) |"));
    }

    #[test]
    fn readers_of_one_answer_share_a_row_of_sorted_names() {
        let by = |reader: &str| Sighting {
            reader: reader.into(),
            ..sighting("cd-r", Show::Nothing)
        };
        let page = page(&[
            by("xorriso"),
            by("Linux 6.12, udf"),
            by("bsdtar"),
            by("Linux 6.1, udf"),
        ]);
        let rows = "\
| bsdtar; Linux 6.1, udf; Linux 6.12, udf; xorriso | no |

## Limits

They hold for any disc.

| readers | limits |
|---|---|
| bsdtar | no UDF |
| Linux 6.1, udf; Linux 6.12, udf | no sessions of images |
| xorriso | no UDF; no hard links |
";
        assert!(page.ends_with(rows), "{page}");
    }
}
