//! OSTA compressed Unicode, the one character set of a volume (`UDF 2.60 2.1.1`).
//!
//! The first byte, the compression identifier, says how the rest is coded: 8 for one byte per character
//! (U+0000 to U+00FF), 16 for big-endian UTF-16. A character beyond U+FFFF is a surrogate pair: Unicode 2.0,
//! which every revision cites, defines surrogate pairs, and readers take the 16-bit form as UTF-16. In a
//! deleted file identifier 254 replaces 8 and 255 replaces 16 (`UDF 2.60 2.3.4.2`).

use thiserror::Error;

use crate::malformed::TooLong;

/// Compression identifier: one byte per character.
pub const BYTES: u8 = 8;
/// Compression identifier: two bytes per UTF-16 unit, big endian.
pub const UNITS: u8 = 16;
/// [`BYTES`] in a deleted file identifier.
pub const DELETED_BYTES: u8 = 254;
/// [`UNITS`] in a deleted file identifier.
pub const DELETED_UNITS: u8 = 255;

/// The longest coded file identifier in bytes, including its compression identifier: L_FI is one byte
/// (`ECMA-167 4/14.4.4`). That is 254 characters in the 8-bit form or 127 units in the 16-bit form.
pub const MAX_FILE_IDENTIFIER: usize = 255;

/// Text that cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// U+FEFF and U+FFFE are not part of the set (`UDF 2.60 2.1.1`), and a path cannot contain NUL.
    #[error("character U+{0:04X} cannot be recorded here")]
    Character(u32),
    /// The coded form does not fit its field.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

/// Bytes that are not text in this set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// There is no compression identifier.
    #[error("the string has no compression identifier")]
    Empty,
    /// The compression identifier is not 8, 16, 254 or 255.
    #[error("compression identifier {0} is unknown")]
    Compression(u8),
    /// The 16-bit form has an odd number of bytes.
    #[error("the 16-bit form ends inside a character")]
    HalfUnit,
    /// A surrogate without its partner is not text.
    #[error("the 16-bit form has an unpaired surrogate")]
    UnpairedSurrogate,
    /// The length byte of a dstring exceeds the field (`ECMA-167 1/7.2.12`).
    #[error("the length exceeds the field")]
    Length,
}

/// Whether the set contains this character.
#[must_use]
pub const fn is_recordable(character: char) -> bool {
    !matches!(character, '\u{FEFF}' | '\u{FFFE}')
}

/// Whether the set contains every character of a text.
#[must_use]
pub fn are_recordable(text: &str) -> bool {
    text.is_ascii() || text.chars().all(is_recordable)
}

fn is_narrow(text: &str) -> bool {
    text.chars().all(|c| c <= '\u{FF}')
}

/// Length of the coded form in bytes, including its compression identifier.
#[must_use]
pub fn encoded_len(text: &str) -> usize {
    1 + if text.is_ascii() {
        text.len()
    } else if is_narrow(text) {
        text.chars().count()
    } else {
        2 * text.encode_utf16().count()
    }
}

/// The coded form: 8-bit if every character allows it, otherwise 16-bit.
///
/// # Errors
/// [`EncodeError::Character`] for U+FEFF and U+FFFE.
pub fn encode(text: &str) -> Result<Vec<u8>, EncodeError> {
    if text.is_ascii() {
        return Ok([&[BYTES], text.as_bytes()].concat());
    }
    if let Some(character) = text.chars().find(|c| !is_recordable(*c)) {
        return Err(EncodeError::Character(u32::from(character)));
    }
    let mut coded = Vec::with_capacity(encoded_len(text));
    if is_narrow(text) {
        coded.push(BYTES);
        coded.extend(text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()));
    } else {
        coded.push(UNITS);
        coded.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    }
    Ok(coded)
}

/// Whether a name can be a file identifier (`UDF 2.60 2.3.4.6`), judged by its characters and its coded
/// length.
#[must_use]
pub fn fits_file_identifier(name: &str) -> bool {
    !name.is_empty() && are_recordable(name) && encoded_len(name) <= MAX_FILE_IDENTIFIER
}

/// The characters of a coded string, by their form.
enum Characters<'a> {
    Bytes(&'a [u8]),
    Units(&'a [[u8; 2]]),
}

impl<'a> Characters<'a> {
    /// The characters, and whether half a unit is left over.
    fn split(coded: &'a [u8]) -> Result<(Self, bool), DecodeError> {
        let (compression, characters) = coded.split_first().ok_or(DecodeError::Empty)?;
        match *compression {
            BYTES | DELETED_BYTES => Ok((Self::Bytes(characters), false)),
            UNITS | DELETED_UNITS => {
                let (units, half) = characters.as_chunks();
                Ok((Self::Units(units), !half.is_empty()))
            }
            unknown => Err(DecodeError::Compression(unknown)),
        }
    }
}

/// The text of big-endian UTF-16 units; `None` for an unpaired surrogate.
fn characters(units: &[[u8; 2]]) -> impl Iterator<Item = Option<char>> {
    char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit))).map(Result::ok)
}

