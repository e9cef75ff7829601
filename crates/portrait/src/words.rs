//! Numbers, sizes and times in words, and text escaped for HTML and SVG.

use std::fmt::Write as _;

use ecma167::general::Timestamp;

/// A number with a thin space before each three digits.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the largest unit of 1,024 that leaves three digits or fewer before the point.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut scaled = bytes as f64;
    while scaled >= 1000.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} bytes")
    } else {
        format!("{scaled:.1} {}", UNITS[unit])
    }
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        self::number(number),
        if number == 1 { one } else { many }
    )
}

/// A recorded time to the second, with its offset from UTC; `-` if none is recorded.
pub(crate) fn time(time: &Timestamp) -> String {
    if time.to_unix().is_none() {
        return "-".to_owned();
    }
    let mut text = format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        time.year.get(),
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second
    );
    match time.offset_minutes() {
        Some(0) => text.push_str(" UTC"),
        Some(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.unsigned_abs();
            // Writing to a String cannot fail.
            let _ = write!(text, " {sign}{:02}:{:02}", minutes / 60, minutes % 60);
        }
        None => {}
    }
    text
}

/// Text in HTML or SVG, also in an attribute in double or single quotes. Characters that XML forbids, and
/// those that reorder text, are shown by their numbers.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => push_visible(&mut safe, character),
        }
    }
    safe
}

/// Text with the characters that [`escaped`] shows by their numbers shown so, and nothing escaped.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    text.chars()
        .for_each(|character| push_visible(&mut shown, character));
    shown
}

fn push_visible(text: &mut String, character: char) {
    if is_hidden(character) {
        // Writing to a String cannot fail.
        let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
    } else {
        text.push(character);
    }
}

/// Whether a character moves the cursor, reorders what is beside it, or is not allowed in XML.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_text() {
        let hostile = "</script><!--\"' onload=alert(1) &lt;\u{202e}\0";
        let safe = escaped(hostile);
        assert!(!safe.contains(['<', '>', '"', '\'', '\0', '\u{202e}']), "{safe}");
        assert!(safe.starts_with("&lt;/script&gt;&lt;!--&quot;&#39;"));
    }

    #[test]
    fn sizes_have_one_digit_after_the_point() {
        let sizes = [0, 999, 2048, 1_500_000, 25_025_314_816].map(size);
        assert_eq!(sizes, ["0 bytes", "999 bytes", "2.0 KiB", "1.4 MiB", "23.3 GiB"]);
    }

    #[test]
    fn digits_are_in_groups_of_three() {
        assert_eq!(number(1_234_567).replace('\u{202f}', " "), "1 234 567");
        assert_eq!(number(12), "12");
    }
}
