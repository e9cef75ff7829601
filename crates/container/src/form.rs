//! The forms of sectors: how many bytes each has, and where its block is.

use ecma167::BLOCK_SIZE;

use crate::bytes::{Bytes, peek};

/// A block of a volume.
pub(crate) type Block = [u8; BLOCK_SIZE];

/// A form of sectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// The bytes of a sector.
    pub stride: u32,
    /// The bytes before its block.
    pub header: u32,
}

/// The sync pattern at the start of a CD sector (`ECMA-130 14`).
const SYNC: [u8; 12] = [0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0];
/// Sync and header, before the block of a sector in mode 1.
const MODE_1: u32 = 16;
/// Sync, header and subheader, before the block of a sector in mode 2 form 1.
const MODE_2: u32 = 24;
/// The subheader alone.
const SUBHEADER: u32 = 8;

impl Form {
    /// Blocks and nothing else.
    pub const PLAIN: Self = Self {
        stride: ecma167::BLOCK_BYTES,
        header: 0,
    };

    /// Every form that an image may have, the likeliest first.
    pub const ALL: [Self; 10] = [
        Self::PLAIN,
        Self::new(2352, MODE_1),
        Self::new(2352, MODE_2),
        Self::new(2336, SUBHEADER),
        Self::new(2448, MODE_1),
        Self::new(2448, MODE_2),
        // Sectors with 16 bytes of the Q subchannel.
        Self::new(2368, MODE_1),
        Self::new(2368, MODE_2),
        // A block with its subheader, and a block with 96 bytes of subchannels.
        Self::new(2056, SUBHEADER),
        Self::new(2144, 0),
    ];

    const fn new(stride: u32, header: u32) -> Self {
        Self { stride, header }
    }

    /// The forms that a track with sectors of this many bytes may have.
    pub fn of_size(stride: u32) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |form| form.stride == stride)
    }

    /// The byte at which sector `number` begins.
    pub fn sector(self, base: u64, number: u64) -> Option<u64> {
        number.checked_mul(self.stride.into())?.checked_add(base)
    }

    /// The block in sector `number` of those from byte `base` on.
    pub fn block(self, bytes: &dyn Bytes, base: u64, number: u64) -> Option<Block> {
        peek(bytes, self.sector(base, number)?.checked_add(self.header.into())?)
    }

    /// The number of blocks from byte `base` to byte `end`. The last may lack what follows its block.
    pub fn blocks(self, base: u64, end: u64) -> u64 {
        let room = end.saturating_sub(base);
        let last = u64::from(self.header) + BLOCK_SIZE as u64;
        if room < last {
            return 0;
        }
        (room - last) / u64::from(self.stride) + 1
    }

    /// In words, for sectors that are not blocks.
    pub fn words(self) -> Option<String> {
        if self == Self::PLAIN {
            return None;
        }
        let mode = match self.header {
            MODE_1 => ", mode 1",
            MODE_2 | SUBHEADER => ", mode 2",
            _ => "",
        };
        Some(format!("CD sectors of {} bytes{mode}", self.stride))
    }
}

/// The forms to try for the sectors from byte `base` on: those that the sync pattern allows, or those
/// without one.
pub(crate) fn raw_forms(bytes: &dyn Bytes, base: u64) -> Vec<Form> {
    const MODE_BYTE: usize = 15;
    let head = peek::<16>(bytes, base);
    let synced = head.filter(|head| head.starts_with(&SYNC));
    let raw = Form::ALL.into_iter().filter(|form| *form != Form::PLAIN);
    match synced {
        Some(head) => {
            let header = if head[MODE_BYTE] == 2 { MODE_2 } else { MODE_1 };
            raw.filter(|form| {
                let next = base.checked_add(form.stride.into());
                let follows = next.and_then(|next| peek::<12>(bytes, next));
                form.header == header && follows.is_none_or(|next| next == SYNC)
            })
            .collect()
        }
        None => raw.collect(),
    }
}

/// Whether CD sectors with a sync pattern begin at this byte.
pub(crate) fn has_sync(bytes: &dyn Bytes, base: u64) -> bool {
    peek::<12>(bytes, base) == Some(SYNC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sector_may_lack_what_follows_its_block() {
        let form = Form::new(2352, MODE_1);
        assert_eq!(form.blocks(0, 2063), 0);
        assert_eq!(form.blocks(0, 2064), 1);
        assert_eq!(form.blocks(0, 2352 + 2063), 1);
        assert_eq!(form.blocks(100, 2352 + 2164), 2);
        assert_eq!(form.blocks(u64::MAX, 0), 0);
        assert_eq!(form.sector(u64::MAX, 1), None);
    }
}
