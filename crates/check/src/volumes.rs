//! The volumes of a disc: one, or two that refer to each other. An anchor belongs to the volume that it leads
//! to.

use std::collections::BTreeMap;

use ecma167::LogicalSector;
use ecma167::general::tag::verify;
use ecma167::general::{ExtentAd, TagIdentifier};
use ecma167::osta::Revision;
use ecma167::volume::{AnchorVolumeDescriptorPointer, PartitionMap};
use zerocopy::FromBytes;

use crate::anchor::positions;
use crate::companion::Companion;
use crate::disc::Block;
use crate::judge::Judge;
use crate::tag::resealed;
use crate::volume_on_disc::{AnchorPlace, Position, VolumeOnDisc, Which};

/// Maximum number of sectors of a sequence searched for its logical volume descriptor.
const MOST_SECTORS: u32 = 32;

/// What an anchor leads to.
#[derive(Clone, Copy, Debug)]
struct Lead {
    main: LogicalSector,
    reserve: LogicalSector,
    has_vat: bool,
    companion: Option<Companion>,
    revision: Revision,
}

impl Judge<'_> {
    /// The volumes of the disc: the one with the VAT first, then the plain one of each session.
    pub fn volumes(&mut self) -> Vec<VolumeOnDisc> {
        let spans = self.disc.spans.clone();
        let mut places: Vec<AnchorPlace> = Vec::new();
        for (session, span) in spans.iter().enumerate().filter(|(_, span)| !span.set_aside) {
            places.extend(positions(*span).into_iter().map(|(at, is)| (session, at, is)));
        }
        let mut known = BTreeMap::new();
        let leads: Vec<Option<Lead>> = places.iter().map(|place| self.lead(&mut known, *place)).collect();
        let only = VolumeOnDisc {
            which: Which::Only,
            session: 0,
            edition: None,
            places: places.clone(),
            reserve: None,
        };
        if leads.iter().flatten().all(|lead| lead.companion.is_none()) {
            return vec![only];
        }
        let mut vat = VolumeOnDisc {
            which: Which::Vat,
            places: Vec::new(),
            ..only
        };
        let mut plain: BTreeMap<(usize, u32), VolumeOnDisc> = BTreeMap::new();
        let is_plain = |lead: &Lead| !lead.has_vat;
        for (place, lead) in places.iter().zip(&leads) {
            let (session, _, position) = *place;
            // An anchor that leads nowhere belongs to the same volume as the others of its session.
            let others = places.iter().zip(&leads).filter(|(other, _)| {
                other.0 == session && other.2 != Position::Reserved && position != Position::Reserved
            });
            let lead = lead.or_else(|| others.filter_map(|(_, lead)| *lead).find(is_plain));
            match lead.filter(is_plain) {
                Some(lead) => {
                    // A bare image is one session, and contains a plain volume for each session of its disc.
                    let main = match spans[session].closed {
                        Some(_) => 0,
                        None => lead.main.0,
                    };
                    let volume = plain.entry((session, main)).or_insert(VolumeOnDisc {
                        which: Which::Plain,
                        session,
                        edition: Some(lead.revision.nsr()),
                        places: Vec::new(),
                        reserve: Some(lead.reserve),
                    });
                    volume.places.push(*place);
                }
                None => {
                    vat.places.push(*place);
                    if let Some(lead) = lead {
                        vat.edition = Some(lead.revision.nsr());
                    }
                }
            }
        }
        std::iter::once(vat).chain(plain.into_values()).collect()
    }

    fn lead(&mut self, known: &mut BTreeMap<(u32, u32), Option<Lead>>, place: AnchorPlace) -> Option<Lead> {
        let block = self.peek(place.1)?;
        if !self.may_be_anchor(&block, place) {
            return None;
        }
        let (anchor, _) = AnchorVolumeDescriptorPointer::read_from_prefix(&block).ok()?;
        let main = anchor.main_volume_descriptor_sequence_extent;
        let reserve = anchor.reserve_volume_descriptor_sequence_extent;
        let key = (main.location().0, reserve.location().0);
        if let Some(lead) = known.get(&key) {
            return *lead;
        }
        let logical = self.logical_in(main).or_else(|| self.logical_in(reserve));
        let lead = logical.map(|block| Lead {
            main: main.location(),
            reserve: reserve.location(),
            has_vat: has_vat(&block),
            companion: Companion::of(&block),
            revision: Revision(u16::from_le_bytes([block[240], block[241]])),
        });
        known.insert(key, lead);
        lead
    }

    /// The logical volume descriptor of a sequence, even if partly damaged.
    fn logical_in(&mut self, extent: ExtentAd) -> Option<Block> {
        let start = extent.location().0;
        for number in 0..extent.sectors_of(self.disc.size()).min(MOST_SECTORS) {
            let sector = start.checked_add(number)?;
            let Some(block) = self.peek(LogicalSector(sector)) else {
                continue;
            };
            if verify(&block, TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR, Some(sector)).is_ok() {
                return Some(block);
            }
        }
        None
    }
}

fn has_vat(block: &[u8]) -> bool {
    let copy = resealed(block, TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR);
    let logical = ecma167::volume::LogicalVolumeDescriptor::decode(&copy, None);
    logical.is_ok_and(|logical| {
        let mut maps = logical.partition_maps.iter();
        maps.any(|map| matches!(map, PartitionMap::Virtual { .. }))
    })
}
