//! A volume of another kind, without a VAT, is another source for the same track, not another writer.

mod common;

use common::Disc;
use drive::{Disposition, Drive};
use ecma167::file::{
    AllocationForm, ExtentType, FileCharacteristics, FileEntry, FileIdentifier, FileSetDescriptor, FileType,
    IcbTag, LongAd, permissions,
};
use ecma167::general::{Charspec, DString, Descriptor, DomainFlags, EntityIdentifier, TagVersion, Timestamp};
use ecma167::osta::Revision;
use ecma167::volume::{
    AccessType, LogicalVolumeDescriptor, PartitionDescriptor, PartitionMap, PrimaryVolumeDescriptor,
};
use ecma167::{BLOCK_BYTES, LogicalSector, PartitionReference, RecordedAddress};
use emulator::Medium;
use track::{Descriptors, End, Error, Run, Sequences, Source, Track};
use volume::Volume;

const REVISION: Revision = Revision::V2_01;
const VERSION: TagVersion = TagVersion::Three;
const CONTENT: &[u8] = b"recorded once, read for ever";

/// The parts of a plain volume, each in one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Data,
    File,
    Root,
    FileSet,
    Padding,
}

/// A plain volume with one file; it learns the addresses of its parts when they are placed.
#[derive(Default)]
struct Plain(Vec<(Part, u32)>);

impl Plain {
    fn address_of(&self, part: Part) -> RecordedAddress {
        let mut placed = self.0.iter().rev();
        RecordedAddress {
            partition: PartitionReference(0),
            block: placed.find(|(placed, _)| *placed == part).unwrap().1,
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000, 0)
}

fn entry(file_type: FileType, form: AllocationForm, length: u64, body: Vec<u8>) -> FileEntry {
    let (permissions, flags) = permissions::from_mode(0o755);
    FileEntry {
        extended: true,
        icb_tag: IcbTag::new(file_type, flags.with_form(form)),
        uid: 0,
        gid: 0,
        permissions,
        file_link_count: 1,
        information_length: length,
        object_size: length,
        logical_blocks_recorded: u64::from(form == AllocationForm::Long),
        access_time: now(),
        modification_time: now(),
        creation_time: Some(now()),
        attribute_time: now(),
        checkpoint: 1,
        extended_attribute_icb: LongAd::default(),
        stream_directory_icb: LongAd::default(),
        implementation_identifier: EntityIdentifier::implementation(),
        unique_id: 0,
        extended_attributes: Vec::new(),
        allocation_descriptors: body,
    }
}

impl Source for Plain {
    type Item = Part;
    type Error = Error;

    fn place(&mut self, run: Run<'_, Part>, at: LogicalSector) -> Result<(), Error> {
        self.0.push((*run.item, at.0));
        Ok(())
    }

