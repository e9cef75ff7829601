//! Paints what only earlier generations use, and lists the generations.

use std::collections::HashMap;
use std::ops::Range;

use ecma167::RecordedAddress;
use volume::{BlockUse, Error, NodeKind, Past, Retired, Totals, Volume};

use super::painter::Painter;
use super::shown::former;
use super::unreadable_block;
use crate::era::Era;
use crate::kind::{Kind, Was};
use crate::owners::OwnerId;

/// The most runs that wait for the name of their node.
const MOST_WAITING: usize = 1 << 20;

/// Superseded blocks of nodes whose names are not known yet.
#[derive(Default)]
struct Waiting {
    by_address: HashMap<RecordedAddress, Vec<(Was, Range<u32>)>>,
    runs: usize,
    /// The owners of paths that nodes had.
    former: HashMap<String, Option<OwnerId>>,
}

impl Painter {
    /// Goes through the generations, the oldest first. Call after [`Painter::paint_shown`]: what is still in
    /// use stays.
    pub fn paint_past(&mut self, volume: &mut Volume) -> Result<(Vec<Era>, Past), Error> {
        let past = volume.past()?;
        let mut eras: Vec<Era> = past.generations().iter().map(Era::of).collect();
        let mut waiting = Waiting::default();
        let mut comparison = volume.comparison();
        for (generation, era) in past.generations().iter().zip(&mut eras) {
            let mut totals = Totals::default();
            match comparison.advance(generation, &mut |change| totals.count(change)) {
                Ok(unread) => {
                    era.totals = Some(totals);
                    era.unread = unread;
                    era.label = comparison.label();
                    era.unread += comparison.retired(&mut |retired| self.retire(&mut waiting, retired))?;
                }
                Err(error @ Error::Drive(_)) if !error.is_damage() => return Err(error),
                // There is more than a comparison keeps in memory: the rest of the past stays unknown.
                Err(Error::Unsupported(_)) => break,
                Err(error) => {
                    era.unread = 1;
                    if let Some(blocks) = unreadable_block(&error) {
                        self.note_bad(blocks);
                    }
                }
            }
        }
        drop(comparison);
        for (address, runs) in waiting.by_address {
            let owner = self.names.get(&address).copied();
            for (was, blocks) in runs {
                self.canvas.fill(blocks, Kind::Superseded(was), owner);
            }
        }
        self.paint_vats(volume, &past)?;
        Ok((eras, past))
    }

    /// Paints the superseded blocks of a node. If its name is not known yet, they get it later.
    fn retire(&mut self, waiting: &mut Waiting, retired: &Retired) {
        let runs = retired.blocks.iter().map(|(what, blocks)| {
            let was = match what {
                BlockUse::Data => Was::Data,
                BlockUse::Directory => Was::Directory,
                _ if retired.kind == NodeKind::Directory => Was::Directory,
                _ => Was::Node,
            };
            (was, blocks.clone())
        });
        let Some(path) = &retired.path else {
            if waiting.runs + retired.blocks.len() > MOST_WAITING {
                for (was, blocks) in runs {
                    self.canvas.fill(blocks, Kind::Superseded(was), None);
                }
                return;
            }
            waiting.runs += retired.blocks.len();
            waiting
                .by_address
                .entry(retired.address)
                .or_default()
                .extend(runs);
            return;
        };
        let earlier = waiting.by_address.remove(&retired.address).unwrap_or_default();
        waiting.runs -= earlier.len();
        let mut owner = None;
        for (was, blocks) in earlier.into_iter().chain(runs) {
            if self.canvas.gaps(blocks.clone()).is_empty() {
                continue;
            }
            let owner = owner.get_or_insert_with(|| self.owner_of(waiting, retired.address, path));
            self.canvas.fill(blocks, Kind::Superseded(was), *owner);
        }
    }

    /// The owner of the superseded blocks of a node: the node if it still has this path, otherwise one owner
    /// for all nodes that had the path.
    fn owner_of(&mut self, waiting: &mut Waiting, address: RecordedAddress, path: &str) -> Option<OwnerId> {
        if let Some(known) = waiting.former.get(path) {
            return *known;
        }
        let now = self.names.get(&address).copied();
        let owner = now.filter(|now| self.owners.path(*now) == path);
        let owner = owner.or_else(|| self.owners.add(former(path)));
        waiting.former.insert(path.to_owned(), owner);
        owner
    }

    /// Paints the VATs of earlier generations; blocks that the newest one reuses stay its own.
    fn paint_vats(&mut self, volume: &mut Volume, past: &Past) -> Result<(), Error> {
        for generation in past.generations() {
            let Some(icb) = generation.icb else {
                continue;
            };
            if let Some(sector) = generation.sector {
                let blocks = sector.0..sector.0.saturating_add(1);
                self.canvas.fill(blocks, Kind::Superseded(Was::Vat), None);
            }
            let vat = match volume.vat_at(icb) {
                Ok(vat) => vat,
                Err(error @ Error::Drive(_)) if !error.is_damage() => return Err(error),
                Err(_) => continue,
            };
            let places = match volume.places(&vat.body) {
                Ok(places) => places,
                Err(error @ Error::Drive(_)) if !error.is_damage() => return Err(error),
                Err(_) => continue,
            };
            for place in places {
                let blocks = super::medium::blocks_of(place.medium, place.bytes.end - place.bytes.start);
                self.canvas.fill(blocks, Kind::Superseded(Was::Vat), None);
            }
        }
        Ok(())
    }
}
