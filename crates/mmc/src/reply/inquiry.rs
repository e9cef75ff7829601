//! The answer to INQUIRY.

wire! {
    /// Standard inquiry data (`MMC-6 6.11`, `SPC-4 6.4.2`).
    #[doc(alias = "INQUIRY")]
    pub struct InquiryData [36] {
        /// The peripheral device type in bits 0-4: 5 is a multi-media device.
        pub peripheral: u8,
        /// RMB in bit 7: the medium is removable.
        pub removable: u8,
        /// The version of SPC.
        pub version: u8,
        /// The response data format in bits 0-3: 2.
        pub response_data_format: u8,
        /// Bytes after this field.
        pub additional_length: u8,
        /// Flags of the standard.
        pub flags: [u8; 3],
        /// The vendor, padded with spaces.
        pub vendor_identification: [u8; 8],
        /// The product, padded with spaces.
        pub product_identification: [u8; 16],
        /// The revision, padded with spaces.
        pub product_revision_level: [u8; 4],
    }
}