    fn encode(&mut self, part: &Part, _: u64, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        let block = match part {
            Part::Data | Part::Padding => return Ok(()),
            Part::File => {
                let length = CONTENT.len() as u64;
                let extent = u32::try_from(length).unwrap();
                let extent = LongAd::new(ExtentType::Recorded, extent, self.address_of(Part::Data));
                let body = zerocopy::IntoBytes::as_bytes(&extent).to_vec();
                entry(FileType::FILE, AllocationForm::Long, length, body).encode(VERSION, at.0)
            }
            Part::Root => {
                let parent = FileIdentifier::parent(LongAd::icb(self.address_of(Part::Root)));
                let file = LongAd::icb(self.address_of(Part::File));
                let file = FileIdentifier::new("file", FileCharacteristics::empty(), file).unwrap();
                let body: Vec<u8> = [parent, file]
                    .iter()
                    .flat_map(|entry| entry.encode(VERSION, at.0).unwrap())
                    .collect();
                let length = body.len() as u64;
                entry(FileType::DIRECTORY, AllocationForm::Embedded, length, body).encode(VERSION, at.0)
            }
            Part::FileSet => {
                let root = LongAd::icb(self.address_of(Part::Root));
                let name = DString::truncated("Plain");
                let set = FileSetDescriptor::new(REVISION, name, DString::truncated("Plain"), root, now());
                Ok(set.to_block(VERSION, at.0))
            }
        };
        slot.copy_from_slice(&block.map_err(Error::DescriptorTooLong)?);
        Ok(())
    }
}

/// The descriptors of a volume whose only partition is the whole disc.
fn descriptors(drive: &Drive, contents: LongAd, sequences: &Sequences) -> Descriptors {
    let name = DString::truncated("Plain");
    let short = DString::truncated("Plain");
    let length = drive.medium().capacity_blocks;
    let partition = PartitionDescriptor::new(REVISION, 2, 0, AccessType::ReadOnly, LogicalSector(0), length);
    Descriptors {
        revision: REVISION,
        version: VERSION,
        serial: 0,
        primary: PrimaryVolumeDescriptor::new(short, DString::truncated("Plain"), now()),
        implementation_use: None,
        partitions: vec![partition],
        logical: LogicalVolumeDescriptor {
            volume_descriptor_sequence_number: 3,
            descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            logical_volume_identifier: name,
            logical_block_size: BLOCK_BYTES,
            domain_identifier: EntityIdentifier::domain(REVISION, DomainFlags::empty()),
            logical_volume_contents_use: contents,
            implementation_identifier: EntityIdentifier::implementation(),
            implementation_use: [0; 128],
            integrity_sequence_extent: sequences.integrity_extent(),
            partition_maps: vec![PartitionMap::Type1 {
                volume_sequence_number: 1,
                partition_number: 0,
            }],
        },
        unallocated: None,
        integrity: None,
    }
}

fn track(drive: &Drive, contents: LongAd) -> Track<Part> {
    let session = drive.medium().recordable_session().unwrap().start.0;
    let sequences = Sequences::of_session(LogicalSector(session));
    let end = LogicalSector(drive.medium().capacity_blocks);
    let descriptors = descriptors(drive, contents, &sequences);
    Track::new(drive.medium(), descriptors, sequences, end, None)
}

#[test]
fn a_volume_without_a_vat_is_recorded_by_the_same_track() {
    for medium in [Medium::CdR80, Medium::DvdPlusR, Medium::BdR] {
        let disc = Disc::blank(medium, 60_000);
        let mut drive = disc.drive();
        let mut plain = Plain::default();
        // The first session has the contents of the volume, the second the structures that name them.
        let mut data = track(&drive, LongAd::default());
        let mut block = [0; ecma167::BLOCK_SIZE];
        block[..CONTENT.len()].copy_from_slice(CONTENT);
        data.push_bytes(Part::Data, 0, &block);
        for part in [Part::File, Part::Root, Part::FileSet] {
            data.push(part, 0);
        }
        data.issue(&mut drive, &mut plain).unwrap();
        data.acknowledge(&mut drive).unwrap();
        data.close_session(&mut drive, Disposition::Appendable).unwrap();
        let contents = LongAd::new(ExtentType::Recorded, BLOCK_BYTES, plain.address_of(Part::FileSet));
        let mut structures = track(&drive, contents);
        structures.take_up_session(&mut drive).unwrap();
        structures
            .end_with(&mut drive, &mut plain, Part::Padding, End::Session)
            .unwrap();
        structures.acknowledge(&mut drive).unwrap();
        structures
            .close_session(&mut drive, Disposition::Finalized)
            .unwrap();
        let mut volume = Volume::open(drive).unwrap();
        let node = volume.lookup_path("/file").unwrap();
        let body = volume.body(&node).unwrap();
        let mut read = vec![0; CONTENT.len()];
        volume.read(&body, 0, &mut read).unwrap();
        assert_eq!(
            (volume.vat().is_some(), read.as_slice()),
            (false, CONTENT),
            "{medium}"
        );
    }
}
