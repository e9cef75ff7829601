//! The data of SEND CUE SHEET.

wire! {
    /// An entry of a cue sheet: what begins at its address (MMC-5, SEND CUE SHEET).
    #[doc(alias = "SEND CUE SHEET")]
    pub struct CueSheetEntry [8] {
        /// CONTROL in bits 4-7, ADR in bits 0-3.
        pub control_adr: u8,
        /// The track; 0 is the lead-in, AAh the lead-out.
        pub track_number: u8,
        /// The index: 0 is the pregap, 1 the start of the track.
        pub index: u8,
        /// The form of the blocks: 10h is mode 1, 2048 bytes.
        pub data_form: u8,
        /// The serial copy management system.
        pub scms: u8,
        /// Minutes, seconds, frames.
        pub msf: [u8; 3],
    }
}

impl CueSheetEntry {
    /// The number of the lead-out.
    pub const LEAD_OUT: u8 = 0xAA;

    /// The block at this time; negative in the first two seconds of a disc.
    #[must_use]
    pub fn address(&self) -> i64 {
        let [minutes, seconds, frames] = self.msf.map(i64::from);
        (minutes * 60 + seconds) * 75 + frames - 150
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_begins_two_seconds_before_block_zero() {
        let at = |msf| {
            CueSheetEntry {
                msf,
                ..CueSheetEntry::default()
            }
            .address()
        };
        assert_eq!(
            (at([0, 0, 0]), at([0, 2, 0]), at([79, 59, 69])),
            (-150, 0, 359_844)
        );
    }
}
