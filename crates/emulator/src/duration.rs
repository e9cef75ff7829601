//! How long a real recorder would be busy: a numerical model, which reads no clock.
//!
//! The disc spins so that blocks pass at the same speed from start to end, and recording takes the time in
//! which its blocks pass. `docs/understanding/media.md`, "Time", says which numbers are documented and which
//! are our choice; no real drive was measured.

use crate::medium::{Family, Medium};
use std::time::Duration;

/// From inserting a disc to the first command about it: the tray, the motor, the type of disc. Drives take 5
/// to 15 s.
pub(crate) const LOADING: Duration = Duration::from_secs(10);
/// Calibrating the laser power for this disc: test recordings at its edge, and reading them.
pub(crate) const CALIBRATION: Duration = Duration::from_secs(4);
/// Moving to another position for recording: the sledge, the motor at its new speed, the blocks before the
/// position.
pub(crate) const POSITIONING: Duration = Duration::from_millis(500);

/// Speed 1 of a family: kB/s (1000 bytes) as MMC counts speeds, and blocks in 1000 seconds.
const fn single(family: Family) -> (u32, u32) {
    match family {
        // MMC counts the 2352 raw bytes of a block: 75 blocks per second, 150 KiB of user data, are 176.4
        // kB/s.
        Family::Cd => (176, 75_000),
        // 1,385,000 bytes/s.
        Family::DvdR | Family::DvdPlusR => (1385, 676_270),
        // 4,495,500 bytes/s, which is 35.965 Mbit/s.
        Family::BdR => (4496, 2_195_068),
    }
}

/// Nanoseconds in the 1000 seconds for which block rates are counted.
const NANOSECONDS: u128 = 1_000_000_000_000;

/// The time for `blocks` to pass at `speed` kB/s.
pub(crate) fn of_blocks(medium: Medium, speed: u32, blocks: u64) -> Duration {
    let (kilobytes, per_1000_seconds) = single(medium.family());
    let nanoseconds = u128::from(blocks) * u128::from(kilobytes) * NANOSECONDS;
    let nanoseconds = nanoseconds / (u128::from(speed.max(1)) * u128::from(per_1000_seconds));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// The number of blocks that pass in `time`, rounded down.
pub(crate) fn blocks_in(medium: Medium, speed: u32, time: Duration) -> u64 {
    let (kilobytes, per_1000_seconds) = single(medium.family());
    let passed = (u128::from(speed) * u128::from(per_1000_seconds)).saturating_mul(time.as_nanos());
    u64::try_from(passed / (u128::from(kilobytes) * NANOSECONDS)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn at_speed_1_a_cd_takes_its_nominal_minutes() {
        let whole = of_blocks(Medium::CdR74, 176, 74 * 60 * 75);
        assert_eq!(whole, Duration::from_secs(74 * 60));
    }

    #[test]
    fn speeds_are_multiples_of_speed_1() {
        assert_eq!(of_blocks(Medium::CdR80, 16 * 176, 1200), Duration::from_secs(1));
        let dvd = of_blocks(Medium::DvdR, 8 * 1385, 8 * 1_385_000 / 2048);
        let bd = of_blocks(Medium::BdR, 4 * 4496, 4 * 4_495_500 / 2048);
        for second in [dvd, bd] {
            assert!(
                second.abs_diff(Duration::from_secs(1)) < Duration::from_millis(1),
                "{second:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn more_blocks_never_take_less_and_more_speed_never_takes_longer(
            medium in prop::sample::select(Medium::ALL.to_vec()), speed in 1u32.., blocks in any::<u64>(), more in any::<u32>()
        ) {
            let time = of_blocks(medium, speed, blocks);
            prop_assert!(of_blocks(medium, speed, blocks.saturating_add(more.into())) >= time);
            prop_assert!(of_blocks(medium, speed.saturating_add(more), blocks) <= time);
        }

        #[test]
        fn blocks_in_a_time_are_the_inverse_of_the_time_of_blocks(
            medium in prop::sample::select(Medium::ALL.to_vec()), speed in 1u32..100_000, blocks in any::<u32>()
        ) {
            let passed = blocks_in(medium, speed, of_blocks(medium, speed, blocks.into()));
            prop_assert!(u64::from(blocks) - passed <= 1, "{} of {}", passed, blocks);
        }
    }
}
