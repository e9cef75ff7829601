//! A control code and its buffers from the command line.

use oncefs::control::{
    ControlCode, FileMakeCompatibleBuffer, FileQueryOnDiskVolInfoBuffer, FileQuerySparingBuffer,
    FileSetDefectMgmtBuffer, NtStatus,
};

use crate::arguments::{Fsctl, FsctlCode, Hex};
use crate::commands::close::{exit_of, failure};
use crate::failure::{Failure, Outcome};

/// What to send.
pub(super) struct Request {
    pub code: ControlCode,
    pub input: Option<Vec<u8>>,
    pub output_length: usize,
    /// Whether to show the answer undecoded.
    pub raw: bool,
}

impl Request {
    pub fn of(arguments: &Fsctl) -> Outcome<Self> {
        let (word, number) = (arguments.code, arguments.number);
        match (word, number) {
            (Some(word), None) => Ok(Self::of_word(word)),
            (None, Some(number)) => Ok(Self {
                code: ControlCode(number),
                input: arguments.input.clone().map(|Hex(bytes)| bytes),
                output_length: arguments.output.map_or(4096, |length| length as usize),
                raw: true,
            }),
            _ => Err(Failure::usage(
                "name one control code, by its word or by --code (`oncefs fsctl --help` lists them)",
            )),
        }
    }

    fn of_word(word: FsctlCode) -> Self {
        let (code, input, output_length) = match word {
            FsctlCode::MakeMediaCompatible { close_disc, .. } => {
                let input = FileMakeCompatibleBuffer { close_disc }.to_bytes().to_vec();
                (ControlCode::MAKE_MEDIA_COMPATIBLE, Some(input), 0)
            }
            FsctlCode::QueryOnDiskVolumeInfo => {
                let length = size_of::<FileQueryOnDiskVolInfoBuffer>();
                (ControlCode::QUERY_ON_DISK_VOLUME_INFO, None, length)
            }
            FsctlCode::QuerySparingInfo => {
                let length = size_of::<FileQuerySparingBuffer>();
                (ControlCode::QUERY_SPARING_INFO, None, length)
            }
            FsctlCode::SetDefectManagement { disable } => {
                let input = FileSetDefectMgmtBuffer { disable }.to_bytes().to_vec();
                (ControlCode::SET_DEFECT_MANAGEMENT, Some(input), 0)
            }
            FsctlCode::LockVolume => (ControlCode::LOCK_VOLUME, None, 0),
            FsctlCode::UnlockVolume => (ControlCode::UNLOCK_VOLUME, None, 0),
            FsctlCode::DismountVolume => (ControlCode::DISMOUNT_VOLUME, None, 0),
            FsctlCode::IsVolumeMounted => (ControlCode::IS_VOLUME_MOUNTED, None, 0),
        };
        Self {
            code,
            input,
            output_length,
            raw: false,
        }
    }

    /// If it closes the session: whether it finalizes the disc.
    pub fn close_disc(&self) -> Option<bool> {
        if self.code != ControlCode::MAKE_MEDIA_COMPATIBLE {
            return None;
        }
        let buffer = FileMakeCompatibleBuffer::read(self.input.as_deref()?)?;
        Some(buffer.close_disc)
    }
}

/// The failure for a status that is not success.
pub(super) fn failed(status: NtStatus, error: Option<oncefs::control::Error>) -> Failure {
    let mut failure = failure(status, error);
    failure.exit = exit_of(status);
    failure
}
