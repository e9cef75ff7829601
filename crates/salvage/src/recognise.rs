//! Finds structures in bytes of a disc by their tags (`ECMA-167 3/7.2`, `4/7.2`).

use ecma167::PartitionReference;
use ecma167::file::{
    AllocationForm, ExtentType, FileEntry, FileIdentifier, FileSetDescriptor, IcbFlags, allocation_descriptor,
};
use ecma167::general::{Descriptor as _, EntityIdentifier, Tag, TagIdentifier, identifiers, tag};
use ecma167::osta::sparing::{SparingTable, SparingTableHeader};
use ecma167::volume::{LogicalVolumeDescriptor, PartitionDescriptor};

use zerocopy::FromBytes as _;

use crate::index::{FileSetSeen, Index, NameSeen, NodeSeen, UNIT};

/// The longest structure, a block of the largest size. What begins in the last bytes of a window, this many,
/// is looked at in the next.
pub(crate) const LONGEST: usize = 32 << 10;

/// The first four bytes of a file identifier descriptor, by its version.
const NAME_2: u32 = 0x0002_0101;
const NAME_3: u32 = 0x0003_0101;

/// The first four bytes of an entity identifier of UDF, without its flags.
const ENTITY: u32 = u32::from_le_bytes([0, b'*', b'U', b'D']);

const _: () = assert!(TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR.0 == 0x0101);

impl Index {
    /// Adds what begins in the first `until` bytes of a window. It starts at byte `start` of the disc; both
    /// are multiples of [`UNIT`].
    pub(crate) fn look(&mut self, window: &[u8], start: u64, until: usize) {
        // A name ends after the unit that it begins in, so that the next unit may begin inside it.
        let mut after_name = 0;
        for at in (0..until.min(window.len())).step_by(UNIT) {
            let Some(bytes) = window.get(at..window.len().min(at + LONGEST)) else {
                return;
            };
            if bytes.len() < UNIT {
                return;
            }
            let byte = start + at as u64;
            let Ok(unit) = u32::try_from(byte / UNIT as u64) else {
                return;
            };
            self.look_at_unit(bytes, unit);
            let words = Words::of(&bytes[..UNIT]);
            if words.has_name {
                after_name = self.look_for_names(window, start, at, after_name);
            }
            if words.has_entity {
                self.look_for_vat_tail(&bytes[..UNIT], unit);
            }
        }
    }

    fn look_at_unit(&mut self, bytes: &[u8], unit: u32) {
        let identifier = TagIdentifier(u16::from_le_bytes([bytes[0], bytes[1]]));
        match identifier {
            TagIdentifier::FILE_ENTRY | TagIdentifier::EXTENDED_FILE_ENTRY => self.look_at_entry(bytes, unit),
            TagIdentifier::ALLOCATION_EXTENT_DESCRIPTOR => {
                if let Ok(tag) = tag::verify(bytes, identifier, None) {
                    self.add_mark(unit, tag.tag_location.get());
                }
            }
            TagIdentifier::FILE_SET_DESCRIPTOR => {
                if let Ok(found) = FileSetDescriptor::read(bytes, None) {
                    self.add_file_set(FileSetSeen {
                        unit,
                        location: found.descriptor_tag.tag_location.get(),
                        root: found.root_directory_icb,
                    });
                }
            }
            TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR if tag::verify(bytes, identifier, None).is_ok() => {
                self.add_sample(unit, bytes);
            }
            TagIdentifier::PARTITION_DESCRIPTOR => {
                if let Ok(found) = PartitionDescriptor::read(bytes, None) {
                    self.add_partition(unit, found);
                }
            }
            TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR => {
                if let Ok(found) = LogicalVolumeDescriptor::decode(bytes, None) {
                    self.add_logical(unit, found);
                }
            }
            // The tag of a sparing table; zeros are most of what has it.
            TagIdentifier(0) if bytes[2] != 0 => {
                if let Ok(header) = SparingTableHeader::peek(bytes) {
                    let table = SparingTable::decode(bytes, None).ok();
                    self.add_sparing_table(unit, header.sequence_number.get(), table);
                }
            }
            _ => {}
        }
    }

