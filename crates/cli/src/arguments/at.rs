//! A generation on the command line.

use jiff::Unit;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use oncefs::{At, Timestamp};

/// What a generation may be called.
const EXPECTED: &str = "a number as in `oncefs log`, a time such as 2026-11-03, '2026-11-03 14:05' or \
                        2026-11-03T14:05:00Z, or block:B with the block of its VAT ICB";

/// A number, a time, or `block:` and a block. A time without an offset is local, and a day, a minute or a
/// second lasts to its end.
pub fn parse_at(text: &str) -> Result<At, String> {
    let unknown = || format!("expected {EXPECTED}");
    if let Some(block) = text.strip_prefix("block:") {
        return block.parse().map(At::Block).map_err(|_| unknown());
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(At::Generation).map_err(|_| unknown());
    }
    let time = match text.parse::<jiff::Timestamp>() {
        Ok(time) => time,
        Err(_) => local(text, TimeZone::system()).ok_or_else(unknown)?,
    };
    let nanoseconds = u32::try_from(time.subsec_nanosecond()).map_err(|_| unknown())?;
    Ok(At::Time(Timestamp::from_unix(time.as_second(), nanoseconds)))
}

/// The end of a local day, minute or second.
fn local(text: &str, zone: TimeZone) -> Option<jiff::Timestamp> {
    let has_time = text.contains(':');
    let start = match has_time {
        true => text.parse::<DateTime>().ok()?,
        false => text
            .parse::<Date>()
            .ok()?
            .to_datetime(jiff::civil::Time::midnight()),
    };
    let unit = match text.matches(':').count() {
        0 => Unit::Day,
        1 => Unit::Minute,
        _ => Unit::Second,
    };
    let end = match unit {
        Unit::Day => start.date().at(23, 59, 59, 999_999_999),
        Unit::Minute => start.date().at(start.hour(), start.minute(), 59, 999_999_999),
        _ if text.contains('.') => start,
        _ => start
            .date()
            .at(start.hour(), start.minute(), start.second(), 999_999_999),
    };
    Some(end.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        local(text, TimeZone::UTC).map(|time| time.to_string())
    }

    #[test]
    fn a_day_a_minute_and_a_second_last_to_their_end() {
        let ends = ["2026-11-03", "2026-11-03 14:05", "2026-11-03T14:05:06"].map(utc);
        let expected = [
            "2026-11-03T23:59:59.999999999Z",
            "2026-11-03T14:05:59.999999999Z",
            "2026-11-03T14:05:06.999999999Z",
        ];
        assert_eq!(ends, expected.map(|text| Some(text.to_owned())));
    }

    #[test]
    fn a_number_is_a_generation_and_a_block_has_its_word() {
        assert_eq!(parse_at("12"), Ok(At::Generation(12)));
        assert_eq!(parse_at("block:319"), Ok(At::Block(319)));
        let time = Timestamp::from_unix(1_793_714_706, 0);
        assert_eq!(parse_at("2026-11-03T14:05:06Z"), Ok(At::Time(time)));
        for text in ["", "yesterday", "block:x", "-1", "2026-13-01"] {
            assert!(parse_at(text).is_err(), "{text}");
        }
    }
}
