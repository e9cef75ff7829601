//! Finds the generations: by the chain of previous VAT ICBs (`UDF 2.60 2.2.11`) and, where that is broken or
//! passes over a session, by search.

use std::collections::BTreeMap;

use ecma167::general::Timestamp;
use ecma167::{LogicalBlock, LogicalSector};
use mmc::Lba;

use super::generation::{Generation, Link, Past};
use crate::error::Error;
use crate::map::{Ground, Vat};
use crate::space::Space;
use crate::volume::Volume;

/// The most generations that are listed.
const MOST: usize = 1 << 20;

/// The most searches for a VAT before a break; each reads 1 MiB at least.
const MOST_SEARCHES: usize = 1 << 10;

/// A VAT that was found.
struct Found {
    /// The field as recorded.
    previous: Option<u32>,
    /// The VAT ICB that it leads to.
    leads_to: Option<LogicalBlock>,
    unique_id: u64,
    recorded: Timestamp,
    /// Whether the blocks before it were searched.
    is_searched: bool,
}

impl Found {
    fn is_broken(&self) -> bool {
        self.previous.is_some() && self.leads_to.is_none()
    }

    /// Whether `vat` has the same contents in another block: closing and recovering record such copies.
    fn is_copy(&self, vat: &Vat) -> bool {
        self.previous == vat.previous
            && self.unique_id == vat.entry.unique_id
            && self.recorded == vat.entry.modification_time
    }
}

type All = BTreeMap<u32, Found>;

impl Volume {
    /// The generations of the volume, up to the one in force. No file and no directory is read.
    ///
    /// The chain of previous VAT ICBs leads to them. If it passes over a session, the end of that session is
    /// searched. If it is broken, the blocks before the break are searched for the VAT ICB before. A volume
    /// without a VAT has one generation.
    ///
    /// # Errors
    /// Errors of the drive. Damage only breaks the chain: see [`Past::broken`].
    pub fn past(&mut self) -> Result<Past, Error> {
        let (Some(vat), Some(ground)) = (self.space.vat().cloned(), self.space.maps().ground()) else {
            return Ok(Past::new(vec![self.only_generation()]));
        };
        let mut all = All::new();
        self.space.follow(&mut all, vat.clone())?;
        self.space.find_in_sessions(ground, &mut all, &vat)?;
        self.space.find_before_breaks(ground, &mut all)?;
        Ok(self.listed(ground, &all))
    }

    /// The one generation of a volume without a VAT.
    fn only_generation(&self) -> Generation {
        let descriptors = self.descriptors();
        let integrity = descriptors.integrity.as_ref();
        let recorded = integrity.map(|integrity| integrity.recording_date_and_time);
        Generation {
            number: 1,
            icb: None,
            sector: None,
            session: self
                .drive()
                .medium()
                .last_session_with_data()
                .map_or(1, |last| last.number),
            recorded: recorded.unwrap_or_else(Timestamp::unspecified),
            blocks: self.drive().recorded_end().0,
            link: Link::First,
        }
    }

    fn listed(&self, ground: Ground, all: &All) -> Past {
        let mut generations: Vec<Generation> = Vec::with_capacity(all.len());
        for (number, (icb, found)) in (1..).zip(all) {
            let before = generations.last();
            let sector = LogicalSector(ground.partition.start.0.saturating_add(*icb));
            let link = match (before, found.leads_to) {
                _ if found.is_broken() => Link::Broken,
                (None, _) => Link::First,
                (Some(before), leads_to) if before.icb == leads_to => Link::Chained,
                _ => Link::LeftOut,
            };
            let after = before
                .and_then(|before| before.sector)
                .map_or(0, |sector| sector.0 + 1);
            let (session, blocks) = self.recorded_between(after, sector.0);
            generations.push(Generation {
                number,
                icb: Some(LogicalBlock(*icb)),
                sector: Some(sector),
                session,
                recorded: found.recorded,
                blocks,
                link,
            });
        }
        Past::new(generations)
    }

