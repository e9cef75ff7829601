//! A bare image file: blocks, without what a drive would know about them.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use mmc::{BLOCK_SIZE, FilePart, Lba, Sense};

use crate::error::{DriveError, ReadOnly};
use crate::medium::{Medium, Session, SessionState, Status, Track, UNKNOWN_PROFILE};

/// An image file opened for reading.
#[derive(Debug)]
pub(crate) struct BareImage {
    file: File,
    blocks: u32,
    bytes: u64,
}

impl BareImage {
    /// The image in an open file, without bytes after its last whole block.
    pub(crate) fn over(file: File) -> Result<Self, DriveError> {
        let bytes = length(&file).map_err(DriveError::Transport)?;
        let blocks = u32::try_from(bytes / BLOCK_SIZE as u64)
            .map_err(|_| DriveError::Unsupported("an image of more than 2^32 blocks"))?;
        if blocks == 0 {
            return Err(DriveError::Unsupported(
                "an image of less than one block of 2048 bytes",
            ));
        }
        Ok(Self { file, blocks, bytes })
    }

    /// One closed session from block 0 to the end of the image.
    pub(crate) fn medium(&self) -> Medium {
        let last = Lba(self.blocks - 1);
        Medium {
            profile: UNKNOWN_PROFILE,
            status: Status::Finalized,
            capacity_blocks: self.blocks,
            free_blocks: 0,
            next_writable_address: None,
            write_unit: 1,
            sessions: vec![Session {
                number: 1,
                start: Lba(0),
                last_recorded: Some(last),
                state: SessionState::Closed,
            }],
            tracks: vec![Track {
                number: 1,
                session: 1,
                start: Lba(0),
                size: self.blocks,
                next_writable_address: None,
                last_recorded: Some(last),
                free_blocks: 0,
                end_is_told: true,
                blank: false,
                reserved: false,
                damaged: false,
            }],
            last_readable: Some(last),
            writable: false,
            read_only: Some(ReadOnly::BareImage),
            single_session: false,
            packets_may_end: false,
            track_at_once: false,
        }
    }

    /// Fills `out`, which is whole blocks, from `at` on.
    pub(crate) fn read(&self, at: Lba, out: &mut [u8]) -> Result<(), DriveError> {
        self.read_bytes(u64::from(at.0) * BLOCK_SIZE as u64, out)
    }

    /// The length in bytes, with a last block that is not whole.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Fills `out` from a byte offset on.
    pub(crate) fn read_bytes(&self, offset: u64, out: &mut [u8]) -> Result<(), DriveError> {
        self.file.read_exact_at(out, offset).map_err(|error| {
            // What is there of the request can be read.
            let lost = (offset / BLOCK_SIZE as u64).max(self.bytes / BLOCK_SIZE as u64);
            let at = Lba(u32::try_from(lost).unwrap_or(u32::MAX));
            match error.kind() {
                io::ErrorKind::UnexpectedEof => DriveError::Unreadable {
                    at,
                    sense: Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(at),
                },
                _ => DriveError::Transport(error),
            }
        })
    }

    /// Fills a part of a file of the host from `at` on; `false` if that fails for any reason.
    pub(crate) fn read_to_file(&self, at: Lba, part: FilePart<'_>) -> bool {
        part.fill_from(&self.file, u64::from(at.0) * BLOCK_SIZE as u64)
            .is_ok()
    }
}

/// The length in bytes of a file or of a device node.
fn length(file: &File) -> io::Result<u64> {
    let mut file = file;
    file.seek(SeekFrom::End(0))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_first_block_after_the_end_of_an_image_is_named() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1; 5 * BLOCK_SIZE + 100]).unwrap();
        let image = BareImage::over(file).unwrap();
        let fault = image.read(Lba(3), &mut [0; 4 * BLOCK_SIZE]).unwrap_err();
        assert!(
            matches!(fault, DriveError::Unreadable { at: Lba(5), .. }),
            "{fault}"
        );
        let mut last = [0; 100];
        image.read_bytes(5 * BLOCK_SIZE as u64, &mut last).unwrap();
        assert_eq!((last, image.bytes()), ([1; 100], 5 * BLOCK_SIZE as u64 + 100));
    }
}
