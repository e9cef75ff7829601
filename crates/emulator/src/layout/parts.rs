//! A disc in the form that the text of a side file has.

use super::{DiscLayout, Session, Track};
use crate::medium::Medium;
use crate::ranges::Ranges;

/// The disc as a side file describes it.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) medium: Medium,
    pub(crate) capacity: u32,
    pub(crate) sessions: Vec<Session>,
    pub(crate) tracks: Vec<Track>,
    pub(crate) links: Ranges,
    pub(crate) damaged: Ranges,
    pub(crate) finalized: bool,
}

impl DiscLayout {
    /// The disc with these parts; `None` if they contradict each other.
    pub(crate) fn of(parts: Parts) -> Option<Self> {
        let Parts {
            medium,
            capacity,
            sessions,
            tracks,
            links,
            damaged,
            finalized,
        } = parts;
        let disc = Self {
            medium,
            capacity,
            sessions,
            tracks,
            links,
            damaged,
            finalized,
        };
        disc.is_consistent().then_some(disc)
    }

    /// Whether the disc has the properties that the rest of the recorder relies on.
    fn is_consistent(&self) -> bool {
        let sessions = self.last_session();
        let before_the_last = self.sessions.iter().rev().skip(1);
        let only_the_last_is_open = before_the_last
            .into_iter()
            .all(|session| session.lead_out.is_some());
        let mut tracks = self.tracks.iter();
        let tracks_are_right = tracks.all(|track| {
            let lead_out = self.lead_out(track.session);
            let is_open_rightly = lead_out.is_none() && !self.finalized && track.end <= self.limit();
            (1..=sessions).contains(&track.session)
                && track.end <= self.capacity
                && lead_out.is_none_or(|at| at >= track.end)
                && (track.closed || is_open_rightly)
        });
        let followed = self.tracks.len().saturating_sub(1);
        let only_the_last_is_invisible = self.tracks[..followed].iter().all(|track| !track.invisible());
        let reach = |ranges: &Ranges| ranges.iter().all(|range| range.end <= self.capacity);
        sessions > 0
            && only_the_last_is_open
            && tracks_are_right
            && only_the_last_is_invisible
            && reach(&self.links)
            && reach(&self.damaged)
    }
}
