//! Conversions between the times of the host, of UDF and of text.

use std::time::SystemTime;

use jiff::tz::TimeZone;
use oncefs::Timestamp;
use rustix::fs::{StatxTimestamp, Timespec};

/// The wall clock.
pub fn now() -> Timestamp {
    SystemTime::now().into()
}

/// A time of a file of the host, rounded down to microseconds.
pub fn of_host(time: StatxTimestamp) -> Timestamp {
    Timestamp::from_unix(time.tv_sec, time.tv_nsec)
}

/// A recorded time for a file of the host; the epoch if none is recorded.
pub fn to_host(time: &Timestamp) -> Timespec {
    let (seconds, nanoseconds) = time.to_unix().unwrap_or((0, 0));
    Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds.into(),
    }
}

/// RFC 3339 in UTC with microseconds, the resolution of UDF; `None` if no time is recorded.
pub fn rfc3339(time: &Timestamp) -> Option<String> {
    let (seconds, nanoseconds) = time.to_unix()?;
    let time = jiff::Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()?;
    Some(format!("{time:.6}"))
}

/// Local date and time to the second, for people; `-` if no time is recorded.
pub fn local(time: &Timestamp) -> String {
    let local = time.to_unix().and_then(|(seconds, nanoseconds)| {
        let time = jiff::Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()?;
        Some(time.to_zoned(TimeZone::system()))
    });
    local.map_or_else(
        || "-".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_always_shown() {
        assert_eq!(
            rfc3339(&Timestamp::from_unix(0, 0)).as_deref(),
            Some("1970-01-01T00:00:00.000000Z")
        );
        assert_eq!(
            rfc3339(&Timestamp::from_unix(1_700_000_000, 123_456_789)).as_deref(),
            Some("2023-11-14T22:13:20.123456Z")
        );
    }

    #[test]
    fn a_time_before_the_epoch_counts_up_within_its_second() {
        assert_eq!(
            rfc3339(&Timestamp::from_unix(-1, 250_000_000)).as_deref(),
            Some("1969-12-31T23:59:59.250000Z")
        );
    }

    #[test]
    fn no_recorded_time_is_no_text() {
        assert_eq!(rfc3339(&Timestamp::unspecified()), None);
    }
}
