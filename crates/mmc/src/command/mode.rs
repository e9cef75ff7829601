//! MODE SENSE and MODE SELECT.

use super::block::command;
use crate::PageControl;
use zerocopy::big_endian::U16;

const PAGE_FORMAT: u8 = 0x10;
const SAVE_PAGES: u8 = 0x01;
const DISABLE_BLOCK_DESCRIPTORS: u8 = 0x08;

command! {
    /// `SPC-4 6.11`; hosts still send this older form.
    0x1A "MODE SENSE(6)" pub struct ModeSense6 [6] {
        /// DBD in bit 3.
        pub flags: u8,
        /// Page control in bits 6-7, page code in bits 0-5.
        pub page: u8,
        /// The subpage code.
        pub subpage_code: u8,
        /// The most bytes that the host accepts.
        pub allocation_length: u8,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.14`.
    0x5A "MODE SENSE(10)" pub struct ModeSense10 [10] {
        /// DBD in bit 3.
        pub flags: u8,
        /// Page control in bits 6-7, page code in bits 0-5.
        pub page: u8,
        /// The subpage code.
        pub subpage_code: u8,
        /// Reserved.
        pub reserved: [u8; 3],
        /// The most bytes that the host accepts.
        pub allocation_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.13`.
    0x55 "MODE SELECT(10)" pub struct ModeSelect10 [10] {
        /// PF in bit 4, SP in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 5],
        /// Bytes of the parameter list.
        pub parameter_list_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

impl ModeSense10 {
    /// Asks for the page `page_code` without block descriptors.
    #[must_use]
    pub fn new(page_code: u8, control: PageControl, allocation_length: u16) -> Self {
        Self {
            flags: DISABLE_BLOCK_DESCRIPTORS,
            page: control.to_bits() << 6 | page_code & 0x3F,
            allocation_length: allocation_length.into(),
            ..Self::default()
        }
    }

    /// The requested page; 3Fh means all.
    #[must_use]
    pub const fn page_code(&self) -> u8 {
        self.page & 0x3F
    }

    /// Which values are requested.
    #[must_use]
    pub const fn page_control(&self) -> PageControl {
        PageControl::from_bits(self.page >> 6)
    }
}

impl ModeSense6 {
    /// The requested page; 3Fh means all.
    #[must_use]
    pub const fn page_code(&self) -> u8 {
        self.page & 0x3F
    }

    /// Which values are requested.
    #[must_use]
    pub const fn page_control(&self) -> PageControl {
        PageControl::from_bits(self.page >> 6)
    }
}

impl ModeSelect10 {
    /// Sends `length` bytes of header and pages. The drive does not save them.
    #[must_use]
    pub fn new(length: u16) -> Self {
        Self {
            flags: PAGE_FORMAT,
            parameter_list_length: length.into(),
            ..Self::default()
        }
    }

    /// SP: whether the drive saves the pages.
    #[must_use]
    pub const fn save_pages(&self) -> bool {
        self.flags & SAVE_PAGES != 0
    }

    /// PF: whether the parameters are pages in the standard's format.
    #[must_use]
    pub const fn page_format(&self) -> bool {
        self.flags & PAGE_FORMAT != 0
    }
}
