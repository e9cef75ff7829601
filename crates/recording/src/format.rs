//! Formatting: from a blank medium to an empty volume with a virtual partition, ready for its first file.

use drive::{AppendPoint, Drive, DriveError, Medium, Status};
use ecma167::{
    BLOCK_BYTES, BLOCK_SIZE, LogicalBlock, LogicalSector, PartitionReference, VirtualAddress,
    file::{FileIdentifier, FileSetDescriptor, LongAd},
    general::{Charspec, DString, Descriptor, DomainFlags, EntityIdentifier, TagVersion, Timestamp},
    osta::{Revision, unique_id, vat::VatHeader},
    volume::{
        AccessType, ImplementationUseVolumeDescriptor, IntegrityImplementationUse, IntegrityType,
        LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor, PartitionDescriptor, PartitionMap,
        PrimaryVolumeDescriptor, UnallocatedSpaceDescriptor,
    },
};
use volume::Prevailing;

use crate::{
    attributes::{Attributes, Kind},
    begun::{self, Start},
    body::{Blocks, Body},
    error::{Error, ReadOnly},
    issue::{IDLE_TRIES, lba_of, least_end},
    node::{Form, PendingNode},
    place::blocks_of_end,
    session::{
        DESCRIPTOR_SECTORS, Descriptors, MAIN_SEQUENCE, SEQUENCE_DESCRIPTORS, SESSION_END_BLOCKS,
        SESSION_START_BLOCKS, Sequences, blocks_without_harm,
    },
    vat::{PendingVat, VatLayout, VatStatement},
};

/// The file set descriptor is the first node of virtual space, the root directory the second.
const FILE_SET: VirtualAddress = VirtualAddress(0);
const ROOT: VirtualAddress = VirtualAddress(1);

/// The partition number of the only partition.
const PARTITION: u16 = 0;

/// How many sessions are begun until one has no links where readers look for its recognition sequence and anchor.
const SESSION_TRIES: u32 = 3;

/// What a new volume is to be.
#[derive(Clone, Debug)]
pub struct FormatOptions {
    /// Revision of UDF: 1.50, 2.00, 2.01, 2.50 or 2.60.
    pub revision: Revision,
    /// Name of the logical volume.
    pub label: String,
    /// Makes the volume set identifier unique (`UDF 2.60 2.2.2.5`): 8 characters of time and 8 of this go before the name.
    pub unique: u32,
    /// When it is recorded.
    pub now: Timestamp,
    /// Seconds since 1970 that go into the volume set identifier.
    pub seconds: u32,
    /// Mode and owners of the root directory.
    pub root: Attributes,
}

/// A volume that is about to be recorded.
struct Format {
    form: Form,
    /// The first block of its session.
    first: LogicalSector,
    descriptors: Descriptors,
    sequences: Sequences,
    partition_start: LogicalSector,
    unit: u32,
    options: FormatOptions,
    name: DString<128>,
}

/// Records an empty volume on a blank medium and waits until the drive has it. The session stays open.
///
/// A medium on which an earlier format was interrupted, by a power cut or a write error, is taken too: it is completed with the
/// descriptors that stand, where they can be found, and else done again with new ones, on a CD whose links lie where
/// structures belong in a further session. What it takes for that is in the session already or follows in it.
///
/// # Errors
/// [`Error::NotBlank`]; [`Error::OnlySessionSpoiled`] where an interrupted format cannot be completed; [`Error::BegunOtherwise`],
/// [`Error::CapacityTooSmall`], [`Error::Attribute`] for a name that is too long, what the drive reports.
pub fn format(drive: Drive, options: &FormatOptions) -> Result<Drive, Error> {
    let medium = drive.medium();
    if drive.is_read_only() || !medium.writable {
        return Err(Error::ReadOnly(ReadOnly::Drive));
    }
    let name = require_options(options)?;
    let (mut drive, start) = if medium.status == Status::Blank {
        let first = LogicalSector(0);
        (drive, Start::New { first, next: first })
    } else {
        begun::take_up(drive, options.revision)?
    };
    let mut format = match start {
        Start::New { first, next } => Format::new(drive.medium(), first, next, name, options)?,
        Start::Described {
            first,
            prevailing,
            sequences,
        } => Format::described(drive.medium(), first, &prevailing, sequences, name, options)?,
    };
    drive.prepare_recording()?;
    let mut tries = 1;
    let mut run = None;
    while !format.record_session_start(&mut drive, &mut run)? {
        if tries == SESSION_TRIES {
            return Err(Error::Unsupported(
                "a drive that ends a packet at the recognition sequence or anchor of each session",
            ));
        }
        tries += 1;
        let first = begun::further_session(&mut drive)?;
        format = Format::new(drive.medium(), first, first, name, options)?;
        drive.prepare_recording()?;
        run = None;
    }
    format.record_content(&mut drive, &mut run)?;
    drive.synchronize()?;
    match drive.append_point() {
        Ok(_) | Err(DriveError::ReadOnly(drive::ReadOnly::NoNextWritableAddress)) => {}
        Err(error) => return Err(error.into()),
    }
    drive.refresh()?;
    Ok(drive)
}

