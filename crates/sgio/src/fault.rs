//! Why a command did not reach the drive, or its answer the host.

use std::io::{self, ErrorKind};

use mmc::{Failure, Sense};

use crate::header::SgIoHdr;

/// Why a command did not reach the drive, or its answer the host: the source of a [`Failure::Transport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The drive is gone.
    #[error("the drive does not answer")]
    Gone,
    /// The command exceeded its time limit. The host aborted it, or reset the drive if the drive did not let
    /// go.
    #[error("the drive did not answer in time, and the host aborted the command or reset the drive")]
    TimedOut,
    /// The bus or the drive was reset before the command ended.
    #[error("the drive was reset")]
    Reset,
    /// The host aborted the command.
    #[error("the host aborted the command")]
    Aborted,
    /// The drive, or the connection to it, is busy.
    #[error("the drive is busy")]
    Busy,
    /// Another host has reserved the drive.
    #[error("the drive is reserved by another host")]
    Reserved,
    /// The host adapter failed in another way.
    #[error("the host adapter failed (status {0:#x})")]
    Host(u16),
    /// The driver of the host failed.
    #[error("the driver failed (status {0:#x})")]
    Driver(u16),
    /// A status that is neither good nor a known failure.
    #[error("the drive ended the command with status {0:#x}")]
    Status(u8),
    /// CHECK CONDITION without sense.
    #[error("the drive failed and did not say why")]
    NoSense,
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        let kind = match fault {
            Fault::Gone => ErrorKind::NotConnected,
            Fault::TimedOut => ErrorKind::TimedOut,
            Fault::Reset => ErrorKind::ConnectionReset,
            Fault::Aborted => ErrorKind::ConnectionAborted,
            // Nothing was sent, so the caller can send the command again.
            Fault::Busy => ErrorKind::ResourceBusy,
            Fault::Reserved => ErrorKind::PermissionDenied,
            Fault::Host(_) | Fault::Driver(_) | Fault::Status(_) | Fault::NoSense => ErrorKind::Other,
        };
        Self::new(kind, fault)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Transport(fault.into())
    }
}

/// The status bits of the driver; the bits above them used to contain a suggestion.
const DRIVER_MASK: u16 = 0x0F;
/// The driver only reports that there is sense.
const DRIVER_SENSE: u16 = 0x08;
const DRIVER_TIMEOUT: u16 = 0x06;

/// The status code of a drive (`SAM-5 5.3.1`), without bits that vendors used to own.
const STATUS_MASK: u8 = 0x7E;
const GOOD: u8 = 0x00;
const CHECK_CONDITION: u8 = 0x02;
const BUSY: u8 = 0x08;
const RESERVATION_CONFLICT: u8 = 0x18;
const TASK_SET_FULL: u8 = 0x28;
const TASK_ABORTED: u8 = 0x40;

/// The number of bytes moved by a command that the kernel has sent, or its failure. Sense from the drive
/// takes precedence over the status of host and driver.
pub(crate) fn judge(header: &SgIoHdr, sense: &[u8]) -> Result<usize, Failure> {
    let sense = Sense::decode(sense.get(..usize::from(header.sb_len_wr)).unwrap_or(sense));
    let status = header.status & STATUS_MASK;
    let driver = header.driver_status & DRIVER_MASK;
    if let Some(sense) = sense.filter(|_| status == CHECK_CONDITION || driver == DRIVER_SENSE) {
        return Err(sense.into());
    }
    let fault = of_host(header.host_status)
        .or(of_status(status))
        .or(of_driver(driver));
    fault.map_or(Ok(header.moved()), |fault| Err(fault.into()))
}

/// The fault for a host adapter status of the kernel.
fn of_host(status: u16) -> Option<Fault> {
    Some(match status {
        0x00 => return None,
        // No connection, bad target, transport lost.
        0x01 | 0x04 | 0x0F | 0x11 => Fault::Gone,
        0x02 | 0x0C | 0x0D => Fault::Busy,
        0x03 => Fault::TimedOut,
        0x05 => Fault::Aborted,
        0x08 | 0x0E => Fault::Reset,
        other => Fault::Host(other),
    })
}

fn of_status(status: u8) -> Option<Fault> {
    Some(match status {
        GOOD => return None,
        CHECK_CONDITION => Fault::NoSense,
        BUSY | TASK_SET_FULL => Fault::Busy,
        RESERVATION_CONFLICT => Fault::Reserved,
        TASK_ABORTED => Fault::Aborted,
        other => Fault::Status(other),
    })
}

fn of_driver(status: u16) -> Option<Fault> {
    match status {
        0 | DRIVER_SENSE => None,
        DRIVER_TIMEOUT => Some(Fault::TimedOut),
        other => Some(Fault::Driver(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::Direction;

    fn ended(host: u16, driver: u16, status: u8, sense: Option<Sense>) -> Result<usize, Failure> {
        let mut header = SgIoHdr::new(Direction::FromDevice, 0);
        header.dxfer_len = 4;
        (header.host_status, header.driver_status, header.status) = (host, driver, status);
        let bytes = sense.map(|sense| sense.encode()).unwrap_or_default();
        header.sb_len_wr = if sense.is_some() { 18 } else { 0 };
        judge(&header, &bytes)
    }

    fn fault(host: u16, driver: u16, status: u8) -> Option<Fault> {
        match ended(host, driver, status, None) {
            Err(Failure::Transport(error)) => error.get_ref()?.downcast_ref::<Fault>().copied(),
            _ => None,
        }
    }

    #[test]
    fn a_good_command_has_moved_its_bytes() {
        assert!(matches!(ended(0, 0, GOOD, None), Ok(4)));
    }

    #[test]
    fn sense_takes_precedence_over_host_and_driver_status() {
        let sense = Sense::LONG_WRITE_IN_PROGRESS;
        for (host, driver) in [(0, 0), (0, 8), (7, 8)] {
            let ended = ended(host, driver, CHECK_CONDITION, Some(sense));
            assert!(matches!(ended, Err(Failure::Check(found)) if found.is(sense)));
        }
        assert!(matches!(ended(0, 8, GOOD, Some(sense)), Err(Failure::Check(_))));
    }

    #[test]
    fn a_failure_without_sense_is_still_a_failure() {
        assert_eq!(fault(0, 0, CHECK_CONDITION), Some(Fault::NoSense));
        assert_eq!(fault(0, 8, CHECK_CONDITION), Some(Fault::NoSense));
        assert_eq!(fault(0, 0, 0x30), Some(Fault::Status(0x30)));
    }

    #[test]
    fn host_and_driver_have_faults_of_their_own() {
        assert_eq!(fault(1, 0, GOOD), Some(Fault::Gone));
        assert_eq!(fault(3, 0, GOOD), Some(Fault::TimedOut));
        assert_eq!(fault(0, 6, GOOD), Some(Fault::TimedOut));
        assert_eq!(fault(8, 0, GOOD), Some(Fault::Reset));
        assert_eq!(fault(0, 0, TASK_SET_FULL), Some(Fault::Busy));
        assert_eq!(fault(7, 0, GOOD), Some(Fault::Host(7)));
        assert_eq!(fault(0, 4, GOOD), Some(Fault::Driver(4)));
    }

    #[test]
    fn a_timeout_has_its_own_error_kind() {
        assert_eq!(std::io::Error::from(Fault::TimedOut).kind(), ErrorKind::TimedOut);
        assert_eq!(std::io::Error::from(Fault::Gone).kind(), ErrorKind::NotConnected);
    }
}
