//! By what a disc in ruins is known again: digests of some of its structures.

use drive::{Drive, DriveError};

/// Bytes of a sample.
const LENGTH: usize = 512;

/// A structure, by its first byte on the disc and the digest of 512 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its first byte.
    pub byte: u64,
    /// The digest (64-bit FNV-1a) of the bytes from there.
    pub digest: u64,
}

impl Sample {
    pub(crate) fn of(byte: u64, bytes: &[u8]) -> Self {
        let digest = bytes
            .iter()
            .take(LENGTH)
            .fold(0xCBF2_9CE4_8422_2325, |digest, byte| {
                (digest ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3)
            });
        Self { byte, digest }
    }
}

/// Whether a disc has these samples, as far as it can be read.
///
/// # Errors
/// Errors of the drive. An unreadable block is none.
pub fn has_samples(drive: &mut Drive, samples: &[Sample]) -> Result<bool, DriveError> {
    for sample in samples {
        let mut bytes = [0; LENGTH];
        match drive.read_bytes(sample.byte, &mut bytes) {
            Ok(()) if Sample::of(sample.byte, &bytes) != *sample => return Ok(false),
            Ok(()) | Err(DriveError::Unreadable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_published_examples() {
        assert_eq!(Sample::of(0, b"").digest, 0xCBF2_9CE4_8422_2325);
        assert_eq!(Sample::of(0, b"foobar").digest, 0x8594_4171_F739_67E8);
    }
}
