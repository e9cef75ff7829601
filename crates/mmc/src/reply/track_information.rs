//! The answer to READ TRACK INFORMATION.

use zerocopy::big_endian::{U16, U32};

wire! {
    /// The track information block (`MMC-6 6.26.3`). A drive may return fewer bytes; the missing ones are 0.
    #[doc(alias = "READ TRACK INFORMATION")]
    pub struct TrackInformation [48] {
        /// Bytes after this field.
        pub data_length: U16,
        /// The track, low byte.
        pub track_number_lsb: u8,
        /// The session, low byte.
        pub session_number_lsb: u8,
        /// Reserved.
        pub reserved: u8,
        /// LJRS in bits 6-7, damage in bit 5, copy in bit 4, track mode in bits 0-3.
        pub track_mode: u8,
        /// RT in bit 7, blank in bit 6, packet in bit 5, FP in bit 4, data mode in bits 0-3.
        pub state: u8,
        /// LRA_V in bit 1, NWA_V in bit 0.
        pub valid: u8,
        /// The first block of the track.
        pub track_start_address: U32,
        /// The next writable address, if NWA_V is set.
        pub next_writable_address: U32,
        /// Blocks that can still be written to the track.
        pub free_blocks: U32,
        /// Blocks in a fixed packet, or in the unit of writing.
        pub fixed_packet_size: U32,
        /// Blocks of the track; if it is open, up to its possible end.
        pub track_size: U32,
        /// The last recorded address, if LRA_V is set.
        pub last_recorded_address: U32,
        /// The track, high byte.
        pub track_number_msb: u8,
        /// The session, high byte.
        pub session_number_msb: u8,
        /// Reserved.
        pub reserved_34: [u8; 2],
        /// The read compatibility address.
        pub read_compatibility_lba: U32,
        /// The next layer jump address.
        pub next_layer_jump_address: U32,
        /// The last layer jump address.
        pub last_layer_jump_address: U32,
    }
}

impl TrackInformation {
    /// Damage: the track cannot be appended.
    pub const DAMAGE: u8 = 0x20;
    /// RT: the track is reserved.
    pub const RESERVED_TRACK: u8 = 0x80;
    /// Blank: nothing is recorded in the track.
    pub const BLANK: u8 = 0x40;
    /// Packet: the track is recorded in packets.
    pub const PACKET: u8 = 0x20;
    /// FP: the packets have a fixed size.
    pub const FIXED_PACKET: u8 = 0x10;
    /// NWA_V: the next writable address is valid.
    pub const NWA_VALID: u8 = 0x01;
    /// LRA_V: the last recorded address is valid.
    pub const LRA_VALID: u8 = 0x02;

    /// The track's number.
    #[must_use]
    pub const fn track_number(&self) -> u16 {
        u16::from_be_bytes([self.track_number_msb, self.track_number_lsb])
    }

    /// Sets the track's number.
    pub const fn set_track_number(&mut self, track: u16) {
        [self.track_number_msb, self.track_number_lsb] = track.to_be_bytes();
    }

    /// The number of the session that contains the track.
    #[must_use]
    pub const fn session_number(&self) -> u16 {
        u16::from_be_bytes([self.session_number_msb, self.session_number_lsb])
    }

    /// Sets the session's number.
    pub const fn set_session_number(&mut self, session: u16) {
        [self.session_number_msb, self.session_number_lsb] = session.to_be_bytes();
    }

    /// The next writable address, if the drive marks it as valid.
    #[must_use]
    pub fn next_writable(&self) -> Option<crate::Lba> {
        (self.valid & Self::NWA_VALID != 0).then(|| crate::Lba(self.next_writable_address.get()))
    }

    /// The last recorded address, if the drive marks it as valid.
    #[must_use]
    pub fn last_recorded(&self) -> Option<crate::Lba> {
        (self.valid & Self::LRA_VALID != 0).then(|| crate::Lba(self.last_recorded_address.get()))
    }

    /// Whether nothing is recorded in the track.
    #[must_use]
    pub const fn blank(&self) -> bool {
        self.state & Self::BLANK != 0
    }

    /// Whether the track is reserved.
    #[must_use]
    pub const fn reserved_track(&self) -> bool {
        self.state & Self::RESERVED_TRACK != 0
    }

    /// Whether the track is damaged, so that it cannot be appended.
    #[must_use]
    pub const fn damaged(&self) -> bool {
        self.track_mode & Self::DAMAGE != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_only_if_it_is_valid() {
        let mut track = TrackInformation {
            next_writable_address: 9.into(),
            ..TrackInformation::default()
        };
        assert_eq!(track.next_writable(), None);
        track.valid = TrackInformation::NWA_VALID;
        assert_eq!(track.next_writable(), Some(crate::Lba(9)));
        assert_eq!(track.last_recorded(), None);
    }

    #[test]
    fn track_and_session_numbers_use_both_bytes() {
        let mut track = TrackInformation::default();
        track.set_track_number(0x0102);
        track.set_session_number(0x0304);
        assert_eq!((track.track_number(), track.session_number()), (0x0102, 0x0304));
    }
}
