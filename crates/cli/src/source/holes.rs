//! The parts of a file that contain data.

use std::os::fd::BorrowedFd;

use rustix::fs::{SeekFrom, Statx, seek};
use rustix::io::Errno;

/// Whether fewer bytes are allocated than the file is long, so that it may have holes.
pub fn may_be_sparse(status: &Statx) -> bool {
    status.stx_blocks.saturating_mul(512) < status.stx_size
}

/// The next part with data at or after byte `from`: its first byte, and the one after its last; `None` at the
/// end.
///
/// A file system that does not know reports one part up to `size`.
pub fn next_data(file: BorrowedFd<'_>, from: u64, size: u64) -> rustix::io::Result<Option<(u64, u64)>> {
    if from >= size {
        return Ok(None);
    }
    let start = match seek(file, SeekFrom::Data(from)) {
        Ok(start) => start,
        Err(Errno::NXIO) => return Ok(None),
        Err(Errno::INVAL) => return Ok(Some((from, size))),
        Err(error) => return Err(error),
    };
    let end = seek(file, SeekFrom::Hole(start))?.min(size);
    Ok((start < end).then_some((start, end)))
}

/// Bytes of all parts that contain data.
pub fn data_bytes(file: BorrowedFd<'_>, size: u64) -> rustix::io::Result<u64> {
    let (mut total, mut from) = (0, 0);
    while let Some((start, end)) = next_data(file, from, size)? {
        total += end - start;
        from = end;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn data_between_holes_is_found() -> Result<(), Box<dyn std::error::Error>> {
        let mut file = tempfile::tempfile()?;
        file.set_len(3 << 20)?;
        file.seek(std::io::SeekFrom::Start(1 << 20))?;
        file.write_all(&[7; 4096])?;
        let found = next_data(file.as_fd(), 0, 3 << 20)?;
        // A file system without holes reports the whole file.
        assert!(
            matches!(found, Some((0, 0x30_0000) | (0x10_0000, 0x10_1000))),
            "{found:?}"
        );
        assert!(data_bytes(file.as_fd(), 3 << 20)? >= 4096);
        Ok(())
    }

    #[test]
    fn a_file_that_is_all_hole_has_no_data() -> Result<(), Box<dyn std::error::Error>> {
        let file = tempfile::tempfile()?;
        assert_eq!(next_data(file.as_fd(), 0, 0)?, None);
        Ok(())
    }
}
