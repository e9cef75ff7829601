//! Points in time.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// timestamp, 12 bytes (`ECMA-167 1/7.3`, `UDF 2.60 2.1.4`); all zeros if no time is stated.
#[derive(Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Timestamp {
    /// Type in the top 4 bits (1: local time), signed offset from UTC in minutes in the low 12.
    pub type_and_time_zone: U16,
    /// Year, 1 to 9999.
    pub year: U16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59 (60 only with type 2).
    pub second: u8,
    /// Hundredths of a second.
    pub centiseconds: u8,
    /// Hundreds of microseconds, after the centiseconds.
    pub hundreds_of_microseconds: u8,
    /// Microseconds, after the hundreds of microseconds.
    pub microseconds: u8,
}

const _: () = assert!(size_of::<Timestamp>() == 12);

const SECONDS_PER_DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;

impl Timestamp {
    /// The offset that means "no time zone stated".
    pub const UNSPECIFIED_OFFSET: i16 = -2047;

    /// No time stated: all zeros.
    #[must_use]
    pub fn unspecified() -> Self {
        Self::default()
    }

    /// A time in UTC, rounded down to microseconds. A year outside 1 to 9999 becomes the nearest time that
    /// the field can express.
    #[must_use]
    pub fn from_unix(seconds: i64, nanoseconds: u32) -> Self {
        let (seconds, micros) = if seconds < FIRST_SECOND {
            (FIRST_SECOND, 0)
        } else if seconds > LAST_SECOND {
            (LAST_SECOND, 999_999)
        } else {
            (seconds, nanoseconds.min(999_999_999) / 1000)
        };
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        Self {
            type_and_time_zone: 0x1000.into(),
            year: u16::try_from(year).unwrap_or(1).into(),
            month: small(month),
            day: small(day),
            hour: small(of_day / 3600),
            minute: small(of_day / 60 % 60),
            second: small(of_day % 60),
            centiseconds: small(i64::from(micros / 10_000)),
            hundreds_of_microseconds: small(i64::from(micros / 100 % 100)),
            microseconds: small(i64::from(micros % 100)),
        }
    }

    /// Offset from UTC in minutes; `None` if the type is not local time or no time zone is stated.
    #[must_use]
    pub fn offset_minutes(&self) -> Option<i16> {
        let field = self.type_and_time_zone.get();
        // Sign-extend 12 bits.
        let offset = (field << 4).cast_signed() >> 4;
        (field >> 12 == 1 && offset != Self::UNSPECIFIED_OFFSET).then_some(offset)
    }

    /// Seconds and nanoseconds since 1970-01-01T00:00:00Z. A time without a time zone counts as UTC.
    ///
    /// `None` if the time is not stated or impossible. Sub-second fields out of range count as 0, because
    /// many writers leave other values there.
    #[must_use]
    pub fn to_unix(&self) -> Option<(i64, u32)> {
        let year = i64::from(self.year.get());
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let date = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
        let offset = i64::from(self.offset_minutes().unwrap_or(0));
        if !date || day > days_in_month(year, month) || self.hour > 23 || self.minute > 59 || self.second > 60
        {
            return None;
        }
        // ECMA-167 1/7.3.1: within a day of UTC.
        if !(-1440..=1440).contains(&offset) {
            return None;
        }
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute) - offset;
        let seconds =
            days_from_civil(year, month, day) * SECONDS_PER_DAY + minutes * 60 + i64::from(self.second);
        let parts = [
            self.centiseconds,
            self.hundreds_of_microseconds,
            self.microseconds,
        ];
        let micros = if parts.iter().all(|part| *part < 100) {
            parts.iter().fold(0, |sum, part| sum * 100 + u32::from(*part))
        } else {
            0
        };
        Some((seconds, micros * 1000))
    }
}

impl Timestamp {
    /// As [`Timestamp::to_unix`], as the host has it.
    #[must_use]
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let (seconds, nanoseconds) = self.to_unix()?;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let second = if seconds < 0 {
            UNIX_EPOCH.checked_sub(whole)
        } else {
            UNIX_EPOCH.checked_add(whole)
        };
        second?.checked_add(Duration::from_nanos(nanoseconds.into()))
    }
}

/// As [`Timestamp::from_unix`].
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::from_unix(
                i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
                after.subsec_nanos(),
            ),
            Err(error) => {
                let before = error.duration();
                let seconds = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
                match before.subsec_nanos() {
                    0 => Self::from_unix(-seconds, 0),
                    // Parts of a second count up from the second before.
                    part => Self::from_unix((-seconds).saturating_sub(1), 1_000_000_000 - part),
                }
            }
        }
    }
}

