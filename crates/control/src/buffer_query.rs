//! The output buffers of queries about a volume.

use ecma167::general::{EntityIdentifier, Timestamp};
use ecma167::{BLOCK_BYTES, BLOCK_SIZE};
use volume::{Map, Volume};
use zerocopy::little_endian::{I64, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::FILE_SYSTEM_NAME;

/// `FILE_QUERY_SPARING_BUFFER`: the answer to `FSCTL_QUERY_SPARING_INFO`, 16 bytes.
#[doc(alias = "FILE_QUERY_SPARING_BUFFER")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct FileQuerySparingBuffer {
    /// Bytes of a sparing packet, the medium's unit of error correction.
    pub sparing_unit_bytes: U32,
    /// 1: software replaces defective blocks. 0: the drive does, or nothing does.
    pub software_sparing: u8,
    /// Zeros.
    pub reserved: [u8; 3],
    /// Blocks reserved to replace others.
    pub total_spare_blocks: U32,
    /// How many of them are free.
    pub free_spare_blocks: U32,
}

const _: () = assert!(size_of::<FileQuerySparingBuffer>() == 16);

/// `FILE_QUERY_ON_DISK_VOL_INFO_BUFFER`: the answer to `FSCTL_QUERY_ON_DISK_VOLUME_INFO`, 336 bytes.
#[doc(alias = "FILE_QUERY_ON_DISK_VOL_INFO_BUFFER")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct FileQueryOnDiskVolInfoBuffer {
    /// Number of directories, -1 if unknown.
    pub directory_count: I64,
    /// Number of files, -1 if unknown.
    pub file_count: I64,
    /// The UDF revision before the point.
    pub fs_format_maj_version: U16,
    /// The UDF revision after the point: 1 for 2.01, 50 for 2.50.
    pub fs_format_min_version: U16,
    /// `UDF` in UTF-16, padded with zeros.
    pub fs_format_name: [U16; 12],
    /// Zeros.
    pub padding: [u8; 4],
    /// When the volume was formatted, in units of 100 ns since 1601-01-01 UTC; -1 if unknown.
    pub format_time: I64,
    /// When the volume was last changed, in the same units; -1 if unknown.
    pub last_update_time: I64,
    /// Name of the file in the root directory with the copyright (`ECMA-167 4/14.1.12`), in UTF-16.
    pub copyright_info: [U16; 34],
    /// Name of the file in the root directory with the abstract (`ECMA-167 4/14.1.13`).
    pub abstract_info: [U16; 34],
    /// Who formatted the volume: the implementation identifier of its primary volume descriptor.
    pub formatting_implementation_info: [U16; 34],
    /// Who last recorded on it: the implementation identifier of its VAT ICB or integrity descriptor.
    pub last_modifying_implementation_info: [U16; 34],
}

const _: () = {
    use std::mem::offset_of;
    type Buffer = FileQueryOnDiskVolInfoBuffer;
    assert!(size_of::<Buffer>() == 336);
    assert!(offset_of!(Buffer, file_count) == 8);
    assert!(offset_of!(Buffer, fs_format_maj_version) == 16);
    assert!(offset_of!(Buffer, fs_format_min_version) == 18);
    assert!(offset_of!(Buffer, fs_format_name) == 20);
    assert!(offset_of!(Buffer, format_time) == 48);
    assert!(offset_of!(Buffer, last_update_time) == 56);
    assert!(offset_of!(Buffer, copyright_info) == 64);
    assert!(offset_of!(Buffer, abstract_info) == 132);
    assert!(offset_of!(Buffer, formatting_implementation_info) == 200);
    assert!(offset_of!(Buffer, last_modifying_implementation_info) == 268);
};

/// An unknown number or time.
const UNKNOWN: i64 = -1;
/// Seconds from 1601-01-01 to 1970-01-01.
const EPOCHS: i64 = 11_644_473_600;

impl FileQuerySparingBuffer {
    /// What the sparing table of a volume says. Without a sparable partition, software replaces nothing.
    pub(crate) fn of(volume: &Volume) -> Self {
        let sparing = volume.maps().iter().find_map(|map| match map {
            Map::Sparable { sparing, .. } => Some(sparing),
            _ => None,
        });
        if let Some(sparing) = sparing {
            let packet = sparing.packet_length();
            let blocks = |packets| {
                let packets = u32::try_from(packets).unwrap_or(u32::MAX);
                packets.saturating_mul(packet).into()
            };
            return Self {
                sparing_unit_bytes: packet.saturating_mul(BLOCK_BYTES).into(),
                software_sparing: 1,
                reserved: [0; 3],
                total_spare_blocks: blocks(sparing.spare_packets()),
                free_spare_blocks: blocks(sparing.free_packets()),
            };
        }
        let unit = usize::try_from(volume.drive().medium().write_unit).unwrap_or(1);
        Self {
            sparing_unit_bytes: u32::try_from(unit.saturating_mul(BLOCK_SIZE))
                .unwrap_or(u32::MAX)
                .into(),
            software_sparing: 0,
            reserved: [0; 3],
            total_spare_blocks: 0.into(),
            free_spare_blocks: 0.into(),
        }
    }
}

