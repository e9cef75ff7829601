//! An image file of any contents, with the files that it may name.

use std::io;

use container::{Beside, Bytes, Seen, look};
use drive::{Drive, ImageLayout};
use ecma167::general::{Descriptor as _, ExtentAd, TagVersion};
use ecma167::osta::Revision;
use ecma167::volume::{AccessType, AnchorVolumeDescriptorPointer, PartitionDescriptor};
use ecma167::{BLOCK_SIZE, LogicalSector};
use mmc::Lba;
use volume::Volume;

use crate::recipe::Input;

/// Bytes of the shortest image.
const SHORTEST: usize = 1 << 20;
/// The number of pieces of an image.
const PIECES: usize = 64;
/// Where a piece may begin, besides multiples of 512 bytes.
const PLACES: [usize; 12] = [
    0,
    446,
    510,
    1024 + 56,
    16 * BLOCK_SIZE,
    17 * BLOCK_SIZE,
    256 * BLOCK_SIZE,
    16 * 2352,
    16 * 2352 + 16,
    256 * 2352 + 16,
    16 * 2336 + 8,
    16 * 2448 + 24,
];
/// The piece is an anchor with its sequence.
const ANCHOR: u8 = 0xFF;
/// The piece is appended to the end.
const AT_END: u8 = 0xFE;
/// The piece is the whole file, which is then short.
const WHOLE: u8 = 0xFD;

/// A directory in which any name is the same file.
struct Same<'a>(&'a Vec<u8>);

impl Beside for Same<'_> {
    type File = Vec<u8>;

    fn open(&self, name: &str) -> io::Result<Vec<u8>> {
        assert!(!name.contains('/'), "the sheet names a file elsewhere: {name}");
        Ok(self.0.clone())
    }
}

/// Looks at an image made of the pieces, and reads the volume in it. What is found is within the files.
pub fn containers(input: &[u8]) {
    let mut input = Input(input);
    let Some(length) = input.byte() else { return };
    let mut image = vec![0; SHORTEST + usize::from(length) * 1021];
    for _ in 0..PIECES {
        if piece(&mut input, &mut image).is_none() {
            break;
        }
    }
    let file = vec![0x5A; SHORTEST];
    let (seen, others) = look(&image, "disc.mds", &Same(&file));
    let Seen::Volume(found) = seen else { return };
    for extent in &found.extents {
        let length = extent
            .file
            .checked_sub(1)
            .map_or(image.length(), |other| others[other].length());
        let last = extent.offset + u64::from(extent.blocks - 1) * u64::from(extent.stride);
        assert!(
            last + u64::from(extent.header) + BLOCK_SIZE as u64 <= length,
            "{extent:?}"
        );
    }
    let files = std::iter::once(&image).chain(&others).map(|bytes| {
        let file = tempfile::tempfile().expect("a file");
        std::os::unix::fs::FileExt::write_all_at(&file, bytes, 0).expect("the bytes");
        file
    });
    let layout = ImageLayout {
        files: files.collect(),
        extents: found.extents.clone(),
        rest: found.rest,
        origin: Some(found.origin),
    };
    let mut drive = Drive::over_layout(layout).expect("extents that do not overlap");
    let mut block = [0; BLOCK_SIZE];
    for extent in &found.extents {
        let last = extent.first + (extent.blocks - 1);
        for at in [extent.first, last] {
            drive.read(Lba(at), &mut block).expect("a block of the image");
        }
    }
    if let Ok(mut volume) = Volume::open(drive) {
        crate::walk::top(&mut volume);
    }
}

/// Puts the next piece into the image; `None` at the end of the input.
fn piece(input: &mut Input<'_>, image: &mut Vec<u8>) -> Option<()> {
    let place = input.byte()?;
    if place == ANCHOR {
        let (at, location, sequence) = (input.half()?, input.half()?, input.half()?);
        let extent = ExtentAd::new(32_768, LogicalSector(sequence.into()));
        let anchor = AnchorVolumeDescriptorPointer::new(extent, extent);
        let version = TagVersion::Two;
        put(
            image,
            usize::from(at) * 16,
            &anchor.to_block(version, location.into())[..512],
        );
        let start = LogicalSector(input.half()?.into());
        let partition = PartitionDescriptor::new(Revision::V1_50, 1, 0, AccessType::ReadOnly, start, 9);
        let block = partition.to_block(version, sequence.into());
        put(image, usize::from(input.half()?) * 16, &block);
        return Some(());
    }
    let length = usize::from(input.byte()?);
    let bytes = input.bytes(length);
    match place {
        AT_END => image.extend(bytes),
        WHOLE => *image = bytes.to_vec(),
        _ => {
            let at = PLACES.get(usize::from(place)).copied();
            put(
                image,
                at.unwrap_or(usize::from(place).saturating_sub(PLACES.len()) * 512),
                bytes,
            );
        }
    }
    Some(())
}

fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    for (place, byte) in image.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}
