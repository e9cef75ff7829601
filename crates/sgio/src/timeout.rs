//! How long the host waits for a command before it considers the drive hung and resets it.
//!
//! A drive that needs long reports so in its sense if it can. Even so, some commands take as long as what
//! they write: a CD lead-out at single speed, the border-out of a DVD, the end of a track that the drive
//! fills up.

use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// For commands outside the table. The drive answers them from memory, or after retries of a few seconds.
const OTHERWISE: Duration = SECOND.saturating_mul(60);

/// Operation codes and their time limits.
const TIMEOUTS: &[(u8, Duration)] = &[
    (0x04, MINUTE.saturating_mul(120)), // FORMAT UNIT
    (0x1B, MINUTE.saturating_mul(3)),   // START STOP UNIT: load, spin up, examine the medium
    (0x2A, MINUTE.saturating_mul(3)),   // WRITE(10): the first one waits for power calibration
    (0x35, MINUTE.saturating_mul(60)),  // SYNCHRONIZE CACHE: may pad a track to its minimum length
    (0x53, MINUTE.saturating_mul(30)),  // RESERVE TRACK
    (0x54, MINUTE.saturating_mul(3)),   // SEND OPC INFORMATION
    (0x5B, MINUTE.saturating_mul(120)), // CLOSE TRACK/SESSION
    (0xA1, MINUTE.saturating_mul(120)), // BLANK
    (0xAA, MINUTE.saturating_mul(3)),   // WRITE(12)
];

/// The time limit of a command with this operation code.
pub(crate) fn of(operation_code: u8) -> Duration {
    let known = TIMEOUTS.iter().find(|(code, _)| *code == operation_code);
    known.map_or(OTHERWISE, |(_, timeout)| *timeout)
}

/// In the unit of the kernel's field.
pub(crate) fn milliseconds(timeout: Duration) -> u32 {
    u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_write_long_have_the_longest_limits() {
        let (read, write, close) = (of(0x28), of(0x2A), of(0x5B));
        assert!(read < write && write < close);
        assert_eq!(milliseconds(read), 60_000);
    }

    #[test]
    fn the_longest_limit_fits_the_kernel_field() {
        for (code, timeout) in TIMEOUTS {
            assert!(milliseconds(*timeout) < u32::MAX, "{code:#x}");
        }
    }
}