impl FileQueryOnDiskVolInfoBuffer {
    /// What the structures of a volume say about it.
    pub(crate) fn of(volume: &mut Volume) -> Result<Self, volume::Error> {
        let file_set = *volume.file_set()?;
        let prevailing = volume.descriptors();
        let primary = &prevailing.primary;
        let (files, directories) = counts(volume);
        let (last_update, last_writer) = last_change(volume);
        let [minor, major] = volume.revision().0.to_le_bytes();
        Ok(Self {
            directory_count: directories.map_or(UNKNOWN, i64::from).into(),
            file_count: files.map_or(UNKNOWN, i64::from).into(),
            fs_format_maj_version: decimal(major).into(),
            fs_format_min_version: decimal(minor).into(),
            fs_format_name: text(FILE_SYSTEM_NAME),
            padding: [0; 4],
            format_time: file_time(&primary.recording_date_and_time).into(),
            last_update_time: last_update.map_or(UNKNOWN, |time| file_time(&time)).into(),
            copyright_info: text(&file_set.copyright_file_identifier.decode_lossy()),
            abstract_info: text(&file_set.abstract_file_identifier.decode_lossy()),
            formatting_implementation_info: text(&identifier(&primary.implementation_identifier)),
            last_modifying_implementation_info: text(
                &last_writer.map_or_else(String::new, |writer| identifier(&writer)),
            ),
        })
    }

    /// The text of a field, up to its first zero.
    #[must_use]
    pub fn text_of(field: &[U16]) -> String {
        let units: Vec<u16> = field
            .iter()
            .map(|unit| unit.get())
            .take_while(|unit| *unit != 0)
            .collect();
        String::from_utf16_lossy(&units)
    }
}

/// Files and directories. A VAT counts them from UDF 2.00 on, not in 1.50. Without a VAT the integrity
/// descriptor counts them.
fn counts(volume: &Volume) -> (Option<u32>, Option<u32>) {
    if let Some(vat) = volume.vat() {
        return match vat.form {
            volume::VatForm::V150 => (None, None),
            volume::VatForm::V200 => (vat.files, vat.directories),
        };
    }
    let integrity = volume.descriptors().integrity.as_ref();
    let counted = integrity.and_then(|integrity| integrity.implementation_use.as_ref());
    (
        counted.map(|counts| counts.number_of_files.get()),
        counted.map(|counts| counts.number_of_directories.get()),
    )
}

/// When the volume was last changed, and by whom.
fn last_change(volume: &Volume) -> (Option<Timestamp>, Option<EntityIdentifier>) {
    if let Some(vat) = volume.vat() {
        let entry = &vat.entry;
        return (
            Some(entry.modification_time),
            Some(entry.implementation_identifier),
        );
    }
    match &volume.descriptors().integrity {
        Some(integrity) => {
            let writer = integrity.implementation_use.as_ref();
            let writer = writer.map(|of_udf| of_udf.implementation_id);
            (Some(integrity.recording_date_and_time), writer)
        }
        None => (None, None),
    }
}

fn identifier(entity: &EntityIdentifier) -> String {
    String::from_utf8_lossy(entity.identifier_bytes()).into_owned()
}

/// A time in units of 100 ns since 1601-01-01 UTC.
fn file_time(time: &Timestamp) -> i64 {
    let Some((seconds, nanoseconds)) = time.to_unix() else {
        return UNKNOWN;
    };
    let hundreds = seconds
        .checked_add(EPOCHS)
        .and_then(|seconds| seconds.checked_mul(10_000_000));
    hundreds
        .and_then(|hundreds| hundreds.checked_add(i64::from(nanoseconds / 100)))
        .unwrap_or(UNKNOWN)
}

/// Two binary coded decimal digits.
fn decimal(coded: u8) -> u16 {
    u16::from(coded >> 4) * 10 + u16::from(coded & 0xF)
}

/// UTF-16, cut so that a zero fits at the end, and never inside a surrogate pair.
fn text<const N: usize>(from: &str) -> [U16; N] {
    let mut field = [U16::new(0); N];
    let mut used = 0;
    for character in from.chars() {
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        let Some(room) = field
            .get_mut(used..used + units.len())
            .filter(|_| used + units.len() < N)
        else {
            break;
        };
        for (to, unit) in room.iter_mut().zip(units.iter()) {
            to.set(*unit);
        }
        used += units.len();
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_1601() {
        assert_eq!(file_time(&Timestamp::from_unix(0, 0)), 116_444_736_000_000_000);
        assert_eq!(file_time(&Timestamp::from_unix(1, 500)), 116_444_736_010_000_000);
        assert_eq!(
            file_time(&Timestamp::from_unix(1, 5_000)),
            116_444_736_010_000_050
        );
        assert_eq!(file_time(&Timestamp::unspecified()), UNKNOWN);
    }

    #[test]
    fn a_text_ends_with_a_zero_and_with_a_whole_character() {
        assert_eq!(text::<4>("UDFx"), [0x55, 0x44, 0x46, 0].map(U16::new));
        assert_eq!(text::<3>("a\u{1F4BF}"), [0x61, 0, 0].map(U16::new));
        assert_eq!(text::<4>("a\u{1F4BF}"), [0x61, 0xD83D, 0xDCBF, 0].map(U16::new));
    }

    #[test]
    fn a_revision_is_read_as_decimal_digits() {
        assert_eq!((decimal(0x02), decimal(0x50)), (2, 50));
    }
}
