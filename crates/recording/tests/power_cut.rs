//! Power may fail after any block: what was acknowledged stays, and the disc goes on.

mod common;

use common::{Disc, Listing, add_directory, add_file, content, time};
use drive::Drive;
use ecma167::osta::Revision;
use emulator::{FaultScript, Keep, Medium};
use recording::{CloseDisc, Error, Recording};

/// Three commits, a close, a commit in a further session, and a close that finalizes. Returns what was acknowledged.
fn life(disc: &Disc, script: FaultScript) -> (Listing, Listing, Result<(), Error>) {
    let mut acknowledged = Listing::new();
    let mut next = Listing::new();
    let mut recorder = disc.recorder();
    recorder.set_faults(script);
    let result = Drive::open(Box::new(recorder))
        .map_err(Error::from)
        .and_then(|drive| {
            let mut recording = Recording::open(drive, time(1))?;
            acknowledged = common::listing(recording.volume());
            for step in 0..6u8 {
                next = grow(&mut recording, &acknowledged, step)?;
                match step {
                    3 => recording.close(CloseDisc::No, time(2)).map(|_| ())?,
                    5 => recording.close(CloseDisc::Yes, time(2)).map(|_| ())?,
                    _ => recording.commit(time(2)).map(|_| ())?,
                }
                acknowledged = next.clone();
            }
            Ok(())
        });
    (acknowledged, next, result)
}

fn grow(recording: &mut Recording, before: &Listing, step: u8) -> Result<Listing, Error> {
    let mut after = before.clone();
    let root = recording.root();
    let bytes = content(1000 + 4000 * usize::from(step), step);
    let directory = recording.create(
        root,
        &format!("d{step}"),
        &recording::Kind::Directory,
        &recording::Attributes::at(0o755, time(2)),
    )?;
    let file = recording.create(
        directory,
        "file",
        &recording::Kind::File,
        &recording::Attributes::at(0o644, time(2)),
    )?;
    recording.write(file, 0, &bytes)?;
    after.insert(format!("/d{step}"), ("Directory".into(), 0o755, Vec::new()));
    after.insert(format!("/d{step}/file"), ("File".into(), 0o644, bytes));
    if step == 2 {
        let first = recording.lookup_path("d0")?.unwrap();
        recording.unlink(first, "file")?;
        after.remove("/d0/file");
    }
    Ok(after)
}

fn cut_everywhere(medium: Medium, revision: Revision, keep: Keep, step: usize) {
    let mut cut = 1;
    loop {
        let disc = Disc::formatted(medium, 40_000, revision);
        let script = FaultScript::new().cut_after_blocks(cut, keep);
        let (acknowledged, next, result) = life(&disc, script);
        let found = disc.listing();
        assert!(
            found == acknowledged || found == next,
            "{medium} {revision} cut after {cut} blocks, {keep:?}: found {:?}, acknowledged {:?}",
            found.keys(),
            acknowledged.keys()
        );
        if result.is_ok() {
            assert!(cut > 500, "the life of a disc takes more than {cut} blocks");
            return;
        }
        go_on(&disc, found, medium, cut);
        cut += step as u64;
    }
}

/// The disc is opened for changes, is clean then, takes a file and can be closed.
fn go_on(disc: &Disc, mut found: Listing, medium: Medium, cut: u64) {
    let drive = disc.drive();
    if drive.medium().status == drive::Status::Finalized {
        return;
    }
    let mut recording =
        Recording::open(drive, time(3)).unwrap_or_else(|error| panic!("{medium} {cut}: {error}"));
    recording.volume().drive_mut().refresh().unwrap();
    assert!(
        recording.volume().clean(),
        "{medium} cut after {cut} blocks is not clean when it is opened for changes"
    );
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "after");
    add_file(&mut recording, directory, "file", b"more");
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    found.insert("/after".into(), ("Directory".into(), 0o755, Vec::new()));
    found.insert("/after/file".into(), ("File".into(), 0o644, b"more".into()));
    assert_eq!(disc.listing(), found, "{medium} cut after {cut} blocks");
    let mut volume = disc.volume();
    let n = closed.vat_icb.unwrap();
    let anchor = ecma167::LogicalSector(n.0 - 256);
    let block = volume.read_sector(anchor).unwrap();
    use ecma167::general::Descriptor;
    ecma167::volume::AnchorVolumeDescriptorPointer::read(block, Some(anchor.0)).unwrap();
}

#[test]
fn nothing_acknowledged_is_lost_on_cd_r_when_the_cache_is_lost() {
    cut_everywhere(Medium::CdR80, Revision::V2_01, Keep::None, 7);
}

#[test]
fn nothing_acknowledged_is_lost_on_cd_r_when_every_block_reached_the_disc() {
    cut_everywhere(Medium::CdR80, Revision::V1_50, Keep::All, 1);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_r_after_any_block() {
    cut_everywhere(Medium::DvdR, Revision::V2_01, Keep::All, 3);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_plus_r_after_any_block() {
    cut_everywhere(Medium::DvdPlusR, Revision::V2_00, Keep::All, 5);
}

#[test]
fn nothing_acknowledged_is_lost_on_bd_r_after_any_block() {
    cut_everywhere(Medium::BdR, Revision::V2_50, Keep::Units(3), 5);
}
