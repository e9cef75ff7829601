//! How long the host waits for a command before it takes the drive for hung and resets it.
//!
//! A drive that takes long says so by sense where it can. Some commands take as long as what they write, even so: a lead-out
//! of a CD at single speed, the border-out of a DVD, the end of a track that a drive fills up.

use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What is not in the table answers from what the drive knows, or has to find out by a retry of a few seconds.
const OTHERWISE: Duration = SECOND.saturating_mul(60);

/// Operation codes and what they may take.
const TIMEOUTS: &[(u8, Duration)] = &[
    (0x04, MINUTE.saturating_mul(120)), // FORMAT UNIT
    (0x1B, MINUTE.saturating_mul(3)),   // START STOP UNIT: loads, spins up, examines the medium
    (0x2A, MINUTE.saturating_mul(3)),   // WRITE(10): the first one waits for a power calibration
    (0x35, MINUTE.saturating_mul(60)),  // SYNCHRONIZE CACHE: may fill up the least length of a track
    (0x53, MINUTE.saturating_mul(30)),  // RESERVE TRACK
    (0x54, MINUTE.saturating_mul(3)),   // SEND OPC INFORMATION
    (0x5B, MINUTE.saturating_mul(120)), // CLOSE TRACK/SESSION
    (0xA1, MINUTE.saturating_mul(120)), // BLANK
    (0xAA, MINUTE.saturating_mul(3)),   // WRITE(12)
];

/// The time that a command with this operation code may take.
pub(crate) fn of(operation_code: u8) -> Duration {
    let known = TIMEOUTS.iter().find(|(code, _)| *code == operation_code);
    known.map_or(OTHERWISE, |(_, timeout)| *timeout)
}

/// As the kernel takes it.
pub(crate) fn milliseconds(timeout: Duration) -> u32 {
    u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_writes_as_long_as_the_medium_needs_is_waited_for_longest() {
        let (read, write, close) = (of(0x28), of(0x2A), of(0x5B));
        assert!(read < write && write < close);
        assert_eq!(milliseconds(read), 60_000);
    }

    #[test]
    fn the_longest_time_fits_the_kernels_field() {
        for (code, timeout) in TIMEOUTS {
            assert!(milliseconds(*timeout) < u32::MAX, "{code:#x}");
        }
    }
}
