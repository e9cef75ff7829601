//! The answers to READ DISC STRUCTURE that hosts request for recordable media.

use zerocopy::big_endian::{U16, U32};

wire! {
    /// The header of every format (`MMC-6 6.22.2`).
    #[doc(alias = "READ DISC STRUCTURE")]
    pub struct DiscStructureHeader [4] {
        /// Bytes after this field.
        pub data_length: U16,
        /// Reserved.
        pub reserved: [u8; 2],
    }
}

wire! {
    /// Format 00h of a DVD: the common part of the physical format information (`MMC-6 6.22.3.2.1`).
    pub struct DvdPhysicalFormat [20] {
        /// The disc category in bits 4-7 (2 DVD-R, Ah DVD+R, Eh DVD+R DL), part version in bits 0-3.
        pub category_version: u8,
        /// The disc size in bits 4-7, the maximum rate in bits 0-3.
        pub size_rate: u8,
        /// Number of layers minus 1 in bits 5-6, track path in bit 4 (1 opposite), layer type in bits 0-3.
        pub layers: u8,
        /// Linear density in bits 4-7, track density in bits 0-3.
        pub density: u8,
        /// The first physical sector of the data area: 030000h.
        pub data_area_start: U32,
        /// The last physical sector of the data area.
        pub data_area_end: U32,
        /// The last physical sector of layer 0.
        pub layer_0_end: U32,
        /// BCA in bit 7.
        pub bca: u8,
        /// Reserved.
        pub reserved: [u8; 3],
    }
}

wire! {
    /// Format 00h of a BD: the start of a disc information unit (`MMC-6 6.22.3.3.1`).
    pub struct BdDiscInformationUnit [32] {
        /// `DI`.
        pub identifier: [u8; 2],
        /// The format of the unit.
        pub format: u8,
        /// Units per layer, then the number of layers in bits 0-4 of the second byte.
        pub units: [u8; 2],
        /// The sequence number of the unit, the number of bytes in use, and a reserved byte.
        pub sequence: [u8; 3],
        /// `BDO`, `BDW` or `BDR`.
        pub disc_type: [u8; 3],
        /// The size and class of the disc.
        pub size_class_version: u8,
        /// Layers in bits 4-7, the type of the recording layers in bits 0-3.
        pub layers: u8,
        /// Channel bit length and other fields.
        pub density: u8,
        /// Push-pull polarity and other fields.
        pub polarity: u8,
        /// BCA.
        pub bca: u8,
        /// The highest transfer rate.
        pub maximum_transfer_rate: u8,
        /// Reserved.
        pub reserved: [u8; 7],
        /// The last address unit of layer 0.
        pub last_address_unit: U32,
        /// Reserved.
        pub reserved_28: [u8; 4],
    }
}
