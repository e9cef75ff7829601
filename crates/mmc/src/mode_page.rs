//! Mode parameters: the headers, the write parameters page (05h) and the capabilities page (2Ah).

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A mode page. Its code is in the low six bits of the first byte, its length in the second.
pub trait ModePage: FromBytes + IntoBytes + Immutable + Copy {
    /// The page code.
    const PAGE_CODE: u8;
    /// The page length: bytes after the second byte.
    const PAGE_LENGTH: u8;

    /// Finds the page among the pages of a parameter list (without its header).
    ///
    /// `None` if the page is missing or shorter than [`Self::PAGE_LENGTH`].
    #[must_use]
    fn find(mut pages: &[u8]) -> Option<Self> {
        while let [code, length, ..] = *pages {
            let total = usize::from(length) + 2;
            if code & 0x3F == Self::PAGE_CODE {
                return Self::read_from_prefix(pages.get(..total)?)
                    .ok()
                    .map(|(page, _)| page);
            }
            pages = pages.get(total..)?;
        }
        None
    }
}

field! {
    /// Which values of a mode page to return.
    pub enum PageControl from 0x03 {
        /// 0: the current values.
        Current = 0,
        /// 1: a mask of the bits that can be changed.
        Changeable = 1,
        /// 2: the values after power on.
        Default = 2,
        /// 3: the saved values.
        Saved = 3;
        /// Not used: every value of the field has a name above.
        Reserved
    }
}

field! {
    /// How the drive writes (`MMC-6 7.5.4`, write type).
    pub enum WriteType from 0x0F {
        /// 0: packets, incremental.
        Packet = 0,
        /// 1: track at once.
        TrackAtOnce = 1,
        /// 2: session at once, disc at once.
        SessionAtOnce = 2,
        /// 3: raw.
        Raw = 3,
        /// 4: layer jump recording.
        LayerJump = 4;
        /// Reserved.
        Reserved
    }
}

field! {
    /// What may follow a session (`MMC-6 7.5.4`, multi-session).
    pub enum MultiSession from 0x03 {
        /// 0: no session follows: the next close finalizes the disc.
        None = 0,
        /// 3: another session may follow.
        Allowed = 3;
        /// Reserved.
        Reserved
    }
}

wire! {
    /// The header of mode parameters of MODE SENSE(10) and MODE SELECT(10) (`SPC-4 7.5.5`).
    pub struct ModeHeader10 [8] {
        /// Bytes after this field; reserved in MODE SELECT.
        pub mode_data_length: U16,
        /// The medium type, obsolete.
        pub medium_type: u8,
        /// WP in bit 7 for some devices; 0 here.
        pub device_specific: u8,
        /// Reserved.
        pub reserved: [u8; 2],
        /// Bytes of block descriptors; 0 for multi-media devices.
        pub block_descriptor_length: U16,
    }
}

wire! {
    /// The header of mode parameters of MODE SENSE(6) (`SPC-4 7.5.5`).
    pub struct ModeHeader6 [4] {
        /// Bytes after this field.
        pub mode_data_length: u8,
        /// The medium type, obsolete.
        pub medium_type: u8,
        /// WP in bit 7 for some devices; 0 here.
        pub device_specific: u8,
        /// Bytes of block descriptors.
        pub block_descriptor_length: u8,
    }
}

