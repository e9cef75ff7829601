//! The commands that ask about the medium and the drive.

use super::block::command;
use zerocopy::big_endian::{U16, U32};

command! {
    /// `MMC-6 6.23`.
    0x23 "READ FORMAT CAPACITIES" pub struct ReadFormatCapacities [10] {
        /// Reserved.
        pub reserved: [u8; 6],
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.19`.
    0x25 "READ CAPACITY" pub struct ReadCapacity [10] {
        /// Reserved.
        pub reserved: u8,
        /// Obsolete.
        pub logical_block_address: U32,
        /// Reserved.
        pub reserved_6: [u8; 2],
        /// PMI in bit 0, obsolete.
        pub flags: u8,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.25`.
    0x43 "READ TOC/PMA/ATIP" pub struct ReadTocPmaAtip [10] {
        /// MSF in bit 1: addresses in minutes, seconds and frames.
        pub flags: u8,
        /// The format in bits 0-3.
        pub format: u8,
        /// Reserved.
        pub reserved: [u8; 3],
        /// The first track or session.
        pub track_session_number: u8,
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte; its bits 6-7 once held the format.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.5`.
    0x46 "GET CONFIGURATION" pub struct GetConfiguration [10] {
        /// RT in bits 0-1: which features.
        pub requested: u8,
        /// The first feature.
        pub starting_feature: U16,
        /// Reserved.
        pub reserved: [u8; 3],
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.6`.
    0x4A "GET EVENT STATUS NOTIFICATION" pub struct GetEventStatusNotification [10] {
        /// POLLED in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 2],
        /// The requested classes of events, one bit each.
        pub notification_class_request: u8,
        /// Reserved.
        pub reserved_5: [u8; 2],
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.21`.
    0x51 "READ DISC INFORMATION" pub struct ReadDiscInformation [10] {
        /// The data type in bits 0-2; 0 is the standard disc information.
        pub data_type: u8,
        /// Reserved.
        pub reserved: [u8; 5],
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.26`.
    0x52 "READ TRACK INFORMATION" pub struct ReadTrackInformation [10] {
        /// OPEN in bit 2, the address type in bits 0-1.
        pub flags: u8,
        /// A block address, a track number or a session number.
        pub address: U32,
        /// Reserved.
        pub reserved: u8,
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.18`.
    0x5C "READ BUFFER CAPACITY" pub struct ReadBufferCapacity [10] {
        /// BLOCK in bit 0: the answer is in blocks instead of bytes.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 5],
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.7`.
    0xAC "GET PERFORMANCE" pub struct GetPerformance [12] {
        /// Tolerance in bits 3-4, write in bit 2, except in bits 0-1; 0 for all types but 00h.
        pub data_type: u8,
        /// The first block of the range.
        pub starting_address: U32,
        /// Reserved.
        pub reserved: [u8; 2],
        /// The most descriptors that the host accepts.
        pub descriptors: U16,
        /// The type of the answer: 03h is write speeds.
        pub kind: u8,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.22`.
    0xAD "READ DISC STRUCTURE" pub struct ReadDiscStructure [12] {
        /// The media type in bits 0-3: 0 DVD, 1 BD.
        pub media_type: u8,
        /// The address; its meaning depends on the format.
        pub address: U32,
        /// The layer.
        pub layer_number: u8,
        /// The format of the answer.
        pub format: u8,
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// AGID in bits 6-7.
        pub agid: u8,
        /// The control byte.
        pub control: u8,
    }
}

field! {
    /// The formats of READ TOC/PMA/ATIP.
    pub enum TocFormat from 0x0F {
        /// 0: the tracks of the disc.
        Toc = 0,
        /// 1: the number of sessions and the start of the last closed one.
        SessionInformation = 1,
        /// 2: the lead-in of every session (CD).
        FullToc = 2,
        /// 3: the program memory area (CD).
        Pma = 3,
        /// 4: the absolute time in pregroove (CD).
        Atip = 4,
        /// 5: CD-TEXT.
        CdText = 5;
        /// Reserved.
        Reserved
    }
}

field! {
    /// The features that GET CONFIGURATION returns, from the starting feature on.
    pub enum RequestedFeatures from 0x03 {
        /// 0: all features of the drive.
        All = 0,
        /// 1: the current features.
        Current = 1,
        /// 2: the starting feature only.
        One = 2;
        /// Reserved.
        Reserved
    }
}

field! {
    /// What the address of READ TRACK INFORMATION means.
    pub enum InformationAddress from 0x03 {
        /// 0: a logical block address.
        Block = 0,
        /// 1: a track number; 0 is the lead-in, FFh the invisible or open track.
        Track = 1,
        /// 2: a session number: its first track.
        Session = 2;
        /// Reserved.
        Reserved
    }
}

impl ReadFormatCapacities {
    /// Accepts `allocation_length` bytes.
    #[must_use]
    pub fn new(allocation_length: u16) -> Self {
        Self {
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }
}

impl ReadTocPmaAtip {
    /// Asks for `format` from the track or session `number` on, with block addresses.
    #[must_use]
    pub fn new(format: TocFormat, number: u8, allocation_length: u16) -> Self {
        Self {
            format: format.to_bits(),
            track_session_number: number,
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }

    /// The requested format, from its present field or, if that is 0, from the field that ATAPI drives used.
    #[must_use]
    pub const fn toc_format(&self) -> TocFormat {
        let format = if self.format & 0x0F == 0 {
            self.control >> 6
        } else {
            self.format
        };
        TocFormat::from_bits(format)
    }

    /// MSF: whether the addresses are minutes, seconds and frames.
    #[must_use]
    pub const fn msf(&self) -> bool {
        self.flags & 0b10 != 0
    }
}

impl GetConfiguration {
    /// Asks for features from `starting_feature` on.
    #[must_use]
    pub fn new(requested: RequestedFeatures, starting_feature: u16, allocation_length: u16) -> Self {
        Self {
            requested: requested.to_bits(),
            starting_feature: starting_feature.into(),
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }

    /// Which features are requested.
    #[must_use]
    pub const fn requested_features(&self) -> RequestedFeatures {
        RequestedFeatures::from_bits(self.requested)
    }
}

impl GetEventStatusNotification {
    /// Polls the classes in `classes`, one bit each.
    #[must_use]
    pub fn poll(classes: u8, allocation_length: u16) -> Self {
        Self {
            flags: 1,
            notification_class_request: classes,
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }

    /// POLLED: the drive answers at once.
    #[must_use]
    pub const fn polled(&self) -> bool {
        self.flags & 1 != 0
    }
}

impl ReadDiscInformation {
    /// Asks for standard disc information.
    #[must_use]
    pub fn standard(allocation_length: u16) -> Self {
        Self {
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }
}

impl ReadTrackInformation {
    /// The number of the invisible, incomplete track.
    pub const INVISIBLE_TRACK: u32 = 0xFF;

    /// Asks about the track that `kind` and `address` identify.
    #[must_use]
    pub fn new(kind: InformationAddress, address: u32, allocation_length: u16) -> Self {
        Self {
            flags: kind.to_bits(),
            address: address.into(),
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }

    /// What the address means.
    #[must_use]
    pub const fn address_type(&self) -> InformationAddress {
        InformationAddress::from_bits(self.flags)
    }

    /// OPEN: asks for the first open track from the address on.
    #[must_use]
    pub const fn open(&self) -> bool {
        self.flags & 0b100 != 0
    }
}

impl ReadBufferCapacity {
    /// Asks for the capacity in bytes or in blocks.
    #[must_use]
    pub fn new(in_blocks: bool) -> Self {
        Self {
            flags: u8::from(in_blocks),
            allocation_length: 12.into(),
            ..Self::default()
        }
    }
}

impl GetPerformance {
    /// The type of write speed descriptors.
    pub const WRITE_SPEEDS: u8 = 0x03;

    /// Asks for write speeds, fastest first.
    #[must_use]
    pub fn write_speeds(descriptors: u16) -> Self {
        Self {
            descriptors: descriptors.into(),
            kind: Self::WRITE_SPEEDS,
            ..Self::default()
        }
    }
}

impl ReadDiscStructure {
    /// Asks for `format` of `layer`; `media_type` is 0 for DVD, 1 for BD.
    #[must_use]
    pub fn new(media_type: u8, format: u8, layer: u8, allocation_length: u16) -> Self {
        Self {
            media_type,
            format,
            layer_number: layer,
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }
}
