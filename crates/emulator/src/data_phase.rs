//! The data phase of a command: answers, parameter lists, whole blocks.

use mmc::{Data, Failure, Sense};
use std::io;

/// Returns as much of `answer` as the command allows and the host accepts.
pub(crate) fn reply(data: Data<'_>, allocation: usize, answer: &[u8]) -> Result<usize, Failure> {
    let out = match data {
        Data::In(out) => out,
        Data::None => &mut [],
        Data::ToFile(_) | Data::Out(_) => return Err(wrong_way()),
    };
    let length = answer.len().min(allocation).min(out.len());
    out[..length].copy_from_slice(&answer[..length]);
    Ok(length)
}

pub(crate) fn wrong_way() -> Failure {
    let text = "the data of this command goes in the other direction";
    Failure::Transport(io::Error::new(io::ErrorKind::InvalidInput, text))
}

/// The parameter list of a command, with the length that the command block states.
pub(crate) fn parameters(data: Data<'_>, length: u16) -> Result<&[u8], Failure> {
    let list: &[u8] = match data {
        Data::Out(list) => list,
        Data::None => &[],
        Data::In(_) | Data::ToFile(_) => return Err(wrong_way()),
    };
    list.get(..usize::from(length))
        .ok_or_else(|| Sense::PARAMETER_LIST_LENGTH_ERROR.into())
}

/// Checks that a transfer is exactly the blocks of the command.
pub(crate) fn check_length(bytes: usize, blocks: u32) -> Result<(), Failure> {
    const LARGEST: u32 = 512;
    if blocks > LARGEST {
        return Err(Sense::INVALID_FIELD_IN_CDB.into());
    }
    let wanted = blocks as usize * mmc::BLOCK_SIZE;
    if bytes == wanted {
        return Ok(());
    }
    let text = format!("{blocks} blocks are {wanted} bytes, not {bytes}");
    Err(io::Error::new(io::ErrorKind::InvalidInput, text).into())
}

/// The error that a host sees from a drive without power.
pub(crate) fn no_device() -> Failure {
    Failure::Transport(io::Error::from(rustix::io::Errno::NODEV))
}
