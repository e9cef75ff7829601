//! The switches for everything in which drives differ.

use crate::medium::{Family, Medium};
use mmc::{Sense, SenseKey};

/// The last block that READ CAPACITY reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastAddress {
    /// 0.
    Zero,
    /// The last recorded user block.
    LastRecorded,
    /// The block before the lead-out of the last closed session; on a CD this is a run-out block.
    BeforeLeadOut,
    /// The block before the next writable address.
    BeforeNextWritable,
    /// The last of the 75 blocks from the start of that lead-out.
    PastLeadOut,
    /// The last block of the medium.
    LastOfMedium,
    /// None: the drive answers 2/3A/00, as if there were no medium.
    NoMedium,
}

/// The track number for which READ TRACK INFORMATION reports the next writable address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextWritableAddress {
    /// The open track, under any of its numbers.
    Any,
    /// Only the invisible track, number FFh.
    TrackFfOnly,
    /// Only the open track's own number; the drive refuses number FFh.
    NumberOnly,
}

/// When the next writable address in READ TRACK INFORMATION advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressMoves {
    /// After each WRITE.
    WithEachWrite,
    /// When the cache is synchronized.
    AfterSynchronize,
    /// Never: it remains the start of the track.
    Never,
}

/// The effect of closing a session (close function 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionClose {
    /// As mode page 05h or the medium requires.
    AsAsked,
    /// None, although the command succeeds.
    Nothing,
    /// Another session may follow, whatever the host requested.
    Appendable,
    /// The disc is finalized, whatever the host requested.
    Finalized,
}

/// The answer to READ TOC/PMA/ATIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toc {
    /// As in `docs/understanding/media.md`, by format.
    ByFormat,
    /// None: the drive refuses every format (5/24/00).
    Refused,
    /// Only format 0, with one track from block 0 to the last block of READ CAPACITY.
    OneTrack,
}

/// The result of SEND OPC INFORMATION.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calibration {
    /// The drive calibrates the power.
    Done,
    /// The drive does not know the command (5/20/00).
    Refused,
    /// It fails (3/73/03), but the drive still records.
    Fails,
    /// The drive reports a write-protected medium (7/27/00), but still records.
    WriteProtected,
    /// The drive reports a command sequence error (5/2C/00).
    OutOfSequence,
    /// The drive reports that it cannot write this medium (5/30/02), but does.
    MediumNotSupported,
}

/// The result of a CLOSE TRACK/SESSION that has closed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseEnds {
    /// Success.
    WithSuccess,
    /// 2/04/07, as if it were still in progress.
    InOperation,
    /// 2/04/08, as if it were still in progress.
    InLongWrite,
    /// A unit attention, 6/2E/00.
    WithAttention,
    /// 5/B5/00: the drive has padded a short track.
    WithDummyBlocks,
}

/// The answer to a WRITE that is not at the next writable address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongAddress {
    /// 5/21/02.
    Invalid,
    /// 5/21/00, as if the block were beyond the end of the medium.
    OutOfRange,
    /// 5/24/00.
    InvalidField,
    /// 3/21/02, as if the medium were bad.
    MediumError,
    /// 3/0C/09: the buffer ran empty.
    LossOfStreaming,
}

/// The result of a READ or WRITE that was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveredErrors {
    /// Success.
    None,
    /// 1/18/00 for READ, 1/0C/01 for WRITE: it took more than one attempt.
    AtOnce,
    /// Success. The drive does not execute the command after a WRITE but answers it with 1/0C/01 about the
    /// WRITE.
    Deferred,
}

/// The effect of closing a session on a reserved track that is not full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseOverReserved {
    /// The drive refuses with 5/72/03.
    IncompleteTrack,
    /// The drive refuses with 5/72/04.
    ReservedTrack,
    /// The drive closes the track first.
    Closed,
}

/// The answer to a READ of blocks that were never recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnrecordedBlocks {
    /// 5/21/00.
    OutOfRange,
    /// 8/00/00.
    Blank,
    /// 3/11/00.
    MediumError,
    /// Zeros before the last recorded block, 5/21/00 after it.
    Zeros,
}

