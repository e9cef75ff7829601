//! A recovery that is interrupted too.

mod common;

use std::collections::BTreeMap;
use std::io::Read as _;

use common::{Disc, content, now};
use oncefs::{FormatOptions, LOST_AND_FOUND, Medium, OpenOptions, PlainVolumeKind, Result, Revision};

fn with_cut(blocks: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    let script = format!("cut after {blocks} blocks keep all\n");
    options.faults(script.parse().expect("a script"));
    options
}

/// Files whose contents tell them apart.
fn files(lengths: &[usize]) -> BTreeMap<String, Vec<u8>> {
    let file = |(number, length): (usize, &usize)| {
        let mut bytes = content(*length);
        let first = u8::try_from(number).expect("few files");
        bytes.iter_mut().take(1).for_each(|byte| *byte = first);
        (format!("/letters/2026/{number:02}"), bytes)
    };
    lengths.iter().enumerate().map(file).collect()
}

/// A disc with one committed file.
fn formatted(medium: Medium, revision: Revision, plain: Option<PlainVolumeKind>) -> Disc {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.capacity(40_000).revision(revision);
    if let Some(kind) = plain {
        options.plain_volume(kind);
    }
    let mut recording = options.create(disc.path(), medium, now()).expect("a new image");
    recording.write("/old", content(50_000)).expect("a file");
    recording.commit().expect("a commit");
    disc
}

/// The disc as the last power cut leaves it that loses the files, `earlier` blocks before that.
fn interrupted(formatted: &Disc, lengths: &[usize], earlier: u32) -> Disc {
    let cut = |blocks: u32| -> (Disc, bool) {
        let disc = formatted.copy();
        let mut recording = with_cut(blocks).record(disc.path(), now()).expect("it opens");
        let mut add = || -> Result<()> {
            recording.create_dir("/letters")?;
            recording.create_dir("/letters/2026")?;
            for (path, bytes) in files(lengths) {
                recording.write(&path, bytes)?;
            }
            recording.hard_link("/letters/2026/00", "/a further name")?;
            recording.commit().map(drop)
        };
        let _ = add();
        drop(recording);
        let is_lost = !disc.open().exists("/letters").expect("it reads");
        (disc, is_lost)
    };
    let last = (1..600).rev().find(|blocks| cut(*blocks).1).expect("a cut");
    cut(last - earlier).0
}

/// What is in `lost+found`, by path.
fn found(disc: &Disc) -> BTreeMap<String, Vec<u8>> {
    let volume = disc.open();
    if !volume.exists(LOST_AND_FOUND).expect("it reads") {
        return BTreeMap::new();
    }
    let mut found = BTreeMap::new();
    for entry in volume.walk_dir(LOST_AND_FOUND).expect("a directory") {
        let entry = entry.expect("an entry");
        let mut bytes = Vec::new();
        if !entry.is_dir() {
            let mut file = volume.open(entry.path()).expect("a file");
            file.read_to_end(&mut bytes).expect("it reads");
        }
        found.insert(entry.path().to_owned(), bytes);
    }
    found
}

fn recover(disc: &Disc, options: &OpenOptions) -> Result<()> {
    let mut recording = options.record(disc.path(), now())?;
    recording.recover_lost_and_found()?;
    recording.commit().map(drop)
}

/// Cuts the recovery of a disc after every block, once and twice, and recovers again.
fn require_same_after_every_cut(lost: &Disc, what: &str) {
    let whole = lost.copy();
    recover(&whole, &OpenOptions::new()).expect("it recovers");
    let wanted = found(&whole);
    assert!(wanted.len() > 6, "{what}: {wanted:?}");
    for blocks in 1..600 {
        let disc = lost.copy();
        if recover(&disc, &with_cut(blocks)).is_ok() {
            assert!(blocks > 8, "{what}: all cuts came too late");
            return;
        }
        if blocks % 3 == 0 {
            let _ = recover(&disc, &with_cut(blocks + 16));
        }
        recover(&disc, &OpenOptions::new()).expect("it recovers");
        let again = found(&disc);
        let paths = |found: &BTreeMap<String, Vec<u8>>| found.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&again), paths(&wanted), "{what}: cut after {blocks} blocks");
        assert!(again == wanted, "{what}: cut after {blocks} blocks");
        let report = OpenOptions::new().check(disc.path(), &oncefs::check::Options::default());
        let report = report.expect("a report");
        assert_eq!(report.errors(), 0, "{what}: {:?}", report.findings());
    }
}

#[test]
fn a_recovery_that_is_cut_and_repeated_finds_each_file_once() {
    // Some of them are in their entries.
    let lengths = [10, 5_000, 70_000, 0, 2_048, 1_500];
    // The entries of six files and the VAT fit one unit of BD-R, which the cut loses whole.
    for (medium, times) in [(Medium::CdR80, 1), (Medium::DvdPlusR, 1), (Medium::BdR, 6)] {
        let lost = interrupted(
            &formatted(medium, Revision::V2_01, None),
            &lengths.repeat(times),
            0,
        );
        require_same_after_every_cut(&lost, &medium.to_string());
    }
}

#[test]
fn files_whose_directories_were_cut_off_are_found_once_too() {
    let formatted = formatted(Medium::DvdPlusR, Revision::V2_01, Some(PlainVolumeKind::Bridge));
    // Entries take several units of writing, and directories come last.
    let lost = interrupted(&formatted, &[2_049; 40], 16);
    require_same_after_every_cut(&lost, "cut earlier");
}

#[test]
fn names_whose_entries_were_cut_off_get_no_file_of_the_recovery() {
    // Directories, whose entries come first, name files whose entries were never recorded.
    // Below UDF 2.00, names have no unique ID.
    for (medium, revision) in [
        (Medium::CdR80, Revision::V1_50),
        (Medium::DvdPlusR, Revision::V2_01),
    ] {
        for earlier in [4, 19] {
            let lost = interrupted(&formatted(medium, revision, None), &[10; 40], earlier);
            require_same_after_every_cut(&lost, &format!("{medium}, {earlier} blocks earlier"));
        }
    }
}
