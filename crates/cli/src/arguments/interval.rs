//! A time, as the command line says it.

use std::time::Duration;

/// A time, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval(pub Option<Duration>);

pub(super) fn parse_interval(text: &str) -> Result<Interval, String> {
    if text == "never" {
        return Ok(Interval(None));
    }
    let digits = text.trim_end_matches(['s', 'm', 'h']);
    let unit = match text.get(digits.len()..) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        _ => 0,
    };
    let seconds = digits.parse::<u32>().ok().map(|number| u64::from(number) * unit);
    let duration = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
    duration
        .map(|duration| Interval(Some(duration)))
        .ok_or_else(|| "seconds, as in 90, or with m or h; or `never`".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_minutes_hours_or_never() {
        let seconds = |text| parse_interval(text).map(|Interval(time)| time.map(|time| time.as_secs()));
        assert_eq!(seconds("90"), Ok(Some(90)));
        assert_eq!(seconds("90s"), Ok(Some(90)));
        assert_eq!(seconds("5m"), Ok(Some(300)));
        assert_eq!(seconds("2h"), Ok(Some(7200)));
        assert_eq!(seconds("never"), Ok(None));
        for text in ["", "0", "m", "5mm", "-5", "5d", "1.5", "99999999999"] {
            assert!(parse_interval(text).is_err(), "{text}");
        }
    }
}
