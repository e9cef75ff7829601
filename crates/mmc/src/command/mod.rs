//! Command blocks, each as a structure of its bytes, and [`Command`], which is any one of them.

mod block;
mod information;
mod mode;
mod recording;
mod transfer;
mod unit;

pub use block::CommandBlock;
pub use information::{
    GetConfiguration, GetEventStatusNotification, GetPerformance, InformationAddress, ReadBufferCapacity,
    ReadCapacity, ReadDiscInformation, ReadDiscStructure, ReadFormatCapacities, ReadTocPmaAtip,
    ReadTrackInformation, RequestedFeatures, TocFormat,
};
pub use mode::{ModeSelect10, ModeSense6, ModeSense10};
pub use recording::{
    CloseTrackSession, ReserveTrack, SendCueSheet, SendOpcInformation, SetCdSpeed, SetStreaming,
    SynchronizeCache,
};
pub use transfer::{Read10, Read12, Write10, Write12};
pub use unit::{Inquiry, PreventAllowMediumRemoval, RequestSense, StartStopUnit, TestUnitReady};

use zerocopy::{FromBytes as _, IntoBytes as _};

/// Why some bytes are not a command block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There are no bytes.
    #[error("an empty command block")]
    Empty,
    /// This crate does not know the operation code.
    #[error("unknown operation code {0:02X}h")]
    UnknownOperation(u8),
    /// The command block ends too early.
    #[error("the command block of {0} ends too early")]
    Truncated(&'static str),
}

macro_rules! commands {
    ($($name:ident),* $(,)?) => {
        /// Any command block of this crate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)] // each variant is the structure of its name
        pub enum Command { $($name($name)),* }

        impl Command {
            /// Decodes a command block. Bytes after its end are ignored.
            ///
            /// # Errors
            /// An unknown operation code, or too few bytes.
            pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                match *bytes.first().ok_or(DecodeError::Empty)? {
                    $(<$name>::OPERATION_CODE => match <$name>::read_from_prefix(bytes) {
                        Ok((block, _)) => Ok(Self::$name(block)),
                        Err(_) => Err(DecodeError::Truncated(<$name>::NAME)),
                    },)*
                    other => Err(DecodeError::UnknownOperation(other)),
                }
            }

            /// The bytes of the command block.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                match self { $(Self::$name(block) => block.as_bytes()),* }
            }

            /// The name of the command in the standard.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => <$name>::NAME),* }
            }

            /// The name of the command with this operation code, or `None` if this crate does not know it.
            #[must_use]
            pub const fn name_of(operation_code: u8) -> Option<&'static str> {
                match operation_code {
                    $(<$name>::OPERATION_CODE => Some(<$name>::NAME),)*
                    _ => None,
                }
            }

            /// The operation code of the command with this name, or `None` if this crate does not know it.
            #[must_use]
            pub fn operation_code_of(name: &str) -> Option<u8> {
                [$((<$name>::NAME, <$name>::OPERATION_CODE)),*]
                    .into_iter().find(|known| known.0 == name).map(|known| known.1)
            }
        }

        $(impl From<$name> for Command {
            fn from(block: $name) -> Self { Self::$name(block) }
        })*
    };
}

commands! {
    TestUnitReady, RequestSense, Inquiry, ModeSense6, StartStopUnit, PreventAllowMediumRemoval,
    ReadFormatCapacities, ReadCapacity, Read10, Write10, SynchronizeCache, ReadTocPmaAtip,
    GetConfiguration, GetEventStatusNotification, ReadDiscInformation, ReadTrackInformation,
    ReserveTrack, SendOpcInformation, ModeSelect10, ModeSense10, CloseTrackSession,
    ReadBufferCapacity, SendCueSheet, Read12, Write12, GetPerformance, ReadDiscStructure, SetStreaming, SetCdSpeed,
}

impl Command {
    /// Whether its data, if any, goes from the host to the drive.
    #[must_use]
    pub const fn sends_data(&self) -> bool {
        matches!(
            self,
            Self::Write10(_)
                | Self::Write12(_)
                | Self::ModeSelect10(_)
                | Self::SendCueSheet(_)
                | Self::SendOpcInformation(_)
                | Self::SetStreaming(_)
        )
    }

    /// The first block that a READ or WRITE moves, and the number of blocks.
    #[must_use]
    pub fn blocks(&self) -> Option<(crate::Lba, u32)> {
        let (at, count) = match self {
            Self::Read10(c) => (c.logical_block_address, u32::from(c.transfer_length.get())),
            Self::Write10(c) => (c.logical_block_address, u32::from(c.transfer_length.get())),
            Self::Read12(c) => (c.logical_block_address, c.transfer_length.get()),
            Self::Write12(c) => (c.logical_block_address, c.transfer_length.get()),
            _ => return None,
        };
        Some((crate::Lba(at.get()), count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn known_commands_survive_decoding_and_no_bytes_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..20)
        ) {
            if let Ok(command) = Command::decode(&bytes) {
                prop_assert_eq!(command.as_bytes(), &bytes[..command.as_bytes().len()]);
                prop_assert_eq!(Command::name_of(bytes[0]), Some(command.name()));
                prop_assert_eq!(Command::operation_code_of(command.name()), Some(bytes[0]));
            }
        }

        #[test]
        fn every_known_operation_code_decodes_from_twelve_bytes(code: u8, tail: [u8; 11]) {
            let mut bytes = vec![code];
            bytes.extend(tail);
            prop_assert_eq!(Command::decode(&bytes).is_ok(), Command::name_of(code).is_some());
        }
    }

    #[test]
    fn a_short_command_block_is_truncated() {
        assert_eq!(Command::decode(&[]), Err(DecodeError::Empty));
        assert_eq!(
            Command::decode(&[0x28, 0, 0]),
            Err(DecodeError::Truncated("READ(10)"))
        );
        assert_eq!(
            Command::decode(&[0xFF; 12]),
            Err(DecodeError::UnknownOperation(0xFF))
        );
    }
}
