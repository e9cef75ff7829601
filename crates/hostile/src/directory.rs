//! Directories: arbitrary file identifier descriptors, one after the other.

use ecma167::BLOCK_SIZE;
use ecma167::file::{AllocationForm, ExtentType, FileEntry, LongAd, ShortAd};
use ecma167::general::TagVersion;
use ecma167::{PartitionReference, RecordedAddress};
use recording::CloseDisc;
use volume::Volume;
use zerocopy::IntoBytes as _;

use crate::bases::{self, Base};
use crate::bench::Bench;
use crate::recipe::{Input, Made};
use crate::{judge, mount, repair, walk};

/// Leave tags and CRCs as they come.
const DO_NOT_REPAIR: u8 = 1;
/// UDF 1.50.
const OLD: u8 = 2;
/// The body stands in the entry.
const EMBEDDED: u8 = 4;
/// Continue the volume as well.
const CHANGE: u8 = 8;
/// Judge it as well.
const CHECK: u8 = 16;
/// Short allocation descriptors.
const SHORT: u8 = 32;
/// Bytes of such a directory; as many as there are blocks that nothing else stands in.
const ROOM: usize = SPARE_BLOCKS as usize * BLOCK_SIZE;
/// Blocks of the file of that name in the small bases.
pub(crate) const SPARE_BLOCKS: u32 = 8;

/// The root directory of a small volume is made of the input, and everything that reads directories reads it.
pub fn directory(input: &[u8]) {
    let mut input = Input(input);
    let Some(flags) = input.byte() else { return };
    let small = Small::of(flags & OLD != 0);
    let mut stream = input.bytes(ROOM).to_vec();
    if flags & DO_NOT_REPAIR == 0 {
        repair::directory(&mut stream);
    }
    let Some(image) = small.with_root(&stream, flags) else {
        return;
    };
    let made = Made {
        base: small.base,
        image,
        flags,
        whole: true,
    };
    if let Some(drive) = made.drive()
        && let Ok(mut volume) = Volume::open(drive)
    {
        read(&mut volume);
    }
    if flags & CHECK != 0
        && let Some(mut drive) = made.drive()
    {
        let _ = check::check(&mut drive, &judge::options());
    }
    if flags & CHANGE != 0 {
        let bench = Bench::new();
        if let Some(drive) = bench.put(&made, emulator::Medium::DvdPlusR) {
            let _ = mount::change(drive, CloseDisc::No);
        }
    }
}

fn read(volume: &mut Volume) {
    let Ok(root) = volume.lookup("/") else { return };
    let Ok(mut entries) = volume.directory(&root) else {
        return;
    };
    let mut names = Vec::new();
    while let Ok(Some(entry)) = entries.next(volume) {
        let _ = volume.node(entry.address());
        if names.len() < 20 {
            names.push(entry.name);
        }
    }
    for name in &names {
        let _ = recording::require_name(name);
        let _ = volume.find(&root, name);
        let _ = volume.lookup(name);
        let _ = volume.lookup(&format!("{name}/../{name}/x"));
    }
    walk::nodes(volume, &mut |_, _| {});
}

/// A small base, and where its root directory and its spare blocks are.
pub(crate) struct Small {
    pub base: &'static Base,
    pub version: TagVersion,
    /// Sector and address of the root's ICB.
    pub root: (u32, RecordedAddress),
    /// Sector and address of the ICB of a file.
    pub file: (u32, RecordedAddress),
    /// The first spare sector.
    pub spare: u32,
}

impl Small {
    pub fn of(old: bool) -> &'static Self {
        static BOTH: std::sync::OnceLock<[Small; 2]> = std::sync::OnceLock::new();
        let both = BOTH.get_or_init(|| {
            [
                Self::new("small-201", TagVersion::Three),
                Self::new("small-150", TagVersion::Two),
            ]
        });
        &both[usize::from(old)]
    }

    fn new(name: &str, version: TagVersion) -> Self {
        let base = bases::named(name);
        let drive = base.drive(&base.image).expect("a base has blocks");
        let mut volume = Volume::open(drive).expect("a base opens");
        let mut place = |path: &str| {
            let node = volume.lookup(path).expect("a base has its files");
            let sector = volume.resolve(node.address).expect("a base has its nodes");
            (node, sector.0)
        };
        let (root, root_sector) = place("/");
        let (file, file_sector) = place("file");
        let (spare, _) = place("spare");
        let volume::Body::Extents(extents) = volume.body(&spare).expect("a base has its bodies") else {
            panic!("the spare blocks stand in an entry");
        };
        let volume::ExtentKind::Recorded(address) = extents[0].kind else {
            panic!("the spare blocks are a hole");
        };
        Self {
            base,
            version,
            root: (root_sector, root.address),
            file: (file_sector, file.address),
            spare: volume.resolve(address).expect("a base has its bodies").0,
        }
    }

    /// The block of the partition that a spare sector is.
    pub fn logical(&self, sector: u32) -> RecordedAddress {
        RecordedAddress {
            partition: PartitionReference(0),
            block: sector - self.base.partition,
        }
    }

    fn with_root(&self, stream: &[u8], flags: u8) -> Option<crate::Image> {
        let mut image = self.base.image.clone();
        let mut entry = FileEntry::decode(&image.block(self.root.0), None).ok()?;
        entry.information_length = stream.len() as u64;
        let bytes = u32::try_from(stream.len()).ok()?;
        let form = if flags & EMBEDDED != 0 && stream.len() <= entry.descriptor_room() {
            entry.allocation_descriptors = stream.to_vec();
            AllocationForm::Embedded
        } else {
            for (block, at) in stream.chunks(BLOCK_SIZE).zip(self.spare..) {
                let place = image.block_mut(at);
                place.fill(0);
                place[..block.len()].copy_from_slice(block);
            }
            let at = self.logical(self.spare);
            if flags & SHORT != 0 {
                entry.allocation_descriptors = ShortAd::new(ExtentType::Recorded, bytes, at.block)
                    .as_bytes()
                    .to_vec();
                AllocationForm::Short
            } else {
                entry.allocation_descriptors =
                    LongAd::new(ExtentType::Recorded, bytes, at).as_bytes().to_vec();
                AllocationForm::Long
            }
        };
        let with_form = entry.icb_tag.icb_flags().with_form(form);
        entry.icb_tag.set_icb_flags(with_form);
        *image.block_mut(self.root.0) = entry.encode(self.version, self.root.1.block).ok()?;
        Some(image)
    }
}
