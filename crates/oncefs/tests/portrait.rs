//! What each block of a disc is.

mod common;

use std::fs;
use std::sync::{Arc, Mutex};

use common::{Disc, content, now};
use oncefs::portrait::{Kind, OwnerKind, Portrait, Run, Was};
use oncefs::{FormatOptions, Medium, OpenOptions, PlainVolumeKind, Result, Volume};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn portrait(volume: &Volume) -> Portrait {
    volume
        .portrait(&oncefs::portrait::Options::default())
        .expect("a portrait")
}

/// Three commits on a new disc: two files and a directory; one file again; the other file gone.
fn with_past(medium: Medium, plain: Option<PlainVolumeKind>) -> Disc {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.label("Archive").capacity(40_000);
    if let Some(kind) = plain {
        options.plain_volume(kind);
    }
    let mut new = options.create(disc.path(), medium, now()).expect("a new image");
    new.create_dir("/below").expect("a directory");
    for (path, length) in [("/one", 300_000), ("/below/two", 200_000), ("/three", 5)] {
        new.write(path, content(length)).expect("a file");
    }
    new.commit().expect("a commit");
    new.write("/one", content(100_000)).expect("a file");
    new.commit().expect("a commit");
    new.remove_file("/below/two").expect("no file");
    new.commit().expect("a commit");
    disc
}

fn runs(portrait: &Portrait, kind: Kind) -> Vec<Run> {
    let runs = portrait.surface().runs().iter();
    runs.filter(|run| run.kind == kind).copied().collect()
}

fn blocks(portrait: &Portrait, kind: Kind) -> u64 {
    portrait.surface().totals()[kind.index()]
}

