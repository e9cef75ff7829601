//! Finds the newest VAT: at the end of the recorded area, a few blocks from it, or by walking back over the
//! disc.

mod after_vat;

use drive::{DriveError, Notice};
use ecma167::file::FileType;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector};
use mmc::{Lba, Sense};

use after_vat::AfterVat;

use crate::error::{CorruptKind, Error, ErrorPlace};
use crate::loss::stated_tag;
use crate::map::{Ground, Vat};
use crate::space::Space;

/// How many blocks before or after a candidate for the last recorded block to search for a VAT ICB.
const NEAR: u32 = 3;
/// Maximum distance in blocks between candidates for the same last recorded block: links on CD, a unit of
/// writing on BD.
const AGREEING: u32 = 32;
/// Blocks per step of the walk back: 1 MiB.
const STEP: u32 = 512;
/// Steps of the walk back between two notices: 64 MiB.
const STEPS_A_NOTICE: u32 = 64;
/// Maximum number of unreadable blocks in the walk back, because a drive takes seconds for each.
const MOST_IN_VAIN: usize = 8192;
/// How often damage may mislead the binary search.
const LED_ASTRAY: usize = 16;
/// Distances in blocks that lead out of links and out of the linking losses of a DVD-R.
const LINKS_APART: [u32; 3] = [0, 8, 33];

impl Space {
    /// The newest VAT of the disc.
    pub(crate) fn newest_vat(&mut self, ground: Ground) -> Result<Vat, Error> {
        let mut candidates = self.sectors().medium().last_recorded_candidates();
        let end = candidates.iter().map(|last| last.0.saturating_add(1)).max();
        let end = end.unwrap_or(0);
        // A candidate further back may be an older VAT, with a newer one between it and the end.
        candidates.retain(|last| last.0.saturating_add(AGREEING) >= end);
        if let Some(vat) = self.vat_near(ground, &candidates)? {
            let (vat, after_vat) = self.look_after_vat(ground, vat, end)?;
            self.note_after_vat(ground, Some(&vat), after_vat, end);
            return Ok(vat);
        }
        let end = end.max(self.sectors().drive().recorded_end().0);
        let mut after_vat = AfterVat::default();
        let found = self.walk_back(ground, end, &mut after_vat)?;
        self.note_after_vat(ground, found.as_ref(), after_vat, end);
        found.ok_or_else(|| Error::corrupt(CorruptKind::NoVat, ErrorPlace::Volume))
    }

    /// The newest VAT before `vat`: that of an earlier generation, or a copy of its ICB.
    pub(crate) fn vat_before(&mut self, ground: Ground, vat: &Vat) -> Result<Option<Vat>, Error> {
        match self.previous_vat(vat)? {
            Some(previous) => Ok(Some(previous)),
            None => self.last_vat_before(ground, vat.icb_sector(&ground.partition).0),
        }
    }

    /// The last VAT before a sector, found by reading back from it.
    pub(crate) fn last_vat_before(&mut self, ground: Ground, end: u32) -> Result<Option<Vat>, Error> {
        self.walk_back(ground, end, &mut AfterVat::default())
    }

    /// Notes what follows a VAT up to the end of the recorded area. A VAT found there replaces it.
    fn look_after_vat(&mut self, ground: Ground, mut vat: Vat, end: u32) -> Result<(Vat, AfterVat), Error> {
        let mut after_vat = AfterVat::default();
        let first = vat.icb_sector(&ground.partition).0.saturating_add(1);
        // A run of links at the end is no loss, and a drive takes seconds to try to read it.
        if self.is_link_gap(first, end) {
            return Ok((vat, after_vat));
        }
        for at in first..end {
            let Some(block) = ground.partition.block(LogicalSector(at)) else {
                break;
            };
            match self.sector(LogicalSector(at)) {
                Err(Error::Drive(DriveError::Unreadable { sense, .. })) => {
                    after_vat.note_unreadable(at, sense)
                }
                Err(error) => return Err(error),
                Ok(bytes) if !may_be_vat_icb(bytes, block) => {}
                Ok(_) => match self.vat_at(ground, block) {
                    Ok(newer) => {
                        vat = newer;
                        after_vat = AfterVat::default();
                    }
                    Err(error) => after_vat.note_vat_icb(at, error)?,
                },
            }
        }
        Ok((vat, after_vat))
    }