impl UnrecordedBlocks {
    /// The answer to a READ of the unrecorded `block`, on a disc that is recorded up to `end`; `None` for
    /// zeros.
    pub(crate) fn sense(self, block: u32, end: u32) -> Option<Sense> {
        match self {
            Self::Zeros if block < end => None,
            Self::OutOfRange | Self::Zeros => Some(Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE),
            Self::Blank => Some(Sense::new(SenseKey::BlankCheck, 0, 0)),
            Self::MediumError => Some(Sense::UNRECOVERED_READ_ERROR),
        }
    }
}

/// Whether commands take time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Every command completes at once.
    None,
    /// The drive is busy as long as a real one according to the model of `docs/understanding/media.md`, if it
    /// has a clock.
    Model,
}

trait Setting: Sized {
    fn text(&self) -> String;
    fn from_text(text: &str) -> Option<Self>;
}

macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal),* $(,)?) => {
        impl Setting for $type {
            fn text(&self) -> String {
                match self { $(Self::$variant => $word),* }.to_owned()
            }
            fn from_text(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words!(LastAddress: Zero = "zero", LastRecorded = "last-recorded", BeforeLeadOut = "before-lead-out",
    PastLeadOut = "past-lead-out", BeforeNextWritable = "before-next-writable", LastOfMedium = "last-of-medium",
    NoMedium = "no-medium");
words!(NextWritableAddress: Any = "any", TrackFfOnly = "track-ff-only", NumberOnly = "number-only");
words!(AddressMoves: WithEachWrite = "with-each-write", AfterSynchronize = "after-synchronize", Never = "never");
words!(SessionClose: AsAsked = "as-asked", Nothing = "nothing", Appendable = "appendable", Finalized = "finalized");
words!(Toc: ByFormat = "by-format", Refused = "refused", OneTrack = "one-track");
words!(Calibration: Done = "done", Refused = "refused", Fails = "fails", WriteProtected = "write-protected",
    OutOfSequence = "out-of-sequence", MediumNotSupported = "medium-not-supported");
words!(CloseEnds: WithSuccess = "with-success", InOperation = "in-operation", InLongWrite = "in-long-write",
    WithAttention = "with-attention", WithDummyBlocks = "with-dummy-blocks");
words!(WrongAddress: Invalid = "invalid", OutOfRange = "out-of-range", InvalidField = "invalid-field",
    MediumError = "medium-error", LossOfStreaming = "loss-of-streaming");
words!(RecoveredErrors: None = "none", AtOnce = "at-once", Deferred = "deferred");
words!(CloseOverReserved: IncompleteTrack = "incomplete-track", ReservedTrack = "reserved-track", Closed = "closed");
words!(UnrecordedBlocks: OutOfRange = "out-of-range", Blank = "blank", MediumError = "medium-error",
    Zeros = "zeros");
words!(Pace: None = "none", Model = "model");

impl Setting for bool {
    fn text(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }
}

impl Setting for u32 {
    fn text(&self) -> String {
        self.to_string()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<T: Setting> Setting for Option<T> {
    fn text(&self) -> String {
        self.as_ref().map_or_else(|| "medium".to_owned(), Setting::text)
    }
    fn from_text(text: &str) -> Option<Self> {
        if text == "medium" {
            Some(None)
        } else {
            T::from_text(text).map(Some)
        }
    }
}

macro_rules! behaviour {
    ($($(#[$meta:meta])* $name:ident: $type:ty = $default:expr;)*) => {
        /// How this drive does what MMC leaves to the drive. `Default` is the choice in
        /// `docs/understanding/media.md`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Behaviour { $($(#[$meta])* pub $name: $type,)* }

        impl Default for Behaviour {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Behaviour {
            /// The switches that differ from the default, as names and values.
            #[must_use]
            pub fn settings(&self) -> Vec<(&'static str, String)> {
                let default = Self::default();
                let mut settings = Vec::new();
                $(if self.$name != default.$name {
                    settings.push((stringify!($name), self.$name.text()));
                })*
                settings
            }

            /// Sets the switch `name` to `value`; `false` if the switch or the value is unknown.
            pub fn set(&mut self, name: &str, value: &str) -> bool {
                match name {
                    $(stringify!($name) => match <$type>::from_text(value) {
                        Some(value) => { self.$name = value; true }
                        None => false,
                    },)*
                    _ => false,
                }
            }
        }
    };
}

behaviour! {
    /// Whether READ TRACK INFORMATION has a valid last recorded address. `None`: depends on the medium; not
    /// on a CD.
    last_recorded_address_valid: Option<bool> = None;
    /// READ CAPACITY of a blank disc.
    read_capacity_blank: LastAddress = LastAddress::Zero;
    /// READ CAPACITY while the last session is open and partly recorded.
    read_capacity_open: LastAddress = LastAddress::LastRecorded;
    /// READ CAPACITY while every recorded session is closed.
    read_capacity_closed: LastAddress = LastAddress::BeforeLeadOut;
    /// Whether READ TOC format 1 reports the start of the last closed session, instead of 0.
    toc_last_session_start: bool = true;
    /// Which track number has the next writable address.
    next_writable_address: NextWritableAddress = NextWritableAddress::Any;
    /// Whether READ TRACK INFORMATION returns only 28 bytes, which end with the track size.
    short_track_information: bool = false;
    /// Whether the drive can protect against a buffer underrun (BUFE of mode page 05h).
    buffer_underrun_protection: bool = true;
    /// The number of WRITEs after which a CD packet ends by itself without that protection; 0 for never.
    underrun_after_writes: u32 = 0;
    /// Whether SYNCHRONIZE CACHE closes the track, as after recording track at once.
    synchronize_closes_track: bool = false;
    /// Whether the drive refuses CLOSE TRACK on a CD whose cache is synchronized; closing the session then
    /// closes the track.
    close_track_refused_after_synchronize: bool = false;
    /// Blocks between a session and the next, for every session. `None`: depends on the medium. Rounded up to
    /// the unit.
    session_gap: Option<u32> = None;
    /// Unreadable blocks after each run on a DVD-R. Rounded up to the unit.
    linking_loss: u32 = 0;
    /// Whether a read of link and run-out blocks answers 3/11/00 instead of 5/64/00.
    link_blocks_as_medium_error: bool = false;
    /// Whether mode page 05h has the test-write bit set after power on.
    test_write_after_power_on: bool = false;
    /// Whether the first command that can do so answers 6/28/00 after a medium change.
    unit_attention_after_load: bool = false;
    /// How many commands answer 2/04/01 after a medium change.
    becoming_ready_polls: u32 = 0;
    /// How many commands answer 2/04/08 after an immediate synchronize or close.
    long_write_polls: u32 = 0;
    /// When the next writable address advances.
    next_writable_address_moves: AddressMoves = AddressMoves::WithEachWrite;
    /// Whether the next writable address of a blank disc is -150 (FFFFFF6Ah).
    blank_next_writable_address_in_pregap: bool = false;
    /// Whether READ TRACK INFORMATION counts the pregap of 150 blocks as part of each CD track, so that the
    /// first track starts at -150.
    tracks_count_pregap: bool = false;
    /// Whether READ TRACK INFORMATION reports 0 as the start of a blank invisible track.
    blank_track_starts_at_zero: bool = false;
    /// Whether READ TRACK INFORMATION reports 2^31 - 1 blocks as the size of a closed track.
    closed_tracks_end_nowhere: bool = false;
    /// Whether the free blocks of an open track remain its size, whatever was written.
    free_blocks_never_shrink: bool = false;
    /// Whether READ TRACK INFORMATION refuses an allocation length of more than 36 bytes (5/24/00).
    long_track_information_refused: bool = false;
    /// Whether READ TRACK INFORMATION answers 2/24/00 instead of 5/24/00 if there is no invisible track.
    no_invisible_track_is_not_ready: bool = false;
    /// Whether READ DISC INFORMATION always reports 1 as the last track.
    last_track_stays: bool = false;
    /// Whether READ DISC INFORMATION counts an open session with data twice.
    open_session_counted_twice: bool = false;
    /// How many READ DISC INFORMATION commands answer as before a close.
    close_shows_late: u32 = 0;
    /// The effect of closing a session.
    session_close: SessionClose = SessionClose::AsAsked;
    /// Whether close functions 5 and 6 succeed without any effect.
    finalizing_without_effect: bool = false;
    /// Whether closing a session also finalizes a DVD+R or BD-R, unless mode page 05h says that another may
    /// follow.
    multi_session_counts_always: bool = false;
    /// Whether closing a CD track costs its two run-out blocks.
    run_out: bool = true;
    /// Whether the drive records a CD in packets; otherwise track at once or session at once.
    packets: bool = true;
    /// Bytes of mode page 05h after its first two.
    write_parameters_length: u32 = 50;
    /// The answer to READ TOC/PMA/ATIP.
    toc: Toc = Toc::ByFormat;
    /// The result of SEND OPC INFORMATION.
    calibration: Calibration = Calibration::Done;
    /// Whether the drive knows READ FORMAT CAPACITIES and GET EVENT STATUS NOTIFICATION; otherwise 5/20/00.
    optional_commands: bool = true;
    /// Bytes of a block according to READ CAPACITY.
    read_capacity_block_length: u32 = 2048;
    /// Bytes of READ DISC INFORMATION, from 24 to 34; the drive refuses a larger allocation length (5/24/00).
    disc_information_length: u32 = 34;
    /// Whether an answer fills the whole allocation length, with rubbish after its end.
    rubbish_behind_answers: bool = false;
    /// Whether the length before the mode pages counts fewer bytes than follow.
    mode_data_length_short: bool = false;
    /// Whether mode page 05h has values after power on that MODE SELECT refuses.
    odd_write_parameters: bool = false;
    /// The result of a CLOSE TRACK/SESSION that has closed something.
    close_ends: CloseEnds = CloseEnds::WithSuccess;
    /// How many commands except TEST UNIT READY answer 2/04/07 after a synchronize or close that was not
    /// immediate.
    operation_in_progress_polls: u32 = 0;
    /// Whether the drive refuses function 6 on DVD+R (5/24/00), so that only function 5 finalizes.
    finalizes_by_minimal_radius: bool = false;
    /// The answer to a WRITE that is not at the next writable address.
    wrong_address: WrongAddress = WrongAddress::Invalid;
    /// Whether a WRITE answers 5/2C/00 until the host has synchronized the cache once, even if it is empty.
    first_write_out_of_sequence: bool = false;
    /// Whether the drive knows PREVENT ALLOW MEDIUM REMOVAL; otherwise 5/20/00.
    removal_can_be_prevented: bool = true;
    /// The result of a READ or WRITE that was executed.
    recovered_errors: RecoveredErrors = RecoveredErrors::None;
    /// Whether READ TRACK INFORMATION reports 0 as the size and free blocks of the track of a blank disc.
    blank_track_without_size: bool = false;
    /// Whether READ TOC format 2 refuses an allocation length beyond its data (5/24/00).
    long_full_toc_refused: bool = false;
    /// Whether the drive refuses SET STREAMING (5/21/00).
    streaming_refused: bool = false;
    /// Whether the drive knows SET CD SPEED and SET STREAMING; otherwise 5/20/00.
    speed_can_be_set: bool = true;
    /// Whether the drive knows GET CONFIGURATION; otherwise 5/20/00.
    configuration: bool = true;
    /// Whether the drive knows READ DISC INFORMATION; otherwise 5/20/00.
    disc_information: bool = true;
    /// Whether the drive knows READ TRACK INFORMATION; otherwise 5/20/00.
    track_information: bool = true;
    /// Whether the drive knows RESERVE TRACK; otherwise 5/20/00.
    reserve_track: bool = true;
    /// A reserved track is a multiple of this number of blocks; 0 for the unit of writing.
    reservation_unit: u32 = 0;
    /// Blocks from a track to the next in its session, on any medium. `None`: depends on the medium. Rounded
    /// up to the unit.
    track_gap: Option<u32> = None;
    /// The effect of closing a session on a reserved track that is not full. `None`: depends on the medium.
    close_over_reserved: Option<CloseOverReserved> = None;
    /// Whether closing a reserved track of a BD-R pads it.
    reserved_track_padded: bool = true;
    /// Whether a closed session of a DVD+R has a single track, however it was recorded.
    closed_session_is_one_track: bool = false;
    /// The answer to a READ of blocks that were never recorded.
    unrecorded_blocks: UnrecordedBlocks = UnrecordedBlocks::OutOfRange;
    /// Whether commands take the time that a real drive would need.
    pace: Pace = Pace::None;
}

impl Behaviour {
    /// Whether the last recorded address is valid on `medium`.
    pub(crate) fn last_recorded_valid(&self, medium: Medium) -> bool {
        self.last_recorded_address_valid
            .unwrap_or(medium.family() != Family::Cd)
    }

    /// Blocks from the lead-out of session `number` to the next writable address, in whole units.
    pub(crate) fn gap(&self, medium: Medium, number: u16) -> u32 {
        let gap = self.session_gap.unwrap_or_else(|| medium.session_gap(number));
        gap.checked_next_multiple_of(medium.write_unit()).unwrap_or(gap)
    }

    /// Blocks from a track, reserved or not, to the next in its session, in whole units.
    pub(crate) fn track_gap(&self, medium: Medium, reserved: bool) -> u32 {
        let gap = self.track_gap.unwrap_or_else(|| match medium.family() {
            Family::DvdR if reserved => medium.write_unit(),
            _ => medium.pregap_blocks(),
        });
        gap.checked_next_multiple_of(medium.write_unit()).unwrap_or(gap)
    }

    /// The size of a reserved track is a multiple of this number of blocks.
    pub(crate) fn reservation_unit(&self, medium: Medium) -> u32 {
        let unit = medium.write_unit();
        self.reservation_unit
            .max(1)
            .checked_next_multiple_of(unit)
            .unwrap_or(unit)
    }

    /// The effect of closing a session on `medium` on a reserved track that is not full.
    pub(crate) fn close_over_reserved(&self, medium: Medium) -> CloseOverReserved {
        self.close_over_reserved.unwrap_or(match medium.family() {
            Family::Cd | Family::DvdPlusR => CloseOverReserved::IncompleteTrack,
            Family::DvdR | Family::BdR => CloseOverReserved::ReservedTrack,
        })
    }

    /// Whether closing a reserved track pads it.
    pub(crate) fn pads_reserved_tracks(&self, medium: Medium) -> bool {
        self.reserved_track_padded || medium.family() != Family::BdR
    }

    /// Whether a closed session has a single track, however it was recorded.
    pub(crate) fn reads_as_one_track(&self, medium: Medium) -> bool {
        self.closed_session_is_one_track && medium.family() == Family::DvdPlusR
    }

    /// Unreadable blocks between two runs on `medium`.
    pub(crate) fn link(&self, medium: Medium) -> u32 {
        if medium.family() == Family::DvdR {
            self.linking_loss
                .checked_next_multiple_of(medium.write_unit())
                .unwrap_or(0)
        } else {
            medium.link_blocks()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_the_switches_that_differ_from_the_default() {
        assert_eq!(Behaviour::default().settings(), []);
        let odd = Behaviour {
            session_gap: Some(64),
            next_writable_address: NextWritableAddress::TrackFfOnly,
            read_capacity_closed: LastAddress::LastRecorded,
            last_recorded_address_valid: Some(true),
            ..Behaviour::default()
        };
        let mut read = Behaviour::default();
        for (name, value) in odd.settings() {
            assert!(read.set(name, &value), "{name} {value}");
        }
        assert_eq!(read, odd);
    }

    #[test]
    fn an_unknown_switch_or_value_is_not_set() {
        let mut behaviour = Behaviour::default();
        assert!(!behaviour.set("no_such_switch", "yes"));
        assert!(!behaviour.set("session_gap", "wide"));
    }
}
