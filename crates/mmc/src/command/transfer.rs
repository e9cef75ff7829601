//! READ and WRITE.

use super::block::command;
use crate::Lba;
use zerocopy::big_endian::{U16, U32};

command! {
    /// `MMC-6 6.16`.
    0x28 "READ(10)" pub struct Read10 [10] {
        /// DPO in bit 4, FUA in bit 3.
        pub flags: u8,
        /// The first block.
        pub logical_block_address: U32,
        /// The group number.
        pub group_number: u8,
        /// Blocks to read.
        pub transfer_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.17`.
    0xA8 "READ(12)" pub struct Read12 [12] {
        /// DPO in bit 4, FUA in bit 3.
        pub flags: u8,
        /// The first block.
        pub logical_block_address: U32,
        /// Blocks to read.
        pub transfer_length: U32,
        /// Streaming in bit 7.
        pub streaming: u8,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.43`.
    0x2A "WRITE(10)" pub struct Write10 [10] {
        /// DPO in bit 4, FUA in bit 3.
        pub flags: u8,
        /// The first block.
        pub logical_block_address: U32,
        /// The group number.
        pub group_number: u8,
        /// Blocks to write.
        pub transfer_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.44`.
    0xAA "WRITE(12)" pub struct Write12 [12] {
        /// DPO in bit 4, FUA in bit 3.
        pub flags: u8,
        /// The first block.
        pub logical_block_address: U32,
        /// Blocks to write.
        pub transfer_length: U32,
        /// Streaming in bit 7.
        pub streaming: u8,
        /// The control byte.
        pub control: u8,
    }
}

impl Read10 {
    /// Reads `blocks` blocks from `at`.
    #[must_use]
    pub fn new(at: Lba, blocks: u16) -> Self {
        Self {
            logical_block_address: at.0.into(),
            transfer_length: blocks.into(),
            ..Self::default()
        }
    }
}

impl Read12 {
    /// Reads `blocks` blocks from `at`.
    #[must_use]
    pub fn new(at: Lba, blocks: u32) -> Self {
        Self {
            logical_block_address: at.0.into(),
            transfer_length: blocks.into(),
            ..Self::default()
        }
    }
}

impl Write10 {
    /// Writes `blocks` blocks at `at`.
    #[must_use]
    pub fn new(at: Lba, blocks: u16) -> Self {
        Self {
            logical_block_address: at.0.into(),
            transfer_length: blocks.into(),
            ..Self::default()
        }
    }
}

impl Write12 {
    /// Writes `blocks` blocks at `at`.
    #[must_use]
    pub fn new(at: Lba, blocks: u32) -> Self {
        Self {
            logical_block_address: at.0.into(),
            transfer_length: blocks.into(),
            ..Self::default()
        }
    }
}
