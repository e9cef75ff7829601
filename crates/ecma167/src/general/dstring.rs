//! Strings in fields of fixed length.

use std::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::malformed::TooLong;
use crate::osta::cs0::{self, DecodeError, EncodeError};

/// dstring of N bytes: characters from the start of the field, and their length in bytes in the last byte
/// (`ECMA-167 1/7.2.12`).
///
/// The empty string is all zeros, without a compression identifier.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub struct DString<const N: usize>(pub [u8; N]);

impl<const N: usize> DString<N> {
    /// The empty string.
    pub const EMPTY: Self = Self([0; N]);

    /// A string in CS0 in a field of N bytes.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`] if the coded form exceeds N - 1 bytes; characters that CS0 cannot express.
    pub fn new(text: &str) -> Result<Self, EncodeError> {
        let coded = if text.is_empty() {
            Vec::new()
        } else {
            cs0::encode(text)?
        };
        let room = N.saturating_sub(1).min(usize::from(u8::MAX));
        let (Some(length), true) = (u8::try_from(coded.len()).ok(), coded.len() <= room) else {
            return Err(TooLong {
                structure: "dstring",
                asked: coded.len(),
                room,
            }
            .into());
        };
        let mut field = [0; N];
        if let Some(characters) = field.get_mut(..coded.len()) {
            characters.copy_from_slice(&coded);
        }
        if let Some(last) = field.last_mut() {
            *last = length;
        }
        Ok(Self(field))
    }

    /// The longest prefix of whole characters that fits the field, without the characters that CS0 cannot
    /// express.
    #[must_use]
    pub fn truncated(text: &str) -> Self {
        let mut text: String = text.chars().filter(|c| cs0::is_recordable(*c)).collect();
        loop {
            match Self::new(&text) {
                Ok(field) => return field,
                Err(_) if text.pop().is_some() => {}
                Err(_) => return Self::EMPTY,
            }
        }
    }

    /// The coded characters without the length byte, limited to the field.
    #[must_use]
    pub fn characters(&self) -> &[u8] {
        let length = self.0.last().map_or(0, |length| usize::from(*length));
        &self.0[..length.min(N.saturating_sub(1))]
    }

    /// The string.
    ///
    /// # Errors
    /// The errors of [`cs0::decode`], or a length beyond the field.
    pub fn decode(&self) -> Result<String, DecodeError> {
        if self.0.last().is_some_and(|length| usize::from(*length) >= N) {
            return Err(DecodeError::Length);
        }
        if self.characters().is_empty() {
            return Ok(String::new());
        }
        cs0::decode(self.characters()).map(unpadded)
    }

    /// The string for a listing. U+FFFD replaces anything that does not decode. Of a field with length 0 and
    /// text, the text up to the first zero.
    #[must_use]
    pub fn decode_lossy(&self) -> String {
        let characters = self.characters();
        if !characters.is_empty() {
            return unpadded(cs0::decode_lossy(characters));
        }
        let field = self.0.get(..N.saturating_sub(1)).unwrap_or_default();
        let mut text = cs0::decode_lossy(field);
        text.truncate(text.find('\0').unwrap_or(text.len()));
        text
    }
}

/// Removes trailing zeros, because some writers count them in the length.
fn unpadded(mut text: String) -> String {
    text.truncate(text.trim_end_matches('\0').len());
    text
}

impl<const N: usize> Default for DString<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> fmt::Debug for DString<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.decode_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_byte_counts_the_coded_characters() {
        let field = DString::<8>::new("abc").unwrap();
        assert_eq!(field.0, [8, b'a', b'b', b'c', 0, 0, 0, 4]);
        assert_eq!(field.decode().unwrap(), "abc");
    }

    #[test]
    fn the_empty_string_is_all_zeros() {
        assert_eq!(DString::<8>::new("").unwrap().0, [0; 8]);
        assert_eq!(DString::<8>::EMPTY.decode().unwrap(), "");
    }

    #[test]
    fn a_string_fills_all_but_the_last_byte() {
        assert_eq!(DString::<8>::new("abcdef").unwrap().decode().unwrap(), "abcdef");
        let refused = TooLong {
            structure: "dstring",
            asked: 8,
            room: 7,
        };
        assert_eq!(DString::<8>::new("abcdefg"), Err(EncodeError::TooLong(refused)));
    }

    #[test]
    fn truncation_keeps_whole_characters_that_cs0_can_express() {
        assert_eq!(DString::<8>::truncated("abcdefghi").decode().unwrap(), "abcdef");
        assert_eq!(
            DString::<8>::truncated("\u{20AC}\u{20AC}\u{1F4BF}")
                .decode()
                .unwrap(),
            "\u{20AC}\u{20AC}"
        );
        assert_eq!(DString::<8>::truncated("\u{FEFF}a").decode().unwrap(), "a");
    }

    #[test]
    fn a_length_beyond_the_field_is_an_error() {
        let field = DString::<8>([8, b'a', b'b', b'c', 0, 0, 0, 8]);
        assert_eq!(field.decode(), Err(DecodeError::Length));
        assert_eq!(field.decode_lossy(), "abc");
    }

    #[test]
    fn text_in_a_field_of_length_0_is_shown() {
        let fields = [
            [8, b'a', b'b', 0, b'x', 0, 0, 0],
            [16, 0, b'a', 0, b'b', 0, 0, 0],
            [b'a', b'b', 0, 0, 0, 0, 0, 0],
            [254, b'a', b'b', 0, 0, 0, 0, 0],
            [255, 0, b'a', 0, b'b', 0, 0, 0],
        ];
        for field in fields.map(DString) {
            assert_eq!(field.decode_lossy(), "ab", "{:?}", field.0);
        }
        assert_eq!(DString([8, 0, 0, 0, 0, 0, 0, 0]).decode_lossy(), "");
    }

    #[test]
    fn text_without_compression_identifier_is_shown() {
        assert_eq!(DString([b'a', b'b', b'c', 0, 0, 0, 0, 3]).decode_lossy(), "abc");
        assert_eq!(DString([b'a', b'b', b'c', 0, 0, 0, 0, 7]).decode_lossy(), "abc");
    }

    #[test]
    fn zeros_counted_in_the_length_are_not_part_of_the_string() {
        let field = DString::<8>([8, b'a', b'b', 0, 0, 0, 0, 7]);
        assert_eq!(field.decode().unwrap(), "ab");
        assert_eq!(field.decode_lossy(), "ab");
    }
}
