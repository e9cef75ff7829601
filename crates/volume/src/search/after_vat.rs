//! Finds out whether a VAT later than the one in use may be lost after it.

use drive::{DriveError, SessionState};
use ecma167::LogicalSector;
use mmc::{Profile, Sense};

use crate::error::{CorruptKind, Error, ErrorPlace};
use crate::loss::{Damage, Instead, Loss, Structure, is_of_recorded};
use crate::map::{Ground, Vat};
use crate::space::Space;

/// Unreadable blocks between two packets of a CD (`MMC-6`, link blocks).
const CD_LINK_BLOCKS: u32 = 7;
/// Unreadable blocks after the last one of a closed track of a CD.
const CD_RUN_OUT_BLOCKS: u32 = 2;
/// Blocks that a DVD-R may lose when recording continues (`MMC-6`, linking loss).
const LINKING_LOSSES: [u32; 2] = [16, 32];
/// Maximum number of places noted; a disc with more has the first ones reported.
const NOTED: usize = 1024;

/// What was found between a VAT and the end of the recorded area.
#[derive(Default)]
pub(crate) struct AfterVat {
    /// Recorded blocks that cannot be read.
    unreadable: Vec<(u32, Sense)>,
    /// Unusable blocks that look like VAT ICBs, each with the reason.
    vat_icbs: Vec<(u32, Error)>,
}

/// Consecutive unreadable blocks.
struct Run {
    start: u32,
    end: u32,
    sense: Sense,
}

impl AfterVat {
    /// Notes an unreadable block, unless the drive says that nothing was recorded there.
    pub(crate) fn note_unreadable(&mut self, at: u32, sense: Sense) {
        if is_of_recorded(sense) && self.unreadable.len() < NOTED {
            self.unreadable.push((at, sense));
        }
    }

    /// Notes the blocks from `vat` on.
    pub(crate) fn note_all_unreadable(&mut self, blocks: Vec<(u32, Sense)>, vat: u32) {
        let from_vat = blocks.into_iter().filter(|(at, _)| *at >= vat);
        from_vat.for_each(|(at, sense)| self.note_unreadable(at, sense));
    }

    /// Notes a block that looks like a VAT ICB and is damaged.
    ///
    /// # Errors
    /// Any error other than damage, unchanged.
    pub(crate) fn note_vat_icb(&mut self, at: u32, error: Error) -> Result<(), Error> {
        match error {
            Error::Unsupported(_)
            | Error::Corrupt {
                kind: CorruptKind::NotAVat,
                ..
            } => Ok(()),
            error if error.is_damage() => {
                if self.vat_icbs.len() < NOTED {
                    self.vat_icbs.push((at, error));
                }
                Ok(())
            }
            error => Err(error),
        }
    }

    fn runs(&mut self) -> Vec<Run> {
        self.unreadable.sort_unstable_by_key(|(at, _)| *at);
        let mut runs: Vec<Run> = Vec::new();
        for &(at, sense) in &self.unreadable {
            match runs.last_mut().filter(|run| run.end == at) {
                Some(run) => run.end = at.saturating_add(1),
                None => runs.push(Run {
                    start: at,
                    end: at.saturating_add(1),
                    sense,
                }),
            }
        }
        runs
    }
}

impl Space {
    /// Whether the blocks from `first` up to `end` are only those that end a packet or track.
    pub(crate) fn is_link_gap(&self, first: u32, end: u32) -> bool {
        let last = self.sectors().medium().last_session_with_data();
        let closed = last.is_some_and(|session| session.state == SessionState::Closed);
        let gap = if closed { CD_RUN_OUT_BLOCKS } else { CD_LINK_BLOCKS };
        self.is_cd() && end.saturating_sub(first) == gap
    }

