//! The answer to READ DISC INFORMATION.

use zerocopy::big_endian::{U16, U32};

field! {
    /// The status of the disc.
    pub enum DiscStatus from 0x03 {
        /// 0: nothing recorded.
        Blank = 0,
        /// 1: appendable.
        Incomplete = 1,
        /// 2: finalized, or cannot be appended for another reason.
        Complete = 2,
        /// 3: random access; none of the above.
        Other = 3;
        /// Not used: every value of the field has a name above.
        Reserved
    }
}

field! {
    /// The state of the last session.
    pub enum SessionStatus from 0x03 {
        /// 0: empty.
        Empty = 0,
        /// 1: open, and partly recorded.
        Incomplete = 1,
        /// 2: reserved, or damaged.
        Damaged = 2,
        /// 3: closed; only on a complete disc.
        Complete = 3;
        /// Not used: every value of the field has a name above.
        Reserved
    }
}

wire! {
    /// Standard disc information (`MMC-6 6.21.3`).
    #[doc(alias = "READ DISC INFORMATION")]
    pub struct DiscInformation [34] {
        /// Bytes after this field: 32, and 8 for each OPC table.
        pub disc_information_length: U16,
        /// Erasable in bit 4, state of last session in bits 2-3, disc status in bits 0-1.
        pub status: u8,
        /// The first track of the disc.
        pub number_of_first_track: u8,
        /// Number of sessions, low byte.
        pub number_of_sessions_lsb: u8,
        /// The first track in the last session, low byte.
        pub first_track_in_last_session_lsb: u8,
        /// The last track in the last session, low byte.
        pub last_track_in_last_session_lsb: u8,
        /// DID_V in bit 7, DBC_V in bit 6, URU in bit 5, DAC_V in bit 4.
        pub valid: u8,
        /// 00h CD-DA or CD-ROM, 10h CD-I, 20h CD-ROM XA, FFh undefined.
        pub disc_type: u8,
        /// Number of sessions, high byte.
        pub number_of_sessions_msb: u8,
        /// The first track in the last session, high byte.
        pub first_track_in_last_session_msb: u8,
        /// The last track in the last session, high byte.
        pub last_track_in_last_session_msb: u8,
        /// The disc identification.
        pub disc_identification: U32,
        /// Start of the lead-in of the last session (CD: minutes, seconds, frames).
        pub last_session_lead_in_start_address: U32,
        /// Last possible start of the lead-out (CD: minutes, seconds, frames).
        pub last_possible_lead_out_start_address: U32,
        /// The bar code.
        pub disc_bar_code: [u8; 8],
        /// The application code.
        pub disc_application_code: u8,
        /// Number of OPC tables that follow.
        pub number_of_opc_tables: u8,
    }
}

impl DiscInformation {
    /// The status of the disc.
    #[must_use]
    pub const fn disc_status(&self) -> DiscStatus {
        DiscStatus::from_bits(self.status)
    }

    /// The state of the last session.
    #[must_use]
    pub const fn last_session_status(&self) -> SessionStatus {
        SessionStatus::from_bits(self.status >> 2)
    }

    /// Sets the status of the disc and the state of the last session.
    pub const fn set_status(&mut self, disc: DiscStatus, last_session: SessionStatus) {
        self.status = self.status & 0xF0 | last_session.to_bits() << 2 | disc.to_bits();
    }

    /// Whether the disc can be erased.
    #[must_use]
    pub const fn erasable(&self) -> bool {
        self.status & 0x10 != 0
    }

    /// Number of sessions, including the empty one after the last closed session of an appendable disc.
    #[must_use]
    pub const fn number_of_sessions(&self) -> u16 {
        u16::from_be_bytes([self.number_of_sessions_msb, self.number_of_sessions_lsb])
    }

    /// Sets the number of sessions.
    pub const fn set_number_of_sessions(&mut self, sessions: u16) {
        [self.number_of_sessions_msb, self.number_of_sessions_lsb] = sessions.to_be_bytes();
    }

    /// The first track of the last session.
    #[must_use]
    pub const fn first_track_in_last_session(&self) -> u16 {
        u16::from_be_bytes([
            self.first_track_in_last_session_msb,
            self.first_track_in_last_session_lsb,
        ])
    }

    /// Sets the first track of the last session.
    pub const fn set_first_track_in_last_session(&mut self, track: u16) {
        [
            self.first_track_in_last_session_msb,
            self.first_track_in_last_session_lsb,
        ] = track.to_be_bytes();
    }

    /// The last track of the last session, including the invisible track.
    #[must_use]
    pub const fn last_track_in_last_session(&self) -> u16 {
        u16::from_be_bytes([
            self.last_track_in_last_session_msb,
            self.last_track_in_last_session_lsb,
        ])
    }

    /// Sets the last track of the last session.
    pub const fn set_last_track_in_last_session(&mut self, track: u16) {
        [
            self.last_track_in_last_session_msb,
            self.last_track_in_last_session_lsb,
        ] = track.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_split_over_two_bytes_come_back(sessions: u16, first: u16, last: u16) {
            let mut information = DiscInformation::default();
            information.set_number_of_sessions(sessions);
            information.set_first_track_in_last_session(first);
            information.set_last_track_in_last_session(last);
            prop_assert_eq!(information.number_of_sessions(), sessions);
            prop_assert_eq!(information.first_track_in_last_session(), first);
            prop_assert_eq!(information.last_track_in_last_session(), last);
        }
    }

    #[test]
    fn setting_the_status_leaves_the_erasable_bit() {
        let mut information = DiscInformation {
            status: 0x10,
            ..DiscInformation::default()
        };
        information.set_status(DiscStatus::Incomplete, SessionStatus::Complete);
        assert_eq!(information.disc_status(), DiscStatus::Incomplete);
        assert_eq!(information.last_session_status(), SessionStatus::Complete);
        assert!(information.erasable());
    }
}
