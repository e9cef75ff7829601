//! The sense policy in one place: what a drive's answer means for the sender of the command.

use mmc::{Lba, Sense, SenseKey};

use crate::error::{DriveError, ReadOnly};

/// The kind of a command, for the reaction to its sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Queries or sets something; may be repeated.
    Control,
    /// Reads blocks; may be repeated.
    Read,
    /// Writes blocks; repeated only if the drive did not begin it.
    Write,
}

/// How to react to sense.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Success: the command was executed.
    Done,
    /// Wait, then repeat it.
    Wait,
    /// Repeat it: the drive only had a unit attention or deferred sense.
    Again,
    /// Give up.
    Fail(DriveError),
}

/// The reaction to sense.
pub(crate) fn judge(command: &'static str, kind: Kind, at: Option<Lba>, sense: Sense) -> Verdict {
    let other = || DriveError::Sense { command, sense, at };
    Verdict::Fail(match (sense.key, sense.asc, sense.ascq) {
        // A command that returns deferred sense was not executed.
        (SenseKey::NoSense | SenseKey::RecoveredError, ..) if sense.deferred => return Verdict::Again,
        (SenseKey::NoSense | SenseKey::RecoveredError, ..) => return Verdict::Done,
        // Becoming ready; format, operation or long write in progress.
        (SenseKey::NotReady, 0x04, 0x01 | 0x04 | 0x07 | 0x08) => return Verdict::Wait,
        (SenseKey::NotReady, 0x3A, _) => DriveError::MediumRemoved,
        _ if is_refused(sense) && sense.key == SenseKey::NotReady => other(),
        (SenseKey::NotReady, ..) => DriveError::NotReady { sense },
        (SenseKey::UnitAttention, 0x28, _) => DriveError::MediumChanged,
        // A reset loses what the drive had not written yet, and the caller must find out what that is.
        (SenseKey::UnitAttention, 0x29, _) if kind == Kind::Write => other(),
        // The changed mode parameters may be those that the write depends on.
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

/// Whether a drive refuses a command with this sense, because the command is unknown or its fields are wrong.
/// Some drives do so with the key of a drive that is not ready, although they are ready.
pub(crate) fn is_refused(sense: Sense) -> bool {
    sense.key == SenseKey::IllegalRequest
        || sense.key == SenseKey::NotReady && matches!(sense.asc, 0x20 | 0x24 | 0x26)
}

/// Whether the drive does not know the command.
pub(crate) fn says_unknown(error: &DriveError) -> bool {
    let asc = Sense::INVALID_COMMAND_OPERATION_CODE.asc;
    matches!(error, DriveError::Sense { sense, .. } if is_refused(*sense) && sense.asc == asc)
}

/// Whether the sense says that an object does not exist, and not that the drive failed to look for it.
pub(crate) fn says_there_is_none(sense: Sense) -> bool {
    sense.key == SenseKey::BlankCheck || is_refused(sense)
}

/// Whether a block is damaged, blank, beyond the end, or not user data of its track (a link block).
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
    fn a_command_with_deferred_sense_was_not_executed() {
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
    fn a_reset_matters_only_to_a_write() {
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
    fn a_wrong_field_does_not_mean_that_the_drive_is_not_ready() {
        let sense = Sense::new(SenseKey::NotReady, 0x24, 0);
        assert!(is_refused(sense));
        assert!(matches!(fault(Kind::Control, sense), DriveError::Sense { .. }));
    }

    #[test]
    fn a_changed_medium_is_never_ignored() {
        let error = fault(Kind::Control, Sense::MEDIUM_MAY_HAVE_CHANGED);
        assert!(matches!(error, DriveError::MediumChanged));
    }
}
