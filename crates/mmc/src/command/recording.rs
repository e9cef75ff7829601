//! The commands that prepare for recording, synchronize, reserve and close.

use super::block::command;
use crate::CloseFunction;
use zerocopy::big_endian::{U16, U32};

const IMMED_SYNCHRONIZE: u8 = 0b10;
const IMMED_CLOSE: u8 = 0b01;

command! {
    /// `MMC-6 6.40`.
    0x35 "SYNCHRONIZE CACHE" pub struct SynchronizeCache [10] {
        /// IMMED in bit 1.
        pub flags: u8,
        /// The first block; 0, with 0 blocks, means all.
        pub logical_block_address: U32,
        /// The group number.
        pub group_number: u8,
        /// Number of blocks; 0 means all from the first.
        pub number_of_blocks: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.36`.
    0x53 "RESERVE TRACK" pub struct ReserveTrack [10] {
        /// RMZ in bit 1, ARSV in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 3],
        /// Blocks to reserve; with ARSV, the address at which the new track starts.
        pub reservation_size: U32,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.38`.
    0x54 "SEND OPC INFORMATION" pub struct SendOpcInformation [10] {
        /// DO OPC in bit 0.
        pub flags: u8,
        /// Reserved.
        pub reserved: [u8; 5],
        /// Bytes of OPC tables that follow.
        pub parameter_list_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.3`.
    0x5B "CLOSE TRACK/SESSION" pub struct CloseTrackSession [10] {
        /// IMMED in bit 0.
        pub flags: u8,
        /// The close function in bits 0-2.
        pub close_function: u8,
        /// Reserved.
        pub reserved: u8,
        /// The track, or the session on BD-R.
        pub number: U16,
        /// Reserved.
        pub reserved_6: [u8; 3],
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// From MMC-5. Its data is a sequence of [`CueSheetEntry`](crate::reply::CueSheetEntry).
    0x5D "SEND CUE SHEET" pub struct SendCueSheet [10] {
        /// Reserved.
        pub reserved: [u8; 5],
        /// Bytes of the cue sheet.
        pub cue_sheet_size: [u8; 3],
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.42`. Its data is one [`StreamingDescriptor`](crate::reply::StreamingDescriptor).
    0xB6 "SET STREAMING" pub struct SetStreaming [12] {
        /// Reserved.
        pub reserved: [u8; 7],
        /// 0: performance descriptor, 5: DBI cache zone descriptor.
        pub kind: u8,
        /// Bytes of the parameter list.
        pub parameter_list_length: U16,
        /// The control byte.
        pub control: u8,
    }
}

command! {
    /// `MMC-6 6.37`.
    0xBB "SET CD SPEED" pub struct SetCdSpeed [12] {
        /// Rotational control in bits 0-1.
        pub rotational_control: u8,
        /// Read speed in kB/s; FFFFh means the fastest.
        pub read_speed: U16,
        /// Write speed in kB/s; FFFFh means the fastest.
        pub write_speed: U16,
        /// Reserved.
        pub reserved: [u8; 5],
        /// The control byte.
        pub control: u8,
    }
}

impl SynchronizeCache {
    /// Synchronizes everything. With `immediate` the command returns before it is done.
    #[must_use]
    pub fn all(immediate: bool) -> Self {
        Self {
            flags: if immediate { IMMED_SYNCHRONIZE } else { 0 },
            ..Self::default()
        }
    }

    /// IMMED: whether the command returns before it is done.
    #[must_use]
    pub const fn immediate(&self) -> bool {
        self.flags & IMMED_SYNCHRONIZE != 0
    }
}

impl ReserveTrack {
    /// Reserves a track of `blocks` blocks.
    #[must_use]
    pub fn new(blocks: u32) -> Self {
        Self {
            reservation_size: blocks.into(),
            ..Self::default()
        }
    }

    /// ARSV: whether the reservation is an address instead of a size.
    #[must_use]
    pub const fn by_address(&self) -> bool {
        self.flags & 1 != 0
    }
}

impl SendCueSheet {
    /// Sends `length` bytes of cue sheet.
    #[must_use]
    pub fn new(length: u16) -> Self {
        let [high, low] = length.to_be_bytes();
        Self {
            cue_sheet_size: [0, high, low],
            ..Self::default()
        }
    }
}

impl SendOpcInformation {
    /// Calibrates the power now.
    #[must_use]
    pub fn calibrate() -> Self {
        Self {
            flags: 1,
            ..Self::default()
        }
    }

    /// DO OPC: whether the drive calibrates.
    #[must_use]
    pub const fn do_opc(&self) -> bool {
        self.flags & 1 != 0
    }
}

impl CloseTrackSession {
    /// Performs `function`; `number` is the track, if the function closes one.
    #[must_use]
    pub fn new(function: CloseFunction, number: u16, immediate: bool) -> Self {
        Self {
            flags: if immediate { IMMED_CLOSE } else { 0 },
            close_function: function.to_bits(),
            number: number.into(),
            ..Self::default()
        }
    }

    /// The close function.
    #[must_use]
    pub const fn function(&self) -> CloseFunction {
        CloseFunction::from_bits(self.close_function)
    }

    /// IMMED: whether the command returns before it is done.
    #[must_use]
    pub const fn immediate(&self) -> bool {
        self.flags & IMMED_CLOSE != 0
    }
}

impl SetStreaming {
    /// Sends `length` bytes of performance descriptor.
    #[must_use]
    pub fn performance(length: u16) -> Self {
        Self {
            parameter_list_length: length.into(),
            ..Self::default()
        }
    }
}

impl SetCdSpeed {
    /// Sets both speeds, in kB/s.
    #[must_use]
    pub fn new(read_speed: u16, write_speed: u16) -> Self {
        Self {
            read_speed: read_speed.into(),
            write_speed: write_speed.into(),
            ..Self::default()
        }
    }
}
