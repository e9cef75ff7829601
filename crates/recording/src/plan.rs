//! The plan: what opening, changing and closing this disc will do, decided when it is opened and printed before it is done.

use core::fmt;

use drive::{Medium, SessionState, Status};
use volume::Volume;

/// What can be done with a disc, and what closing it will mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whether files can be added.
    pub appendable: bool,
    /// Whether a session is open, which closing would close.
    pub session_open: bool,
    /// Whether the VAT ICB is not the last recorded block, so that the next opening for changes records it again.
    pub interrupted: bool,
    /// Whether closing the session finalizes the medium, which has a single session.
    pub closing_finalizes: bool,
    /// Whether finalizing with all sessions closed takes one more complete session.
    pub finalizing_takes_session: bool,
    /// Blocks of the drive's unit of writing.
    pub unit: u32,
}

impl Plan {
    /// The plan for an opened volume.
    pub fn of(volume: &Volume) -> Plan {
        let medium = volume.drive().medium();
        Plan {
            appendable: medium.status != Status::Finalized
                && medium.writable
                && !volume.drive().is_read_only(),
            session_open: medium
                .sessions
                .iter()
                .any(|session| session.state == SessionState::Open),
            interrupted: volume.vat().is_some() && !volume.clean(),
            closing_finalizes: medium.single_session,
            finalizing_takes_session: finalizing_takes_session(medium),
            unit: medium.write_unit,
        }
    }
}

fn finalizing_takes_session(medium: &Medium) -> bool {
    use mmc::Profile;
    matches!(medium.profile, Profile::CdR | Profile::DvdR)
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.appendable {
            return f.write_str("nothing can be added; the disc is read as it is");
        }
        if self.interrupted {
            f.write_str("the last recording was interrupted: the VAT is recorded again at the end first; ")?;
        }
        write!(f, "files are added in units of {} blocks; ", self.unit)?;
        match (self.session_open, self.closing_finalizes) {
            (_, true) => f.write_str("closing finalizes the medium, which has a single session")?,
            (true, false) => {
                f.write_str("closing ends the open session, and more can be added in a further one")?
            }
            (false, false) => f.write_str("no session is open, so closing records nothing")?,
        }
        if self.finalizing_takes_session {
            f.write_str("; finalizing with no session open takes one more complete session")?;
        }
        Ok(())
    }
}
