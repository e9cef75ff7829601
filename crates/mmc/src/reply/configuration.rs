//! The header of the answer to GET CONFIGURATION.

use crate::Profile;
use zerocopy::big_endian::{U16, U32};

wire! {
    /// The feature header (`MMC-6 6.5.3`). [`Features`](crate::Features) reads the descriptors after it.
    #[doc(alias = "GET CONFIGURATION")]
    pub struct FeatureHeader [8] {
        /// Bytes after this field, even if the host did not accept them all.
        pub data_length: U32,
        /// Reserved.
        pub reserved: [u8; 2],
        /// The current profile.
        pub current_profile: U16,
    }
}

impl FeatureHeader {
    /// The current profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        Profile::from_number(self.current_profile.get())
    }

    /// The feature descriptors among the bytes after this header, according to its length.
    #[must_use]
    pub fn of<'a>(&self, after_header: &'a [u8]) -> &'a [u8] {
        // The length counts the bytes after its own four, and four of these are the rest of the header.
        let length = usize::try_from(self.data_length.get()).unwrap_or(usize::MAX);
        &after_header[..length.saturating_sub(4).min(after_header.len())]
    }
}
