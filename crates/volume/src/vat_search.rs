//! Finds the newest VAT: at the end of what is recorded, a few blocks off, and else by walking back over the disc.

use drive::DriveError;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector};
use mmc::Lba;

use crate::error::{CorruptKind, Error, Place};
use crate::space::Space;
use crate::vat::{Ground, Vat};

/// How far from a block that may be the last recorded one a VAT ICB is looked for.
const NEAR: u32 = 3;
/// How far apart what a drive says of its last recorded block may be, to mean the same one: links on CD, a unit on BD.
const AGREEING: u32 = 32;
/// Blocks of a step of the walk back: 1 MiB.
const STEP: u32 = 512;
/// Blocks of a piece of a step that cannot be read as a whole.
const PIECE: u32 = 32;

impl Space {
    /// The newest VAT of the disc.
    pub(crate) fn newest_vat(&mut self, ground: Ground) -> Result<Vat, Error> {
        let mut candidates = self.drive.medium().last_recorded_candidates();
        let end = candidates.iter().map(|last| last.0.saturating_add(1)).max();
        let end = end.unwrap_or(0);
        // What lies further back may be an older VAT: a newer one could stand between it and the end.
        candidates.retain(|last| last.0.saturating_add(AGREEING) >= end);
        if let Some(vat) = self.vat_near(ground, &candidates)? {
            return Ok(vat);
        }
        let found = self.walk_back(ground, end.max(self.drive.recorded_end().0))?;
        found.ok_or_else(|| Error::corrupt(CorruptKind::NoVat, Place::Volume))
    }

    /// A VAT at one of the blocks, then behind them, then before them: drives are off by some blocks either way.
    fn vat_near(&mut self, ground: Ground, candidates: &[Lba]) -> Result<Option<Vat>, Error> {
        let exact = candidates.iter().map(|last| Some(last.0));
        let behind = candidates
            .iter()
            .flat_map(|last| (1..=NEAR).map(|by| last.0.checked_add(by)));
        let before = candidates
            .iter()
            .flat_map(|last| (1..=NEAR).map(|by| last.0.checked_sub(by)));
        for at in exact.chain(behind).chain(before).flatten() {
            let Some(block) = ground.partition.block(LogicalSector(at)) else {
                continue;
            };
            match self.vat_at(ground, block) {
                Ok(vat) => return Ok(Some(vat)),
                Err(error) if error.is_damage() => {}
                Err(Error::Unsupported(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The last VAT before `end`, down to the start of the partition.
    fn walk_back(&mut self, ground: Ground, end: u32) -> Result<Option<Vat>, Error> {
        let first = ground.partition.start.0;
        let mut end = end.min(first.saturating_add(ground.partition.length));
        let mut buffer = vec![0; STEP as usize * BLOCK_SIZE];
        while end > first {
            let start = end.saturating_sub(STEP).max(first);
            let bytes = &mut buffer[..(end - start) as usize * BLOCK_SIZE];
            self.read_what_can_be_read(start, bytes)?;
            for (block, at) in bytes.chunks_exact(BLOCK_SIZE).rev().zip((start..end).rev()) {
                let logical = LogicalBlock(at - first);
                if !may_be_vat_icb(block, logical) {
                    continue;
                }
                match self.vat_at(ground, logical) {
                    Ok(vat) => return Ok(Some(vat)),
                    Err(error) if error.is_damage() => {}
                    Err(Error::Unsupported(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            end = start;
        }
        Ok(None)
    }

    /// Fills `bytes`, with zeros where blocks cannot be read.
    fn read_what_can_be_read(&mut self, start: u32, bytes: &mut [u8]) -> Result<(), Error> {
        if self.read_or_not(start, bytes)? {
            return Ok(());
        }
        for (piece, at) in bytes
            .chunks_mut(PIECE as usize * BLOCK_SIZE)
            .zip((start..).step_by(PIECE as usize))
        {
            if self.read_or_not(at, piece)? {
                continue;
            }
            for (block, at) in piece.chunks_mut(BLOCK_SIZE).zip(at..) {
                if !self.read_or_not(at, block)? {
                    block.fill(0);
                }
            }
        }
        Ok(())
    }

    fn read_or_not(&mut self, at: u32, bytes: &mut [u8]) -> Result<bool, Error> {
        match self.drive.read(Lba(at), bytes) {
            Ok(()) => Ok(true),
            Err(DriveError::Unreadable { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a block is a file entry that says it is recorded in this block of its partition.
///
/// Entries that are reached through the VAT say their virtual address instead, which is another number.
fn may_be_vat_icb(block: &[u8], at: LogicalBlock) -> bool {
    Tag::peek(block).is_some_and(|tag| {
        let identifier = tag.identifier();
        let entry =
            identifier == TagIdentifier::FILE_ENTRY || identifier == TagIdentifier::EXTENDED_FILE_ENTRY;
        entry && tag.tag_location.get() == at.0
    })
}
