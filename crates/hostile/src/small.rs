//! The two small bases, and the places in them that other structures replace.

use std::sync::OnceLock;

use ecma167::BLOCK_SIZE;
use ecma167::file::{AllocationForm, ExtentType, FileEntry, LongAd, ShortAd};
use ecma167::general::{TagIdentifier, TagVersion};
use ecma167::{PartitionReference, RecordedAddress};
use volume::{Body, ExtentKind, VatForm, Volume};
use zerocopy::IntoBytes as _;

use crate::bases::{self, Base};
use crate::image::Image;
use crate::repair;

/// Blocks of the file "spare" in a small base.
pub const SPARE_BLOCKS: u32 = 8;
/// Offset of the previous VAT ICB field in the header of a VAT (`UDF 2.60 2.2.11`), and the length of that
/// header.
const PREVIOUS: usize = 132;
const HEADER: usize = 152;
/// Offset of the partition length in its descriptor (`ECMA-167 3/10.5.10`).
const PARTITION_LENGTH: usize = 192;

/// A small base.
pub struct Small {
    pub base: &'static Base,
    pub version: TagVersion,
    /// Sector and address of the root's ICB.
    pub root: (u32, RecordedAddress),
    /// Sector and address of the ICB of the file "file".
    pub file: (u32, RecordedAddress),
    /// The first sector of the file "spare".
    pub spare: u32,
    /// The sectors of the VAT ICBs, the newest first.
    pub vats: Vec<u32>,
    /// The sector of the newest VAT, and the offset of its entries in it.
    pub entries: (u32, usize),
}

impl Small {
    pub fn of(old: bool) -> &'static Self {
        static BOTH: OnceLock<[Small; 2]> = OnceLock::new();
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
            let node = volume.lookup_path(path).expect("a base has its files");
            let sector = volume.resolve(node.address).expect("a base has its nodes");
            (node, sector.0)
        };
        let (root, root_sector) = place("/");
        let (file, file_sector) = place("file");
        let (spare, _) = place("spare");
        let body = volume.body(&spare).expect("a base has its bodies");
        let mut vats = Vec::new();
        let mut next = volume.vat().cloned();
        let newest = next.clone().expect("a base has a VAT");
        while let Some(vat) = next {
            vats.push(base.partition + vat.icb.0);
            next = volume.previous_vat(&vat).expect("a base has its VATs");
        }
        let front = usize::try_from(newest.entries_offset).expect("a small number");
        Self {
            base,
            version,
            root: (root_sector, root.address),
            file: (file_sector, file.address),
            spare: first_sector(&mut volume, &body),
            vats,
            entries: (first_sector(&mut volume, &newest.body), front),
        }
    }

    /// The block of the partition in a sector.
    pub fn logical(&self, sector: u32) -> RecordedAddress {
        RecordedAddress {
            partition: PartitionReference(0),
            block: sector - self.base.partition,
        }
    }

    /// The entry in a sector of the base.
    pub fn entry(&self, sector: u32) -> FileEntry {
        FileEntry::decode(&self.base.image.block(sector), None).expect("an entry of a base")
    }

    /// Stores an entry in a sector, with its descriptors in this form.
    pub fn put_entry(
        &self,
        image: &mut Image,
        place: (u32, RecordedAddress),
        entry: &FileEntry,
        form: AllocationForm,
    ) {
        let mut entry = entry.clone();
        let with_form = entry.icb_tag.icb_flags().with_form(form);
        entry.icb_tag.set_icb_flags(with_form);
        *image.block_mut(place.0) = entry
            .encode(self.version, place.1.block)
            .expect("as long as a block at most");
    }

    /// The base with a root directory of these bytes, in the spare blocks if they do not fit into its entry.
    pub fn with_root(&self, stream: &[u8], form: AllocationForm) -> Image {
        let mut image = self.base.image.clone();
        let mut entry = self.entry(self.root.0);
        entry.information_length = stream.len() as u64;
        let bytes = u32::try_from(stream.len()).expect("a few blocks");
        let at = self.logical(self.spare);
        let form = match form {
            AllocationForm::Embedded if stream.len() <= entry.descriptor_room() => form,
            AllocationForm::Short => form,
            _ => AllocationForm::Long,
        };
        entry.allocation_descriptors = match form {
            AllocationForm::Embedded => stream.to_vec(),
            AllocationForm::Short => ShortAd::new(ExtentType::Recorded, bytes, at.block)
                .as_bytes()
                .to_vec(),
            _ => LongAd::new(ExtentType::Recorded, bytes, at).as_bytes().to_vec(),
        };
        if form != AllocationForm::Embedded {
            for (piece, sector) in stream.chunks(BLOCK_SIZE).zip(self.spare..) {
                let block = image.block_mut(sector);
                block.fill(0);
                block[..piece.len()].copy_from_slice(piece);
            }
        }
        self.put_entry(&mut image, self.root, &entry, form);
        image
    }

    /// Makes a VAT name another block as the previous VAT ICB.
    pub fn set_previous(&self, image: &mut Image, icb: u32, previous: u32) {
        let drive = self.base.drive(image).expect("blocks");
        let mut volume = Volume::open(drive).expect("a base opens");
        let vat = volume
            .vat_at(ecma167::LogicalBlock(self.logical(icb).block))
            .expect("a VAT of a base");
        let sector = first_sector(&mut volume, &vat.body);
        drop(volume);
        let length = usize::try_from(vat.body.len()).expect("a small number");
        let at = match vat.form {
            VatForm::V150 => length - 4,
            VatForm::V200 => PREVIOUS,
        };
        assert!(
            length >= HEADER || vat.form == VatForm::V150,
            "a VAT has a header"
        );
        image.block_mut(sector)[at..at + 4].copy_from_slice(&previous.to_le_bytes());
    }

    /// Extends the partition to the last possible sector.
    pub fn widen_partition(&self, image: &mut Image) {
        let descriptors: Vec<u32> = image
            .blocks
            .iter()
            .filter(|(_, block)| repair::half(&block[..], 0) == TagIdentifier::PARTITION_DESCRIPTOR.0)
            .map(|(at, _)| *at)
            .collect();
        for at in descriptors {
            let block = image.block_mut(at);
            let length = 0x0100_0000_u32.to_le_bytes();
            block[PARTITION_LENGTH..PARTITION_LENGTH + 4].copy_from_slice(&length);
            repair::block(block);
        }
    }

    /// Moves a structure that contains its own block of the partition to another sector.
    pub fn move_block(&self, image: &mut Image, from: u32, to: u32) {
        let mut block = image.block(from);
        block[12..16].copy_from_slice(&self.logical(to).block.to_le_bytes());
        repair::block(&mut block);
        image.block_mut(from).fill(0);
        *image.block_mut(to) = block;
    }
}

fn first_sector(volume: &mut Volume, body: &Body) -> u32 {
    let Body::Extents(extents) = body else {
        panic!("the body is in its entry");
    };
    let ExtentKind::Recorded(address) = extents[0].kind else {
        panic!("the body is a hole");
    };
    volume.resolve(address).expect("an address of a base").0
}
