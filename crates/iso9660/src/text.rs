//! Text in the fields of volume descriptors.

/// Whether a character is a d-character (`ECMA-119 7.4.1`).
pub(crate) fn is_d(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

/// Whether a character is an a-character (`ECMA-119 7.4.1`).
fn is_a(c: char) -> bool {
    is_d(c) || matches!(c, ' '..='"' | '%'..='/' | ':'..='?')
}

/// A character in upper case, or `_` if it is not allowed.
pub(crate) fn allowed(c: char, is_allowed: impl Fn(char) -> bool) -> char {
    let c = c.to_ascii_uppercase();
    if is_allowed(c) { c } else { '_' }
}

/// d-characters at the start of a field, padded with spaces; what does not fit is cut off.
pub(crate) fn d_characters<const N: usize>(text: &str) -> [u8; N] {
    ascii(text.chars().map(|c| allowed(c, is_d)))
}

/// The same with a-characters.
pub(crate) fn a_characters<const N: usize>(text: &str) -> [u8; N] {
    ascii(text.chars().map(|c| allowed(c, is_a)))
}

fn ascii<const N: usize>(characters: impl Iterator<Item = char>) -> [u8; N] {
    let mut field = [b' '; N];
    for (byte, c) in field.iter_mut().zip(characters) {
        *byte = u8::try_from(c).unwrap_or(b'_');
    }
    field
}

/// The UCS-2 unit of a character in Joliet, if it is allowed: not control characters, `* / : ; ? \`, or
/// anything beyond U+FFFF (`Joliet 1995, Allowed Character Set`).
pub(crate) fn joliet_unit(c: char) -> Option<u16> {
    let is_allowed = !matches!(c, '\0'..='\u{1F}' | '*' | '/' | ':' | ';' | '?' | '\\');
    is_allowed.then(|| u16::try_from(u32::from(c)).ok()).flatten()
}

/// UCS-2, most significant byte first, padded with spaces; an odd byte at the end is 0.
pub(crate) fn ucs2<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [0; N];
    let units = text
        .chars()
        .map(|c| joliet_unit(c).unwrap_or(u16::from(b'_')))
        .chain(std::iter::repeat(u16::from(b' ')));
    for (bytes, unit) in field.chunks_exact_mut(2).zip(units) {
        bytes.copy_from_slice(&unit.to_be_bytes());
    }
    field
}

/// The text of a field without its padding.
pub(crate) fn unfilled(text: &str) -> &str {
    text.trim_end_matches([' ', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primary_text_is_in_upper_case_and_padded_with_spaces() {
        assert_eq!(&d_characters::<10>("Día 3.x"), b"D_A_3_X   ");
        assert_eq!(&a_characters::<8>("a.b/c d€fgh"), b"A.B/C D_");
    }

    #[test]
    fn joliet_text_has_two_bytes_per_character() {
        assert_eq!(ucs2::<9>("é:\u{1F4BF}"), [0, 0xE9, 0, b'_', 0, b'_', 0, b' ', 0]);
    }
}
