//! OSTA compressed Unicode, the one character set of a volume (`UDF 2.60 2.1.1`).
//!
//! The first byte, the compression identifier, says how the rest is coded: 8 for one byte a character (U+0000 to
//! U+00FF), 16 for UTF-16 in big endian. A character beyond U+FFFF is a pair of surrogates, as UDF 2.01 allows and
//! every reader takes it. In a deleted file identifier 254 stands for 8 and 255 for 16 (`UDF 2.60 2.3.4.2`).

use thiserror::Error;

use crate::malformed::TooLong;

/// Compression identifier: one byte a character.
pub const BYTES: u8 = 8;
/// Compression identifier: two bytes a UTF-16 unit, big endian.
pub const UNITS: u8 = 16;
/// As [`BYTES`], in the identifier of a deleted file.
pub const DELETED_BYTES: u8 = 254;
/// As [`UNITS`], in the identifier of a deleted file.
pub const DELETED_UNITS: u8 = 255;

/// The longest coded file identifier in bytes with its compression identifier: L_FI is one byte
/// (`ECMA-167 4/14.4.4`). That is 254 characters in 8-bit or 127 units in 16-bit form.
pub const MAX_FILE_IDENTIFIER: usize = 255;

/// Text that cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// U+FEFF and U+FFFE are not part of the set (`UDF 2.60 2.1.1`).
    #[error("character U+{0:04X} is not part of OSTA compressed Unicode")]
    Character(u32),
    /// The coded form does not fit its field.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

/// Bytes that are no text in this set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// There is no compression identifier.
    #[error("the string has no compression identifier")]
    Empty,
    /// The compression identifier is none of 8, 16, 254, 255.
    #[error("compression identifier {0} is unknown")]
    Compression(u8),
    /// 16-bit form of an odd number of bytes.
    #[error("the 16-bit form ends inside a character")]
    HalfUnit,
    /// A surrogate without its partner: there is no such text.
    #[error("the 16-bit form has an unpaired surrogate")]
    UnpairedSurrogate,
    /// The length byte of a dstring exceeds the field (`ECMA-167 1/7.2.12`).
    #[error("the length exceeds the field")]
    Length,
}

/// Whether the set has this character.
#[must_use]
pub const fn is_recordable(character: char) -> bool {
    !matches!(character, '\u{FEFF}' | '\u{FFFE}')
}

fn is_narrow(text: &str) -> bool {
    text.chars().all(|c| c <= '\u{FF}')
}

/// Bytes of the coded form of a string, its compression identifier counted.
#[must_use]
pub fn encoded_len(text: &str) -> usize {
    1 + if is_narrow(text) {
        text.chars().count()
    } else {
        2 * text.encode_utf16().count()
    }
}

/// The coded form: 8-bit where every character allows it, otherwise 16-bit.
///
/// # Errors
/// [`EncodeError::Character`] for U+FEFF and U+FFFE.
pub fn encode(text: &str) -> Result<Vec<u8>, EncodeError> {
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

/// Whether a name can be recorded as a file identifier (`UDF 2.60 2.3.4.6`): its characters and its coded length.
#[must_use]
pub fn fits_file_identifier(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_recordable) && encoded_len(name) <= MAX_FILE_IDENTIFIER
}

/// The UTF-16 units or Latin-1 bytes as units.
fn units(coded: &[u8]) -> Result<Vec<u16>, DecodeError> {
    let (compression, characters) = coded.split_first().ok_or(DecodeError::Empty)?;
    match *compression {
        BYTES | DELETED_BYTES => Ok(characters.iter().map(|byte| u16::from(*byte)).collect()),
        UNITS | DELETED_UNITS if characters.len() % 2 != 0 => Err(DecodeError::HalfUnit),
        UNITS | DELETED_UNITS => Ok(characters
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect()),
        unknown => Err(DecodeError::Compression(unknown)),
    }
}

/// The text of a coded string.
///
/// # Errors
/// A compression identifier that is missing or unknown, half a unit, an unpaired surrogate.
pub fn decode(coded: &[u8]) -> Result<String, DecodeError> {
    String::from_utf16(&units(coded)?).map_err(|_| DecodeError::UnpairedSurrogate)
}

/// The text of a coded string for a listing: what cannot be decoded becomes U+FFFD.
#[must_use]
pub fn decode_lossy(coded: &[u8]) -> String {
    let whole = coded.len() - usize::from(coded.len() > 1 && coded.len().is_multiple_of(2));
    match units(coded) {
        Ok(units) => String::from_utf16_lossy(&units),
        Err(DecodeError::HalfUnit) => decode_lossy(&coded[..whole]) + "\u{FFFD}",
        Err(DecodeError::Empty) => String::new(),
        Err(_) => "\u{FFFD}".into(),
    }
}

/// The identifier of a deleted file made from a live one, in place: 8 becomes 254, 16 becomes 255
/// (`UDF 2.60 2.3.4.2`).
pub fn mark_deleted(coded: &mut [u8]) {
    if let Some(compression) = coded.first_mut() {
        match *compression {
            BYTES => *compression = DELETED_BYTES,
            UNITS => *compression = DELETED_UNITS,
            _ => {}
        }
    }
}
