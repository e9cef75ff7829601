//! What an interrupted recording leaves after the newest generation.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;

use common::{Disc, content, names, now};
use oncefs::{
    FormatOptions, LOST_AND_FOUND, Medium, OpenOptions, PlainVolumeKind, Result, UnnamedKind, Wholeness,
};

const MEDIA: [Medium; 5] = [
    Medium::CdR80,
    Medium::DvdR,
    Medium::DvdRDl,
    Medium::DvdPlusR,
    Medium::BdR,
];

/// Files whose contents tell them apart, one of them in its entry.
fn files() -> BTreeMap<String, Vec<u8>> {
    let lengths = [10_usize, 5_000, 70_000, 2_048, 300_000];
    let file = |(number, length): (u8, &usize)| {
        let mut bytes = content(*length);
        bytes[0] = number + 1;
        (format!("/new/{number}"), bytes)
    };
    (0_u8..).zip(&lengths).map(file).collect()
}

/// A disc with a committed file.
fn disc(medium: Medium, plain: Option<PlainVolumeKind>) -> Disc {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.capacity(40_000);
    if let Some(kind) = plain {
        options.plain_volume(kind);
    }
    let mut recording = options.create(disc.path(), medium, now()).expect("a new image");
    recording.write("/old", content(50_000)).expect("a file");
    recording.commit().expect("a commit");
    disc
}

/// Adds the files with a power cut after this many blocks. Returns whether that came too late.
fn add_with_cut(disc: &Disc, blocks: u32) -> bool {
    let mut options = OpenOptions::new();
    let script = format!("cut after {blocks} blocks keep all\n");
    options.faults(script.parse().expect("a script"));
    let Ok(mut recording) = options.record(disc.path(), now()) else {
        return false;
    };
    let mut add = || -> Result<()> {
        recording.create_dir("/new")?;
        for (path, bytes) in files() {
            recording.write(&path, bytes)?;
        }
        recording.write("/old", content(60_000))?;
        recording.commit().map(drop)
    };
    add().is_ok()
}

fn both(disc: &Disc) -> (Vec<u8>, Vec<u8>) {
    let side = format!("{}.oncefs", disc.path().display());
    (
        fs::read(disc.path()).expect("an image"),
        fs::read(side).expect("a side file"),
    )
}

fn require_no_error(disc: &Disc, what: &str) {
    let report = OpenOptions::new().check(disc.path(), &oncefs::check::Options::default());
    let report = report.expect("a report");
    assert_eq!(report.errors(), 0, "{what}: {:?}", report.findings());
}

/// What each cut leaves, and what becomes of it. Returns how many files got a name again.
fn every_cut(medium: Medium, plain: Option<PlainVolumeKind>) -> u64 {
    let contents: Vec<Vec<u8>> = files().into_values().chain([content(60_000)]).collect();
    let formatted = disc(medium, plain);
    let mut linked = 0;
    // Entries follow the data.
    for blocks in (1..180).step_by(60).chain(180..) {
        let disc = formatted.copy();
        if add_with_cut(&disc, blocks) {
            assert!(blocks > 100, "{medium}: all cuts came too late");
            break;
        }
        let what = format!("{medium}, cut after {blocks} blocks");
        let before = both(&disc);
        let volume = disc.open();
        let after = volume.after_newest().expect("it reads");
        let clean = volume.is_clean();
        drop(volume);
        assert!(both(&disc) == before, "{what}: looking changes no byte");
        if clean {
            assert_eq!(after.blocks, 0, "{what}");
        }
        // The cut may come after the VAT ICB.
        if names(&disc.open(), "/") != ["old"] {
            assert_eq!(after.whole_files().count(), 0, "{what}");
        }
        let mut recording = disc.record();
        let done = recording.recover_lost_and_found().expect("it recovers");
        recording.commit().expect("a commit");
        assert_eq!(done.found, after, "{what}");
        assert_eq!(done.files, after.whole_files().count() as u64, "{what}");
        drop(recording);
        require_no_error(&disc, &what);
        let volume = disc.open();
        if done.files > 0 {
            let all = volume.walk_dir(LOST_AND_FOUND).expect("a directory");
            let all: Vec<_> = all.map(|entry| entry.expect("an entry")).collect();
            for entry in all.iter().filter(|entry| !entry.is_dir()) {
                let path = entry.path();
                let mut bytes = Vec::new();
                let mut file = volume.open(path).expect("a file");
                file.read_to_end(&mut bytes).expect("it reads");
                assert!(contents.contains(&bytes), "{what}: {path}");
            }
        } else if done.directories == 0 {
            assert!(!volume.exists(LOST_AND_FOUND).expect("it reads"), "{what}");
        }
        drop(volume);
        disc.record().close().expect("it closes");
        require_no_error(&disc, &format!("{what}, closed"));
        linked += done.files;
    }
    linked
}

#[test]
fn whole_files_get_a_name_again_after_every_cut_on_each_medium() {
    for medium in MEDIA {
        assert!(every_cut(medium, None) > 0, "{medium}");
    }
}

