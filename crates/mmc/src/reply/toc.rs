//! The answers to READ TOC/PMA/ATIP.

use zerocopy::big_endian::{U16, U32};

wire! {
    /// The header of formats 0-5 (`MMC-6 6.25.3`).
    #[doc(alias = "READ TOC/PMA/ATIP")]
    pub struct TocHeader [4] {
        /// Bytes after this field.
        pub data_length: U16,
        /// The first track (format 0) or session (formats 1, 2).
        pub first: u8,
        /// The last track (format 0) or session (formats 1, 2).
        pub last: u8,
    }
}

wire! {
    /// A track of format 0, or the first track of the last closed session in format 1.
    pub struct TocTrack [8] {
        /// Reserved.
        pub reserved: u8,
        /// ADR in bits 4-7, CONTROL in bits 0-3: 4 is data, 5 data recorded in packets.
        pub adr_control: u8,
        /// The track; AAh is the lead-out.
        pub track_number: u8,
        /// Reserved.
        pub reserved_3: u8,
        /// Its start: a block, or the bytes 0, minutes, seconds, frames.
        pub start_address: U32,
    }
}

impl FullTocEntry {
    /// POINT of the entry for the start of the session's lead-out.
    pub const LEAD_OUT: u8 = 0xA2;
}

impl TocTrack {
    /// The number of the lead-out.
    pub const LEAD_OUT: u8 = 0xAA;
}

wire! {
    /// An entry of format 2: a Q sub-channel entry of a lead-in.
    pub struct FullTocEntry [11] {
        /// The session.
        pub session_number: u8,
        /// ADR in bits 4-7, CONTROL in bits 0-3.
        pub adr_control: u8,
        /// TNO: 0 in a lead-in.
        pub tno: u8,
        /// POINT: a track, A0h, A1h, A2h, B0h, ...
        pub point: u8,
        /// Minutes, seconds, frames.
        pub msf: [u8; 3],
        /// ZERO.
        pub zero: u8,
        /// PMIN, PSEC, PFRAME.
        pub p_msf: [u8; 3],
    }
}

wire! {
    /// The answer of format 4 (`MMC-6 6.25.3.6`).
    #[doc(alias = "ATIP")]
    pub struct Atip [28] {
        /// Bytes after this field.
        pub data_length: U16,
        /// Reserved.
        pub reserved: [u8; 2],
        /// 1 in bit 7, indicative target writing power in bits 4-6, reference speed in bits 0-2.
        pub power_and_speed: u8,
        /// URU in bit 6.
        pub uru: u8,
        /// 1 in bit 7, CD-RW in bit 6, sub-type in bits 3-5, A1, A2, A3 valid in bits 2-0.
        pub disc_type: u8,
        /// Reserved.
        pub reserved_7: u8,
        /// Start of the lead-in: minutes, seconds, frames.
        pub lead_in_start: [u8; 3],
        /// Reserved.
        pub reserved_11: u8,
        /// Last possible start of the lead-out: minutes, seconds, frames.
        pub last_possible_lead_out_start: [u8; 3],
        /// Reserved.
        pub reserved_15: u8,
        /// A1, A2, A3 and S4, each with a reserved byte.
        pub additional: [u8; 12],
    }
}

/// Minutes, seconds and frames of a block: 75 frames per second, block 0 at 00:02:00. Blocks from 449,850
/// (450,000 minus 150) on wrap at 100 minutes, as on a CD.
#[must_use]
pub fn lba_to_msf(block: u32) -> [u8; 3] {
    let frames = (u64::from(block) + 150) % (100 * 60 * 75);
    let byte = |value: u64| u8::try_from(value).unwrap_or(0);
    [byte(frames / 75 / 60), byte(frames / 75 % 60), byte(frames % 75)]
}

/// The block at minutes, seconds and frames; `None` before block 0 or for an invalid time.
#[must_use]
pub fn msf_to_lba([minutes, seconds, frames]: [u8; 3]) -> Option<u32> {
    if minutes > 99 || seconds > 59 || frames > 74 {
        return None;
    }
    let seconds = u32::from(minutes) * 60 + u32::from(seconds);
    (seconds * 75 + u32::from(frames)).checked_sub(150)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_zero_is_two_seconds_in() {
        assert_eq!(lba_to_msf(0), [0, 2, 0]);
        assert_eq!(lba_to_msf(359_844), [79, 59, 69]);
        assert_eq!(lba_to_msf(u32::MAX).len(), 3);
        assert_eq!(msf_to_lba([0, 2, 0]), Some(0));
        assert_eq!(msf_to_lba([79, 59, 69]), Some(359_844));
        assert_eq!([[0, 1, 74], [255, 255, 255]].map(msf_to_lba), [None; 2]);
    }
}
