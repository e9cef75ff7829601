//! The parts of a host file that contain data.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

/// Returns the next part of a host file with data at or after byte `from`: its first byte, and the one after
/// its last. Returns `None` at the end, which is at byte `size`. The bytes between parts are a hole and read
/// as zeros. Moves the position of the file.
///
/// A file system that does not know its holes reports one part.
///
/// # Errors
/// Fails with an error of the host.
pub fn next_data(file: impl AsFd, from: u64, size: u64) -> io::Result<Option<(u64, u64)>> {
    if from >= size {
        return Ok(None);
    }
    let start = match seek(&file, SeekFrom::Data(from)) {
        Ok(start) => start,
        Err(Errno::NXIO) => return Ok(None),
        Err(Errno::INVAL) => return Ok(Some((from, size))),
        Err(error) => return Err(error.into()),
    };
    let end = seek(&file, SeekFrom::Hole(start))?.min(size);
    Ok((start < end).then_some((start, end)))
}

/// Returns how many bytes all parts with data have in total.
///
/// # Errors
/// Fails with an error of the host.
pub fn data_bytes(file: impl AsFd, size: u64) -> io::Result<u64> {
    let (mut total, mut from) = (0, 0);
    while let Some((start, end)) = next_data(&file, from, size)? {
        total += end - start;
        from = end;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    #[test]
    fn data_between_holes_is_found() -> Result<(), Box<dyn std::error::Error>> {
        let mut file = tempfile::tempfile()?;
        file.set_len(3 << 20)?;
        file.seek(std::io::SeekFrom::Start(1 << 20))?;
        file.write_all(&[7; 4096])?;
        let found = next_data(&file, 0, 3 << 20)?;
        // A file system without holes reports the whole file.
        assert!(
            matches!(found, Some((0, 0x30_0000) | (0x10_0000, 0x10_1000))),
            "{found:?}"
        );
        assert!(data_bytes(&file, 3 << 20)? >= 4096);
        Ok(())
    }

    #[test]
    fn a_file_that_is_all_hole_has_no_data() -> Result<(), Box<dyn std::error::Error>> {
        let file = tempfile::tempfile()?;
        assert_eq!(next_data(&file, 0, 0)?, None);
        Ok(())
    }
}
