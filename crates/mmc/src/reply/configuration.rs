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
}
