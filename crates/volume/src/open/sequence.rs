//! The contents of one volume descriptor sequence, sector by sector (`ECMA-167 3/8.4.2`, `3/8.4.3`).

use std::collections::VecDeque;

use ecma167::general::{Descriptor, ExtentAd, Tag, TagIdentifier, identifiers};
use ecma167::volume::{
    ImplementationUseVolumeDescriptor, LogicalVolumeDescriptor, PartitionDescriptor, PrimaryVolumeDescriptor,
    TerminatingDescriptor, UnallocatedSpaceDescriptor, VolumeDescriptorPointer,
};
use ecma167::{LogicalSector, Malformed, MalformedKind};

use crate::error::CorruptKind;
use crate::loss::{Damage, stated_tag};
use crate::prevailing::absent_partition;

/// Maximum number of damaged sectors recorded per sequence.
const NOTED: usize = 16;

/// The contents of one sequence.
#[derive(Clone, Default)]
pub(super) struct Sequence {
    pub(super) primary: Option<PrimaryVolumeDescriptor>,
    pub(super) implementation_use: Option<ImplementationUseVolumeDescriptor>,
    pub(super) partitions: Vec<PartitionDescriptor>,
    pub(super) logical: Option<LogicalVolumeDescriptor>,
    pub(super) unallocated: Option<UnallocatedSpaceDescriptor>,
    pub(super) next: VecDeque<ExtentAd>,
    /// The first sectors that are unreadable or do not decode.
    pub(super) damage: Vec<(LogicalSector, Damage)>,
}

impl Sequence {
    /// Records a damaged sector.
    pub(super) fn note(&mut self, at: u32, damage: Damage) {
        if self.damage.len() < NOTED {
            self.damage.push((LogicalSector(at), damage));
        }
    }

    /// Copies what this sequence lacks from another.
    pub(super) fn fill_from(&mut self, other: Self) {
        self.primary = self.primary.take().or(other.primary);
        self.logical = self.logical.take().or(other.logical);
        self.implementation_use = self.implementation_use.take().or(other.implementation_use);
        self.unallocated = self.unallocated.take().or(other.unallocated);
        other
            .partitions
            .into_iter()
            .for_each(|one| self.take_partition(one));
    }

    /// Processes one sector; `false` if it ends the sequence.
    pub(super) fn take(&mut self, block: &[u8], at: u32) -> bool {
        let Some(tag) = Tag::peek(block) else {
            let blank = block.iter().all(|byte| *byte == 0);
            if !blank {
                let identifier = stated_tag(block).map_or(TagIdentifier(0), |(identifier, _)| identifier);
                let fault = identifier.malformed(MalformedKind::TagChecksum);
                self.note(at, Damage::Corrupt(fault.into()));
            }
            return !blank;
        };
        let taken = match tag.identifier() {
            TagIdentifier::TERMINATING_DESCRIPTOR => {
                if let Err(fault) = TerminatingDescriptor::read(block, Some(at)) {
                    self.note(at, Damage::Corrupt(fault.into()));
                }
                return false;
            }
            TagIdentifier::VOLUME_DESCRIPTOR_POINTER => {
                match VolumeDescriptorPointer::read(block, Some(at)) {
                    Ok(pointer) => {
                        self.next
                            .push_back(pointer.next_volume_descriptor_sequence_extent);
                        return false;
                    }
                    Err(fault) => Err(fault),
                }
            }
            identifier => self.take_descriptor(identifier, block, at),
        };
        if let Err(fault) = taken {
            self.note(at, Damage::Corrupt(fault.into()));
        }
        true
    }

    /// Keeps a descriptor if it prevails over the current one. The higher sequence number prevails; of two
    /// with the same number, which must be identical, the first.
    fn take_descriptor(&mut self, identifier: TagIdentifier, block: &[u8], at: u32) -> Result<(), Malformed> {
        match identifier {
            TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR => {
                let new = PrimaryVolumeDescriptor::read(block, Some(at))?;
                prevail(&mut self.primary, new, |one| {
                    one.volume_descriptor_sequence_number.get()
                });
            }
            TagIdentifier::IMPLEMENTATION_USE_VOLUME_DESCRIPTOR => {
                let new = ImplementationUseVolumeDescriptor::read(block, Some(at))?;
                if new.implementation_identifier.is(identifiers::UDF_LV_INFO) {
                    let number =
                        |one: &ImplementationUseVolumeDescriptor| one.volume_descriptor_sequence_number.get();
                    prevail(&mut self.implementation_use, new, number);
                }
            }
            TagIdentifier::PARTITION_DESCRIPTOR => {
                self.take_partition(PartitionDescriptor::read(block, Some(at))?)
            }
            TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR => {
                let new = LogicalVolumeDescriptor::decode(block, Some(at))?;
                prevail(&mut self.logical, new, |one| {
                    one.volume_descriptor_sequence_number
                });
            }
            TagIdentifier::UNALLOCATED_SPACE_DESCRIPTOR => {
                let new = UnallocatedSpaceDescriptor::decode(block, Some(at))?;
                prevail(&mut self.unallocated, new, |one| {
                    one.volume_descriptor_sequence_number
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn take_partition(&mut self, new: PartitionDescriptor) {
        let same = self
            .partitions
            .iter_mut()
            .find(|one| one.partition_number == new.partition_number);
        match same {
            Some(one) => {
                if new.volume_descriptor_sequence_number.get() > one.volume_descriptor_sequence_number.get() {
                    *one = new;
                }
            }
            None => self.partitions.push(new),
        }
    }

    /// The error for a missing required descriptor.
    pub(super) fn missing(&self) -> Option<CorruptKind> {
        let Some(primary) = &self.primary else {
            return Some(CorruptKind::MissingDescriptor(
                TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR,
            ));
        };
        let Some(logical) = &self.logical else {
            return Some(CorruptKind::MissingDescriptor(
                TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR,
            ));
        };
        if self.partitions.is_empty() {
            return Some(CorruptKind::MissingDescriptor(
                TagIdentifier::PARTITION_DESCRIPTOR,
            ));
        }
        absent_partition(primary, logical, &self.partitions).map(CorruptKind::NoPartition)
    }
}

fn prevail<T>(place: &mut Option<T>, new: T, number: impl Fn(&T) -> u32) {
    if place.as_ref().is_none_or(|old| number(&new) > number(old)) {
        *place = Some(new);
    }
}