    /// The number of the session with block `last`, and how many blocks from `first` to it are in sessions.
    fn recorded_between(&self, first: u32, last: u32) -> (u16, u32) {
        let sessions = &self.drive().medium().sessions;
        let (mut number, mut blocks) = (1, 0_u32);
        for session in sessions.iter().filter(|session| session.start.0 <= last) {
            number = session.number;
            // What a drive reports as the last block of a session may be before its last VAT ICB.
            let next = sessions
                .iter()
                .map(|other| other.start)
                .filter(|start| *start > session.start);
            let is_last = next.min().is_none_or(|next| next.0 > last);
            let end = match session.last_recorded {
                Some(Lba(end)) if !is_last => end.saturating_add(1),
                _ => last.saturating_add(1),
            };
            blocks = blocks.saturating_add(end.saturating_sub(first.max(session.start.0)));
        }
        if sessions.is_empty() {
            blocks = last.saturating_add(1).saturating_sub(first);
        }
        (number, blocks)
    }
}

impl Space {
    /// Adds a VAT and those that it leads to, up to one that is known.
    fn follow(&mut self, all: &mut All, mut vat: Vat) -> Result<(), Error> {
        while all.len() < MOST && !all.contains_key(&vat.icb.0) {
            let previous = self.previous_vat(&vat)?;
            all.insert(
                vat.icb.0,
                Found {
                    previous: vat.previous,
                    leads_to: previous.as_ref().map(|previous| previous.icb),
                    unique_id: vat.entry.unique_id,
                    recorded: vat.entry.modification_time,
                    is_searched: false,
                },
            );
            match previous {
                Some(previous) => vat = previous,
                None => break,
            }
        }
        Ok(())
    }

    /// Adds the VATs at the ends of sessions that the chain passes over.
    fn find_in_sessions(&mut self, ground: Ground, all: &mut All, newest: &Vat) -> Result<(), Error> {
        let end = newest.icb_sector(&ground.partition).0;
        let sessions = self.sectors().medium().sessions.clone();
        for session in sessions.iter().rev() {
            let Some(last) = session.last_recorded.filter(|last| last.0 < end) else {
                continue;
            };
            let block = |at: u32| at.saturating_sub(ground.partition.start.0);
            let range = block(session.start.0)..=block(last.0);
            if range.is_empty() || all.range(range.clone()).next().is_some() {
                continue;
            }
            if let Some(vat) = self.vat_near(ground, &[last])?
                && range.contains(&vat.icb.0)
                && !all.values().any(|found| found.is_copy(&vat))
            {
                self.follow(all, vat)?;
            }
        }
        Ok(())
    }

    /// Adds the VAT before each break of the chain.
    fn find_before_breaks(&mut self, ground: Ground, all: &mut All) -> Result<(), Error> {
        let mut searches = 0;
        while searches < MOST_SEARCHES {
            let mut broken = all.iter_mut().rev();
            let Some((icb, found)) = broken.find(|(_, found)| found.is_broken() && !found.is_searched) else {
                break;
            };
            found.is_searched = true;
            let (broken, lost) = (*icb, found.previous);
            let mut end = ground.partition.start.0.saturating_add(broken);
            while all.len() < MOST && searches < MOST_SEARCHES {
                searches += 1;
                let vat = match self.last_vat_before(ground, end) {
                    Ok(Some(vat)) => vat,
                    Ok(None) => break,
                    Err(error) if error.is_damage() => break,
                    Err(error) => return Err(error),
                };
                if self.is_copy_of_lost(ground, lost, &vat)
                    && let Some(found) = all.get_mut(&broken)
                {
                    found.leads_to = Some(vat.icb);
                }
                if all.contains_key(&vat.icb.0) {
                    break;
                }
                if all.values().any(|found| found.is_copy(&vat)) {
                    end = vat.icb_sector(&ground.partition).0;
                    continue;
                }
                self.follow(all, vat)?;
                break;
            }
        }
        Ok(())
    }

    /// Whether a VAT that was found is a copy of the one that cannot be read, by the field that names it: a
    /// commit fills a unit of writing with copies. The field may be a logical sector.
    fn is_copy_of_lost(&self, ground: Ground, lost: Option<u32>, found: &Vat) -> bool {
        let start = ground.partition.start.0;
        let found = found.icb_sector(&ground.partition).0;
        let named = lost.map(|lost| [lost.saturating_add(start), lost]);
        named
            .into_iter()
            .flatten()
            .any(|lost| self.are_copies(found, lost, lost.saturating_add(1)))
    }
}
