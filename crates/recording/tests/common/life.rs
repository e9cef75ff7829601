//! The whole life of a disc, during which anything may fail, and its recovery.

use drive::Drive;
use ecma167::{LogicalSector, general::Descriptor, volume::AnchorVolumeDescriptorPointer};
use emulator::FaultScript;
use recording::{Attributes, CloseDisc, Error, NodeKind, Recording};

use super::{Disc, Listing, NoWait, add_directory, add_file, content, time};

/// Three commits, a close, a commit in a further session, and a close that finalizes. Returns what was
/// acknowledged.
pub fn life(disc: &Disc, script: FaultScript) -> (Listing, Listing, Result<(), Error>) {
    let mut acknowledged = disc.listing();
    let mut next = Listing::new();
    let mut recorder = disc.recorder();
    recorder.set_faults(script);
    let result = Drive::open_waiting(Box::new(recorder), Box::new(NoWait))
        .map_err(Error::from)
        .and_then(|drive| {
            let mut recording = Recording::open(drive, time(1))?;
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
        NodeKind::Directory,
        &Attributes::at(0o755, time(2)),
    )?;
    let file = recording.create(directory, "file", NodeKind::File, &Attributes::at(0o644, time(2)))?;
    recording.write(file, 0, &bytes)?;
    after.insert(format!("/d{step}"), ("Directory".into(), 0o755, Vec::new()));
    after.insert(format!("/d{step}/file"), ("File".into(), 0o644, bytes));
    if step == 2 {
        let first = recording.lookup_path("d0")?;
        recording.unlink(first, "file")?;
        after.remove("/d0/file");
    }
    Ok(after)
}

/// Opens the disc for changes and recovers it, requires it to be clean, adds a file and closes it.
pub fn go_on(disc: &Disc, mut found: Listing, what: &str) {
    let drive = disc.drive();
    if drive.medium().status == drive::Status::Finalized {
        return;
    }
    let mut recording = Recording::open(drive, time(3)).unwrap_or_else(|error| panic!("{what}: {error}"));
    recording
        .recover()
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(recording.volume().clean(), "{what}: not clean when recovered");
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "after");
    add_file(&mut recording, directory, "file", b"more");
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    found.insert("/after".into(), ("Directory".into(), 0o755, Vec::new()));
    found.insert("/after/file".into(), ("File".into(), 0o644, b"more".into()));
    assert_eq!(disc.listing(), found, "{what}");
    let mut volume = disc.volume();
    let n = closed.vat_icb.unwrap();
    let anchor = LogicalSector(n.0 - 256);
    let block = volume.read_sector(anchor).unwrap();
    AnchorVolumeDescriptorPointer::read(block, Some(anchor.0)).unwrap();
}