wire! {
    /// The write parameters mode page, 05h (`MMC-6 7.5`).
    #[doc(alias = "mode page 05h")]
    pub struct WriteParameters [52] {
        /// PS in bit 7, the page code in bits 0-5.
        pub page_code: u8,
        /// Bytes after this field: 32h.
        pub page_length: u8,
        /// BUFE in bit 6, LS_V in bit 5, test write in bit 4, write type in bits 0-3.
        pub write: u8,
        /// Multi-session in bits 6-7, FP in bit 5, copy in bit 4, track mode in bits 0-3.
        pub track: u8,
        /// The data block type in bits 0-3: 8 is mode 1 (2048 bytes), 10 mode 2 form 1.
        pub data_block_type: u8,
        /// The link size, if LS_V is set.
        pub link_size: u8,
        /// Reserved.
        pub reserved: u8,
        /// The initiator's application code in bits 0-5.
        pub application_code: u8,
        /// 00h CD-DA or CD-ROM, 10h CD-I, 20h CD-ROM XA.
        pub session_format: u8,
        /// Reserved.
        pub reserved_9: u8,
        /// Blocks in a packet, if FP is set.
        pub packet_size: U32,
        /// The audio pause length in blocks.
        pub audio_pause_length: U16,
        /// The media catalogue number.
        pub media_catalog_number: [u8; 16],
        /// The international standard recording code.
        pub isrc: [u8; 16],
        /// The four bytes of the subheader.
        pub subheader: [u8; 4],
    }
}

impl ModePage for WriteParameters {
    const PAGE_CODE: u8 = 0x05;
    const PAGE_LENGTH: u8 = 50;
}

impl WriteParameters {
    const BUFE: u8 = 0x40;
    const LS_V: u8 = 0x20;
    const TEST_WRITE: u8 = 0x10;
    const FP: u8 = 0x20;

    /// A page with its code and length; everything else is 0.
    #[must_use]
    pub fn new() -> Self {
        Self {
            page_code: Self::PAGE_CODE,
            page_length: Self::PAGE_LENGTH,
            ..Self::default()
        }
    }

    /// The write type.
    #[must_use]
    pub const fn write_type(&self) -> WriteType {
        WriteType::from_bits(self.write)
    }

    /// Sets the write type.
    pub const fn set_write_type(&mut self, kind: WriteType) {
        self.write = self.write & !0x0F | kind.to_bits();
    }

    /// What may follow the session.
    #[must_use]
    pub const fn multi_session(&self) -> MultiSession {
        MultiSession::from_bits(self.track >> 6)
    }

    /// Sets what may follow the session.
    pub const fn set_multi_session(&mut self, multi_session: MultiSession) {
        self.track = self.track & 0x3F | multi_session.to_bits() << 6;
    }

    /// BUFE: whether the drive protects against a buffer underrun.
    #[must_use]
    pub const fn buffer_underrun_free(&self) -> bool {
        self.write & Self::BUFE != 0
    }

    /// Sets BUFE.
    pub const fn set_buffer_underrun_free(&mut self, on: bool) {
        self.write = with_bit(self.write, Self::BUFE, on);
    }

    /// LS_V: whether the link size is valid.
    #[must_use]
    pub const fn link_size_valid(&self) -> bool {
        self.write & Self::LS_V != 0
    }

    /// Sets LS_V.
    pub const fn set_link_size_valid(&mut self, on: bool) {
        self.write = with_bit(self.write, Self::LS_V, on);
    }

    /// Whether writes are only simulated, with the laser at low power.
    #[must_use]
    pub const fn test_write(&self) -> bool {
        self.write & Self::TEST_WRITE != 0
    }

    /// Sets whether writes are only simulated.
    pub const fn set_test_write(&mut self, on: bool) {
        self.write = with_bit(self.write, Self::TEST_WRITE, on);
    }

    /// FP: whether packets have the fixed size in the page.
    #[must_use]
    pub const fn fixed_packets(&self) -> bool {
        self.track & Self::FP != 0
    }

    /// Sets FP.
    pub const fn set_fixed_packets(&mut self, on: bool) {
        self.track = with_bit(self.track, Self::FP, on);
    }

    /// The track mode: 4 is data recorded uninterrupted, 5 data recorded incrementally.
    #[must_use]
    pub const fn track_mode(&self) -> u8 {
        self.track & 0x0F
    }

    /// Sets the track mode.
    pub const fn set_track_mode(&mut self, mode: u8) {
        self.track = self.track & 0xF0 | mode & 0x0F;
    }
}

