//! The character set specification.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// charspec, 64 bytes (`ECMA-167 1/7.2.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Charspec {
    /// 0 for CS0, which UDF defines as OSTA compressed Unicode.
    pub character_set_type: u8,
    /// Text that names the set.
    pub character_set_information: [u8; 63],
}

const _: () = assert!(size_of::<Charspec>() == 64);

impl Charspec {
    /// The one set that UDF allows (`UDF 2.60 2.1.2`).
    pub const OSTA_COMPRESSED_UNICODE: Self = {
        let text = b"OSTA Compressed Unicode";
        let mut character_set_information = [0; 63];
        let mut i = 0;
        while i < text.len() {
            character_set_information[i] = text[i];
            i += 1;
        }
        Self {
            character_set_type: 0,
            character_set_information,
        }
    };

    /// Whether this is the set that UDF allows.
    #[must_use]
    pub fn is_osta_compressed_unicode(&self) -> bool {
        *self == Self::OSTA_COMPRESSED_UNICODE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_set_is_padded_with_zeros() {
        let bytes = Charspec::OSTA_COMPRESSED_UNICODE;
        assert_eq!(&bytes.as_bytes()[..25], b"\0OSTA Compressed Unicode\0");
        assert!(bytes.as_bytes()[24..].iter().all(|byte| *byte == 0));
        assert!(bytes.is_osta_compressed_unicode());
    }
}