/// Where the run of writes that is going on stands: the drive is asked at its start, and what it has taken counts from there.
fn point(drive: &mut Drive, run: &mut Option<AppendPoint>) -> Result<AppendPoint, Error> {
    match *run {
        Some(point) => Ok(point),
        None => Ok(*run.insert(drive.append_point()?)),
    }
}

/// The name as it is recorded, of options that can be recorded.
fn require_options(options: &FormatOptions) -> Result<DString<128>, Error> {
    let supported = [
        Revision::V1_50,
        Revision::V2_00,
        Revision::V2_01,
        Revision::V2_50,
        Revision::V2_60,
    ];
    if !supported.contains(&options.revision) {
        return Err(Error::Unsupported(
            "a virtual partition is recorded in UDF 1.50, 2.00, 2.01, 2.50 and 2.60",
        ));
    }
    DString::new(&options.label).map_err(|_| Error::Attribute("label"))
}

impl Format {
    /// A volume with new descriptors in the session that starts at `first`, of which the blocks up to `next` stand.
    fn new(
        medium: &Medium,
        first: LogicalSector,
        next: LogicalSector,
        name: DString<128>,
        options: &FormatOptions,
    ) -> Result<Format, Error> {
        let unit = medium.write_unit.max(1);
        let behind_anchor = first.0.saturating_add(SESSION_START_BLOCKS);
        let free = next.0.max(first.0.saturating_add(MAIN_SEQUENCE));
        let before_anchor = free.saturating_add(DESCRIPTOR_SECTORS) < behind_anchor;
        let descriptors_start = if before_anchor { free } else { behind_anchor };
        let sequences = Sequences::from(LogicalSector(descriptors_start));
        let start = descriptors_start
            .saturating_add(DESCRIPTOR_SECTORS)
            .max(behind_anchor);
        let start = start.checked_next_multiple_of(unit).unwrap_or(start);
        require_capacity(medium, start)?;
        let form = form(options.revision);
        let partition_start = LogicalSector(start);
        let length = medium.capacity_blocks - start;
        Ok(Format {
            form,
            first,
            descriptors: descriptors(form, name, partition_start, length, &sequences, options),
            sequences,
            partition_start,
            unit,
            options: options.clone(),
            name,
        })
    }

    /// The volume whose descriptors stand in the session that starts at `first`.
    fn described(
        medium: &Medium,
        first: LogicalSector,
        prevailing: &Prevailing,
        sequences: Sequences,
        name: DString<128>,
        options: &FormatOptions,
    ) -> Result<Format, Error> {
        let logical = &prevailing.logical;
        let revision = logical.domain_identifier.revision();
        if revision != options.revision || logical.logical_volume_identifier != name {
            return Err(Error::BegunOtherwise {
                label: logical.logical_volume_identifier.decode_lossy(),
                revision,
            });
        }
        let [partition] = prevailing.partitions.as_slice() else {
            return Err(Error::NotBlank);
        };
        require_capacity(medium, partition.start().0)?;
        let form = form(revision);
        let integrity = integrity(revision, partition.length(), options);
        Ok(Format {
            form,
            first,
            descriptors: Descriptors {
                integrity: Some(integrity),
                ..Descriptors::of_volume(prevailing, revision)
            },
            sequences,
            partition_start: partition.start(),
            unit: medium.write_unit.max(1),
            options: options.clone(),
            name,
        })
    }

    /// Everything before the partition, from the first block on; false where a packet ended in it, and its links lie where
    /// readers look for recognition sequence or anchor, or on both copies of a descriptor.
    fn record_session_start(&self, drive: &mut Drive, run: &mut Option<AppendPoint>) -> Result<bool, Error> {
        let mut idle = 0;
        let mut has_links = false;
        loop {
            let next = point(drive, run)?.address.0;
            if next >= self.partition_start.0 {
                return Ok(!has_links || self.start_is_whole(drive)?);
            }
            let mut bytes = vec![0; (self.partition_start.0 - next) as usize * BLOCK_SIZE];
            for (number, slot) in (next..).zip(bytes.chunks_exact_mut(BLOCK_SIZE)) {
                let at = LogicalSector(number);
                self.descriptors
                    .session_start_block(self.first, &self.sequences, at, slot)?;
            }
            has_links |= !self.write(drive, run, &bytes, &mut idle)?;
        }
    }