/// In the form of ISO 8601, with the offset from UTC if it is stated: `2026-11-30T18:55:45.123456+01:00`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:02}{:02}{:02}",
            self.year.get(),
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.centiseconds,
            self.hundreds_of_microseconds,
            self.microseconds
        )?;
        match self.offset_minutes() {
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Converts a number that the caller's arithmetic keeps below 100.
fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March, so that the leap day is
/// the last of a year, and eras are 400 years long (146,097 days).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`]: year, month, day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: i16, hour: u8) -> Timestamp {
        Timestamp {
            type_and_time_zone: (0x1000 | offset.cast_unsigned() & 0xFFF).into(),
            hour,
            ..Timestamp::from_unix(1_700_000_000, 0)
        }
    }

    #[test]
    fn a_time_is_recorded_in_utc_with_microseconds() {
        let time = Timestamp::from_unix(951_827_696, 123_456_789);
        assert_eq!(format!("{time}"), "2000-02-29T12:34:56.123456Z");
        assert_eq!(time.type_and_time_zone.get(), 0x1000);
        assert_eq!(time.to_unix(), Some((951_827_696, 123_456_000)));
    }

    #[test]
    fn a_time_is_shown_with_its_offset() {
        assert_eq!(at(-90, 7).to_string(), "2023-11-14T07:13:20.000000-01:30");
        assert_eq!(at(60, 7).to_string(), "2023-11-14T07:13:20.000000+01:00");
        let unknown = at(Timestamp::UNSPECIFIED_OFFSET, 7).to_string();
        assert_eq!(unknown, "2023-11-14T07:13:20.000000");
    }

    #[test]
    fn times_before_1970_are_rounded_down_too() {
        let time = Timestamp::from_unix(-1, 999_999_999);
        assert_eq!(format!("{time}"), "1969-12-31T23:59:59.999999Z");
        assert_eq!(time.to_unix(), Some((-1, 999_999_000)));
    }

    #[test]
    fn years_outside_1_to_9999_become_the_nearest_time() {
        assert_eq!(
            format!("{}", Timestamp::from_unix(i64::MIN, 5)),
            "0001-01-01T00:00:00.000000Z"
        );
        assert_eq!(
            format!("{}", Timestamp::from_unix(i64::MAX, 5)),
            "9999-12-31T23:59:59.999999Z"
        );
        for seconds in [FIRST_SECOND, LAST_SECOND] {
            assert_eq!(Timestamp::from_unix(seconds, 0).to_unix(), Some((seconds, 0)));
        }
    }

    #[test]
    fn the_offset_is_subtracted() {
        assert_eq!(at(60, 12).to_unix().unwrap().0, at(0, 11).to_unix().unwrap().0);
        assert_eq!(at(-300, 12).to_unix().unwrap().0, at(0, 17).to_unix().unwrap().0);
    }

    #[test]
    fn a_time_without_a_stated_zone_is_taken_as_utc() {
        assert_eq!(
            at(Timestamp::UNSPECIFIED_OFFSET, 12).to_unix(),
            at(0, 12).to_unix()
        );
        assert_eq!(at(Timestamp::UNSPECIFIED_OFFSET, 12).offset_minutes(), None);
    }

    #[test]
    fn no_time_and_impossible_times_are_none() {
        assert_eq!(Timestamp::unspecified().to_unix(), None);
        assert_eq!(
            Timestamp {
                month: 13,
                ..at(0, 0)
            }
            .to_unix(),
            None
        );
        let not_leap = Timestamp {
            year: 1900.into(),
            month: 2,
            day: 29,
            ..at(0, 0)
        };
        assert_eq!(not_leap.to_unix(), None);
        assert_eq!(at(0, 24).to_unix(), None);
        assert_eq!(at(1441, 0).to_unix(), None);
    }

    #[test]
    fn sub_second_fields_out_of_range_count_as_zero() {
        let time = Timestamp {
            centiseconds: 100,
            ..Timestamp::from_unix(5, 0)
        };
        assert_eq!(time.to_unix(), Some((5, 0)));
    }

    #[test]
    fn a_time_of_the_host_is_the_same_when_it_comes_back() {
        let part = Duration::from_micros(1_700_000_000_123_456);
        for time in [UNIX_EPOCH, UNIX_EPOCH + part, UNIX_EPOCH - part] {
            assert_eq!(Timestamp::from(time).to_system_time(), Some(time));
        }
        assert_eq!(Timestamp::unspecified().to_system_time(), None);
    }
}
