//! Directory records: what a directory records about one child.

use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::BLOCK_BYTES;
use crate::both_endian::{BothU16, BothU32};
use crate::date::RecordDate;
use crate::malformed::{Malformed, MalformedKind};
use crate::section::Section;

bitflags! {
    /// File flags (`ECMA-119 9.1.6`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FileFlags: u8 {
        /// It need not be shown to the user.
        const HIDDEN = 0x01;
        /// It is a directory.
        const DIRECTORY = 0x02;
        /// It is an associated file.
        const ASSOCIATED = 0x04;
        /// An extended attribute record states its structure.
        const RECORD = 0x08;
        /// An extended attribute record states its permissions.
        const PROTECTION = 0x10;
        /// The next record is for a further section of the same file.
        const MULTI_EXTENT = 0x80;
        const _ = !0;
    }
}

/// The fields before the identifier.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Header {
    length: u8,
    extended_attribute_record_length: u8,
    location: BothU32,
    data_length: BothU32,
    date: RecordDate,
    flags: u8,
    file_unit_size: u8,
    interleave_gap_size: u8,
    volume_sequence_number: BothU16,
    identifier_length: u8,
}

const HEADER_BYTES: usize = size_of::<Header>();
const _: () = assert!(HEADER_BYTES == 33);

/// The length of a record has one byte, and is even.
const MAX_RECORD_BYTES: usize = 254;

/// Directory record, at most 254 bytes (`ECMA-119 9.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryRecord<'a> {
    /// Identifier of the child; a single byte 0 for the directory itself, 1 for its parent.
    pub identifier: &'a [u8],
    /// Where its data is.
    pub section: Section,
    /// Its recording date.
    pub date: RecordDate,
    /// Its flags.
    pub flags: FileFlags,
    /// Data of other standards, in SUSP.
    pub system_use: &'a [u8],
}

/// Bytes of a record before its system use, which begins at an even offset.
const fn before_system_use(identifier: usize) -> usize {
    (HEADER_BYTES + identifier).next_multiple_of(2)
}

/// Bytes available for system use in a record with an identifier of this length.
pub(crate) const fn system_use_room(identifier: usize) -> usize {
    MAX_RECORD_BYTES.saturating_sub(before_system_use(identifier))
}

/// Length of a record in bytes.
pub(crate) fn record_bytes(identifier: usize, system_use: usize) -> usize {
    (before_system_use(identifier) + system_use).next_multiple_of(2)
}

impl<'a> DirectoryRecord<'a> {
    /// Appends the record; the parts that this crate creates always fit.
    pub(crate) fn encode(&self, into: &mut Vec<u8>) {
        let start = into.len();
        let length = record_bytes(self.identifier.len(), self.system_use.len());
        debug_assert!(length <= MAX_RECORD_BYTES);
        let header = Header {
            length: u8::try_from(length).unwrap_or(u8::MAX),
            extended_attribute_record_length: 0,
            location: self.section.block.into(),
            data_length: self.section.bytes.into(),
            date: self.date,
            flags: self.flags.bits(),
            file_unit_size: 0,
            interleave_gap_size: 0,
            volume_sequence_number: 1.into(),
            identifier_length: u8::try_from(self.identifier.len()).unwrap_or(u8::MAX),
        };
        into.extend_from_slice(header.as_bytes());
        into.extend_from_slice(self.identifier);
        into.resize(start + before_system_use(self.identifier.len()), 0);
        into.extend_from_slice(self.system_use);
        into.resize(start + length, 0);
    }

    /// The record at the start of `bytes`.
    ///
    /// # Errors
    /// If it is truncated, its lengths contradict each other, or a number has two values.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (header, _) = Header::ref_from_prefix(bytes).map_err(|_| wrong(MalformedKind::Truncated))?;
        let record = bytes
            .get(..usize::from(header.length))
            .ok_or(wrong(MalformedKind::Truncated))?;
        let identifier_length = usize::from(header.identifier_length);
        let identifier = record
            .get(HEADER_BYTES..HEADER_BYTES + identifier_length)
            .filter(|identifier| !identifier.is_empty())
            .ok_or(wrong(MalformedKind::Field("Length of File Identifier")))?;
        Ok(Self {
            identifier,
            section: Section {
                block: header.location.get("Location of Extent")?,
                bytes: header.data_length.get("Data Length")?,
            },
            date: header.date,
            flags: FileFlags::from_bits_retain(header.flags),
            system_use: record.get(before_system_use(identifier_length)..).unwrap_or(&[]),
        })
    }
}

/// The records in one or more blocks of a directory; after an error, reading continues with the next block.
pub fn records(extent: &[u8]) -> impl Iterator<Item = Result<DirectoryRecord<'_>, Malformed>> {
    extent.chunks(BLOCK_BYTES).flat_map(|block| {
        let mut rest = block;
        std::iter::from_fn(move || {
            let length = usize::from(*rest.first()?);
            if length == 0 {
                return None;
            }
            let record = DirectoryRecord::read(rest);
            rest = match record {
                Ok(_) => rest.get(length..).unwrap_or(&[]),
                Err(_) => &[],
            };
            Some(record)
        })
    })
}

fn wrong(kind: MalformedKind) -> Malformed {
    Malformed {
        kind,
        structure: "directory record",
        clause: "ECMA-119 9.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<'a>(identifier: &'a [u8], system_use: &'a [u8]) -> DirectoryRecord<'a> {
        DirectoryRecord {
            identifier,
            section: Section {
                block: 0x0102_0304,
                bytes: 77,
            },
            date: RecordDate::UNSPECIFIED,
            flags: FileFlags::MULTI_EXTENT,
            system_use,
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_recorded() {
        for identifier in [&b"A.;1"[..], b"AB.;1"] {
            for system_use in [&b""[..], b"xy", b"xyzxyz"] {
                let mut bytes = Vec::new();
                record(identifier, system_use).encode(&mut bytes);
                assert_eq!(bytes.len(), record_bytes(identifier.len(), system_use.len()));
                assert_eq!(usize::from(bytes[0]), bytes.len());
                assert_eq!(DirectoryRecord::read(&bytes), Ok(record(identifier, system_use)));
            }
        }
    }

    #[test]
    fn system_use_begins_at_an_even_offset() {
        let mut bytes = Vec::new();
        record(b"AB", b"SU").encode(&mut bytes);
        assert_eq!(bytes[32..], [2, b'A', b'B', 0, b'S', b'U']);
        assert_eq!((system_use_room(2), system_use_room(3)), (218, 218));
    }

    #[test]
    fn records_of_a_block_end_with_a_zero_and_continue_in_the_next() {
        let mut extent = vec![0; 2 * BLOCK_BYTES];
        let mut bytes = Vec::new();
        record(b"A", b"").encode(&mut bytes);
        for at in [0, bytes.len(), BLOCK_BYTES] {
            extent[at..at + bytes.len()].copy_from_slice(&bytes);
        }
        assert_eq!(records(&extent).filter(Result::is_ok).count(), 3);
        extent[32] = 0;
        let found: Vec<bool> = records(&extent).map(|record| record.is_ok()).collect();
        assert_eq!(found, [false, true]);
    }

    #[test]
    fn a_truncated_record_is_refused() {
        let mut bytes = Vec::new();
        record(b"NAME", b"").encode(&mut bytes);
        for length in 0..bytes.len() {
            assert!(DirectoryRecord::read(&bytes[..length]).is_err());
        }
        bytes[0] = 34;
        assert!(DirectoryRecord::read(&bytes).is_err());
    }
}
