//! The short form of a changed image: a base, and the changes to it.
//!
//! The first byte selects the base, the second one contains flags, then steps follow, each a byte and its
//! arguments (little-endian). A block is given by two bytes: its index among those in focus, or with the high
//! bit set its logical sector.

use drive::Drive;
use ecma167::BLOCK_SIZE;

use crate::bases::{self, Base, Focus};
use crate::image::Image;
use crate::repair;

/// Leave tags and CRCs as the steps make them.
const DO_NOT_REPAIR: u8 = 1;
/// Maximum number of blocks that an image may be longer than its base.
const GROWTH: u32 = 64;
/// Maximum number of steps.
const STEPS: usize = 64;
/// The flag of a logical sector.
const HIGH: u16 = 0x8000;

/// Numbers near common limits; used with 1, 2, 4 or 8 bytes.
const ODD: [u64; 32] = [
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    16,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FF,
    0x800,
    0x801,
    0xFFFE,
    0xFFFF,
    0x7FFF,
    0x8000,
    0x0001_0000,
    0x3FFF_FFFF,
    0x3FFF_F800,
    0x4000_0000,
    0x8000_0800,
    0xC000_0800,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0xFFFF_FFFE,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0xFFFF_FFFF_FFFF_FFFF,
];

/// Bytes that are consumed one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn half(&mut self) -> Option<u16> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*first))
    }

    /// This many bytes, or the rest.
    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (first, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        first
    }
}

/// An image after the steps.
pub struct Made {
    pub base: &'static Base,
    pub image: Image,
    /// The flags that are not the recipe's own.
    pub flags: u8,
    /// Whether the image still has the length of its base.
    pub whole: bool,
}

impl Made {
    /// A read-only drive with the bare image; the next image of the same base replaces it.
    pub fn drive(&self) -> Option<Drive> {
        self.base.drive(&self.image)
    }
}

/// Makes the image of an input; `None` if it names none.
pub fn make(input: &[u8], focus: Focus) -> Option<Made> {
    let mut input = Input(input);
    let bases = bases::all();
    let base = &bases[usize::from(input.byte()?) % bases.len()];
    let flags = input.byte()?;
    let mut work = Work {
        base,
        focus: base.blocks(focus),
        image: base.image.clone(),
        changed: Vec::new(),
    };
    for _ in 0..STEPS {
        if work.step(&mut input).is_none() {
            break;
        }
    }
    if flags & DO_NOT_REPAIR == 0 {
        let changed = std::mem::take(&mut work.changed);
        repair::image(&mut work.image, base, &changed);
    }
    let whole = work.image.length == base.image.length;
    Some(Made {
        base,
        image: work.image,
        flags,
        whole,
    })
}

struct Work {
    base: &'static Base,
    focus: &'static [u32],
    image: Image,
    changed: Vec<u32>,
}

impl Work {
    fn step(&mut self, input: &mut Input<'_>) -> Option<()> {
        match input.byte()? % 8 {
            0..=2 => self.patch(input),
            3 | 4 => self.number(input),
            5 => self.copy(input),
            6 => {
                let at = self.place(input)?;
                self.change(at).fill(0);
                Some(())
            }
            _ => {
                let at = self.place(input)?;
                // Within its limit the image may also grow.
                self.image.set_length(at.saturating_add(1));
                Some(())
            }
        }
    }

    fn place(&self, input: &mut Input<'_>) -> Option<u32> {
        let named = input.half()?;
        if named & HIGH != 0 || self.focus.is_empty() {
            return Some(u32::from(named & !HIGH) % (self.base.image.length + GROWTH));
        }
        self.focus.get(usize::from(named) % self.focus.len()).copied()
    }

    fn change(&mut self, at: u32) -> &mut crate::Block {
        if !self.changed.contains(&at) {
            self.changed.push(at);
        }
        self.image.block_mut(at)
    }

    fn patch(&mut self, input: &mut Input<'_>) -> Option<()> {
        let at = self.place(input)?;
        let offset = usize::from(input.half()?) % BLOCK_SIZE;
        let count = usize::from(input.byte()?);
        let bytes = input.bytes(count.min(BLOCK_SIZE - offset));
        self.change(at)[offset..offset + bytes.len()].copy_from_slice(bytes);
        Some(())
    }

    fn number(&mut self, input: &mut Input<'_>) -> Option<()> {
        let at = self.place(input)?;
        let offset = usize::from(input.half()?) % BLOCK_SIZE;
        let which = input.byte()?;
        let size = 1 << (which >> 5 & 3);
        let value = ODD[usize::from(which % 32)].to_le_bytes();
        let size = size.min(BLOCK_SIZE - offset);
        self.change(at)[offset..offset + size].copy_from_slice(&value[..size]);
        Some(())
    }

    /// Copies a block; if it contains its own block of the partition, that is updated.
    fn copy(&mut self, input: &mut Input<'_>) -> Option<()> {
        let (from, to) = (self.place(input)?, self.place(input)?);
        let block = self.image.block(from);
        let location = repair::word(&block, 12);
        let start = self.base.partition;
        let new = match location {
            _ if location == from => Some(to),
            _ if Some(location) == from.checked_sub(start) => to.checked_sub(start),
            _ => None,
        };
        let copy = self.change(to);
        *copy = block;
        if let Some(new) = new {
            copy[12..16].copy_from_slice(&new.to_le_bytes());
        }
        Some(())
    }
}