    /// A VAT at one of the candidates, then after them, then before them: drives are off by some blocks
    /// either way.
    pub(crate) fn vat_near(&mut self, ground: Ground, candidates: &[Lba]) -> Result<Option<Vat>, Error> {
        let exact = candidates.iter().map(|last| Some(last.0));
        let after = candidates
            .iter()
            .flat_map(|last| (1..=NEAR).map(|by| last.0.checked_add(by)));
        let before = candidates
            .iter()
            .flat_map(|last| (1..=NEAR).map(|by| last.0.checked_sub(by)));
        for at in exact.chain(after).chain(before).flatten() {
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

    /// The last VAT before `end`, down to the start of the partition. Notes in `after_vat` what follows it.
    fn walk_back(
        &mut self,
        ground: Ground,
        end: u32,
        after_vat: &mut AfterVat,
    ) -> Result<Option<Vat>, Error> {
        let first = ground.partition.start.0;
        let mut end = end.min(first.saturating_add(ground.partition.length));
        let mut buffer = vec![0; STEP as usize * BLOCK_SIZE];
        let mut in_vain = 0;
        let mut steps = 0_u32;
        while end > first {
            if steps.is_multiple_of(STEPS_A_NOTICE) && steps > 0 {
                self.sectors_mut()
                    .drive_mut()
                    .tell(Notice::WalkingBack { from: Lba(end) });
            }
            steps = steps.saturating_add(1);
            let start = end.saturating_sub(STEP).max(first);
            let bytes = &mut buffer[..(end - start) as usize * BLOCK_SIZE];
            let mut unreadable = Vec::new();
            self.read_in_halves(start, bytes, &mut unreadable)?;
            for (block, at) in bytes.chunks_exact(BLOCK_SIZE).rev().zip((start..end).rev()) {
                let logical = LogicalBlock(at - first);
                if !may_be_vat_icb(block, logical) {
                    continue;
                }
                match self.vat_at(ground, logical) {
                    Ok(vat) => {
                        after_vat.note_all_unreadable(unreadable, at);
                        return Ok(Some(vat));
                    }
                    Err(error) => after_vat.note_vat_icb(at, error)?,
                }
            }
            in_vain += unreadable.len();
            let nothing_read = unreadable.len() == (end - start) as usize;
            after_vat.note_all_unreadable(unreadable, start);
            if in_vain > MOST_IN_VAIN {
                return Err(Error::corrupt(CorruptKind::SearchGivenUp, LogicalSector(start)));
            }
            end = start;
            if nothing_read && end > first {
                self.sectors_mut()
                    .drive_mut()
                    .tell(Notice::WalkingBack { from: Lba(end) });
                end = self.end_of_readable(first, end)?;
            }
        }
        Ok(None)
    }

    /// The end of the readable blocks below `end`, after a whole step was unreadable. Searches by halves from
    /// the start of the last readable session. Also tries some blocks after the result, since damage may have
    /// misled the search.
    fn end_of_readable(&mut self, first: u32, end: u32) -> Result<u32, Error> {
        let sessions = self.sectors().session_starts();
        let starts = sessions.into_iter().filter(|start| (first..end).contains(start));
        let mut low = starts.max().unwrap_or(first);
        if !self.is_readable_near(low, end)? {
            low = first;
        }
        let mut high = end;
        for _ in 0..LED_ASTRAY {
            while high - low > AGREEING {
                let middle = low + (high - low) / 2;
                if self.is_readable_near(middle, high)? {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            let Some(beyond) = self.readable_beyond(high, end)? else {
                break;
            };
            (low, high) = (beyond, end);
        }
        Ok(high.saturating_add(AGREEING).min(end))
    }

    /// The farthest readable block after `from`, among some at growing distances.
    fn readable_beyond(&mut self, from: u32, end: u32) -> Result<Option<u32>, Error> {
        let mut beyond = None;
        for power in AGREEING.ilog2() + 1..u32::BITS {
            let at = from.saturating_add(1 << power);
            if at < end && self.is_readable_near(at, end)? {
                beyond = Some(at);
            }
        }
        Ok(beyond)
    }

    /// Whether this block is readable, or one shortly after it in case this one is a link block.
    fn is_readable_near(&mut self, at: u32, end: u32) -> Result<bool, Error> {
        for by in LINKS_APART {
            let at = at.saturating_add(by);
            if at < end && self.read_or_not(at, &mut [0; BLOCK_SIZE])?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// As [`drive::Drive::read_in_halves`].
    pub(crate) fn read_in_halves(
        &mut self,
        start: u32,
        bytes: &mut [u8],
        unreadable: &mut Vec<(u32, Sense)>,
    ) -> Result<(), Error> {
        let drive = self.sectors_mut().drive_mut();
        Ok(drive.read_in_halves(Lba(start), bytes, unreadable)?)
    }

    /// The sense of the failed read, if the blocks cannot be read.
    fn read_or_not(&mut self, at: u32, bytes: &mut [u8]) -> Result<Option<Sense>, Error> {
        match self.sectors_mut().drive_mut().read(Lba(at), bytes) {
            Ok(()) => Ok(None),
            Err(DriveError::Unreadable { sense, .. }) => Ok(Some(sense)),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a block is a file entry whose tag location is this block of its partition. The rest of the tag may
/// be damaged.
///
/// Entries reached through the VAT contain their virtual address instead, which is a different number.
fn may_be_vat_icb(block: &[u8], at: LogicalBlock) -> bool {
    const FILE_TYPE: usize = 16 + 11;
    let Some((identifier, location)) = stated_tag(block) else {
        return false;
    };
    let entry = identifier == TagIdentifier::FILE_ENTRY || identifier == TagIdentifier::EXTENDED_FILE_ENTRY;
    let vat = block.get(FILE_TYPE) == Some(&FileType::VAT.0);
    // A valid tag with another location belongs to something else: the image of a disc can be a file on this
    // one.
    location == at.0 && (entry || vat) || entry && vat && Tag::peek(block).is_none()
}
