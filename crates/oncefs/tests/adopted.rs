//! Images of discs with two volumes that lost their side files.

mod common;

use std::fs;

use common::{Disc, content, names, now};
use oncefs::{FormatOptions, Medium, OpenOptions, PlainVolumeKind, Recording, Result, Volume};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];
const CAPACITY: u32 = 90_000;

/// A disc whose first session is closed, with `second` done in a further one, whose side file is lost.
fn lost(
    medium: Medium,
    kind: PlainVolumeKind,
    second: impl FnOnce(&mut Recording) -> Result<()>,
) -> Result<Disc> {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.capacity(CAPACITY).plain_volume(kind);
    let mut recording = options.create(disc.path(), medium, now())?;
    recording.write("/one", content(70_000))?;
    recording.close()?;
    recording.write("/two", content(5_000))?;
    second(&mut recording)?;
    drop(recording);
    fs::remove_file(format!("{}.oncefs", disc.path().display())).expect("a side file");
    Ok(disc)
}

fn stated(medium: Medium) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.medium(medium).capacity(CAPACITY);
    options
}

fn plain(disc: &Disc) -> Result<Volume> {
    OpenOptions::new()
        .find_sessions(true)
        .plain_volume(true)
        .open(disc.path())
}

fn require_no_error(disc: &Disc, what: &str) {
    let report = OpenOptions::new().check(disc.path(), &oncefs::check::Options::default());
    let report = report.expect("a report");
    assert_eq!(report.errors(), 0, "{what}: {:?}", report.findings());
}

fn each(mut test: impl FnMut(Medium, PlainVolumeKind, &str) -> Result<()>) -> Result<()> {
    for medium in MEDIA {
        for kind in [PlainVolumeKind::Udf, PlainVolumeKind::Bridge] {
            test(medium, kind, &format!("{medium}, {kind:?}"))?;
        }
    }
    Ok(())
}

#[test]
fn a_closed_disc_without_its_side_file_is_closed() -> Result<()> {
    each(|medium, kind, what| {
        let disc = lost(medium, kind, |recording| recording.close().map(drop))?;
        let before = fs::read(disc.path()).expect("an image");
        let closed = stated(medium).record(disc.path(), now())?.close()?;
        assert_eq!(closed.blocks, 0, "{what}");
        assert!(fs::read(disc.path()).expect("an image") == before, "{what}");
        assert_eq!(names(&plain(&disc)?, "/"), ["one", "two"], "{what}");
        require_no_error(&disc, what);
        Ok(())
    })
}

#[test]
fn a_closed_image_without_side_file_takes_a_session_of_two_volumes() -> Result<()> {
    each(|medium, kind, what| {
        let disc = lost(medium, kind, |recording| recording.close().map(drop))?;
        let mut recording = stated(medium).record(disc.path(), now())?;
        recording.write("/three", content(3_000))?;
        recording.close()?;
        drop(recording);
        assert_eq!(names(&plain(&disc)?, "/"), ["one", "three", "two"], "{what}");
        require_no_error(&disc, what);
        Ok(())
    })
}

#[test]
fn an_open_session_without_its_side_file_keeps_its_reserved_track() -> Result<()> {
    each(|medium, kind, what| {
        let disc = lost(medium, kind, |recording| recording.commit().map(drop))?;
        let mut recording = stated(medium).record(disc.path(), now())?;
        recording.write("/three", content(3_000))?;
        recording.finalize()?;
        drop(recording);
        assert_eq!(names(&plain(&disc)?, "/"), ["one", "three", "two"], "{what}");
        require_no_error(&disc, what);
        Ok(())
    })
}

#[test]
fn a_closing_that_was_cut_is_completed_without_the_side_file() -> Result<()> {
    for medium in MEDIA {
        for kind in [PlainVolumeKind::Udf, PlainVolumeKind::Bridge] {
            let open = Disc::absent();
            let mut options = FormatOptions::new();
            options.capacity(CAPACITY).plain_volume(kind);
            let mut recording = options.create(open.path(), medium, now())?;
            recording.write("/one", content(70_000))?;
            recording.commit()?;
            drop(recording);
            for blocks in (16..1_200).step_by(37) {
                let disc = open.copy();
                let mut options = OpenOptions::new();
                let script = format!("cut after {blocks} blocks keep all\n");
                options.faults(script.parse().expect("a script"));
                if options.record(disc.path(), now())?.close().is_ok() {
                    assert!(blocks > 500, "{medium}, {kind:?}");
                    break;
                }
                fs::remove_file(format!("{}.oncefs", disc.path().display())).expect("a side file");
                let what = format!("{medium}, {kind:?}, {blocks}");
                stated(medium).record(disc.path(), now())?.close()?;
                assert_eq!(names(&plain(&disc)?, "/"), ["one"], "{what}");
                require_no_error(&disc, &what);
            }
        }
    }
    Ok(())
}
