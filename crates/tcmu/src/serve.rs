//! The loop that answers the commands of a host.

use crate::error::Error;
use crate::ring::{Command, Ending, Entry, Ring};
use crate::uio::Uio;
use mmc::{BLOCK_SIZE, Data, Failure, Sense, Transport};
use std::io;
use std::os::fd::AsFd;

/// The most blocks that one command may move; the device refuses larger commands.
const MOST_BLOCKS: u32 = 1 << 12;

/// A device that answers commands. A command that fails with [`io::ErrorKind::TimedOut`] never completes: it
/// hangs.
pub trait Device: Transport {
    /// Called when the host has reset the unit.
    fn reset(&mut self);
}

/// Answers commands until `stop` becomes readable.
///
/// # Errors
/// The kernel refuses the UIO device, or the ring is malformed.
pub fn serve(uio: &mut Uio, ring: &mut Ring, device: &mut dyn Device, stop: &impl AsFd) -> Result<(), Error> {
    let mut hanging: Vec<u16> = Vec::new();
    loop {
        while act(ring, device, &mut hanging)? {
            uio.notify()?;
        }
        if !uio.wait(stop)? {
            return Ok(());
        }
    }
}

/// Does what the next entry requests; `false` if there is none.
pub(crate) fn act(ring: &mut Ring, device: &mut dyn Device, hanging: &mut Vec<u16>) -> Result<bool, Error> {
    match ring.take()? {
        None => return Ok(false),
        Some(Entry::Command(command)) => {
            if answer(ring, &command, device)? {
                hanging.push(command.id);
            }
        }
        Some(Entry::Abort(commands)) => give_up(ring, hanging, |id| commands.contains(&id))?,
        Some(Entry::Reset) => {
            give_up(ring, hanging, |_| true)?;
            device.reset();
        }
    }
    Ok(true)
}

/// Completes the hanging commands that are chosen. The host ignores their result.
fn give_up(ring: &mut Ring, hanging: &mut Vec<u16>, chosen: impl Fn(u16) -> bool) -> Result<(), Error> {
    for id in hanging.extract_if(.., |id| chosen(*id)) {
        ring.complete(id, Ending::Check(&Sense::INTERNAL_TARGET_FAILURE.encode()))?;
    }
    Ok(())
}

/// Executes one command and completes it; `true` if it hangs instead.
fn answer(ring: &mut Ring, command: &Command, device: &mut dyn Device) -> Result<bool, Error> {
    let block = &command.block[..block_length(command.block[0])];
    let decoded = mmc::Command::decode(block).ok();
    let offered = command.data_length();
    let result = if decoded.is_some_and(|decoded| decoded.sends_data()) {
        let mut data = vec![0; offered];
        ring.data_of(command, &mut data)?;
        device.execute(block, Data::Out(&data))
    } else {
        // A READ returns all of its blocks, even if the host accepts fewer.
        let read = decoded
            .and_then(|decoded| decoded.blocks())
            .map_or(0, |blocks| blocks.1);
        let wanted = read.min(MOST_BLOCKS) as usize * BLOCK_SIZE;
        let mut data = vec![0; if wanted > 0 { wanted } else { offered }];
        let result = device.execute(block, Data::In(&mut data));
        let read = result.as_ref().map_or(0, |read| (*read).min(offered));
        // Zeros replace bytes that were not read, because the shared memory still contains data of another
        // command.
        data.truncate(read);
        data.resize(offered, 0);
        ring.give(command, &data)?;
        result.map(|_| read)
    };
    let sense = match result {
        Ok(read) => {
            ring.complete(command.id, Ending::Good(read))?;
            return Ok(false);
        }
        Err(Failure::Transport(error)) if error.kind() == io::ErrorKind::TimedOut => return Ok(true),
        Err(Failure::Transport(_)) => Sense::INTERNAL_TARGET_FAILURE,
        Err(Failure::Check(sense)) => sense,
    };
    ring.complete(command.id, Ending::Check(&sense.encode()))?;
    Ok(false)
}

/// Length of a command block in bytes, by the group of its operation code (`SPC-4 4.3.4`).
const fn block_length(operation_code: u8) -> usize {
    match operation_code >> 5 {
        0 => 6,
        1 | 2 => 10,
        4 => 16,
        _ => 12,
    }
}
