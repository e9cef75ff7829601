//! Images with one harmful structure in them; everything else is sound.

use ecma167::BLOCK_SIZE;
use ecma167::RecordedAddress;
use ecma167::file::{
    AllocationExtent, AllocationForm, ExtentType, FileCharacteristics, FileEntry, FileIdentifier, FileType,
    LongAd, ShortAd,
};
use zerocopy::IntoBytes as _;

use crate::image::Image;
use crate::repair;
use crate::small::{SPARE_BLOCKS, Small};

/// A small volume with these entries in the root directory, given as recorded identifier bytes. They name the
/// file "file".
#[must_use]
pub fn names(identifiers: &[&[u8]]) -> Image {
    let small = Small::of(false);
    let entries = identifiers.iter().map(|identifier| FileIdentifier {
        identifier: identifier.to_vec(),
        ..entry(small.file.1, FileCharacteristics::empty())
    });
    small.with_root(&stream(small, entries), AllocationForm::Long)
}

/// A directory that contains itself under some name, and the root.
#[must_use]
pub fn directory_in_itself() -> Image {
    let small = Small::of(false);
    let directory = FileCharacteristics::DIRECTORY;
    let entries = ["itself", "again"].map(|name| named(name, small.root.1, directory));
    small.with_root(&stream(small, entries), AllocationForm::Embedded)
}

/// Two directories that contain each other.
#[must_use]
pub fn directories_in_each_other() -> Image {
    let small = Small::of(false);
    let directory = FileCharacteristics::DIRECTORY;
    let file = small.file;
    let mut image = small.with_root(
        &stream(small, [named("below", file.1, directory)]),
        AllocationForm::Embedded,
    );
    let mut inner = small.entry(small.root.0);
    inner.unique_id = 0x99;
    inner.allocation_descriptors = stream(
        small,
        [
            named("above", small.root.1, directory),
            named("below", file.1, directory),
        ],
    );
    inner.information_length = inner.allocation_descriptors.len() as u64;
    small.put_entry(&mut image, file, &inner, AllocationForm::Embedded);
    image
}

/// `count` directories, each in the previous one, with names of `name` bytes.
#[must_use]
pub fn deep(count: u32, name: usize) -> Image {
    let small = Small::of(false);
    let mut image = small.base.image.clone();
    small.widen_partition(&mut image);
    let icb = image.length - 1;
    let first = image.length;
    let name = "d".repeat(name.clamp(1, 254));
    let below = |sector| named(&name, small.logical(sector), FileCharacteristics::DIRECTORY);
    let mut entry = small.entry(small.root.0);
    for number in 0..count {
        let at = (first + number, small.logical(first + number));
        let entries = (number + 1 < count).then(|| below(first + number + 1));
        entry.allocation_descriptors = stream(small, entries);
        entry.information_length = entry.allocation_descriptors.len() as u64;
        small.put_entry(&mut image, at, &entry, AllocationForm::Embedded);
    }
    entry.allocation_descriptors = stream(small, [below(first)]);
    entry.information_length = entry.allocation_descriptors.len() as u64;
    small.put_entry(&mut image, small.root, &entry, AllocationForm::Embedded);
    small.move_block(&mut image, icb, first + count);
    image
}

/// A symbolic link "link" with these bytes as its body, which by the standard are path components.
#[must_use]
pub fn symbolic_link(components: &[u8]) -> Image {
    let small = Small::of(false);
    let entries = stream(small, [named("link", small.file.1, FileCharacteristics::empty())]);
    let mut image = small.with_root(&entries, AllocationForm::Embedded);
    let mut entry = small.entry(small.file.0);
    entry.icb_tag.file_type = FileType::SYMBOLIC_LINK;
    entry.information_length = components.len() as u64;
    entry.allocation_descriptors = components.to_vec();
    small.put_entry(&mut image, small.file, &entry, AllocationForm::Embedded);
    image
}

/// In which way a file is longer than its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Long {
    /// Its bytes are in the entry.
    Embedded,
    /// In one recorded extent.
    Recorded,
    /// In unrecorded extents of maximum length.
    Holes,
}

