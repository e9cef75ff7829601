//! Volume descriptor sequences (`ECMA-167 3/8.4.2`, `3/8.4.3`).

use std::collections::BTreeMap;

use ecma167::LogicalSector;
use ecma167::general::{ExtentAd, Tag, TagIdentifier};
use ecma167::volume::{ImplementationUseVolumeDescriptor, TerminatingDescriptor, VolumeDescriptorPointer};
use zerocopy::FromBytes;

use crate::anchor::Anchor;
use crate::claims::{Owner, Use};
use crate::descriptor::FoundDescriptor;
use crate::descriptors::Prevailing;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::Layout;
use crate::rules::FindingKind as K;
use crate::tag::identifier_of;

/// Maximum number of sectors read per sequence.
const MOST_SECTORS: u32 = 1024;
/// Maximum number of descriptors kept per sequence.
const MOST_DESCRIPTORS: usize = 256;
/// Maximum number of pointers followed.
const MOST_POINTERS: usize = 64;
/// Maximum number of sequences read: two per session of a disc of 99 sessions, and some more.
const MOST_SEQUENCES: usize = 256;

type Sequence = Vec<FoundDescriptor>;

/// The layout of a volume from its descriptors, and the descriptors that say more about it.
pub(crate) struct Described {
    pub layout: Layout,
    /// The descriptor *UDF LV Info.
    pub information: Option<FoundDescriptor>,
    pub logical: FoundDescriptor,
}

