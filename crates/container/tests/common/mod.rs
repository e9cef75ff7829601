//! A volume of which only what leads to it is recorded.

use ecma167::general::{Descriptor as _, ExtentAd, TagVersion};
use ecma167::osta::Revision;
use ecma167::recognition::{Nsr, bea01, nsr, tea01};
use ecma167::volume::{AccessType, AnchorVolumeDescriptorPointer, PartitionDescriptor};
use ecma167::{BLOCK_SIZE, LogicalSector};

/// Blocks with the recognition sequence, anchor and partition descriptor of a volume whose addresses begin at
/// `first`.
pub fn volume(first: u32) -> Vec<u8> {
    let version = TagVersion::Two;
    let mut bytes = vec![0; 300 * BLOCK_SIZE];
    let mut put = |at: u32, block: &[u8]| {
        let at = at as usize * BLOCK_SIZE;
        bytes[at..at + block.len()].copy_from_slice(block);
    };
    put(16, &bea01());
    put(17, &nsr(Nsr::Nsr02));
    put(18, &tea01());
    let sequence = ExtentAd::new(32768, LogicalSector(first + 32));
    let anchor = AnchorVolumeDescriptorPointer::new(sequence, sequence);
    put(256, &anchor.to_block(version, first + 256));
    let start = LogicalSector(first + 260);
    let partition = PartitionDescriptor::new(Revision::V1_50, 1, 0, AccessType::ReadOnly, start, 40);
    put(32, &partition.to_block(version, first + 32));
    bytes
}
