//! The names of a directory, and which of them differ in another generation (`ECMA-167 4/8.6`).
//!
//! Only the blocks that differ are read, from a descriptor that starts before them to one that starts after
//! them in both generations.

use std::borrow::Borrow;
use std::ops::Range;

use ecma167::file::FileIdentifier;
use ecma167::{BLOCK_BYTES, RecordedAddress};

use crate::body::Body;
use crate::directory_entry::DirectoryEntry;
use crate::error::{CorruptKind, Error, ErrorPlace};
use crate::map::Vat;
use crate::space::Space;

/// Bytes read at once.
const PIECE: usize = 16 << 10;
/// Bytes of a directory for each of which a start is kept; no descriptor is longer (`UDF 2.60 2.3.4`).
const STRIDE: u64 = BLOCK_BYTES as u64;
const NONE: u16 = u16::MAX;

/// For each 2,048 bytes of a directory, the offset in them of the first descriptor that starts there.
#[derive(Debug, Default)]
pub(super) struct Starts(Vec<u16>);

impl Starts {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The last start that is known at `at` or before.
    fn before(&self, at: u64) -> u64 {
        let part = usize::try_from(at / STRIDE).unwrap_or(usize::MAX);
        let known = self.0.iter().enumerate().take(part.saturating_add(1)).rev();
        let starts = known.filter(|(_, start)| **start != NONE);
        let mut starts = starts.map(|(part, start)| part as u64 * STRIDE + u64::from(*start));
        starts.find(|start| *start <= at).unwrap_or(0)
    }

    /// Forgets the starts in a range.
    fn clear(&mut self, range: Range<u64>) {
        let first = usize::try_from(range.start / STRIDE).unwrap_or(usize::MAX);
        for (part, start) in self.0.iter_mut().enumerate().skip(first) {
            if part as u64 * STRIDE >= range.end {
                break;
            }
            if *start != NONE && range.contains(&(part as u64 * STRIDE + u64::from(*start))) {
                *start = NONE;
            }
        }
    }

    /// Notes that a descriptor starts at `at`.
    pub(super) fn note(&mut self, at: u64) {
        let Ok(part) = usize::try_from(at / STRIDE) else {
            return;
        };
        if part >= self.0.len() {
            self.0.resize(part + 1, NONE);
        }
        let start = u16::try_from(at % STRIDE).unwrap_or(NONE);
        self.0[part] = self.0[part].min(start);
    }
}

/// The names of a directory as they are recorded, from an offset in its body on.
pub(super) struct Names<B> {
    node: RecordedAddress,
    body: B,
    piece: Vec<u8>,
    /// Offset of `piece` in the body.
    start: u64,
    at: usize,
    length: u64,
}

impl<B: Borrow<Body>> Names<B> {
    /// At most `most` bytes are read, because no directory is longer than everything recorded.
    pub(super) fn new(node: RecordedAddress, body: B, from: u64, most: u64) -> Result<Self, Error> {
        let length = body.borrow().len();
        if length > most {
            return Err(Error::corrupt(CorruptKind::DirectoryTooLong, node));
        }
        Ok(Self {
            node,
            body,
            piece: Vec::new(),
            start: from,
            at: 0,
            length,
        })
    }

    /// Where the next descriptor starts.
    pub(super) fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    fn is_done(&self) -> bool {
        self.offset() >= self.length
    }

    /// The next entry, including deleted ones and the parent's.
    pub(super) fn next(&mut self, space: &mut Space) -> Result<Option<DirectoryEntry>, Error> {
        if self.is_done() {
            return Ok(None);
        }
        loop {
            let rest = self.piece.get(self.at..).unwrap_or_default();
            let needed = FileIdentifier::stated_len(rest).unwrap_or(FileIdentifier::HEADER_LEN);
            if needed <= rest.len() || !self.more(space)? {
                break;
            }
        }
        let offset = self.offset();
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let place = ErrorPlace::Body(self.node, offset);
        let (descriptor, length) =
            FileIdentifier::decode(rest, None).map_err(|fault| Error::corrupt(fault, place))?;
        self.at += length;
        Ok(Some(DirectoryEntry::new(descriptor, offset, length)))
    }