impl Judge<'_> {
    /// Reads the sequences that the anchors name, and judges the descriptors of the last session, which
    /// prevail.
    pub fn volume_descriptors(&mut self, anchors: &[Anchor]) -> Option<Described> {
        let mut read: BTreeMap<(u32, u32), Sequence> = BTreeMap::new();
        // The first usable sequence of each session.
        let mut sessions: Vec<(usize, Sequence)> = Vec::new();
        for anchor in anchors {
            let main = self.sequence(&mut read, anchor, anchor.main, "main");
            let reserve = self.sequence(&mut read, anchor, anchor.reserve, "reserve");
            let place = FindingPlace::Sector(anchor.sector);
            if let (Some(main), Some(reserve)) = (&main, &reserve)
                && !equivalent(main, reserve)
            {
                let kind = if equivalent_but_for_identity(main, reserve) {
                    K::SequencesDifferInIdentity
                } else {
                    K::SequencesDiffer
                };
                self.find(kind, place, format_args!("{}", difference(main, reserve)));
            }
            // If both are equally usable, the last one counts: the main one.
            let Some(usable) = [reserve, main]
                .into_iter()
                .flatten()
                .max_by_key(|sequence| is_usable(sequence))
            else {
                continue;
            };
            match sessions.iter().find(|(session, _)| *session == anchor.session) {
                Some((_, first)) if !equivalent(first, &usable) => {
                    let difference = difference(first, &usable);
                    self.find(K::AnchorsDiffer, place, format_args!("{difference}"));
                }
                Some(_) => {}
                None => sessions.push((anchor.session, usable)),
            }
        }
        if sessions.is_empty() {
            self.find(
                K::SequenceUnreadable,
                FindingPlace::Volume,
                format_args!("no sequence at all; {} anchors", anchors.len()),
            );
            return None;
        }
        sessions.sort_by_key(|(session, _)| *session);
        let prevailing: Vec<Prevailing> = sessions
            .iter()
            .map(|(_, sequence)| self.prevailing(sequence))
            .collect();
        let (last, earlier) = prevailing.split_last()?;
        let layout = self.descriptors(last)?;
        let kind = if layout.virtual_reference().is_some() {
            K::SessionsDiffer
        } else {
            K::SessionsOfTheirOwn
        };
        for other in earlier {
            if let Some(what) = last.differs_from(other) {
                let place = FindingPlace::Sector(last.logical_sector());
                self.find(kind, place, format_args!("{what}"));
            }
        }
        Some(Described {
            layout,
            information: last.information.clone(),
            logical: last.logical.first()?.clone(),
        })
    }

    /// Reads a sequence once; `None` if none of it is usable.
    fn sequence(
        &mut self,
        read: &mut BTreeMap<(u32, u32), Sequence>,
        anchor: &Anchor,
        extent: ExtentAd,
        name: &str,
    ) -> Option<Sequence> {
        let key = (extent.location().0, extent.length());
        if let Some(sequence) = read.get(&key) {
            return (!sequence.is_empty()).then(|| sequence.clone());
        }
        if read.len() >= MOST_SEQUENCES {
            return None;
        }
        let sequence = self.read_sequence(extent);
        if sequence.is_empty() {
            let sector = extent.location();
            self.find(
                K::SequenceUnreadable,
                FindingPlace::Sector(anchor.sector),
                format_args!("{name} sequence at {sector}"),
            );
        }
        read.insert(key, sequence.clone());
        (!sequence.is_empty()).then_some(sequence)
    }

    fn read_sequence(&mut self, extent: ExtentAd) -> Sequence {
        let mut sequence = Sequence::new();
        let mut next = Some(extent);
        let mut seen = Vec::new();
        while let Some(extent) = next.take() {
            let location = extent.location();
            if seen.contains(&location) || seen.len() >= MOST_POINTERS {
                self.find(
                    K::SequencePointer,
                    FindingPlace::Sector(location),
                    format_args!("the sequence was already there"),
                );
                break;
            }
            seen.push(location);
            let sectors = extent.sectors_of(self.disc.size()).min(MOST_SECTORS);
            self.claim(location.0, sectors, Owner::Volume, Use::Structure);
            next = self.read_sequence_extent(location, sectors, &mut sequence);
        }
        sequence
    }

    /// Reads one extent of a sequence; returns the extent in which it continues.
    fn read_sequence_extent(
        &mut self,
        start: LogicalSector,
        sectors: u32,
        sequence: &mut Sequence,
    ) -> Option<ExtentAd> {
        let mut next = None;
        for number in 0..sectors {
            let sector = LogicalSector(start.0.checked_add(number)?);
            let place = FindingPlace::Sector(sector);
            let Some(block) = self.peek(sector) else {
                // An unrecorded sector ends the sequence; a recorded one must be readable.
                if self.disc.is_recorded(sector.0, 1) {
                    self.find(
                        K::Unreadable,
                        place,
                        format_args!("sector of a volume descriptor sequence"),
                    );
                    continue;
                }
                return next;
            };
            let identifier = identifier_of(&block);
            if identifier.0 == 0 && block.iter().all(|byte| *byte == 0) {
                self.find(K::SequenceUnterminated, place, format_args!("a sector of zeros"));
                return next;
            }
            if !matches!(identifier.0, 1 | 3..=8) {
                self.find(K::SequenceDescriptor, place, format_args!("{identifier:?}"));
                continue;
            }
            let Some(tag) = self.tag(place, &block, identifier, &[sector.0]) else {
                continue;
            };
            match identifier {
                TagIdentifier::TERMINATING_DESCRIPTOR => {
                    self.terminating(place, &tag, &block);
                    self.sequence_trailing(start, number + 1, sectors);
                    return next;
                }
                TagIdentifier::VOLUME_DESCRIPTOR_POINTER => {
                    self.crc_length(place, &tag, &[size_of::<VolumeDescriptorPointer>()]);
                    if let Ok((pointer, _)) = VolumeDescriptorPointer::read_from_prefix(&block) {
                        let extent = pointer.next_volume_descriptor_sequence_extent;
                        let clause = "ECMA-167 3/10.3";
                        self.zeros(place, clause, "reserved", &pointer.reserved);
                        self.volume_extent(place, clause, "next extent", extent);
                        next = Some(extent);
                    }
                }
                _ if sequence.len() >= MOST_DESCRIPTORS => {
                    self.find(K::LimitReached, place, format_args!("volume descriptor sequence"));
                    return None;
                }
                _ => sequence.push(FoundDescriptor {
                    sector,
                    identifier,
                    block,
                }),
            }
        }
        next
    }

    fn sequence_trailing(&mut self, start: LogicalSector, from: u32, sectors: u32) {
        for number in from..sectors {
            let sector = LogicalSector(start.0.saturating_add(number));
            let Some(block) = self.peek(sector) else { return };
            if block.iter().any(|byte| *byte != 0) {
                let identifier = identifier_of(&block);
                self.find(
                    K::SequenceTrailing,
                    FindingPlace::Sector(sector),
                    format_args!("{identifier:?}"),
                );
                return;
            }
        }
    }

    pub fn terminating(&mut self, place: FindingPlace, tag: &Tag, block: &[u8]) {
        let length = size_of::<TerminatingDescriptor>();
        self.crc_length(place, tag, &[length]);
        self.zeros(place, "ECMA-167 3/10.9", "reserved", &block[Tag::LEN..length]);
        self.trailing(place, block, length);
    }

    /// The descriptors of a sequence with the highest number of their class.
    fn prevailing(&mut self, sequence: &[FoundDescriptor]) -> Prevailing {
        let mut classes: BTreeMap<(u16, Vec<u8>), FoundDescriptor> = BTreeMap::new();
        for found in sequence {
            let class = found.class();
            match classes.get(&class) {
                Some(other) if other.number() > found.number() => {}
                Some(other) if other.number() == found.number() && other.body() != found.body() => {
                    let sector = other.sector;
                    self.find(
                        K::SequenceNumbers,
                        FindingPlace::Sector(found.sector),
                        format_args!(
                            "{:?} of number {} differs from that at {sector}",
                            found.identifier,
                            found.number()
                        ),
                    );
                }
                _ => {
                    classes.insert(class, found.clone());
                }
            }
        }
        let of = |identifier: TagIdentifier| {
            let classes = classes.values();
            classes
                .filter(move |found| found.identifier == identifier)
                .cloned()
                .collect::<Vec<_>>()
        };
        let information = of(TagIdentifier::IMPLEMENTATION_USE_VOLUME_DESCRIPTOR);
        let is_information = |found: &FoundDescriptor| {
            ImplementationUseVolumeDescriptor::ref_from_prefix(&found.block[..])
                .is_ok_and(|(used, _)| used.implementation_identifier.is("*UDF LV Info"))
        };
        Prevailing {
            start: sequence.first().map_or(LogicalSector(0), |first| first.sector),
            primary: of(TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR),
            // If none has the identifier, judge one that was meant to have it.
            information: information
                .iter()
                .find(|found| is_information(found))
                .or(information.first())
                .cloned(),
            has_information: information.iter().any(is_information),
            partitions: of(TagIdentifier::PARTITION_DESCRIPTOR),
            logical: of(TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR),
            unallocated: of(TagIdentifier::UNALLOCATED_SPACE_DESCRIPTOR),
        }
    }
}

