//! A volume descriptor as found on disc (`ECMA-167 3/7.2`, `3/8.4`).

use ecma167::LogicalSector;
use ecma167::general::{Tag, TagIdentifier};

use crate::disc::Block;

/// A volume descriptor and its location.
#[derive(Clone)]
pub(crate) struct FoundDescriptor {
    pub sector: LogicalSector,
    pub identifier: TagIdentifier,
    pub block: Block,
}

impl FoundDescriptor {
    /// The descriptor without its tag, which differs between sequences.
    pub fn body(&self) -> &[u8] {
        &self.block[Tag::LEN..]
    }

    /// Volume descriptor sequence number.
    pub fn number(&self) -> u32 {
        u32::from_le_bytes([self.block[16], self.block[17], self.block[18], self.block[19]])
    }

    /// What must differ between descriptors of one sequence: the kind, and what it describes.
    pub fn class(&self) -> (u16, Vec<u8>) {
        let about = match self.identifier {
            TagIdentifier::PARTITION_DESCRIPTOR => &self.block[22..24],
            TagIdentifier::IMPLEMENTATION_USE_VOLUME_DESCRIPTOR => &self.block[20..52],
            _ => &[],
        };
        (self.identifier.0, about.to_vec())
    }
}
