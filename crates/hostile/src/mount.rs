//! Whole images: opened, walked and read, and if possible continued and closed.

use ecma167::general::Timestamp;
use emulator::Medium;
use recording::{Attributes, CloseDisc, Error, NodeId, NodeKind, Recording};
use volume::Volume;

use crate::bases::Focus;
use crate::bench::Bench;
use crate::{recipe, walk};

/// Also close the disc.
const CLOSE: u8 = 2;
/// Do not read before continuing.
const DO_NOT_READ: u8 = 4;
/// Only read.
const READ_ONLY: u8 = 8;

/// Reads a changed image completely, and continues it in the recorder.
pub fn mount(input: &[u8]) {
    let Some(made) = recipe::make(input, Focus::All) else {
        return;
    };
    if made.flags & DO_NOT_READ == 0
        && let Some(drive) = made.drive()
        && let Ok(mut volume) = Volume::open(drive)
    {
        walk::top(&mut volume);
        walk::nodes(&mut volume, &mut |volume, node| walk::read(volume, node));
    }
    if made.flags & READ_ONLY != 0 {
        return;
    }
    let bench = Bench::new();
    let medium = Medium::ALL[usize::from(made.flags >> 4) % Medium::ALL.len()];
    let Some(drive) = bench.put(&made, medium) else {
        return;
    };
    let close = if made.flags & CLOSE != 0 {
        CloseDisc::Yes
    } else {
        CloseDisc::No
    };
    if change(drive, close).is_ok()
        && let Some(drive) = bench.again()
        && let Ok(mut volume) = Volume::open(drive)
    {
        walk::nodes(&mut volume, &mut |volume, node| walk::read(volume, node));
    }
}

/// A fixed time of recording.
pub(crate) fn time(second: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + second, 0)
}

/// What a host might do with a newly opened volume: some of everything, whether it succeeds or not.
pub(crate) fn change(drive: drive::Drive, close: CloseDisc) -> Result<(), Error> {
    let mut recording = Recording::open(drive, time(1))?;
    let root = recording.root();
    let attributes = Attributes::at(0o755, time(1));
    let _ = recording.recover_lost_and_found(&attributes);
    let past = recording.volume().past()?;
    if let Some(oldest) = past.generations().first()
        && let Some(icb) = oldest.icb
        && let Ok(vat) = recording.volume().vat_at(icb)
    {
        let _ = recording.restore(&vat, "/");
    }
    let made = recording.create(root, "made here", NodeKind::Directory, &attributes);
    let added = recording.create(root, "added here", NodeKind::File, &attributes);
    if let Ok(added) = added {
        let _ = recording.write(added, 0, &[0x5A; 5000]);
        let _ = recording.write(added, 40_000, &[0xA5; 3000]);
    }
    let mut left = 40;
    touch(&mut recording, root, made.ok(), 5, &mut left);
    match recording.commit(time(2)) {
        Ok(_) => {}
        Err(Error::HalfDone) => drop(recording.abandon()?),
        Err(error) => return Err(error),
    }
    recording.close(close, time(3)).map(drop)
}

/// Changes what is below a directory.
fn touch(recording: &mut Recording, directory: NodeId, made: Option<NodeId>, depth: usize, left: &mut usize) {
    let Ok(entries) = recording.entries(directory) else {
        return;
    };
    for (number, entry) in entries.iter().enumerate() {
        if *left == 0 || depth == 0 {
            return;
        }
        *left -= 1;
        let Ok(node) = recording.entry_node(entry) else {
            continue;
        };
        let _ = recording.status(node);
        if recording.is_directory(node).unwrap_or(false) {
            touch(recording, node, made, depth - 1, left);
            if number % 5 == 4 {
                let _ = recording.remove_directory(directory, &entry.name);
            }
            continue;
        }
        match number % 6 {
            0 => drop(recording.write(node, 1000, &[7; 4000])),
            1 => drop(recording.truncate(node, 1500)),
            2 => drop(recording.unlink(directory, &entry.name)),
            3 => {
                if let Some(made) = made {
                    let _ = recording.rename(directory, &entry.name, made, "moved");
                }
            }
            4 => {
                let changes = recording::Changes {
                    mode: Some(0o600),
                    ..recording::Changes::default()
                };
                let _ = recording.set_attributes(node, &changes);
            }
            _ => {
                if let Some(made) = made {
                    let _ = recording.link(node, made, "linked");
                }
                let _ = recording.read(node, 0, &mut [0; 3000]);
            }
        }
    }
}
