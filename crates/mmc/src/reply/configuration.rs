//! The head of the answer to GET CONFIGURATION.

use crate::Profile;
use zerocopy::big_endian::{U16, U32};

wire! {
    /// The feature header; [`Features`](crate::Features) reads the descriptors behind it (`MMC-6 6.5.3`).
    #[doc(alias = "GET CONFIGURATION")]
    pub struct FeatureHeader [8] {
        /// Bytes behind this field, also where the host did not take them.
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

    /// Of the bytes behind this header those that are feature descriptors by its length.
    #[must_use]
    pub fn of<'a>(&self, behind: &'a [u8]) -> &'a [u8] {
        // The length counts what follows its own four bytes, of which the rest of the header is four.
        let length = usize::try_from(self.data_length.get()).unwrap_or(usize::MAX);
        &behind[..length.saturating_sub(4).min(behind.len())]
    }
}
