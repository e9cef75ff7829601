//! Dates of directory records and of volume descriptors.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// A point in time supplied by the caller; nothing here reads a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// Year of the Gregorian calendar.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Hundredths of a second, 0 to 99.
    pub centisecond: u8,
    /// Offset from UTC in quarters of an hour, -48 to 52.
    pub offset: i8,
}

/// The first year that a record supports.
const FIRST_YEAR: u16 = 1900;
/// The last year.
const LAST_YEAR: u16 = 1900 + 255;

impl DateTime {
    /// Limits every field to its bounds; the day is not checked against the month.
    fn bounded(self) -> Self {
        Self {
            month: self.month.clamp(1, 12),
            day: self.day.clamp(1, 31),
            hour: self.hour.min(23),
            minute: self.minute.min(59),
            second: self.second.min(59),
            centisecond: self.centisecond.min(99),
            offset: self.offset.clamp(-48, 52),
            ..self
        }
    }
}

/// Recording date and time of a directory record, and the short form of Rock Ridge times: 7 bytes, whole
/// seconds (`ECMA-119 9.1.5`, `RRIP 1.12 4.1.6`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct RecordDate {
    /// Years since 1900.
    pub years: u8,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Offset from UTC in quarters of an hour.
    pub offset: i8,
}

const _: () = assert!(size_of::<RecordDate>() == 7);

impl RecordDate {
    /// No time specified: all zeros.
    pub const UNSPECIFIED: Self = Self {
        years: 0,
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        second: 0,
        offset: 0,
    };

    /// The time in whole seconds, rounded down; a time before 1900 or after 2155 becomes the nearest
    /// supported one.
    #[must_use]
    pub fn new(time: &DateTime) -> Self {
        let time = nearest(time.bounded());
        Self {
            years: u8::try_from(time.year - FIRST_YEAR).unwrap_or(u8::MAX),
            month: time.month,
            day: time.day,
            hour: time.hour,
            minute: time.minute,
            second: time.second,
            offset: time.offset,
        }
    }

    /// Whether the record supports this time.
    #[must_use]
    pub fn reaches(time: &DateTime) -> bool {
        (FIRST_YEAR..=LAST_YEAR).contains(&time.year)
    }

    /// The recorded time; `None` if there is none, or an impossible one.
    #[must_use]
    pub fn get(&self) -> Option<DateTime> {
        let time = DateTime {
            year: FIRST_YEAR + u16::from(self.years),
            month: self.month,
            day: self.day,
            hour: self.hour,
            minute: self.minute,
            second: self.second,
            centisecond: 0,
            offset: self.offset,
        };
        (time == time.bounded()).then_some(time)
    }
}

/// The nearest time that a record supports.
fn nearest(time: DateTime) -> DateTime {
    let (year, month, day, hour, last) = match time.year {
        ..FIRST_YEAR => (FIRST_YEAR, 1, 1, 0, 0),
        FIRST_YEAR..=LAST_YEAR => return time,
        _ => (LAST_YEAR, 12, 31, 23, 59),
    };
    DateTime {
        year,
        month,
        day,
        hour,
        minute: last,
        second: last,
        centisecond: 0,
        offset: 0,
    }
}

/// Date and time of a volume descriptor: 16 digits, and the offset (`ECMA-119 8.4.26.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VolumeDate {
    digits: [u8; 16],
    offset: i8,
}

const _: () = assert!(size_of::<VolumeDate>() == 17);

impl VolumeDate {
    /// No time specified: sixteen zeros and an offset of 0.
    pub const UNSPECIFIED: Self = Self {
        digits: *b"0000000000000000",
        offset: 0,
    };

    /// The time in hundredths of a second; a year beyond 9999 becomes 9999.
    #[must_use]
    pub fn new(time: &DateTime) -> Self {
        let time = time.bounded();
        let mut digits = [0; 16];
        put(&mut digits[..4], time.year.min(9999));
        let pairs = [
            time.month,
            time.day,
            time.hour,
            time.minute,
            time.second,
            time.centisecond,
        ];
        for (pair, number) in digits[4..].chunks_exact_mut(2).zip(pairs) {
            put(pair, u16::from(number));
        }
        Self {
            digits,
            offset: time.offset,
        }
    }

    /// The recorded time; `None` if there is none, or an impossible one.
    #[must_use]
    pub fn get(&self) -> Option<DateTime> {
        let number = |range: std::ops::Range<usize>| {
            self.digits[range].iter().try_fold(0_u16, |sum, digit| {
                digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0'))
            })
        };
        let pair = |at| number(at..at + 2).and_then(|number| u8::try_from(number).ok());
        let time = DateTime {
            year: number(0..4)?,
            month: pair(4)?,
            day: pair(6)?,
            hour: pair(8)?,
            minute: pair(10)?,
            second: pair(12)?,
            centisecond: pair(14)?,
            offset: self.offset,
        };
        (time.year > 0 && time == time.bounded()).then_some(time)
    }
}

/// Writes the number in as many decimal digits as there is room for.
fn put(digits: &mut [u8], mut number: u16) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: DateTime = DateTime {
        year: 2024,
        month: 2,
        day: 29,
        hour: 23,
        minute: 5,
        second: 7,
        centisecond: 98,
        offset: -12,
    };

    #[test]
    fn a_record_has_whole_seconds() {
        let date = RecordDate::new(&TIME);
        assert_eq!(date.as_bytes(), [124, 2, 29, 23, 5, 7, 244]);
        assert_eq!(
            date.get(),
            Some(DateTime {
                centisecond: 0,
                ..TIME
            })
        );
        assert!(RecordDate::reaches(&TIME));
    }

    #[test]
    fn a_record_of_an_unsupported_time_has_the_nearest_one() {
        for (year, bytes) in [
            (1601, [0, 1, 1, 0, 0, 0, 0]),
            (2156, [255, 12, 31, 23, 59, 59, 0]),
        ] {
            let time = DateTime { year, ..TIME };
            assert_eq!(RecordDate::new(&time).as_bytes(), bytes);
            assert!(!RecordDate::reaches(&time));
        }
    }

    #[test]
    fn a_volume_has_digits() {
        let date = VolumeDate::new(&TIME);
        assert_eq!(&date.as_bytes()[..16], b"2024022923050798");
        assert_eq!(date.get(), Some(TIME));
        let far = DateTime {
            year: u16::MAX,
            ..TIME
        };
        assert_eq!(VolumeDate::new(&far).get().unwrap().year, 9999);
    }

    #[test]
    fn zeros_are_no_time() {
        assert_eq!(VolumeDate::UNSPECIFIED.get(), None);
        assert_eq!(RecordDate::UNSPECIFIED.get(), None);
        let letters = VolumeDate {
            digits: *b"20240229230507x8",
            offset: 0,
        };
        assert_eq!(letters.get(), None);
    }

    #[test]
    fn fields_out_of_bounds_are_limited() {
        let time = DateTime {
            month: 13,
            hour: 25,
            offset: 100,
            ..TIME
        };
        let date = RecordDate::new(&time).get().unwrap();
        assert_eq!((date.month, date.hour, date.offset), (12, 23, 52));
    }
}