const fn with_bit(byte: u8, bit: u8, on: bool) -> u8 {
    if on { byte | bit } else { byte & !bit }
}

wire! {
    /// The capabilities and mechanical status page, 2Ah (`MMC-3 5.5.10`), without write speed descriptors.
    #[doc(alias = "mode page 2Ah")]
    pub struct Capabilities [32] {
        /// PS in bit 7, the page code in bits 0-5.
        pub page_code: u8,
        /// Bytes after this field.
        pub page_length: u8,
        /// Reads CD-R (bit 0), CD-RW (1), method 2 (2), DVD-ROM (3), DVD-R (4), DVD-RAM (5).
        pub reads: u8,
        /// Writes CD-R (bit 0), CD-RW (1), test write (2), DVD-R (4), DVD-RAM (5).
        pub writes: u8,
        /// BUF in bit 7, multi-session in bit 6, mode 2 form 2 in bit 5, form 1 in bit 4.
        pub features: u8,
        /// CD-DA and bar code capabilities.
        pub audio: u8,
        /// Loading mechanism in bits 5-7, eject in bit 3, lock state in bit 1, lock in bit 0.
        pub mechanism: u8,
        /// Volume, changer and side change capabilities.
        pub changer: u8,
        /// Obsolete: the fastest read speed in kB/s.
        pub maximum_read_speed: U16,
        /// Number of volume levels.
        pub volume_levels: U16,
        /// The buffer size in KiB.
        pub buffer_size: U16,
        /// Obsolete: the read speed in kB/s.
        pub current_read_speed: U16,
        /// Obsolete.
        pub obsolete_16: u8,
        /// The digital output.
        pub digital_output: u8,
        /// Obsolete: the fastest write speed in kB/s.
        pub maximum_write_speed: U16,
        /// Obsolete: the write speed in kB/s.
        pub current_write_speed_obsolete: U16,
        /// The copy management revision.
        pub copy_management_revision: U16,
        /// Reserved.
        pub reserved: [u8; 3],
        /// Rotation control in bits 0-1.
        pub rotation_control: u8,
        /// The write speed in kB/s.
        pub current_write_speed: U16,
        /// Number of write speed descriptors that follow.
        pub write_speed_descriptors: U16,
    }
}

impl ModePage for Capabilities {
    const PAGE_CODE: u8 = 0x2A;
    const PAGE_LENGTH: u8 = 30;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn write_parameters_are_found_after_another_page() {
        let mut page = WriteParameters::new();
        page.set_write_type(WriteType::Packet);
        page.set_multi_session(MultiSession::Allowed);
        let mut pages = vec![0x01, 2, 0, 0];
        pages.extend(page.as_bytes());
        assert_eq!(WriteParameters::find(&pages), Some(page));
        assert_eq!(Capabilities::find(&pages), None);
        assert_eq!(WriteParameters::find(&pages[..40]), None);
    }

    proptest! {
        #[test]
        fn each_field_of_the_write_parameters_leaves_the_others(
            bytes: [u8; 32], on: bool, kind in 0u8..16, multi in 0u8..4
        ) {
            let mut page = WriteParameters::new();
            page.write = bytes[0];
            page.track = bytes[1];
            let before = page;
            page.set_write_type(WriteType::from_bits(kind));
            page.set_multi_session(MultiSession::from_bits(multi));
            page.set_test_write(on);
            page.set_fixed_packets(on);
            prop_assert_eq!(page.write_type().to_bits(), kind);
            prop_assert_eq!(page.multi_session().to_bits(), multi);
            prop_assert_eq!(page.test_write(), on);
            prop_assert_eq!(page.fixed_packets(), on);
            prop_assert_eq!(page.buffer_underrun_free(), before.buffer_underrun_free());
            prop_assert_eq!(page.link_size_valid(), before.link_size_valid());
            prop_assert_eq!(page.track_mode(), before.track_mode());
        }

        #[test]
        fn no_bytes_make_a_page_search_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = WriteParameters::find(&bytes);
        }
    }
}