    fn look_at_entry(&mut self, bytes: &[u8], unit: u32) {
        if Tag::peek(bytes).is_none() {
            return;
        }
        let Ok(entry) = FileEntry::decode(bytes, None) else {
            return;
        };
        let Some(tag) = Tag::peek(bytes) else { return };
        let flags = entry.icb_tag.icb_flags();
        let (data_block, data_bytes) = first_extent(&entry).unwrap_or_default();
        let covered = Tag::LEN + usize::from(tag.descriptor_crc_length.get());
        let length = FileEntry::header_len(entry.extended)
            + entry.extended_attributes.len()
            + entry.allocation_descriptors.len();
        let length = length.max(covered);
        let node = NodeSeen {
            unit,
            location: tag.tag_location.get(),
            unique_id: entry.unique_id,
            kind: entry.icb_tag.file_type,
            is_stream: flags.contains(IcbFlags::STREAM),
            form: entry.icb_tag.form(),
            data_block,
            data_bytes,
        };
        self.add_sample_of_entry(unit, bytes);
        self.add_node(node, length);
    }

    /// Adds the unit if the tail of a VAT of UDF 1.50 begins in it.
    fn look_for_vat_tail(&mut self, bytes: &[u8], unit: u32) {
        let (words, _) = bytes.as_chunks::<4>();
        let is_tail = words.windows(size_of::<EntityIdentifier>() / 4).any(|words| {
            let entity = EntityIdentifier::read_from_bytes(words.as_flattened());
            entity.is_ok_and(|entity| entity.is(identifiers::UDF_VIRTUAL_ALLOC_TBL))
        });
        if is_tail {
            self.add_vat_tail(unit);
        }
    }

    /// Adds the names that begin in the unit at `at`, from `from` on. Returns the end of the last.
    fn look_for_names(&mut self, window: &[u8], start: u64, at: usize, from: usize) -> usize {
        let mut next = at.max(from);
        while next < at + UNIT {
            let Some(bytes) = window.get(next..) else { break };
            let Some(first) = bytes.first_chunk::<4>() else {
                break;
            };
            let word = u32::from_le_bytes(*first);
            let found = match word {
                NAME_2 | NAME_3 if Tag::peek(bytes).is_some() => FileIdentifier::decode(bytes, None).ok(),
                _ => None,
            };
            let Some((name, length)) = found else {
                next += 4;
                continue;
            };
            if let Some(tag) = Tag::peek(bytes) {
                let location = tag.tag_location.get();
                let byte = start + next as u64;
                self.add_name(NameSeen::new(
                    byte,
                    length,
                    location,
                    name.characteristics,
                    &name.icb,
                ));
            }
            next += length;
        }
        next
    }
}

/// The block and the bytes of the first recorded extent.
fn first_extent(entry: &FileEntry) -> Option<(u32, u32)> {
    let form = entry
        .icb_tag
        .form()
        .filter(|form| *form != AllocationForm::Embedded)?;
    let nowhere = PartitionReference(0);
    let mut extents = allocation_descriptor::parse(form, nowhere, &entry.allocation_descriptors);
    let first = extents.next()?.ok()?;
    (first.extent_type == ExtentType::Recorded).then_some((first.address.block, first.length))
}

/// What words of a unit may begin.
struct Words {
    has_name: bool,
    has_entity: bool,
}

impl Words {
    /// This is tried on every byte of a disc.
    fn of(unit: &[u8]) -> Self {
        let (words, _) = unit.as_chunks::<4>();
        let none = Self {
            has_name: false,
            has_entity: false,
        };
        words.iter().fold(none, |found, word| {
            let word = u32::from_le_bytes(*word);
            Self {
                has_name: found.has_name | (word & !0x0001_0000 == NAME_2),
                has_entity: found.has_entity | (word & !0xFF == ENTITY),
            }
        })
    }
}

const _: () = assert!(NAME_3 & !0x0001_0000 == NAME_2);