fn paths(portrait: &Portrait, kind: Kind) -> Vec<String> {
    let mut paths: Vec<String> = runs(portrait, kind)
        .iter()
        .filter_map(|run| portrait.path_of(run))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn every_block_is_in_one_run_on_each_medium() {
    for medium in MEDIA {
        for plain in [None, Some(PlainVolumeKind::Bridge)] {
            let disc = with_past(medium, plain);
            disc.record().close().expect("a closed session");
            disc.record().write("/more", content(9000)).expect("a file");
            let portrait = portrait(&disc.open());
            let mut at = 0;
            for run in portrait.surface().runs() {
                assert_eq!(run.start, at, "{medium:?}");
                assert!(run.blocks > 0, "{medium:?}: {run:?}");
                at += run.blocks;
            }
            assert_eq!(at, disc.open().disc().capacity_blocks, "{medium:?}");
        }
    }
}

#[test]
fn nothing_of_a_disc_is_unnamed_without_an_interruption() {
    for medium in MEDIA {
        for plain in [None, Some(PlainVolumeKind::Udf), Some(PlainVolumeKind::Bridge)] {
            let disc = with_past(medium, plain);
            for is_closed in [false, true] {
                if is_closed {
                    disc.record().close().expect("a closed session");
                }
                let portrait = portrait(&disc.open());
                let unnamed = runs(&portrait, Kind::Unnamed);
                assert_eq!(unnamed, [], "{medium:?}, {plain:?}, closed: {is_closed}");
                assert_eq!(portrait.left(), Default::default(), "{medium:?}");
            }
        }
    }
}

#[test]
fn blocks_of_files_name_them_and_the_generation_that_recorded_them() {
    let disc = with_past(Medium::BdR, None);
    let portrait = portrait(&disc.open());
    assert_eq!(paths(&portrait, Kind::Data), ["/one"]);
    assert_eq!(paths(&portrait, Kind::Node), ["/one", "/three"]);
    assert_eq!(paths(&portrait, Kind::Directory), ["/", "/below"]);
    let data = runs(&portrait, Kind::Data);
    assert_eq!((data.len(), data[0].blocks, data[0].generation), (1, 49, Some(3)));
    assert_eq!(blocks(&portrait, Kind::Vat), 2);
}

#[test]
fn the_places_of_a_file_are_runs_of_its_own() -> Result<()> {
    let disc = with_past(Medium::DvdPlusR, Some(PlainVolumeKind::Bridge));
    disc.record().close()?;
    let mut volume = disc.open();
    let portrait = portrait(&volume);
    let node = volume.metadata("/one")?.node().clone();
    let lower = volume.open_volume().volume();
    let body = lower.body(&node)?;
    let places = lower.places(&body)?;
    assert!(!places.is_empty());
    for place in places {
        let block = u32::try_from(place.medium / 2048).expect("a block");
        let run = portrait.surface().at(block).expect("a run");
        assert_eq!(
            (run.kind, portrait.path_of(run).as_deref()),
            (Kind::Data, Some("/one"))
        );
    }
    Ok(())
}

#[test]
fn superseded_blocks_name_what_had_them() {
    let disc = with_past(Medium::BdR, None);
    let portrait = portrait(&disc.open());
    assert_eq!(
        paths(&portrait, Kind::Superseded(Was::Data)),
        ["/below/two", "/one"]
    );
    assert_eq!(portrait.surface().superseded(Was::Data), 147 + 98);
    assert!(portrait.surface().superseded(Was::Vat) > 0);
    let former = portrait
        .owners()
        .all()
        .iter()
        .filter(|owner| owner.kind == OwnerKind::Former);
    let former: Vec<&str> = former.map(|owner| &*owner.name).collect();
    assert_eq!(former, ["/below/two"], "`/one` is still there");
}

#[test]
fn a_file_of_which_all_earlier_versions_went_has_them_too() -> Result<()> {
    let disc = Disc::empty();
    let mut recording = disc.record();
    for length in [10_000, 20_000] {
        recording.write("/short-lived", content(length))?;
        recording.commit()?;
    }
    recording.remove_file("/short-lived")?;
    recording.commit()?;
    drop(recording);
    let portrait = portrait(&disc.open());
    assert_eq!(paths(&portrait, Kind::Superseded(Was::Data)), ["/short-lived"]);
    assert_eq!(portrait.surface().superseded(Was::Data), 5 + 10);
    Ok(())
}

#[test]
fn what_an_interruption_left_belongs_to_no_generation() -> Result<()> {
    let disc = with_past(Medium::BdR, None);
    let mut recording = disc.record();
    recording.write("/lost", content(400_000))?;
    // Without a commit.
    drop(recording);
    let portrait = portrait(&disc.open());
    let unnamed = runs(&portrait, Kind::Unnamed);
    assert!(blocks(&portrait, Kind::Unnamed) >= 190, "{unnamed:?}");
    assert!(
        unnamed
            .iter()
            .all(|run| run.generation.is_none() && run.owner.is_none())
    );
    assert!(!portrait.subject().is_clean);
    Ok(())
}

#[test]
fn no_contents_of_files_are_read() {
    let disc = Disc::with(|recording| recording.write("/large", content(20_000_000)));
    let read = Arc::new(Mutex::new(0_u64));
    let count = Arc::clone(&read);
    let mut options = OpenOptions::new();
    options.on_command(move |entry| {
        if let Some((_, blocks)) = entry.blocks() {
            *count.lock().expect("a count") += u64::from(blocks);
        }
    });
    let volume = options.open(disc.path()).expect("a volume");
    let portrait = portrait(&volume);
    assert_eq!(blocks(&portrait, Kind::Data), 9766);
    let read = *read.lock().expect("a count");
    assert!((1..2000).contains(&read), "{read} blocks were read");
}

#[test]
fn known_unreadable_blocks_keep_the_file_that_they_hit() -> Result<()> {
    let disc = with_past(Medium::DvdPlusR, None);
    let volume = disc.open();
    let data = runs(&portrait(&volume), Kind::Data)[0];
    let bad = data.start + 2..data.start + 5;
    let options = oncefs::portrait::Options {
        unreadable: std::slice::from_ref(&bad),
        ..Default::default()
    };
    let portrait = volume.portrait(&options)?;
    let found: Vec<_> = portrait.unreadable().map(Run::range).collect();
    assert_eq!(found, [bad]);
    assert_eq!(paths(&portrait, Kind::Unreadable), ["/one"]);
    assert_eq!(blocks(&portrait, Kind::Data), u64::from(data.blocks) - 3);
    Ok(())
}

#[test]
fn a_finding_has_the_block_and_the_file_that_it_is_about() -> Result<()> {
    let disc = with_past(Medium::BdR, None);
    let node = runs(&portrait(&disc.open()), Kind::Node)[0];
    let mut image = fs::read(disc.path())?;
    // The checksum of its tag.
    image[node.start as usize * 2048 + 4] ^= 1;
    fs::write(disc.path(), &image)?;
    let mut options = OpenOptions::new();
    options.accept_image(true);
    let report = options.check(disc.path(), &oncefs::check::Options::default())?;
    let volume = options.open(disc.path())?;
    let options = oncefs::portrait::Options {
        report: Some(&report),
        ..Default::default()
    };
    let portrait = volume.portrait(&options)?;
    assert!(
        portrait
            .findings()
            .iter()
            .any(|finding| finding.block == Some(node.start))
    );
    assert_eq!(portrait.left().unread_nodes, 1);
    assert_eq!(portrait.contents().digest, None, "a name is missing");
    Ok(())
}

#[test]
fn what_is_kept_back_is_shown_at_the_end() {
    let disc = with_past(Medium::BdR, None);
    let mut portrait = portrait(&disc.open());
    let free = blocks(&portrait, Kind::Free);
    let room = disc.open().into_room(now()).expect("room");
    portrait.keep_back(room.kept_back_blocks);
    assert_eq!(blocks(&portrait, Kind::KeptBack), room.kept_back_blocks);
    assert_eq!(blocks(&portrait, Kind::Free), free - room.kept_back_blocks);
    assert_eq!(
        portrait.surface().runs().last().map(|run| run.kind),
        Some(Kind::KeptBack)
    );
}

#[test]
fn each_generation_has_what_it_changed_and_cost() {
    let disc = with_past(Medium::BdR, None);
    let portrait = portrait(&disc.open());
    let eras = portrait.eras().iter();
    let changed = eras.map(|era| {
        let totals = era.totals.expect("it can be read");
        (totals.added.files, totals.changed.files, totals.removed.files)
    });
    assert_eq!(
        changed.collect::<Vec<_>>(),
        [(0, 0, 0), (3, 0, 0), (0, 1, 0), (0, 0, 1)]
    );
    let cost: u32 = portrait.eras().iter().map(|era| era.blocks).sum();
    assert_eq!(cost, portrait.recorded_end());
    assert_eq!(portrait.eras()[3].more_bytes(), -200_000);
}

#[test]
fn readers_follow_from_what_was_closed() {
    let answers = |disc: &Disc| -> Vec<&str> {
        let portrait = portrait(&disc.open());
        portrait
            .readers()
            .iter()
            .map(|reader| reader.opens.name())
            .collect()
    };
    let plain = with_past(Medium::BdR, None);
    assert_eq!(answers(&plain), ["yes", "no", "no"]);
    let bridge = with_past(Medium::BdR, Some(PlainVolumeKind::Bridge));
    assert_eq!(answers(&bridge), ["yes", "no", "no"]);
    bridge.record().close().expect("a closed session");
    assert_eq!(answers(&bridge), ["yes", "yes", "yes"]);
    let mut recording = bridge.record();
    recording.write("/later", content(5)).expect("a file");
    recording.commit().expect("a commit");
    drop(recording);
    assert_eq!(answers(&bridge), ["yes", "an earlier state", "an earlier state"]);
}

#[test]
fn the_digest_is_that_of_the_list_of_files() {
    let disc = with_past(Medium::BdR, None);
    let digest = portrait(&disc.open()).contents().digest.clone();
    // { printf '100000 one\0'; printf '5 three\0'; } | sha256sum
    let expected = "cbffbd58db994577bc6debd543ae26058417bc8fdbc95bbb024c7584a9b22a89";
    assert_eq!(digest.as_deref(), Some(expected));
}

#[test]
fn discs_of_other_programs_have_a_portrait_too() {
    for base in hostile::bases::all() {
        let disc = Disc::of_base(base.name);
        let Ok(volume) = oncefs::open(disc.path()) else {
            continue;
        };
        let portrait = portrait(&volume);
        let surface = portrait.surface();
        let sum: u64 = surface.totals().iter().sum();
        assert_eq!(sum, u64::from(surface.blocks()), "{}", base.name);
        assert!(blocks(&portrait, Kind::Anchor) > 0, "{}", base.name);
        assert!(blocks(&portrait, Kind::Descriptors) > 0, "{}", base.name);
        let free = volume.info().expect("what it says").vat_icb.is_none();
        if free && base.name.starts_with("mkudffs") {
            assert!(blocks(&portrait, Kind::Free) > 0, "{}", base.name);
        }
    }
}