#[test]
fn whole_files_get_a_name_again_on_a_disc_with_a_plain_volume() {
    assert!(every_cut(Medium::BdR, Some(PlainVolumeKind::Bridge)) > 0);
}

#[test]
fn nothing_follows_the_newest_generation_of_a_sound_disc() {
    let disc = disc(Medium::DvdPlusR, None);
    let after = disc.open().after_newest().expect("it reads");
    assert_eq!((after.blocks, after.entries.len()), (0, 0));
}

#[test]
fn data_without_an_entry_is_counted() {
    let disc = disc(Medium::DvdPlusR, None);
    let mut recording = disc.record();
    recording.write("/lost", content(1 << 20)).expect("a file");
    drop(recording);
    let after = disc.open().after_newest().expect("it reads");
    assert!((500..=512).contains(&after.without_entry), "{after:?}");
    assert_eq!((after.entries.len(), after.data), (0, 0));
}

#[test]
fn a_later_version_of_a_file_gets_its_path_in_lost_and_found() {
    let disc = disc(Medium::CdR80, None);
    let old = disc.open().metadata("/old").expect("a file").len();
    let mut blocks = 200;
    // The commit records the entries before the VAT.
    while !add_with_cut(&disc, blocks) {
        let after = disc.open().after_newest().expect("it reads");
        if after.count(UnnamedKind::File, Wholeness::LaterVersion) > 0 {
            let mut recording = disc.record();
            recording.recover_lost_and_found().expect("it recovers");
            recording.commit().expect("a commit");
            let length = |path: &str| recording.metadata(path).expect("a file").len();
            assert_eq!(length("/old"), old);
            assert_ne!(length("/lost+found/old"), old);
            return;
        }
        disc.record().recover().expect("it recovers");
        blocks += 1;
    }
    panic!("no cut left a later version");
}

#[test]
fn a_later_version_is_found_under_the_name_that_was_left_to_it() {
    let whole = disc(Medium::CdR80, None);
    let mut recording = whole.record();
    recording.write("/a", b"in its entry").expect("a file");
    recording.hard_link("/a", "/b").expect("a link");
    recording.commit().expect("a commit");
    drop(recording);
    let lost = (1..40).find_map(|blocks| {
        let disc = whole.copy();
        let mut options = OpenOptions::new();
        let script = format!("cut after {blocks} blocks keep all\n");
        options.faults(script.parse().expect("a script"));
        let mut recording = options.record(disc.path(), now()).ok()?;
        recording.remove_file("/a").expect("it is removed");
        let _ = recording.commit();
        drop(recording);
        let after = disc.open().after_newest().expect("it reads");
        (after.count(UnnamedKind::File, Wholeness::LaterVersion) > 0).then_some(disc)
    });
    let lost = lost.expect("a cut after the entry");
    let mut recording = lost.record();
    recording.recover_lost_and_found().expect("it recovers");
    recording.commit().expect("a commit");
    assert!(recording.exists("/lost+found/b").expect("it reads"));
    assert!(!recording.exists("/lost+found/a").expect("it reads"));
}

#[test]
fn entries_in_the_image_of_a_disc_take_no_name_of_another_file() {
    let paths: Vec<String> = (0..8).map(|number| format!("/letter {number}")).collect();
    let letter = |seed: u8, path: &str| -> Vec<u8> {
        let mut bytes = content(3000);
        bytes[0] = seed;
        bytes[1..=path.len()].copy_from_slice(path.as_bytes());
        bytes
    };
    let inner = disc(Medium::CdR80, None);
    let mut recording = inner.record();
    for path in &paths {
        recording.write(path, letter(1, path)).expect("a file");
    }
    recording.commit().expect("a commit");
    drop(recording);
    let image = fs::read(inner.path()).expect("an image");
    let formatted = disc(Medium::CdR80, None);
    let cut = |blocks: usize| {
        let outer = formatted.copy();
        let mut options = OpenOptions::new();
        options.faults(
            format!("cut after {blocks} blocks keep all\n")
                .parse()
                .expect("a script"),
        );
        let mut recording = options.record(outer.path(), now()).expect("it opens");
        let mut add = || -> Result<()> {
            for path in &paths {
                recording.write(path, letter(2, path))?;
            }
            recording.write("/image", &image)?;
            recording.commit().map(drop)
        };
        let _ = add();
        drop(recording);
        outer
    };
    // The last cut that leaves no new generation.
    let most = image.len() / 2048 + 100;
    let is_cut = |outer: &Disc| !outer.open().exists("/image").expect("it reads");
    let outer = (0..most).rev().map(cut).find(is_cut).expect("a cut");
    let mut recording = outer.record();
    let linked = recording.recover_lost_and_found().expect("it recovers");
    recording.commit().expect("a commit");
    drop(recording);
    assert!(linked.files > paths.len() as u64, "{}", linked.files);
    let volume = outer.open();
    for path in &paths {
        let found = format!("/{LOST_AND_FOUND}{path}");
        if !volume.exists(&found).expect("it reads") {
            continue;
        }
        let mut bytes = Vec::new();
        let mut file = volume.open(&found).expect("a file");
        file.read_to_end(&mut bytes).expect("it reads");
        assert!(bytes == letter(2, path), "{path}");
    }
    require_no_error(&outer, "recovered");
}

