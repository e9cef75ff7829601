//! The System Use Sharing Protocol (IEEE P1281): entries that share the system use area of directory records.

use crate::both_endian::BothU32;
use crate::malformed::{Malformed, MalformedKind};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Bytes of the signature, length and version at the start of every entry.
pub(crate) const HEADER_BYTES: usize = 4;
/// The length of an entry has one byte.
pub(crate) const MAX_ENTRY_BYTES: usize = 255;
/// Bytes of an entry that continues the area elsewhere.
pub(crate) const CE_BYTES: usize = HEADER_BYTES + size_of::<Continuation>();

/// One entry (`SUSP 1.12 4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its two-letter signature.
    pub signature: [u8; 2],
    /// Its version, 1 in all of these standards.
    pub version: u8,
    /// The data after these fields.
    pub data: &'a [u8],
}

/// The entries of a system use area, or of a continuation. They end if fewer than 4 bytes are left, at a
/// zero, or at an ST entry (`SUSP 1.12 4`).
pub fn entries(area: &[u8]) -> impl Iterator<Item = Result<Entry<'_>, Malformed>> {
    let mut rest = area;
    std::iter::from_fn(move || {
        let (&[first, second, length, version], _) = rest.split_first_chunk::<HEADER_BYTES>()?;
        if first == 0 || [first, second] == *b"ST" {
            return None;
        }
        let entry = rest
            .get(HEADER_BYTES..usize::from(length))
            .map(|data| Entry {
                signature: [first, second],
                version,
                data,
            })
            .ok_or(Malformed {
                kind: MalformedKind::Field("length"),
                structure: "system use entry",
                clause: "SUSP 1.12 4.1",
            });
        rest = match entry {
            Ok(_) => rest.get(usize::from(length)..).unwrap_or(&[]),
            Err(_) => &[],
        };
        Some(entry)
    })
}

/// Appends an entry of version 1; its data must fit.
pub(crate) fn push(into: &mut Vec<u8>, signature: [u8; 2], data: &[&[u8]]) {
    let length = HEADER_BYTES + data.iter().map(|part| part.len()).sum::<usize>();
    debug_assert!(length <= MAX_ENTRY_BYTES);
    into.extend_from_slice(&signature);
    into.push(u8::try_from(length).unwrap_or(u8::MAX));
    into.push(1);
    for part in data {
        into.extend_from_slice(part);
    }
}

/// CE: where the area continues (`SUSP 1.12 5.1`). One can lead back to itself, so readers must count how
/// many they follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Continuation {
    block: BothU32,
    offset: BothU32,
    bytes: BothU32,
}

impl Continuation {
    pub(crate) fn new(block: u32, offset: u32, bytes: u32) -> Self {
        Self {
            block: block.into(),
            offset: offset.into(),
            bytes: bytes.into(),
        }
    }

    pub(crate) fn push(&self, into: &mut Vec<u8>) {
        push(into, *b"CE", &[self.as_bytes()]);
    }

    /// The continuation in a CE entry; `None` for other entries.
    ///
    /// # Errors
    /// If its length is wrong.
    #[must_use]
    pub fn read(entry: &Entry<'_>) -> Option<Result<Self, Malformed>> {
        (entry.signature == *b"CE").then(|| {
            Self::read_from_bytes(entry.data).map_err(|_| Malformed {
                kind: MalformedKind::Field("length"),
                structure: "CE",
                clause: "SUSP 1.12 5.1",
            })
        })
    }

    /// Its block, the offset in the block, and the length of the continuation, both in bytes.
    ///
    /// # Errors
    /// If a number has two values.
    pub fn get(&self) -> Result<(u32, u32, u32), Malformed> {
        Ok((
            self.block.get("block location")?,
            self.offset.get("offset")?,
            self.bytes.get("length")?,
        ))
    }
}

/// SP: the root's first entry, which announces the others; no bytes are skipped before them (`SUSP 1.12
/// 5.3`).
pub(crate) const SP: [u8; 7] = [b'S', b'P', 7, 1, 0xBE, 0xEF, 0];

/// How many bytes to skip in each system use area, if this is the first area of a root with SP.
#[must_use]
pub fn skipped(root_area: &[u8]) -> Option<u8> {
    let (sp, _) = root_area.split_first_chunk::<7>()?;
    (sp[..6] == SP[..6]).then_some(sp[6])
}

/// ER: announces a standard whose entries are used, with its identifier, description and source (`SUSP 1.12
/// 5.5`).
pub(crate) fn push_er(into: &mut Vec<u8>, [identifier, description, source]: [&str; 3]) {
    let length = |text: &str| u8::try_from(text.len()).unwrap_or(u8::MAX);
    let lengths = [length(identifier), length(description), length(source), 1];
    let parts = [
        &lengths[..],
        identifier.as_bytes(),
        description.as_bytes(),
        source.as_bytes(),
    ];
    push(into, *b"ER", &parts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_were_recorded() {
        let mut area = SP.to_vec();
        Continuation::new(1, 2, 3).push(&mut area);
        push(&mut area, *b"XY", &[b"ab", b"c"]);
        area.extend([0, 0]);
        let found: Vec<Entry<'_>> = entries(&area).map(Result::unwrap).collect();
        let names: Vec<&[u8]> = found.iter().map(|entry| &entry.signature[..]).collect();
        assert_eq!(names, [b"SP", b"CE", b"XY"]);
        assert_eq!(
            Continuation::read(&found[1]).unwrap().unwrap().get(),
            Ok((1, 2, 3))
        );
        assert_eq!(Continuation::read(&found[2]), None);
        assert_eq!(found[2].data, b"abc");
        assert_eq!(skipped(&area), Some(0));
        assert_eq!(skipped(&area[7..]), None);
    }

    #[test]
    fn an_entry_beyond_the_area_is_an_error_and_the_last_one() {
        let area = [b'X', b'Y', 6, 1, 0];
        assert!(entries(&area).next().unwrap().is_err());
        assert_eq!(entries(&[b'X', b'Y', 3, 1, 0]).filter(Result::is_err).count(), 1);
    }

    #[test]
    fn an_st_entry_ends_the_area() {
        let area = *b"XY\x04\x01ST\x04\x01XY\x04\x01";
        assert_eq!(entries(&area).count(), 1);
    }
}
