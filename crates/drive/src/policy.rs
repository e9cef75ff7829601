//! The sense policy, in one place: what the drive's answer means for whoever sent the command.

use mmc::{Lba, Sense, SenseKey};

use crate::error::{DriveError, ReadOnly};

/// What a command is, as far as its sense is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Asks or arranges something; may be sent again.
    Control,
    /// Reads blocks; may be sent again.
    Read,
    /// Writes blocks; is sent again only where the drive did not begin with it.
    Write,
}

/// What to do about a sense.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The command was carried out.
    Done,
    /// Wait, then send it again.
    Wait,
    /// Send it again: the drive only had something to say first.
    Again,
    /// Give up.
    Fail(DriveError),
}

/// Judges one sense.
pub(crate) fn judge(command: &'static str, kind: Kind, at: Option<Lba>, sense: Sense) -> Verdict {
    let other = || DriveError::Sense { command, sense, at };
    Verdict::Fail(match (sense.key, sense.asc, sense.ascq) {
        // The command that is told of an earlier one was not carried out.
        (SenseKey::NoSense | SenseKey::RecoveredError, ..) if sense.deferred => return Verdict::Again,
        (SenseKey::NoSense | SenseKey::RecoveredError, ..) => return Verdict::Done,
        // Becoming ready; format, operation or long write in progress.
        (SenseKey::NotReady, 0x04, 0x01 | 0x04 | 0x07 | 0x08) => return Verdict::Wait,
        (SenseKey::NotReady, 0x3A, _) => DriveError::MediumRemoved,
        _ if is_refused(sense) && sense.key == SenseKey::NotReady => other(),
        (SenseKey::NotReady, ..) => DriveError::NotReady { sense },
        (SenseKey::UnitAttention, 0x28, _) => DriveError::MediumChanged,
        // A reset loses what the drive had not written yet, and the caller has to find out what that is.
        (SenseKey::UnitAttention, 0x29, _) if kind == Kind::Write => other(),
        // The mode parameters may be those that the write was prepared by.
        (SenseKey::UnitAttention, 0x2A, _) if kind == Kind::Write && at.is_some() => other(),
        (SenseKey::UnitAttention, ..) => return Verdict::Again,
        (SenseKey::DataProtect, 0x27, _) => DriveError::ReadOnly(ReadOnly::WriteProtected),
        (SenseKey::IllegalRequest, 0x21, 0x02) if kind == Kind::Write => match at {
            Some(at) => DriveError::NotNextWritable { at },
            None => other(),
        },
        _ if kind == Kind::Read && is_unreadable(sense) && !sense.deferred => DriveError::Unreadable {
            at: sense.information.map(Lba).or(at).unwrap_or_default(),
            sense,
        },
        _ => other(),
    })
}

/// Whether a drive refuses a command with this, as unknown or as wrong in its fields. Some do so with the key of a drive that is not
/// ready, though they are.
pub(crate) fn is_refused(sense: Sense) -> bool {
    sense.key == SenseKey::IllegalRequest
        || sense.key == SenseKey::NotReady && matches!(sense.asc, 0x20 | 0x24 | 0x26)
}

/// Whether the drive does not know the command.
pub(crate) fn says_unknown(error: &DriveError) -> bool {
    let asc = Sense::INVALID_COMMAND_OPERATION_CODE.asc;
    matches!(error, DriveError::Sense { sense, .. } if is_refused(*sense) && sense.asc == asc)
}

/// Whether a drive says by this that there is no such thing, and not that it failed to look.
pub(crate) fn says_there_is_none(sense: Sense) -> bool {
    sense.key == SenseKey::BlankCheck || is_refused(sense)
}

/// Damaged, blank, behind the end, or no user data of its track (a link block).
fn is_unreadable(sense: Sense) -> bool {
    matches!(
        (sense.key, sense.asc),
        (SenseKey::MediumError | SenseKey::BlankCheck, _) | (SenseKey::IllegalRequest, 0x21 | 0x64)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: Kind, sense: Sense) -> DriveError {
        match judge("A COMMAND", kind, Some(Lba(5)), sense) {
            Verdict::Fail(error) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_write_away_from_the_next_writable_address_has_its_own_error() {
        let error = fault(Kind::Write, Sense::INVALID_ADDRESS_FOR_WRITE);
        assert!(matches!(error, DriveError::NotNextWritable { at: Lba(5) }));
    }

    #[test]
    fn a_command_that_is_told_of_an_earlier_one_was_not_carried_out() {
        let recovered = Sense::new(SenseKey::RecoveredError, 0x0C, 0x01);
        let verdict = |sense| judge("WRITE(10)", Kind::Write, Some(Lba(5)), sense);
        assert!(matches!(verdict(recovered), Verdict::Done));
        assert!(matches!(verdict(recovered.deferred()), Verdict::Again));
        let failed = Sense::new(SenseKey::MediumError, 0x0C, 0x00).deferred();
        assert!(matches!(fault(Kind::Read, failed), DriveError::Sense { .. }));
    }

    #[test]
    fn a_long_write_in_progress_is_waited_for() {
        let verdict = judge("WRITE(10)", Kind::Write, None, Sense::LONG_WRITE_IN_PROGRESS);
        assert!(matches!(verdict, Verdict::Wait));
    }

    #[test]
    fn a_reset_is_passed_over_but_for_a_write() {
        let reset = Sense::POWER_ON_OR_RESET;
        assert!(matches!(
            judge("READ(10)", Kind::Read, None, reset),
            Verdict::Again
        ));
        assert!(matches!(fault(Kind::Write, reset), DriveError::Sense { .. }));
    }

    #[test]
    fn an_unreadable_block_is_the_one_that_the_drive_names() {
        let error = fault(Kind::Read, Sense::UNRECOVERED_READ_ERROR.at(Lba(9)));
        assert!(matches!(error, DriveError::Unreadable { at: Lba(9), .. }));
    }

    #[test]
    fn a_wrong_field_is_no_drive_that_is_not_ready() {
        let sense = Sense::new(SenseKey::NotReady, 0x24, 0);
        assert!(is_refused(sense));
        assert!(matches!(fault(Kind::Control, sense), DriveError::Sense { .. }));
    }

    #[test]
    fn a_changed_medium_is_never_passed_over() {
        let error = fault(Kind::Control, Sense::MEDIUM_MAY_HAVE_CHANGED);
        assert!(matches!(error, DriveError::MediumChanged));
    }
}