fn is_usable(sequence: &[FoundDescriptor]) -> bool {
    let has = |identifier| sequence.iter().any(|found| found.identifier == identifier);
    has(TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR) && has(TagIdentifier::PARTITION_DESCRIPTOR)
}

/// Whether the only differences are when and by whom the descriptors were recorded, and the volume set
/// identifier, which some writers generate anew for each sequence. No reader needs those to read the volume.
fn equivalent_but_for_identity(one: &[FoundDescriptor], other: &[FoundDescriptor]) -> bool {
    let without = |sequence: &[FoundDescriptor]| -> Vec<FoundDescriptor> {
        let mut copy = sequence.to_vec();
        for found in &mut copy {
            let identity = match found.identifier {
                // Volume set identifier, application, time and implementation.
                TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR => [72..200, 344..484],
                // Implementation and its use.
                TagIdentifier::PARTITION_DESCRIPTOR => [196..228, 228..356],
                TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR => [272..304, 304..432],
                _ => [0..0, 0..0],
            };
            for range in identity {
                found.block[range].fill(0);
            }
        }
        copy
    };
    equivalent(&without(one), &without(other))
}

fn sorted(sequence: &[FoundDescriptor]) -> Vec<&FoundDescriptor> {
    let mut sorted: Vec<&FoundDescriptor> = sequence.iter().collect();
    sorted.sort_by(|one, other| (one.identifier.0, one.body()).cmp(&(other.identifier.0, other.body())));
    sorted
}

fn equivalent(one: &[FoundDescriptor], other: &[FoundDescriptor]) -> bool {
    let (one, other) = (sorted(one), sorted(other));
    one.len() == other.len()
        && one
            .iter()
            .zip(&other)
            .all(|(one, other)| one.identifier == other.identifier && one.body() == other.body())
}

/// Describes the first descriptor of one sequence that the other lacks.
fn difference(one: &[FoundDescriptor], other: &[FoundDescriptor]) -> String {
    let lacks = |from: &[FoundDescriptor], to: &[FoundDescriptor]| {
        let mut from = from.iter();
        let lost = from.find(|found| {
            !to.iter()
                .any(|other| other.identifier == found.identifier && other.body() == found.body())
        })?;
        Some(format!("{} at {}", lost.identifier.name(), lost.sector))
    };
    lacks(one, other)
        .or_else(|| lacks(other, one))
        .unwrap_or_else(|| "number of descriptors".to_owned())
}
