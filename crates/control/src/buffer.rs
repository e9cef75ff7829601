//! The input buffers of control codes.

/// `FILE_MAKE_COMPATIBLE_BUFFER`: the input of `FSCTL_MAKE_MEDIA_COMPATIBLE`, one BOOLEAN.
#[doc(alias = "FILE_MAKE_COMPATIBLE_BUFFER")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMakeCompatibleBuffer {
    /// TRUE finalizes the disc: nothing can be added any more. FALSE closes the session: another may follow.
    pub close_disc: bool,
}

impl FileMakeCompatibleBuffer {
    /// Size of the structure in bytes.
    pub const SIZE: usize = 1;

    /// Reads the structure from the start of an input buffer, which may be longer. Any value but 0 is TRUE.
    /// `None` if the buffer is too short.
    #[must_use]
    pub fn read(input: &[u8]) -> Option<Self> {
        input.first().map(|&byte| Self {
            close_disc: byte != 0,
        })
    }

    /// The structure as an input buffer.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        [u8::from(self.close_disc)]
    }
}

/// `FILE_SET_DEFECT_MGMT_BUFFER`: the input of `FSCTL_SET_DEFECT_MANAGEMENT`, one BOOLEAN.
#[doc(alias = "FILE_SET_DEFECT_MGMT_BUFFER")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSetDefectMgmtBuffer {
    /// TRUE: defective blocks of the file are not replaced.
    pub disable: bool,
}

impl FileSetDefectMgmtBuffer {
    /// Size of the structure in bytes.
    pub const SIZE: usize = 1;

    /// The structure as an input buffer.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        [u8::from(self.disable)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_value_but_zero_is_true() {
        let close_disc = |byte| FileMakeCompatibleBuffer::read(&[byte]).map(|buffer| buffer.close_disc);
        assert_eq!(close_disc(0), Some(false));
        assert!((1..=255).all(|byte| close_disc(byte) == Some(true)));
    }

    #[test]
    fn only_an_empty_buffer_is_too_short() {
        assert_eq!(FileMakeCompatibleBuffer::read(&[]), None);
        assert_eq!(
            FileMakeCompatibleBuffer::read(&[0, 1, 1]),
            Some(FileMakeCompatibleBuffer { close_disc: false })
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        for close_disc in [false, true] {
            let buffer = FileMakeCompatibleBuffer { close_disc };
            assert_eq!(FileMakeCompatibleBuffer::read(&buffer.to_bytes()), Some(buffer));
        }
    }
}