/// The file "file" with this information length.
#[must_use]
pub fn length(bytes: u64, long: Long) -> Image {
    let small = Small::of(false);
    let mut image = small.base.image.clone();
    let mut entry = small.entry(small.file.0);
    entry.information_length = bytes;
    let at = small.logical(small.spare);
    let (form, descriptors) = match long {
        Long::Embedded => (AllocationForm::Embedded, entry.allocation_descriptors.clone()),
        Long::Recorded => (
            AllocationForm::Long,
            LongAd::new(ExtentType::Recorded, 4096, at).as_bytes().to_vec(),
        ),
        Long::Holes => (
            AllocationForm::Short,
            ShortAd::new(ExtentType::NotAllocated, 0x3FFF_F800, 0)
                .as_bytes()
                .repeat(200),
        ),
    };
    entry.allocation_descriptors = descriptors;
    small.put_entry(&mut image, small.file, &entry, form);
    image
}

/// The root directory with this information length: its entries first, then unrecorded extents of maximum
/// length; or with `over_and_over`, recorded extents of the same blocks of entries.
#[must_use]
pub fn long_directory(bytes: u64, over_and_over: bool) -> Image {
    let small = Small::of(false);
    let deleted = FileIdentifier {
        identifier: [&[8][..], &[b'x'; 89]].concat(),
        ..entry(small.file.1, FileCharacteristics::empty())
    };
    // 16 descriptors of 128 bytes fill a block.
    let block = deleted
        .encode(small.version, small.root.1.block)
        .unwrap_or_default()
        .repeat(16);
    let mut image = small.with_root(&block.repeat(8), AllocationForm::Long);
    let mut root =
        FileEntry::decode(&image.block(small.root.0), None).unwrap_or_else(|_| small.entry(small.root.0));
    root.information_length = bytes;
    let at = small.logical(small.spare);
    let first = LongAd::new(ExtentType::Recorded, 8 * 2048, at);
    let next = LongAd::new(
        ExtentType::NotAllocated,
        0x3FFF_F800,
        small.logical(small.base.partition),
    );
    root.allocation_descriptors = if over_and_over {
        first.as_bytes().repeat(100)
    } else {
        [first.as_bytes(), &next.as_bytes().repeat(100)].concat()
    };
    small.put_entry(&mut image, small.root, &root, AllocationForm::Long);
    image
}

/// The file "file" with allocation descriptors that continue through `count` allocation extents, each at a
/// block of the partition, and the last one at block `back_to` among them.
#[must_use]
pub fn continuations(count: u32, back_to: u32) -> Image {
    let small = Small::of(false);
    let mut image = small.base.image.clone();
    let at = |number: u32| small.logical(small.spare + number);
    let next = |number| {
        LongAd::new(ExtentType::Continuation, 2048, at(number))
            .as_bytes()
            .to_vec()
    };
    let mut entry = small.entry(small.file.0);
    entry.information_length = 1 << 30;
    entry.allocation_descriptors = next(0);
    small.put_entry(&mut image, small.file, &entry, AllocationForm::Long);
    for number in 0..count {
        let following = if number + 1 == count { back_to } else { number + 1 };
        put_continuation(&mut image, small, small.spare + number, next(following));
    }
    image
}

/// The file "file" with descriptors that continue in the block of its own entry.
#[must_use]
pub fn continuation_in_the_entry() -> Image {
    let small = Small::of(false);
    let mut image = small.base.image.clone();
    let mut entry = small.entry(small.file.0);
    entry.information_length = 1 << 30;
    let own = small.logical(small.file.0);
    entry.allocation_descriptors = [own, small.file.1]
        .map(|at| LongAd::new(ExtentType::Continuation, 2048, at))
        .as_bytes()
        .to_vec();
    small.put_entry(&mut image, small.file, &entry, AllocationForm::Long);
    image
}