    fn start_is_whole(&self, drive: &mut Drive) -> Result<bool, Error> {
        let revision = self.options.revision;
        if !begun::session_start_can_be_whole(drive, self.first, self.partition_start, revision)? {
            return Ok(false);
        }
        // Of main and reserve sequence each may have what the other lacks.
        for number in 0..SEQUENCE_DESCRIPTORS {
            let mut found = false;
            for sequence in [self.sequences.main, self.sequences.reserve] {
                let at = LogicalSector(sequence.location().0.saturating_add(number));
                found |= begun::read(drive, at)?.is_some();
            }
            if !found {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// File set, root directory and VAT, from the first block of the partition on.
    fn record_content(&self, drive: &mut Drive, run: &mut Option<AppendPoint>) -> Result<(), Error> {
        let mut idle = 0;
        loop {
            let append = point(drive, run)?;
            let next = LogicalSector(append.address.0);
            let bytes = self.content(next, least_end(drive.medium(), &append))?;
            if self.write(drive, run, &bytes, &mut idle)? {
                return Ok(());
            }
        }
    }

    /// Writes what goes where the run stands; false when the drive went on elsewhere and has to be asked again.
    fn write(
        &self,
        drive: &mut Drive,
        run: &mut Option<AppendPoint>,
        bytes: &[u8],
        idle: &mut u32,
    ) -> Result<bool, Error> {
        let mut next = point(drive, run)?.address.0;
        let mut rest = bytes;
        while !rest.is_empty() {
            let most = drive.transfer_limit().min(rest.len()) / BLOCK_SIZE;
            let blocks = if drive.medium().packets_may_end {
                blocks_without_harm(self.first, &self.sequences, LogicalSector(next), most)
            } else {
                most
            };
            let (part, behind) = rest.split_at(blocks * BLOCK_SIZE);
            match drive.write(lba_of(LogicalSector(next)), part) {
                Ok(()) => {
                    next += u32::try_from(blocks).unwrap_or(0);
                    if let Some(point) = run {
                        point.address.0 = next;
                    }
                    rest = behind;
                    *idle = 0;
                }
                Err(DriveError::NotNextWritable { .. }) if *idle < IDLE_TRIES => {
                    *idle += 1;
                    *run = None;
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    fn content(&self, at: LogicalSector, least_end: LogicalSector) -> Result<Vec<u8>, Error> {
        let block_of = |index: u32| LogicalBlock(at.0 + index - self.partition_start.0);
        // Logical block 0 stays empty: the file set descriptor has virtual address 0, and no node may have both equal.
        let first = u32::from(at == self.partition_start);
        let [file_set, root, vat_body] = [first, first + 1, first + 2].map(block_of);
        let mut bytes = vec![0; first as usize * BLOCK_SIZE];
        bytes.extend_from_slice(&self.file_set().to_block(self.form.version, FILE_SET.0));
        bytes.extend_from_slice(&self.root()?.encode(ROOT, self.form, root)?);
        let mut vat = self.vat(file_set, root)?;
        bytes.extend_from_slice(&vat.body.dirty[&0][..]);
        vat.body.place(0, 1, vat_body);
        let end = first + 3;
        let count = blocks_of_end(LogicalSector(at.0 + end), 2, least_end, self.unit);
        for number in end..end + count {
            bytes.extend_from_slice(&vat.encode_icb(self.form, block_of(number))?);
        }
        Ok(bytes)
    }

    fn file_set(&self) -> FileSetDescriptor {
        let root = LongAd::icb(self.form.address_of(ROOT));
        let identifier = DString::truncated(&self.options.label);
        FileSetDescriptor::new(self.form.revision, self.name, identifier, root, self.options.now)
    }

    fn root(&self) -> Result<PendingNode, Error> {
        let mut root = PendingNode::new(&Kind::Directory, &self.options.root, self.form, unique_id::ROOT)?;
        let parent = FileIdentifier::parent(LongAd::icb(self.form.address_of(ROOT)));
        let entry = parent
            .encode(self.form.version, 0)
            .map_err(|_| Error::FileTooLarge)?;
        root.body = Body::Embedded(entry);
        Ok(root)
    }

    fn vat(&self, file_set: LogicalBlock, root: LogicalBlock) -> Result<PendingVat, Error> {
        let statement = VatStatement {
            files: 0,
            directories: 1,
            previous: None,
            unique_id: unique_id::FIRST,
            now: self.options.now,
        };
        let layout = match self.form.extended() {
            true => VatLayout::Header(Box::new(VatHeader::new(self.form.revision, self.name))),
            false => VatLayout::Tail {
                name: Box::new(self.name),
                counted: true,
            },
        };
        let entries_offset = if self.form.extended() {
            VatHeader::LEN as u64
        } else {
            0
        };
        let entry = self.root()?.entry;
        let body = Blocks::default();
        let mut vat = PendingVat {
            body,
            entries_offset,
            entries: 2,
            layout,
            entry,
        };
        let (offset, statement) = vat.state(self.form, &statement)?;
        let mut block = Box::new([0; BLOCK_SIZE]);
        let mut put = |offset: u64, bytes: &[u8]| {
            let start = usize::try_from(offset).unwrap_or(0);
            block[start..start + bytes.len()].copy_from_slice(bytes);
            start + bytes.len()
        };
        let entries = put(
            entries_offset,
            &[file_set.0.to_le_bytes(), root.0.to_le_bytes()].concat(),
        );
        let stated = put(offset, &statement);
        vat.body.length = entries.max(stated) as u64;
        vat.body.dirty.insert(0, block);
        Ok(vat)
    }
}

fn require_capacity(medium: &Medium, partition_start: u32) -> Result<(), Error> {
    let capacity = u64::from(medium.capacity_blocks);
    let unit = u64::from(medium.write_unit.max(1));
    let needed = u64::from(partition_start) + 2 * unit + 8 + 2 * u64::from(SESSION_END_BLOCKS);
    if capacity < needed {
        return Err(Error::CapacityTooSmall { capacity, needed });
    }
    Ok(())
}

fn form(revision: Revision) -> Form {
    Form {
        revision,
        version: TagVersion::of(revision),
        serial: 0,
        physical: PartitionReference(0),
        virtual_partition: PartitionReference(1),
    }
}

fn integrity(revision: Revision, length: u32, options: &FormatOptions) -> LogicalVolumeIntegrityDescriptor {
    LogicalVolumeIntegrityDescriptor {
        recording_date_and_time: options.now,
        integrity_type: IntegrityType::Open,
        next_integrity_extent: Default::default(),
        unique_id: unique_id::FIRST,
        free_space_table: vec![0, u32::MAX],
        size_table: vec![length, u32::MAX],
        implementation_use: Some(IntegrityImplementationUse::new(revision, 0, 1)),
    }
}

fn descriptors(
    form: Form,
    name: DString<128>,
    start: LogicalSector,
    length: u32,
    sequences: &Sequences,
    options: &FormatOptions,
) -> Descriptors {
    let revision = form.revision;
    let set = format!("{:08x}{:08x}{}", options.seconds, options.unique, options.label);
    let volume_set = DString::truncated(&set);
    let contents = LongAd::icb(form.address_of(FILE_SET));
    let logical = LogicalVolumeDescriptor {
        volume_descriptor_sequence_number: 3,
        descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
        logical_volume_identifier: name,
        logical_block_size: BLOCK_BYTES,
        domain_identifier: EntityIdentifier::domain(revision, DomainFlags::empty()),
        logical_volume_contents_use: contents,
        implementation_identifier: EntityIdentifier::implementation(),
        implementation_use: [0; 128],
        integrity_sequence_extent: sequences.integrity_extent(),
        partition_maps: vec![
            PartitionMap::Type1 {
                volume_sequence_number: 1,
                partition_number: PARTITION,
            },
            PartitionMap::Virtual {
                volume_sequence_number: 1,
                partition_number: PARTITION,
                revision,
            },
        ],
    };
    let mut primary =
        PrimaryVolumeDescriptor::new(DString::truncated(&options.label), volume_set, options.now);
    primary.volume_descriptor_sequence_number = 0.into();
    Descriptors {
        revision,
        version: form.version,
        primary,
        implementation_use: Some(ImplementationUseVolumeDescriptor::new(revision, 1, name)),
        partitions: vec![PartitionDescriptor::new(
            revision,
            2,
            PARTITION,
            AccessType::WriteOnce,
            start,
            length,
        )],
        logical,
        unallocated: Some(UnallocatedSpaceDescriptor {
            volume_descriptor_sequence_number: 4,
            ..Default::default()
        }),
        integrity: Some(integrity(revision, length, options)),
    }
}
