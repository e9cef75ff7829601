//! The plan: what opening, changing and closing this disc will do. It is made from the opened volume, so that
//! a program can show it before it records.

use std::fmt;

use drive::{Medium, SessionState, Status};
use mmc::Profile;
use volume::Volume;

use crate::plain::blocks_of_plain_volume;
use crate::reserved_start::reserved_start;

/// The cost of a CD recorded without packets: each track has at least 300 blocks, followed by 152 of run-out
/// and pregap.
pub const TRACK_AT_ONCE: &str =
    "a track a commit, of which a CD has at most 99, and each costs at least 452 blocks (0.9 MiB)";

/// What can be done with a disc, and what closing it will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whether files can be added.
    pub appendable: bool,
    /// Whether a session is open, which closing would close.
    pub session_open: bool,
    /// Whether the last session is closed, so that the first commit or closing that records something opens a
    /// further one.
    pub session_begins: bool,
    /// Whether the medium takes no more blocks, but its open session can still be closed.
    pub only_closes: bool,
    /// Whether blocks follow the last VAT ICB, so that the next change first records its VAT again.
    pub interrupted: bool,
    /// Whether a closing with a plain volume was interrupted, so that the next change or closing completes it
    /// first.
    pub closing_interrupted: bool,
    /// Whether closing the session finalizes the medium, because it has a single session.
    pub closing_finalizes: bool,
    /// Whether closing the session may finalize the medium, because it has no room for a further one.
    pub closing_may_finalize: bool,
    /// Whether finalizing takes one more complete session if all sessions are closed.
    pub finalizing_takes_session: bool,
    /// Whether the drive supports no packets, so that each commit ends a track of the CD.
    pub track_at_once: bool,
    /// Blocks in the drive's unit of writing.
    pub unit: u32,
    /// The most blocks that the next closing takes for the plain volume of the committed state. `None` if
    /// closing records none.
    pub plain_volume_blocks: Option<u64>,
}

impl Plan {
    /// Makes the plan for an opened volume.
    #[must_use]
    pub fn of(volume: &Volume) -> Plan {
        let medium = volume.drive().medium();
        let any = |state| medium.sessions.iter().any(|session| session.state == state);
        let session_open = any(SessionState::Open);
        let companion = volume.companion().filter(|companion| !companion.is_plain);
        let vat = volume.vat().filter(|_| companion.is_some());
        let plain_volume_blocks = vat.map(|vat| {
            let count = |count: Option<u32>| u64::from(count.unwrap_or(0));
            let extra = vat.extra_room().unwrap_or_default().blocks();
            blocks_of_plain_volume(count(vat.files), count(vat.directories).max(1)).saturating_add(extra)
        });
        let full = medium.read_only == Some(drive::ReadOnly::NoNextWritableAddress);
        Plan {
            appendable: medium.status != Status::Finalized && medium.writable && !volume.is_write_protected(),
            session_open,
            session_begins: !session_open && any(SessionState::Empty),
            only_closes: full && session_open,
            interrupted: volume.vat().is_some() && !volume.clean(),
            closing_interrupted: session_open
                && companion.is_some_and(|companion| {
                    let start = reserved_start(medium, companion, volume.revision());
                    is_closing_begun(medium, start.first_of_closing())
                }),
            closing_finalizes: medium.single_session,
            closing_may_finalize: session_open && medium.free_blocks <= blocks_of_further_session(medium),
            finalizing_takes_session: finalizing_takes_session(medium),
            track_at_once: medium.track_at_once,
            unit: medium.write_unit,
            plain_volume_blocks,
        }
    }
}

/// Whether the reserved track at the start of the open session has more than its first `first` blocks: only
/// closing records those after them.
fn is_closing_begun(medium: &Medium, first: u32) -> bool {
    let open = medium
        .sessions
        .iter()
        .find(|session| session.state == SessionState::Open);
    let reserved = open.and_then(|open| medium.tracks.iter().find(|track| track.start == open.start));
    reserved.is_some_and(|track| match track.next_writable_address {
        Some(next) => track.reserved && next.0.saturating_sub(track.start.0) > first,
        // The track is full. Without packets, so are the tracks of commits.
        None => !medium.track_at_once,
    })
}

/// Blocks that a further session needs: the gap between two sessions, and the start and end of one. With
/// fewer left, a drive may finalize the medium when it closes the session.
pub(crate) fn blocks_of_further_session(medium: &Medium) -> u32 {
    const SESSION: u32 = 1_828;
    let gap = match medium.profile {
        Profile::CdR => 11_400,
        Profile::DvdPlusR | Profile::DvdPlusRDl => 2_048,
        Profile::BdRSequential => 0,
        _ => 28_672,
    };
    gap + SESSION
}

fn finalizing_takes_session(medium: &Medium) -> bool {
    matches!(medium.profile, Profile::CdR | Profile::DvdR)
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.only_closes {
            return f.write_str("the medium takes no more blocks; its open session can still be closed");
        }
        if !self.appendable {
            return f.write_str("nothing can be added; the disc is read as it is");
        }
        if self.closing_interrupted {
            f.write_str(
                "the last closing was interrupted: it is completed first, and a further session takes what is added; ",
            )?;
        }
        if self.interrupted {
            f.write_str(
                "the last recording was interrupted: the next change first records the VAT again at the end; ",
            )?;
        }
        match self.unit {
            1 => f.write_str("files are added block by block")?,
            unit => write!(f, "files are added in units of {unit} blocks")?,
        }
        if self.session_begins {
            f.write_str(" in a further session")?;
        }
        if self.track_at_once {
            write!(f, "; the drive records no packets: {TRACK_AT_ONCE}")?;
        }
        f.write_str("; after a write error, recording continues past it, or ends at the last commit; ")?;
        match (self.session_open, self.closing_finalizes) {
            (_, true) => f.write_str("closing finalizes the medium, which has a single session")?,
            (true, false) if self.closing_may_finalize => f.write_str(
                "closing ends the open session; the drive may then finalize the medium, which has hardly any room for a further session",
            )?,
            (true, false) => {
                f.write_str("closing ends the open session, and more can be added in a further one")?
            }
            (false, false) => f.write_str("no session is open, so closing records nothing")?,
        }
        if let Some(blocks) = self.plain_volume_blocks {
            write!(
                f,
                "; closing also records a plain volume for readers without VAT, of at most {blocks} blocks"
            )?;
        }
        if self.finalizing_takes_session {
            f.write_str("; finalizing with no session open takes one more complete session")?;
        }
        Ok(())
    }
}