/// The file "file" in `count` extents of one block each, half of them holes, in as many allocation extents as
/// needed.
#[must_use]
pub fn extents(count: u32) -> Image {
    let small = Small::of(false);
    let mut image = small.base.image.clone();
    small.widen_partition(&mut image);
    // After everything else; the VAT ICB must be the last block.
    let icb = image.length - 1;
    let first = image.length;
    let mut left = count;
    let mut at = first;
    while left > 0 {
        let here = left.min(125);
        let mut descriptors = Vec::new();
        for number in 0..here {
            let kind = if number % 2 == 0 {
                ExtentType::Recorded
            } else {
                ExtentType::NotAllocated
            };
            let block = if number % 2 == 0 {
                small.logical(small.spare + number % SPARE_BLOCKS)
            } else {
                small.logical(small.base.partition)
            };
            descriptors.extend(LongAd::new(kind, 2048, block).as_bytes());
        }
        left -= here;
        if left > 0 {
            descriptors.extend(LongAd::new(ExtentType::Continuation, 2048, small.logical(at + 1)).as_bytes());
        }
        put_continuation(&mut image, small, at, descriptors);
        at += 1;
    }
    let mut entry = small.entry(small.file.0);
    entry.information_length = u64::from(count) * BLOCK_SIZE as u64;
    entry.allocation_descriptors = LongAd::new(ExtentType::Continuation, 2048, small.logical(first))
        .as_bytes()
        .to_vec();
    small.put_entry(&mut image, small.file, &entry, AllocationForm::Long);
    small.move_block(&mut image, icb, at);
    image
}

/// A volume of UDF 1.50 or 2.01 whose VAT names as the previous one itself, or one that does not exist.
#[must_use]
pub fn vat_before_itself(old: bool, block: Option<u32>) -> Image {
    let small = Small::of(old);
    let mut image = small.base.image.clone();
    let icb = image.length - 1;
    let block = block.unwrap_or(icb - small.base.partition);
    small.set_previous(&mut image, icb, block);
    image
}

/// Two VATs, each naming the other as the previous one.
#[must_use]
pub fn vats_before_each_other(old: bool) -> Image {
    let small = Small::of(old);
    let mut image = small.base.image.clone();
    let newest = image.length - 1;
    let older = small.vats[1];
    small.set_previous(&mut image, newest, older - small.base.partition);
    small.set_previous(&mut image, older, newest - small.base.partition);
    image
}

/// A volume whose VAT is in the block of its own ICB, or in virtual space, where finding it requires the VAT
/// itself.
#[must_use]
pub fn vat_in_itself(in_virtual_space: bool) -> Image {
    let small = Small::of(false);
    let mut image = small.base.image.clone();
    let icb = image.length - 1;
    let at = if in_virtual_space {
        small.root.1
    } else {
        small.logical(icb)
    };
    let block = image.block_mut(icb);
    if let Ok(mut entry) = FileEntry::decode(block, None) {
        entry.information_length = 2048;
        entry.allocation_descriptors = LongAd::new(ExtentType::Recorded, 2048, at).as_bytes().to_vec();
        small.put_entry(
            &mut image,
            (icb, small.logical(icb)),
            &entry,
            AllocationForm::Long,
        );
    }
    image
}

/// A volume whose VAT says that a node is in the block of the VAT ICB, and the next one nowhere.
#[must_use]
pub fn vat_entry_at_the_vat() -> Image {
    let small = Small::of(false);
    let mut image = small.base.image.clone();
    let icb = image.length - 1;
    let own = (icb - small.base.partition).to_le_bytes();
    let (sector, entries) = small.entries;
    let block = image.block_mut(sector);
    let place = entries + 4 * usize::try_from(small.file.1.block).unwrap_or_default();
    block[place..place + 4].copy_from_slice(&own);
    if sector == icb {
        repair::block(block);
    }
    image
}

fn named(name: &str, at: RecordedAddress, characteristics: FileCharacteristics) -> FileIdentifier {
    let identifier = [&[8], name.as_bytes()].concat();
    FileIdentifier {
        identifier,
        ..entry(at, characteristics)
    }
}

fn entry(at: RecordedAddress, characteristics: FileCharacteristics) -> FileIdentifier {
    FileIdentifier {
        characteristics,
        ..FileIdentifier::parent(LongAd::icb(at))
    }
}

/// The descriptors of a directory below the root, the parent's first.
fn stream(small: &Small, entries: impl IntoIterator<Item = FileIdentifier>) -> Vec<u8> {
    let parent = FileIdentifier::parent(LongAd::icb(small.root.1));
    let all = std::iter::once(parent).chain(entries);
    all.flat_map(|fid| fid.encode(small.version, small.root.1.block).unwrap_or_default())
        .collect()
}

fn put_continuation(image: &mut Image, small: &Small, sector: u32, allocation_descriptors: Vec<u8>) {
    let extent = AllocationExtent {
        previous_allocation_extent_location: 0,
        allocation_descriptors,
    };
    if let Ok(block) = extent.encode(small.version, small.logical(sector).block) {
        *image.block_mut(sector) = block;
    }
}