    /// Reads on; `false` at the end of the body, and if a whole descriptor should have been read already.
    fn more(&mut self, space: &mut Space) -> Result<bool, Error> {
        let known = self.start + self.piece.len() as u64;
        let left = usize::try_from(self.length.saturating_sub(known)).unwrap_or(usize::MAX);
        if left == 0 || self.piece.len() - self.at > PIECE {
            return Ok(false);
        }
        self.piece.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let kept = self.piece.len();
        // To the end of a block, so that each block is read once.
        let odd = usize::try_from(known % STRIDE).unwrap_or(0);
        self.piece.resize(kept + left.min(PIECE - odd), 0);
        let moved = space.read(self.body.borrow(), known, &mut self.piece[kept..])?;
        self.piece.truncate(kept + moved);
        Ok(moved > 0)
    }
}

/// A directory in two generations.
pub(super) struct Both<'a> {
    pub(super) node: RecordedAddress,
    pub(super) old: &'a Body,
    pub(super) new: &'a Body,
    /// The ranges in which the bodies may differ.
    pub(super) ranges: Vec<Range<u64>>,
    /// The most bytes of a directory.
    pub(super) most: u64,
}

/// The entries in what differs.
#[derive(Default)]
pub(super) struct Differing {
    pub(super) old: Vec<DirectoryEntry>,
    pub(super) new: Vec<DirectoryEntry>,
}

impl Both<'_> {
    /// Reads the entries in what differs, and brings `starts` up to date. `other` is the VAT of the older
    /// generation; that of the newer one is in force.
    pub(super) fn entries(
        self,
        space: &mut Space,
        other: &mut Option<Vat>,
        starts: &mut Starts,
    ) -> Result<Differing, Error> {
        let mut found = Differing::default();
        let mut noted: Vec<(Range<u64>, Vec<u64>)> = Vec::new();
        let mut reached = 0;
        let mut ranges = self.ranges.iter().peekable();
        while let Some(range) = ranges.next() {
            if range.end <= reached {
                continue;
            }
            let from = starts.before(range.start).max(reached);
            let mut end = range.end;
            let mut old = Names::new(self.node, self.old, from, self.most)?;
            let mut new = Names::new(self.node, self.new, from, self.most)?;
            let mut offsets = Vec::new();
            loop {
                let furthest = old.offset().max(new.offset());
                while let Some(next) = ranges.next_if(|next| next.start < furthest) {
                    end = end.max(next.end);
                }
                if old.is_done() && new.is_done() || old.offset() == new.offset() && old.offset() >= end {
                    break;
                }
                if !old.is_done() && (new.is_done() || old.offset() <= new.offset()) {
                    space.exchange_vat(other);
                    let entry = old.next(space);
                    space.exchange_vat(other);
                    found.old.extend(entry?);
                } else {
                    offsets.push(new.offset());
                    found.new.extend(new.next(space)?);
                }
            }
            if !new.is_done() {
                offsets.push(new.offset());
            }
            reached = old.offset().max(new.offset());
            noted.push((from..reached, offsets));
        }
        for (range, offsets) in noted {
            starts.clear(range);
            offsets.into_iter().for_each(|offset| starts.note(offset));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_start_before_an_offset_is_found() {
        let mut starts = Starts::default();
        for at in [0, 40, 2060, 6144, 6200] {
            starts.note(at);
        }
        let found = [0, 2050, 2060, 5000, 6144, 9000].map(|at| starts.before(at));
        assert_eq!(found, [0, 0, 2060, 2060, 6144, 6144]);
        starts.clear(2000..6144);
        assert_eq!(starts.before(5000), 0);
        assert_eq!(starts.before(6144), 6144);
    }
}
