//! What begins and ends the sessions of a volume, as blocks that are no data.

use std::ops::Range;

use drive::Medium;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::recognition::recognise;

use crate::open::RESERVED_TRACK_ANCHOR;
use crate::runs::Runs;

/// The most blocks of zeros between a descriptor and the end of its sequence or unit.
const MOST_ZEROS: u32 = 31;

/// The blocks of volume structures that have been found, with the zeros that fill up their sequences.
pub(crate) struct SessionStructures {
    /// The first block of each session that was begun after the newest generation, until its first anchor.
    starts: Vec<u32>,
    found: Runs,
    /// The blocks after the last structure in which zeros belong to it.
    filled: Range<u32>,
}

impl SessionStructures {
    /// Those from `first` on.
    pub(crate) fn after(medium: &Medium, first: u32) -> Self {
        let starts = medium.sessions.iter().map(|session| session.start.0);
        Self {
            starts: starts.filter(|start| *start >= first).collect(),
            found: Runs::default(),
            filled: 0..0,
        }
    }

    /// Notes the block if it is one of a structure. Blocks come in ascending order.
    pub(crate) fn look_at(&mut self, at: u32, block: &[u8]) -> bool {
        if block.iter().all(|byte| *byte == 0) {
            let is_structure = self.filled.contains(&at) || self.is_before_anchor(at);
            return is_structure && self.note(at);
        }
        let descriptor = descriptor_at(at, block);
        let is_recognition = recognise(block).is_some() && self.is_before_anchor(at);
        if descriptor.is_none() && !is_recognition {
            self.end_start(at);
            self.filled = 0..0;
            return false;
        }
        if descriptor == Some(TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER) {
            self.end_start(at);
        }
        self.filled = at..at.saturating_add(MOST_ZEROS + 1);
        self.note(at)
    }

    fn note(&mut self, at: u32) -> bool {
        self.found.add(at..at.saturating_add(1))
    }

    /// The first anchor ends the start of a session, as data does.
    fn end_start(&mut self, at: u32) {
        self.starts.retain(|start| *start > at);
    }

    /// How many blocks of structures are not among some others: a file may contain the image of a disc.
    pub(crate) fn outside(&self, others: &Runs) -> u32 {
        let all: u32 = self.found.iter().map(|run| run.end - run.start).sum();
        all.saturating_sub(self.found.common(others))
    }

    fn is_before_anchor(&self, at: u32) -> bool {
        let mut starts = self.starts.iter();
        starts.any(|start| (*start..start.saturating_add(RESERVED_TRACK_ANCHOR)).contains(&at))
    }
}

/// The descriptor of a volume in a block, if its tag states this sector (`ECMA-167 3/7.2`).
pub(crate) fn descriptor_at(at: u32, block: &[u8]) -> Option<TagIdentifier> {
    let tag = Tag::peek(block).filter(|tag| tag.tag_location.get() == at)?;
    let is_of_volume = tag.identifier().0 <= TagIdentifier::LOGICAL_VOLUME_INTEGRITY_DESCRIPTOR.0;
    is_of_volume.then(|| tag.identifier())
}
