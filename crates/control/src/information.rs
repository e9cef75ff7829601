//! The name of a volume, and what it can do.

use volume::Volume;

use crate::VolumeFlags;

/// The name of the file system.
pub const FILE_SYSTEM_NAME: &str = "UDF";

/// The answer to `GetVolumeInformation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeInformation {
    /// Its label.
    pub name: String,
    /// A number that hardly any other volume has.
    pub serial_number: u32,
    /// The longest name between two separators, in characters.
    pub maximum_component_length: u32,
    /// What it can do.
    pub flags: VolumeFlags,
    /// `UDF`.
    pub file_system_name: &'static str,
}

impl VolumeInformation {
    pub(crate) fn of(volume: &Volume, flags: VolumeFlags) -> Self {
        let set = &volume.descriptors().primary.volume_set_identifier;
        Self {
            name: volume.label(),
            serial_number: serial_number(&set.decode_lossy()),
            maximum_component_length: 254,
            flags,
            file_system_name: FILE_SYSTEM_NAME,
        }
    }
}

/// The first 16 characters of a volume set identifier make it unique (`UDF 2.60 2.2.2.5`). Hexadecimal halves
/// are two numbers, the time and one chosen by the writer; anything else is folded.
fn serial_number(volume_set_identifier: &str) -> u32 {
    let characters: Vec<char> = volume_set_identifier.chars().take(16).collect();
    let mut serial = 0_u32;
    for half in characters.chunks(8) {
        let digits = half.iter().map(|character| character.to_digit(16));
        let number = digits.collect::<Option<Vec<u32>>>().map_or_else(
            || {
                half.iter()
                    .fold(0_u32, |sum, one| sum.rotate_left(4) ^ u32::from(*one))
            },
            |digits| digits.iter().fold(0, |sum, digit| sum << 4 | digit),
        );
        serial ^= number;
    }
    serial
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_halves_of_the_unique_characters_make_the_serial_number() {
        assert_eq!(serial_number("12345678ABCDEF01name"), 0x1234_5678 ^ 0xABCD_EF01);
    }

    #[test]
    fn an_identifier_of_another_kind_has_a_serial_number_too() {
        assert_ne!(serial_number("my set of discs"), 0);
        assert_ne!(serial_number("my set of discs"), serial_number("my set of disks"));
        assert_eq!(serial_number(""), 0);
    }
}
