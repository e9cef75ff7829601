//! Sense data: the drive's explanation of CHECK CONDITION (`SPC-4 4.5`).

use std::fmt;

/// Bytes of sense data in fixed format.
pub const FIXED_SENSE_LENGTH: usize = 18;

/// The response code of current sense in fixed format, without the valid bit (`SPC-4 4.5.3`).
const FIXED_CURRENT: u8 = 0x70;
const DESCRIPTOR_CURRENT: u8 = 0x72;
/// The bit of the response code that marks sense about an earlier command.
const DEFERRED: u8 = 0x01;
const VALID: u8 = 0x80;

/// The sense key (`SPC-4 4.5.6`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names are the standard's
#[repr(u8)]
pub enum SenseKey {
    NoSense = 0x0,
    RecoveredError = 0x1,
    NotReady = 0x2,
    MediumError = 0x3,
    HardwareError = 0x4,
    IllegalRequest = 0x5,
    UnitAttention = 0x6,
    DataProtect = 0x7,
    BlankCheck = 0x8,
    VendorSpecific = 0x9,
    CopyAborted = 0xA,
    AbortedCommand = 0xB,
    Equal = 0xC,
    VolumeOverflow = 0xD,
    Miscompare = 0xE,
    Completed = 0xF,
}

impl SenseKey {
    /// The key in the low four bits of a byte.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 0x0F {
            0x0 => Self::NoSense,
            0x1 => Self::RecoveredError,
            0x2 => Self::NotReady,
            0x3 => Self::MediumError,
            0x4 => Self::HardwareError,
            0x5 => Self::IllegalRequest,
            0x6 => Self::UnitAttention,
            0x7 => Self::DataProtect,
            0x8 => Self::BlankCheck,
            0x9 => Self::VendorSpecific,
            0xA => Self::CopyAborted,
            0xB => Self::AbortedCommand,
            0xC => Self::Equal,
            0xD => Self::VolumeOverflow,
            0xE => Self::Miscompare,
            _ => Self::Completed,
        }
    }

    /// The name of the key in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSense => "no sense",
            Self::RecoveredError => "recovered error",
            Self::NotReady => "not ready",
            Self::MediumError => "medium error",
            Self::HardwareError => "hardware error",
            Self::IllegalRequest => "illegal request",
            Self::UnitAttention => "unit attention",
            Self::DataProtect => "data protect",
            Self::BlankCheck => "blank check",
            Self::VendorSpecific => "vendor specific",
            Self::CopyAborted => "copy aborted",
            Self::AbortedCommand => "aborted command",
            Self::Equal => "equal",
            Self::VolumeOverflow => "volume overflow",
            Self::Miscompare => "miscompare",
            Self::Completed => "completed",
        }
    }
}

/// Sense: key, additional sense code and qualifier, and the block in question if the drive names one.
///
/// Named combinations are constants, such as [`Sense::INVALID_ADDRESS_FOR_WRITE`]. Compare with
/// [`Sense::is`], which looks only at key, code and qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sense {
    /// The sense key.
    pub key: SenseKey,
    /// The additional sense code.
    pub asc: u8,
    /// The additional sense code qualifier.
    pub ascq: u8,
    /// The information field, if valid: for reads and writes, the logical block address that failed.
    pub information: Option<u32>,
    /// Whether the sense is about an earlier command. The drive did not execute the command that returned it
    /// (`SPC-4 4.5.5`).
    pub deferred: bool,
}

impl Sense {
    /// Sense without an information field.
    #[must_use]
    pub const fn new(key: SenseKey, asc: u8, ascq: u8) -> Self {
        Self {
            key,
            asc,
            ascq,
            information: None,
            deferred: false,
        }
    }

    /// The same sense, about an earlier command.
    #[must_use]
    pub const fn deferred(self) -> Self {
        Self {
            deferred: true,
            ..self
        }
    }

    /// The same sense, about the block `at`.
    #[must_use]
    pub const fn at(self, at: crate::lba::Lba) -> Self {
        Self {
            information: Some(at.0),
            ..self
        }
    }

    /// Whether key, code and qualifier are those of `other`, whatever block either names.
    #[must_use]
    pub const fn is(&self, other: Self) -> bool {
        self.key as u8 == other.key as u8 && self.asc == other.asc && self.ascq == other.ascq
    }