    /// Notes what may be lost after the VAT in use, or up to `end` if there is no VAT.
    pub(crate) fn note_after_vat(
        &mut self,
        ground: Ground,
        vat: Option<&Vat>,
        mut after_vat: AfterVat,
        end: u32,
    ) {
        let used = vat.map(|vat| vat.icb_sector(&ground.partition).0);
        for (icb, error) in std::mem::take(&mut after_vat.vat_icbs) {
            self.note_vat_icb(ground, used, icb, &error);
        }
        for run in after_vat.runs() {
            if !self
                .sectors()
                .was_any_recorded(LogicalSector(run.start)..LogicalSector(run.end))
                || self.is_link(&run)
                || self.is_known(&run)
            {
                continue;
            }
            let copies = used.is_some_and(|used| self.are_copies(used, run.start, run.end));
            let (structure, instead) = if copies {
                (Structure::VatIcb, instead(used, true))
            } else if self.is_perhaps_link(&run, end) {
                (Structure::Links, Instead::Nothing)
            } else {
                (Structure::AfterVat, instead(used, false))
            };
            self.note_loss(Loss {
                structure,
                sector: LogicalSector(run.start),
                sectors: run.end - run.start,
                damage: Damage::Unreadable(run.sense),
                instead,
            });
        }
    }

    fn note_vat_icb(&mut self, ground: Ground, used: Option<u32>, icb: u32, error: &Error) {
        let Some(damage) = Damage::of(error) else { return };
        let sector = match error {
            Error::Drive(DriveError::Unreadable { at, .. }) => at.0,
            Error::Corrupt {
                place: ErrorPlace::Address(at),
                ..
            } => ground.partition.start.0.saturating_add(at.block),
            _ => icb,
        };
        let copy = sector == icb && used.is_some_and(|used| self.are_copies(used, icb, icb + 1));
        self.note_loss(Loss {
            structure: if sector == icb {
                Structure::VatIcb
            } else {
                Structure::Vat
            },
            sector: LogicalSector(sector),
            sectors: 1,
            damage,
            instead: instead(used, copy),
        });
    }

    /// Whether blocks near a VAT ICB can only have been copies of it, because they are in the same unit of
    /// writing, which the drive records at once, or in the same CD packet: a later commit would follow links.
    pub(crate) fn are_copies(&self, used: u32, start: u32, end: u32) -> bool {
        let unit = self.sectors().medium().write_unit.max(1);
        if unit > 1 {
            return used / unit == (end - 1) / unit;
        }
        start > used && end - used <= CD_LINK_BLOCKS || start == used + 1 && end - start == CD_LINK_BLOCKS + 1
    }

    /// Whether the known losses cover each block of a run, so that none can have been a later VAT.
    fn is_known(&self, run: &Run) -> bool {
        let losses = self.losses().as_slice();
        (run.start..run.end).all(|at| losses.iter().any(|loss| loss.covers(LogicalSector(at))))
    }

    /// Whether a run is as long as the links between packets of a CD, or as the run-out of a closed track.
    fn is_link(&self, run: &Run) -> bool {
        let blocks = run.end - run.start;
        let ends_track = || {
            self.sectors()
                .medium()
                .tracks
                .iter()
                .any(|track| track.end().0 == run.end)
        };
        self.is_cd() && (blocks == CD_LINK_BLOCKS || blocks == CD_RUN_OUT_BLOCKS && ends_track())
    }

    /// Whether a run is as long as what a DVD-R may lose when recording continues, and something follows it.
    fn is_perhaps_link(&self, run: &Run, end: u32) -> bool {
        let dvd_r = matches!(
            self.sectors().medium().profile,
            Profile::DvdR | Profile::DvdRDlSequential
        );
        dvd_r && LINKING_LOSSES.contains(&(run.end - run.start)) && run.end < end
    }

    fn is_cd(&self) -> bool {
        self.sectors().medium().profile.is_cd()
    }
}

fn instead(used: Option<u32>, copy: bool) -> Instead {
    match used {
        None => Instead::Nothing,
        Some(used) if copy => Instead::VatIcb(LogicalSector(used)),
        Some(used) => Instead::EarlierGeneration(LogicalSector(used)),
    }
}
