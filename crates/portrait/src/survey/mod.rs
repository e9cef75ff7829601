//! The survey: goes over a volume and its past once, without reading the contents of files, and paints the
//! surface.

mod medium;
mod painter;
mod past;
mod rest;
mod shown;

use std::ops::Range;

use check::Report;
use drive::DriveError;
use volume::{Error, Volume};

use crate::contents::Contents;
use crate::findings::PlacedFinding;
use crate::kind::Kind;
use crate::left::Left;
use crate::portrait::Portrait;
use crate::readers::Reader;
use crate::subject::Subject;

use painter::Painter;

/// What is known beforehand of the disc.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// What a check found.
    pub report: Option<&'a Report>,
    /// Blocks of the medium that are known to be unreadable, such as those of a map of ddrescue.
    pub unreadable: &'a [Range<u32>],
}

impl Portrait {
    /// Draws the disc with a volume: reads its directories, its nodes and the VATs of its past, and blocks
    /// that no generation names, but no contents of files.
    ///
    /// # Errors
    /// Errors of the drive. What is damaged is left out, and [`Portrait::left`] counts it.
    pub fn of(volume: &mut Volume, options: &Options<'_>) -> Result<Self, Error> {
        let mut painter = Painter::default();
        painter.paint_shown(volume)?;
        volume.structures(&mut |structure, blocks| painter.structure(structure, blocks))?;
        let (eras, past) = painter.paint_past(volume)?;
        let end = medium::end(volume);
        for free in volume.free_space()?.unwrap_or_default() {
            let free = free.start..free.end.min(end);
            painter.canvas.fill(free, Kind::Free, None);
        }
        painter.paint_rest(volume, end)?;
        painter.paint_unrecorded(volume, end);
        for loss in volume.losses() {
            if let volume::Damage::Unreadable(_) = loss.damage {
                let size = u64::from(volume.block_size().bytes());
                let at = medium::block_of(u64::from(loss.sector.0) * size);
                painter.bad.push(at..at.saturating_add(loss.sectors));
            }
        }
        for blocks in painter.bad.iter().chain(options.unreadable) {
            painter.canvas.cover(blocks.clone(), Kind::Unreadable);
        }
        let is_full = painter.canvas.is_full() || painter.is_more;
        let subject = Subject::of(volume);
        let readers = Reader::all(volume)?;
        let surface = medium::surface(painter.canvas, volume, &past, end);
        let left = Left {
            unread_nodes: painter.unread,
            not_looked_at: painter.not_looked_at,
            names: painter.owners.left_out(),
            is_cut: is_full,
        };
        let mut findings = Vec::new();
        if let Some(report) = options.report {
            for finding in report.findings() {
                findings.push(PlacedFinding::of(finding, volume, &surface)?);
            }
            findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        }
        let contents = Contents::of(&painter.owners, &left);
        Ok(Self {
            subject,
            surface,
            owners: painter.owners,
            eras,
            readers,
            findings,
            is_checked: options.report.is_some(),
            contents,
            left,
        })
    }
}

/// The block of the medium that an error is about, if a drive could not read it.
fn unreadable_block(error: &Error) -> Option<Range<u32>> {
    match error {
        Error::Drive(DriveError::Unreadable { at, .. }) => Some(at.0..at.0.saturating_add(1)),
        _ => None,
    }
}
