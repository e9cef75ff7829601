//! What the survey has painted so far.

use std::collections::HashMap;
use std::ops::Range;

use ecma167::RecordedAddress;
use volume::VolumeStructure;

use crate::canvas::Canvas;
use crate::kind::Kind;
use crate::owners::{OwnerId, Owners};

/// The surface and its owners, while they are painted.
#[derive(Debug, Default)]
pub(super) struct Painter {
    pub canvas: Canvas,
    pub owners: Owners,
    /// The first name of each node of the state shown.
    pub names: HashMap<RecordedAddress, OwnerId>,
    /// Blocks that could not be read on the way.
    pub bad: Vec<Range<u32>>,
    /// Nodes and directories that cannot be read.
    pub unread: u64,
    /// Blocks that no generation names and that were not looked at.
    pub not_looked_at: u64,
    /// Whether nodes have more extents than are looked at.
    pub is_more: bool,
}

/// The most unreadable blocks that are kept.
const MOST_BAD: usize = 1 << 16;

impl Painter {
    pub fn structure(&mut self, structure: VolumeStructure, blocks: Range<u32>) {
        let kind = match structure {
            VolumeStructure::Recognition => Kind::Recognition,
            VolumeStructure::Anchor => Kind::Anchor,
            VolumeStructure::Descriptors => Kind::Descriptors,
            VolumeStructure::Metadata | VolumeStructure::Plain => Kind::Copies,
        };
        self.canvas.fill(blocks, kind, None);
    }

    /// Notes blocks that could not be read.
    pub fn note_bad(&mut self, blocks: Range<u32>) {
        let is_full = self.bad.len() >= MOST_BAD;
        match self.bad.last_mut() {
            Some(last) if last.end == blocks.start => last.end = blocks.end,
            _ if is_full => {}
            _ => self.bad.push(blocks),
        }
    }
}
