//! Capacities of the medium and of the buffer, and the parameter of SET STREAMING.

use zerocopy::big_endian::{U16, U32};

wire! {
    /// The answer to READ CAPACITY (`MMC-6 6.19`).
    #[doc(alias = "READ CAPACITY")]
    pub struct ReadCapacityData [8] {
        /// The last logical block address.
        pub last_logical_block_address: U32,
        /// Bytes in a block.
        pub block_length: U32,
    }
}

wire! {
    /// The header of the answer to READ FORMAT CAPACITIES (`MMC-6 6.23`).
    #[doc(alias = "READ FORMAT CAPACITIES")]
    pub struct CapacityListHeader [4] {
        /// Reserved.
        pub reserved: [u8; 3],
        /// Bytes of descriptors that follow, a multiple of 8.
        pub capacity_list_length: u8,
    }
}

wire! {
    /// The current or maximum capacity descriptor of READ FORMAT CAPACITIES.
    pub struct CapacityDescriptor [8] {
        /// Number of blocks.
        pub number_of_blocks: U32,
        /// The descriptor type in bits 0-1.
        pub kind: u8,
        /// Bytes in a block, as 24 bits.
        pub block_length: [u8; 3],
    }
}

field! {
    /// What a capacity descriptor describes.
    pub enum CapacityKind from 0x03 {
        /// 1: the maximum capacity of an unformatted or blank medium.
        Unformatted = 1,
        /// 2: the capacity of the medium.
        Formatted = 2,
        /// 3: the maximum capacity of any medium; the drive has none.
        NoMedium = 3;
        /// Reserved.
        Reserved
    }
}

impl CapacityDescriptor {
    /// What the descriptor describes.
    #[must_use]
    pub const fn capacity_kind(&self) -> CapacityKind {
        CapacityKind::from_bits(self.kind)
    }
}

wire! {
    /// The answer to READ BUFFER CAPACITY (`MMC-6 6.18`).
    #[doc(alias = "READ BUFFER CAPACITY")]
    pub struct BufferCapacity [12] {
        /// Bytes after this field.
        pub data_length: U16,
        /// Reserved.
        pub reserved: u8,
        /// BLOCK in bit 0: the fields below are in blocks instead of bytes.
        pub flags: u8,
        /// Length of the buffer.
        pub length_of_buffer: U32,
        /// Free part of the buffer.
        pub available_length: U32,
    }
}

wire! {
    /// The header of the answer to GET PERFORMANCE (`MMC-6 6.7`).
    #[doc(alias = "GET PERFORMANCE")]
    pub struct PerformanceHeader [8] {
        /// Bytes after this field.
        pub data_length: U32,
        /// Write in bit 1, except in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 3],
    }
}

wire! {
    /// A speed at which the drive writes the medium.
    pub struct WriteSpeed [16] {
        /// WRC in bits 3-4, RDD in bit 2, exact in bit 1, MRW in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 3],
        /// The last block to which the speeds apply.
        pub end: U32,
        /// Read speed in kB/s.
        pub read_speed: U32,
        /// Write speed in kB/s (1000 bytes).
        pub write_speed: U32,
    }
}

wire! {
    /// The performance descriptor of SET STREAMING (`MMC-6 6.42`).
    #[doc(alias = "SET STREAMING")]
    pub struct StreamingDescriptor [28] {
        /// WRC in bits 3-4, RDD in bit 2, exact in bit 1, RA in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 3],
        /// The first block to which the speeds apply.
        pub start: U32,
        /// The last block to which the speeds apply.
        pub end: U32,
        /// kB per read time.
        pub read_size: U32,
        /// Read time in milliseconds.
        pub read_time: U32,
        /// kB per write time.
        pub write_size: U32,
        /// Write time in milliseconds.
        pub write_time: U32,
    }
}