/// The text of a coded string.
///
/// # Errors
/// A compression identifier that is missing or unknown, half a unit, an unpaired surrogate.
pub fn decode(coded: &[u8]) -> Result<String, DecodeError> {
    match Characters::split(coded)? {
        (_, true) => Err(DecodeError::HalfUnit),
        (Characters::Bytes(bytes), _) => Ok(bytes.iter().copied().map(char::from).collect()),
        (Characters::Units(units), _) => characters(units)
            .collect::<Option<_>>()
            .ok_or(DecodeError::UnpairedSurrogate),
    }
}

/// A character of a string without compression identifier. Zeros are padding.
fn of_another_set(byte: u8) -> char {
    match char::from(byte) {
        character if character.is_control() && byte != 0 => char::REPLACEMENT_CHARACTER,
        character => character,
    }
}

/// The text of a coded string for a listing. U+FFFD replaces anything that does not decode. Without a
/// compression identifier each byte is a character of ISO 8859-1, as in most of the other character sets
/// (`ECMA-167 1/7.2.2`).
#[must_use]
pub fn decode_lossy(coded: &[u8]) -> String {
    const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;
    match Characters::split(coded) {
        Ok((Characters::Bytes(bytes), _)) => bytes.iter().copied().map(char::from).collect(),
        Ok((Characters::Units(units), half)) => {
            let whole = characters(units).map(|character| character.unwrap_or(REPLACEMENT));
            whole.chain(half.then_some(REPLACEMENT)).collect()
        }
        Err(DecodeError::Empty) => String::new(),
        Err(_) => coded.iter().copied().map(of_another_set).collect(),
    }
}

/// Marks a file identifier as deleted, in place: 8 becomes 254, 16 becomes 255 (`UDF 2.60 2.3.4.2`).
pub fn mark_deleted(coded: &mut [u8]) {
    if let Some(compression) = coded.first_mut() {
        match *compression {
            BYTES => *compression = DELETED_BYTES,
            UNITS => *compression = DELETED_UNITS,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_text_takes_one_byte_per_character() {
        assert_eq!(
            encode("Gr\u{F6}\u{DF}e").unwrap(),
            [8, b'G', b'r', 0xF6, 0xDF, b'e']
        );
    }

    #[test]
    fn one_character_beyond_latin_makes_every_character_two_bytes() {
        assert_eq!(encode("a\u{20AC}").unwrap(), [16, 0, b'a', 0x20, 0xAC]);
    }

    #[test]
    fn a_character_beyond_the_basic_plane_is_a_surrogate_pair() {
        let coded = encode("\u{1F4BF}").unwrap();
        assert_eq!(coded, [16, 0xD8, 0x3D, 0xDC, 0xBF]);
        assert_eq!(decode(&coded).unwrap(), "\u{1F4BF}");
    }

    #[test]
    fn byte_order_marks_are_errors() {
        assert_eq!(encode("a\u{FEFF}"), Err(EncodeError::Character(0xFEFF)));
        assert!(!fits_file_identifier("\u{FFFE}"));
    }

    #[test]
    fn an_unpaired_surrogate_is_an_error_and_a_replacement_in_listings() {
        let coded = [16, 0, b'a', 0xD8, 0x3D, 0, b'b'];
        assert_eq!(decode(&coded), Err(DecodeError::UnpairedSurrogate));
        assert_eq!(decode_lossy(&coded), "a\u{FFFD}b");
    }

    #[test]
    fn half_a_unit_is_an_error_and_a_replacement_in_listings() {
        assert_eq!(decode(&[16, 0, b'a', 0]), Err(DecodeError::HalfUnit));
        assert_eq!(decode_lossy(&[16, 0, b'a', 0]), "a\u{FFFD}");
    }

    #[test]
    fn unknown_and_missing_compression_identifiers_are_errors() {
        assert_eq!(decode(&[]), Err(DecodeError::Empty));
        assert_eq!(decode(&[9, b'a']), Err(DecodeError::Compression(9)));
        assert_eq!(decode_lossy(&[9, b'a']), "\u{FFFD}a");
    }

    #[test]
    fn text_without_compression_identifier_is_shown_by_its_bytes() {
        assert_eq!(decode_lossy(b"README.TXT"), "README.TXT");
        assert_eq!(decode_lossy(b"Gr\xFCn\x1B\0"), "Gr\u{FC}n\u{FFFD}\0");
    }

    #[test]
    fn a_deleted_name_still_decodes() {
        for name in ["plain", "\u{20AC}uro"] {
            let mut coded = encode(name).unwrap();
            mark_deleted(&mut coded);
            assert!(coded[0] >= DELETED_BYTES);
            assert_eq!(decode(&coded).unwrap(), name);
        }
    }

    #[test]
    fn the_longest_names_have_254_bytes_or_127_units() {
        assert!(fits_file_identifier(&"x".repeat(254)));
        assert!(!fits_file_identifier(&"x".repeat(255)));
        assert!(fits_file_identifier(&"\u{20AC}".repeat(127)));
        assert!(!fits_file_identifier(&"\u{20AC}".repeat(128)));
        assert!(fits_file_identifier(&"\u{1F4BF}".repeat(63)));
        assert!(!fits_file_identifier(&"\u{1F4BF}".repeat(64)));
        assert!(!fits_file_identifier(""));
    }
}