#[test]
fn entries_of_another_disc_in_the_data_of_a_cut_file_are_data() {
    let inner = Disc::absent();
    let mut options = FormatOptions::new();
    options.capacity(40_000).unique(7);
    let mut recording = options
        .create(inner.path(), Medium::CdR80, now())
        .expect("an image");
    for (path, bytes) in files() {
        recording
            .write(path.trim_start_matches("/new"), bytes)
            .expect("a file");
    }
    recording.commit().expect("a commit");
    drop(recording);
    let image = fs::read(inner.path()).expect("an image");
    for medium in MEDIA {
        let outer = disc(medium, None);
        let blocks = image.len() / 2048 + 20;
        let mut options = OpenOptions::new();
        options.faults(
            format!("cut after {blocks} blocks keep all\n")
                .parse()
                .expect("a script"),
        );
        let mut recording = options.record(outer.path(), now()).expect("it opens");
        recording
            .write("/image", [image.clone(), content(1 << 20)].concat())
            .expect_err("a cut");
        drop(recording);
        let after = outer.open().after_newest().expect("it reads");
        assert_eq!(
            (after.entries.as_slice(), after.damaged_entries),
            (&[][..], 0),
            "{medium}"
        );
        assert!(after.without_entry > 200, "{medium}: {after:?}");
    }
}

#[test]
fn a_cut_file_that_is_an_image_of_its_disc_has_no_lost_files() {
    for medium in MEDIA {
        let disc = disc(medium, None);
        let mut recording = disc.record();
        for number in 0..6 {
            recording
                .write(&format!("/{number}"), [number; 1_000])
                .expect("a file");
        }
        recording.commit().expect("a commit");
        drop(recording);
        let image = fs::read(disc.path()).expect("an image");
        let blocks = image.len() / 2048 + 20;
        let mut options = OpenOptions::new();
        options.faults(
            format!("cut after {blocks} blocks keep all\n")
                .parse()
                .expect("a script"),
        );
        let mut recording = options.record(disc.path(), now()).expect("it opens");
        recording
            .write("/image", [image, content(1 << 20)].concat())
            .expect_err("a cut");
        drop(recording);
        let after = disc.open().after_newest().expect("it reads");
        assert_eq!(after.whole_files().count(), 0, "{medium}: {after:?}");
    }
}

/// Many small files, whose entries fill several units of writing.
const SMALL_FILES: usize = 100;

/// A closed disc, and what recording small files in a further session leaves of it after a power cut.
fn cut_in_further_session(closed: &Disc, blocks: u32) -> Disc {
    let disc = closed.copy();
    let mut options = OpenOptions::new();
    let script = format!("cut after {blocks} blocks keep all\n");
    options.faults(script.parse().expect("a script"));
    let add = || -> Result<()> {
        let mut recording = options.record(disc.path(), now())?;
        for number in 0..SMALL_FILES {
            let mut bytes = content(5_000);
            bytes[0] = number.to_le_bytes()[0];
            recording.write(&format!("/{number}"), bytes)?;
        }
        recording.commit().map(drop)
    };
    add().expect_err("the cut comes before the end");
    disc
}

/// Each medium to which a session can be added, closed with a plain volume and without.
fn each_closed(mut test: impl FnMut(&str, bool, &Disc)) {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for plain in [None, Some(PlainVolumeKind::Bridge)] {
            let closed = Disc::absent();
            let mut options = FormatOptions::new();
            options.capacity(120_000);
            if let Some(kind) = plain {
                options.plain_volume(kind);
            }
            let mut recording = options.create(closed.path(), medium, now()).expect("a new image");
            recording.write("/old", content(50_000)).expect("a file");
            recording.close().expect("it closes");
            test(&format!("{medium}, {plain:?}"), plain.is_some(), &closed);
        }
    }
}

#[test]
fn files_of_a_further_session_get_a_name_again_on_each_medium() {
    each_closed(|what, is_plain, closed| {
        // The start of the session, 300 blocks of data, and entries in part.
        let start = if is_plain { 64 } else { 288 };
        let disc = cut_in_further_session(closed, start + 300 + 64);
        let after = disc.open().after_newest().expect("it reads");
        assert_eq!(after.not_read, 0, "{what}: {after:?}");
        let linked = disc.record().recover_lost_and_found().expect("it recovers").files;
        assert!(linked >= 32, "{what}: {linked} files");
    });
}

#[test]
fn what_ends_a_session_and_begins_the_next_is_no_data() {
    each_closed(|what, _, closed| {
        let disc = cut_in_further_session(closed, 48);
        let after = disc.open().after_newest().expect("it reads");
        assert_eq!(after.blocks, 0, "{what}: {after:?}");
    });
}
