//! The commands about the unit itself.

use super::block::command;
use zerocopy::big_endian::U16;

command! {
    /// `MMC-6 6.41`.
    0x00 "TEST UNIT READY" pub struct TestUnitReady [6] {
        /// Reserved.
        pub reserved: [u8; 4],
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.35`.
    0x03 "REQUEST SENSE" pub struct RequestSense [6] {
        /// DESC in bit 0: descriptor format.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 2],
        /// The most bytes that the host accepts.
        pub allocation_length: u8,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.11`.
    0x12 "INQUIRY" pub struct Inquiry [6] {
        /// EVPD in bit 0: a page of vital product data.
        pub flags: u8,
        /// The page, if EVPD is set.
        pub page_code: u8,
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.39`.
    0x1B "START STOP UNIT" pub struct StartStopUnit [6] {
        /// IMMED in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: u8,
        /// The format layer number in bits 0-1.
        pub format_layer: u8,
        /// Power conditions in bits 4-7, LOEJ in bit 1, START in bit 0.
        pub operation: u8,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.15`.
    0x1E "PREVENT ALLOW MEDIUM REMOVAL" pub struct PreventAllowMediumRemoval [6] {
        /// Reserved.
        pub reserved: [u8; 3],
        /// PREVENT in bit 0, PERSISTENT in bit 1.
        pub prevent: u8,
        /// The control byte.
        pub control: u8,
    }
}

impl RequestSense {
    /// Accepts the whole fixed-format sense.
    #[must_use]
    pub fn new() -> Self {
        Self {
            allocation_length: 18,
            ..Self::default()
        }
    }
}

impl Inquiry {
    /// Asks for standard inquiry data.
    #[must_use]
    pub fn standard(allocation_length: u16) -> Self {
        Self {
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }
}

impl StartStopUnit {
    /// Ejects the medium.
    #[must_use]
    pub fn eject() -> Self {
        Self {
            operation: 0b10,
            ..Self::default()
        }
    }

    /// Starts the disc spinning.
    #[must_use]
    pub fn start_disc() -> Self {
        Self {
            operation: 0b01,
            ..Self::default()
        }
    }

    /// Loads the medium.
    #[must_use]
    pub fn load() -> Self {
        Self {
            operation: 0b11,
            ..Self::default()
        }
    }

    /// LOEJ: whether the tray moves.
    #[must_use]
    pub const fn load_eject(&self) -> bool {
        self.operation & 0b10 != 0
    }

    /// START: whether the disc spins; with LOEJ, whether the tray closes.
    #[must_use]
    pub const fn start(&self) -> bool {
        self.operation & 0b01 != 0
    }

    /// The requested power condition; 0 leaves it to the other bits.
    #[must_use]
    pub const fn power_conditions(&self) -> u8 {
        self.operation >> 4
    }
}

impl PreventAllowMediumRemoval {
    /// Prevents removal, or allows it again.
    #[must_use]
    pub fn new(prevent: bool) -> Self {
        Self {
            prevent: u8::from(prevent),
            ..Self::default()
        }
    }
}