    /// Encodes it in fixed format (`SPC-4 4.5.3`).
    #[must_use]
    pub fn encode(&self) -> [u8; FIXED_SENSE_LENGTH] {
        let mut bytes = [0; FIXED_SENSE_LENGTH];
        bytes[0] = FIXED_CURRENT | u8::from(self.deferred);
        if let Some(information) = self.information {
            bytes[0] |= VALID;
            bytes[3..7].copy_from_slice(&information.to_be_bytes());
        }
        bytes[2] = self.key as u8;
        bytes[7] = 10; // additional sense length: the bytes after this one
        bytes[12] = self.asc;
        bytes[13] = self.ascq;
        bytes
    }

    /// Decodes fixed and descriptor format, current or deferred (`SPC-4 4.5.2`, `4.5.3`).
    ///
    /// `None` if the response code is neither, or if the sense ends before the key. Fixed sense that ends
    /// before the additional sense code has code and qualifier 0.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let response = *bytes.first()?;
        let deferred = response & DEFERRED != 0;
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        match response & 0x7E {
            FIXED_CURRENT => {
                let key = SenseKey::from_bits(*bytes.get(2)?);
                let information = match bytes.get(3..7) {
                    Some(field) if response & VALID != 0 => {
                        Some(u32::from_be_bytes([field[0], field[1], field[2], field[3]]))
                    }
                    _ => None,
                };
                Some(Self {
                    key,
                    asc: byte(12),
                    ascq: byte(13),
                    information,
                    deferred,
                })
            }
            DESCRIPTOR_CURRENT => {
                let key = SenseKey::from_bits(*bytes.get(1)?);
                Some(Self {
                    key,
                    asc: byte(2),
                    ascq: byte(3),
                    information: information_descriptor(bytes),
                    deferred,
                })
            }
            _ => None,
        }
    }
}

/// The information descriptor (type 0) of sense in descriptor format, if it is valid and fits 32 bits.
fn information_descriptor(bytes: &[u8]) -> Option<u32> {
    let mut rest = bytes.get(8..)?;
    while let [kind, length, ..] = *rest {
        let total = usize::from(length) + 2;
        let descriptor = rest.get(..total)?;
        if kind == 0 && total >= 12 && descriptor[2] & VALID != 0 {
            let wide: [u8; 8] = descriptor[4..12].try_into().ok()?;
            return u32::try_from(u64::from_be_bytes(wide)).ok();
        }
        rest = rest.get(total..)?;
    }
    None
}

impl fmt::Display for Sense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.deferred {
            f.write_str("deferred ")?;
        }
        write!(f, "{}", self.key.name())?;
        if let Some(name) = self.name() {
            write!(f, ", {name}")?;
        }
        write!(f, " ({:X}/{:02X}/{:02X}", self.key as u8, self.asc, self.ascq)?;
        if let Some(information) = self.information {
            write!(f, " at block {information}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for Sense {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_named_sense_prints_its_name_numbers_and_block() {
        let sense = Sense::INVALID_ADDRESS_FOR_WRITE.at(crate::lba::Lba(7));
        assert_eq!(
            sense.to_string(),
            "illegal request, invalid address for write (5/21/02 at block 7)"
        );
        assert!(sense.is(Sense::INVALID_ADDRESS_FOR_WRITE));
        assert!(!sense.is(Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE));
    }

    #[test]
    fn a_sense_without_a_name_prints_its_numbers() {
        assert_eq!(
            Sense::new(SenseKey::MediumError, 0xEE, 0x01).to_string(),
            "medium error (3/EE/01)"
        );
    }

    #[test]
    fn sense_about_an_earlier_command_is_deferred() {
        for (code, deferred) in [(0x70, false), (0x71, true), (0x72, false), (0xF3, true)] {
            let mut bytes = [0; FIXED_SENSE_LENGTH];
            bytes[0] = code;
            assert_eq!(Sense::decode(&bytes).unwrap().deferred, deferred, "{code:X}h");
        }
    }

    #[test]
    fn descriptor_format_gives_code_and_information() {
        let bytes = [
            0x72, 0x03, 0x11, 0x05, 0, 0, 0, 12, 0, 10, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34,
        ];
        let sense = Sense::decode(&bytes).unwrap();
        assert!(sense.is(Sense::L_EC_UNCORRECTABLE_ERROR));
        assert_eq!(sense.information, Some(0x1234));
    }

    proptest! {
        #[test]
        fn fixed_sense_decodes_as_it_was_encoded(key in 0u8..16, asc: u8, ascq: u8, information: Option<u32>, deferred: bool) {
            let sense = Sense { key: SenseKey::from_bits(key), asc, ascq, information, deferred };
            prop_assert_eq!(Sense::decode(&sense.encode()), Some(sense));
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Sense::decode(&bytes);
        }
    }
}
