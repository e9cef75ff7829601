//! Paints what is not recorded, and makes the surface of what was painted.

use std::ops::Range;

use drive::{Medium, Status};
use ecma167::BLOCK_SIZE;
use volume::{Past, Volume};

use super::painter::Painter;
use crate::canvas::Canvas;
use crate::kind::Kind;
use crate::surface::{Run, Surface};

/// The block of the medium with a byte.
pub(super) fn block_of(byte: u64) -> u32 {
    u32::try_from(byte / BLOCK_SIZE as u64).unwrap_or(u32::MAX)
}

/// The blocks of the medium that bytes of it touch.
pub(super) fn blocks_of(byte: u64, bytes: u64) -> Range<u32> {
    let end = byte.saturating_add(bytes).div_ceil(BLOCK_SIZE as u64);
    block_of(byte)..u32::try_from(end).unwrap_or(u32::MAX)
}

/// The block after the last one that was recorded.
pub(super) fn end(volume: &Volume) -> u32 {
    let end = volume.recorded_bytes().div_ceil(BLOCK_SIZE as u64);
    u32::try_from(end).unwrap_or(u32::MAX)
}

/// The block after the last one of the picture: a disc that takes no more ends where it was recorded to.
fn whole(medium: &Medium, end: u32) -> u32 {
    match medium.status {
        Status::Finalized => end,
        Status::Blank | Status::Appendable => medium.capacity_blocks.max(end),
    }
}

impl Painter {
    /// Paints the gaps between tracks, reserved tracks, and what is free.
    pub fn paint_unrecorded(&mut self, volume: &Volume, end: u32) {
        let medium = volume.drive().medium();
        for track in medium.tracks.iter().filter(|track| track.reserved) {
            let next = track.next_writable_address.unwrap_or(track.start);
            let is_open = track.blank || track.next_writable_address.is_some();
            if is_open && track.free_blocks > 0 {
                let kept = next.0..track.end().0;
                self.canvas.fill(kept, Kind::KeptBack, None);
            }
        }
        self.canvas.fill(0..end, Kind::Gap, None);
        self.canvas.fill(end..whole(medium, end), Kind::Free, None);
    }
}

/// The surface, with the generation that recorded each run.
pub(super) fn surface(canvas: Canvas, volume: &Volume, past: &Past, end: u32) -> Surface {
    let medium = volume.drive().medium();
    let eras = Eras::of(volume, past);
    let whole = whole(medium, end);
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    let mut add = |blocks: Range<u32>, kind: Kind, owner| {
        let blocks = blocks.start.min(whole)..blocks.end.min(whole);
        let parts = if kind.is_recorded() {
            eras.parts(blocks)
        } else {
            vec![(blocks, None)]
        };
        for (part, generation) in parts {
            if !part.is_empty() {
                runs.push(Run {
                    start: part.start,
                    blocks: part.end - part.start,
                    kind,
                    generation,
                    owner,
                });
            }
        }
    };
    for (blocks, paint) in canvas.into_runs() {
        // Left out, because there are too many runs.
        add(at..blocks.start, Kind::Unnamed, None);
        at = blocks.end.max(at);
        add(blocks, paint.kind, paint.owner);
    }
    add(at..whole, Kind::Unnamed, None);
    Surface::new(runs)
}

/// Which generation recorded which blocks.
struct Eras {
    /// The first block of each part, and its generation.
    starts: Vec<(u32, Option<u32>)>,
}

impl Eras {
    /// A block was recorded by the generation whose VAT ICB comes next, but what ends a session by the last
    /// generation in it.
    fn of(volume: &Volume, past: &Past) -> Self {
        let mut sessions: Vec<u32> = volume
            .drive()
            .medium()
            .sessions
            .iter()
            .map(|one| one.start.0)
            .collect();
        sessions.sort_unstable();
        let mut starts: Vec<(u32, Option<u32>)> = Vec::new();
        let (mut at, mut last) = (0, None);
        for generation in past.generations() {
            let Some(icb) = generation.sector else {
                return Self { starts: Vec::new() };
            };
            let later = sessions.iter().rev().find(|start| (at..=icb.0).contains(*start));
            match (last, later) {
                (Some(_), Some(start)) if *start > at => {
                    starts.push((at, last));
                    starts.push((*start, Some(generation.number)));
                }
                _ => starts.push((at, Some(generation.number))),
            }
            at = icb.0.saturating_add(1);
            last = Some(generation.number);
        }
        let ends_it = volume.is_ended_by_plain_volume();
        starts.push((at, last.filter(|_| ends_it)));
        Self { starts }
    }

    /// Cuts blocks where another generation begins.
    fn parts(&self, blocks: Range<u32>) -> Vec<(Range<u32>, Option<u32>)> {
        let next = self.starts.partition_point(|(start, _)| *start <= blocks.start);
        let mut generation = next.checked_sub(1).and_then(|at| self.starts[at].1);
        let mut parts = Vec::new();
        let mut at = blocks.start;
        for (start, later) in &self.starts[next..] {
            if *start >= blocks.end {
                break;
            }
            parts.push((at..*start, generation));
            (at, generation) = (*start, *later);
        }
        parts.push((at..blocks.end, generation));
        parts
    }
}
