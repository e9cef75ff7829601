//! Volumes that are not whole blocks from the start of their image.

mod common;

use common::volume;
use container::{Found, Seen, look};
use ecma167::general::{Descriptor as _, ExtentAd, TagVersion};
use ecma167::recognition::{Nsr, bea01, nsr, tea01};
use ecma167::volume::AnchorVolumeDescriptorPointer;
use ecma167::{BLOCK_SIZE, LogicalSector};

struct NoFiles;

impl container::Beside for NoFiles {
    type File = Vec<u8>;

    fn open(&self, _: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

fn found(image: &Vec<u8>) -> Found {
    match look(image, "disc.img", &NoFiles).0 {
        Seen::Volume(found) => found,
        seen => panic!("{seen:?}"),
    }
}

/// A volume with blocks of `size` bytes, which ends with part of a block of 2,048.
fn small_blocks(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; 300 * BLOCK_SIZE + size];
    for (at, block) in [(16, bea01()), (17, nsr(Nsr::Nsr02)), (18, tea01())] {
        bytes[at * BLOCK_SIZE..][..block.len()].copy_from_slice(&block);
    }
    let sequence = ExtentAd::new(32_768, LogicalSector(32));
    let anchor = AnchorVolumeDescriptorPointer::new(sequence, sequence);
    bytes[256 * size..][..512].copy_from_slice(&anchor.to_block(TagVersion::Two, 256)[..512]);
    bytes
}

/// A disk with one partition from sector 63 to the end.
fn in_a_partition(volume: &[u8]) -> Vec<u8> {
    let mut disk = vec![0; 63 * 512];
    disk[446 + 4] = 7;
    disk[446 + 8] = 63;
    let sectors = u32::try_from(volume.len() / 512).expect("a count");
    disk[446 + 12..446 + 16].copy_from_slice(&sectors.to_le_bytes());
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk.extend_from_slice(volume);
    disk
}

#[test]
fn a_partition_of_sectors_of_512_bytes_keeps_its_end() {
    for size in [512, 1024] {
        let found = found(&in_a_partition(&small_blocks(size)));
        assert_eq!((found.origin.offset, found.extents[0].blocks), (63 * 512, 300));
        assert_eq!(found.rest as usize, size);
    }
}

#[test]
fn a_volume_of_small_blocks_is_found_after_bytes_of_something_else() {
    for size in [512, 1024] {
        for before in [20_480, 512, 1001] {
            let image = [&vec![7; before][..], &small_blocks(size)].concat();
            let found = found(&image);
            assert_eq!(found.origin.offset, before as u64, "blocks of {size} bytes");
            assert_eq!((found.extents[0].first, found.rest as usize), (0, size));
        }
    }
}

#[test]
fn a_volume_that_ends_with_its_image_has_no_rest() {
    let found = found(&[&vec![7; 20_480][..], &volume(0)].concat());
    assert_eq!((found.origin.offset, found.rest), (20_480, 0));
}
