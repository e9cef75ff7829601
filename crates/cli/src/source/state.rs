//! Tells the states of a file of the host apart.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::fs::{Statx, StatxTimestamp};
use rustix::time::{ClockId, clock_gettime};

use super::status::status;

/// How long the host may give two changes the same time: its slowest clock tick, twice.
const TICKS: Duration = Duration::from_millis(20);

/// Size and times of a file. If equal before and after a read, the data are one state of the file, as far as
/// the host can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    size: u64,
    modified: (i64, u32),
    changed: (i64, u32),
    links: bool,
}

fn time(time: StatxTimestamp) -> (i64, u32) {
    (time.tv_sec, time.tv_nsec)
}

impl State {
    /// The state in a status.
    pub fn of(status: &Statx) -> Self {
        Self {
            size: status.stx_size,
            modified: time(status.stx_mtime),
            changed: time(status.stx_ctime),
            links: status.stx_nlink > 0,
        }
    }

    /// How the file came from this state to a later one, in words; `None` if they are equal.
    pub fn difference(&self, later: &Self) -> Option<&'static str> {
        if self == later {
            return None;
        }
        Some(if !later.links {
            "it was removed while it was read"
        } else if later.size > self.size {
            "it grew while it was read"
        } else if later.size < self.size {
            "it became shorter while it was read"
        } else if later.modified != self.modified {
            "it was rewritten while it was read"
        } else {
            "it was changed while it was read"
        })
    }
}

/// The status of a file after which every change shows; `None` if the file does not rest. A change within
/// this tick of the host's clock could be followed by another with the same times, so this waits for the end
/// of the tick.
pub fn settled(file: BorrowedFd<'_>) -> rustix::io::Result<Option<Statx>> {
    let start = Instant::now();
    let mut first = None;
    loop {
        let now = clock_gettime(ClockId::RealtimeCoarse);
        let status = status(file)?;
        let now = (now.tv_sec, u32::try_from(now.tv_nsec).unwrap_or(0));
        let changed = time(status.stx_ctime);
        if changed < now {
            return Ok(Some(status));
        }
        if start.elapsed() > TICKS {
            // A time that stays ahead of this clock comes from another clock.
            return Ok((first == Some(changed)).then_some(status));
        }
        first.get_or_insert(changed);
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn a_write_right_after_a_settled_state_shows() -> Result<(), Box<dyn std::error::Error>> {
        let mut file = tempfile::NamedTempFile::new()?;
        for byte in 0..20 {
            file.write_all(&[byte])?;
            let before = settled(file.as_file().as_fd())?;
            let before = State::of(&before.ok_or("it rests")?);
            std::fs::write(file.path(), [1; 20])?;
            let after = State::of(&status(file.as_file().as_fd())?);
            assert!(before.difference(&after).is_some());
        }
        Ok(())
    }

    #[test]
    fn each_kind_of_change_has_its_words() {
        let before = State {
            size: 5,
            modified: (1, 0),
            changed: (1, 0),
            links: true,
        };
        assert_eq!(before.difference(&before), None);
        let words = |later: State| before.difference(&later).unwrap_or_default();
        assert!(words(State { size: 6, ..before }).contains("grew"));
        assert!(words(State { size: 4, ..before }).contains("shorter"));
        assert!(
            words(State {
                modified: (2, 0),
                ..before
            })
            .contains("rewritten")
        );
        assert!(
            words(State {
                changed: (2, 0),
                ..before
            })
            .contains("changed")
        );
        assert!(
            words(State {
                links: false,
                ..before
            })
            .contains("removed")
        );
    }
}
