//! Where drives differ: a switch for each.

use crate::medium::{Family, Medium};
use mmc::{Sense, SenseKey};

/// What READ CAPACITY names as the last block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastAddress {
    /// 0.
    Zero,
    /// The last recorded user block.
    LastRecorded,
    /// The block before the lead-out of the last closed session: on a CD it is a run-out block.
    BeforeLeadOut,
    /// The block before the next writable address.
    BeforeNextWritable,
    /// The last of the 75 blocks after the start of that lead-out.
    PastLeadOut,
    /// The last block that the medium can hold.
    LastOfMedium,
    /// None: it answers 2/3A/00, as if there were no medium.
    NoMedium,
}

/// Which track number READ TRACK INFORMATION tells the next writable address for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextWritableAddress {
    /// For the open track under any of its names.
    Any,
    /// Only for the invisible track, number FFh.
    TrackFfOnly,
    /// Only for the open track's own number; number FFh is refused.
    NumberOnly,
}

/// When the next writable address of READ TRACK INFORMATION follows what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressMoves {
    /// Behind each WRITE.
    WithEachWrite,
    /// When the cache is synchronized.
    AfterSynchronize,
    /// Never: it is the start of the track for ever.
    Never,
}

/// What becomes of the disc when its session is closed (close function 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionClose {
    /// What mode page 05h or the medium has it.
    AsAsked,
    /// Nothing, though the command succeeds.
    Nothing,
    /// Another session may follow, whatever was asked.
    Appendable,
    /// It is finalized, whatever was asked.
    Finalized,
}

/// What READ TOC/PMA/ATIP answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toc {
    /// What `docs/media.md` has for each format.
    ByFormat,
    /// Nothing: each format is refused (5/24/00).
    Refused,
    /// Format 0 alone, of one track from block 0 to the end of what READ CAPACITY names.
    OneTrack,
}

/// What SEND OPC INFORMATION comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calibration {
    /// The power is calibrated.
    Done,
    /// The drive does not know the command (5/20/00).
    Refused,
    /// It fails (3/73/03), and the drive records all the same.
    Fails,
    /// The drive says that the medium is write-protected (7/27/00), and records all the same.
    WriteProtected,
    /// The drive says that the command comes out of sequence (5/2C/00).
    OutOfSequence,
    /// The drive says that it cannot write this medium (5/30/02), and does.
    MediumNotSupported,
}

/// How CLOSE TRACK/SESSION ends where it has closed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseEnds {
    /// With success.
    WithSuccess,
    /// With 2/04/07, as if it were still under way.
    InOperation,
    /// With 2/04/08, as if it were still under way.
    InLongWrite,
    /// With a unit attention, 6/2E/00.
    WithAttention,
    /// With 5/B5/00: blocks were added to a short track.
    WithDummyBlocks,
}

/// What a WRITE away from the next writable address answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongAddress {
    /// 5/21/02.
    Invalid,
    /// 5/21/00, as if it were behind the end of the medium.
    OutOfRange,
    /// 5/24/00.
    InvalidField,
    /// 3/21/02, as if the medium were bad.
    MediumError,
    /// 3/0C/09: the buffer has run empty.
    LossOfStreaming,
}

/// What READ and WRITE end with where they were carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveredErrors {
    /// Success.
    None,
    /// READ with 1/18/00 and WRITE with 1/0C/01: it took more than one try.
    AtOnce,
    /// Success; the command after a WRITE is not carried out, and answers 1/0C/01 about that.
    Deferred,
}

/// What closing a session does about a reserved track that is not full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseOverReserved {
    /// It is refused with 5/72/03.
    IncompleteTrack,
    /// It is refused with 5/72/04.
    ReservedTrack,
    /// The track is closed first.
    Closed,
}

/// What a READ of blocks answers that were never recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnrecordedBlocks {
    /// 5/21/00.
    OutOfRange,
    /// 8/00/00.
    Blank,
    /// 3/11/00.
    MediumError,
    /// Zeros, before the last block that is recorded; 5/21/00 after it.
    Zeros,
}

impl UnrecordedBlocks {
    /// What a READ of `block` answers that was not recorded, on a disc that is recorded up to `end`; `None` for zeros.
    pub(crate) fn sense(self, block: u32, end: u32) -> Option<Sense> {
        match self {
            Self::Zeros if block < end => None,
            Self::OutOfRange | Self::Zeros => Some(Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE),
            Self::Blank => Some(Sense::new(SenseKey::BlankCheck, 0, 0)),
            Self::MediumError => Some(Sense::UNRECOVERED_READ_ERROR),
        }
    }
}

/// Whether the drive takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Every command is done at once.
    None,
    /// The drive is busy for as long as a real one by the model of `docs/media.md`, where it was handed a clock.
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
        /// How this drive does what MMC leaves to it. `Default` is what `docs/media.md` says.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Behaviour { $($(#[$meta])* pub $name: $type,)* }

        impl Default for Behaviour {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Behaviour {
            /// The switches that differ from the default, as name and value.
            #[must_use]
            pub fn settings(&self) -> Vec<(&'static str, String)> {
                let default = Self::default();
                let mut settings = Vec::new();
                $(if self.$name != default.$name {
                    settings.push((stringify!($name), self.$name.text()));
                })*
                settings
            }

            /// Sets the switch `name` to `value`; `false` where there is no such switch or value.
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
    /// Whether READ TRACK INFORMATION has a valid last recorded address. `None`: as the medium has it: not on a CD.
    last_recorded_address_valid: Option<bool> = None;
    /// READ CAPACITY of a blank disc.
    read_capacity_blank: LastAddress = LastAddress::Zero;
    /// READ CAPACITY while the last session is open and has something recorded.
    read_capacity_open: LastAddress = LastAddress::LastRecorded;
    /// READ CAPACITY while every session with something recorded is closed.
    read_capacity_closed: LastAddress = LastAddress::BeforeLeadOut;
    /// Whether READ TOC format 1 names the start of the last closed session; else 0.
    toc_last_session_start: bool = true;
    /// Which track number has the next writable address.
    next_writable_address: NextWritableAddress = NextWritableAddress::Any;
    /// Whether READ TRACK INFORMATION returns 28 bytes only: nothing behind the track size.
    short_track_information: bool = false;
    /// Whether the drive can protect against an underrun of its buffer (BUFE of mode page 05h).
    buffer_underrun_protection: bool = true;
    /// Without that protection, after how many WRITEs a CD packet ends by itself; 0 for never.
    underrun_after_writes: u32 = 0;
    /// Whether SYNCHRONIZE CACHE closes the track, as after recording track at once.
    synchronize_closes_track: bool = false;
    /// Whether CLOSE TRACK is refused on a CD whose cache is synchronized; closing the session then closes the track.
    close_track_refused_after_synchronize: bool = false;
    /// Blocks between two sessions, for any session. `None`: as the medium has it. Rounded up to the unit.
    session_gap: Option<u32> = None;
    /// Unreadable blocks that each run on a DVD-R costs. Rounded up to the unit.
    linking_loss: u32 = 0;
    /// Whether a read of link and run-out blocks answers 3/11/00; else 5/64/00.
    link_blocks_as_medium_error: bool = false;
    /// Whether mode page 05h has the test-write bit set after power on.
    test_write_after_power_on: bool = false;
    /// Whether the first command that can answers 6/28/00 after a medium came.
    unit_attention_after_load: bool = false;
    /// How many commands answer 2/04/01 after a medium came.
    becoming_ready_polls: u32 = 0;
    /// How many commands answer 2/04/08 after an immediate synchronize or close.
    long_write_polls: u32 = 0;
    /// When the next writable address follows what was written.
    next_writable_address_moves: AddressMoves = AddressMoves::WithEachWrite;
    /// Whether the next writable address of a blank disc is -150 (FFFFFF6Ah).
    blank_next_writable_address_in_pregap: bool = false;
    /// Whether READ TRACK INFORMATION counts the pregap of 150 blocks to the tracks of a CD: the first begins at -150.
    tracks_count_pregap: bool = false;
    /// Whether READ TRACK INFORMATION has 0 for the start of a blank invisible track.
    blank_track_starts_at_zero: bool = false;
    /// Whether READ TRACK INFORMATION has 2^31 - 1 blocks for the size of a closed track.
    closed_tracks_end_nowhere: bool = false;
    /// Whether the free blocks of an open track are its size, whatever was written.
    free_blocks_never_shrink: bool = false;
    /// Whether READ TRACK INFORMATION refuses to answer with more than 36 bytes (5/24/00).
    long_track_information_refused: bool = false;
    /// Whether READ TRACK INFORMATION refuses the invisible track where there is none with 2/24/00; else 5/24/00.
    no_invisible_track_is_not_ready: bool = false;
    /// Whether READ DISC INFORMATION says 1 for the last track for ever.
    last_track_stays: bool = false;
    /// Whether READ DISC INFORMATION counts an open session with data twice.
    open_session_counted_twice: bool = false;
    /// How many READ DISC INFORMATIONs answer as before a close.
    close_shows_late: u32 = 0;
    /// What becomes of the disc when its session is closed.
    session_close: SessionClose = SessionClose::AsAsked;
    /// Whether close functions 5 and 6 have no effect, though they succeed.
    finalizing_without_effect: bool = false;
    /// Whether DVD+R and BD-R too are finalized with their session unless mode page 05h says that another may follow.
    multi_session_counts_always: bool = false;
    /// Whether closing a track of a CD costs its two run-out blocks.
    run_out: bool = true;
    /// Whether a CD is recorded in packets; else track at once or session at once.
    packets: bool = true;
    /// Bytes that mode page 05h has behind its first two.
    write_parameters_length: u32 = 50;
    /// What READ TOC/PMA/ATIP answers.
    toc: Toc = Toc::ByFormat;
    /// What SEND OPC INFORMATION comes to.
    calibration: Calibration = Calibration::Done;
    /// Whether READ FORMAT CAPACITIES and GET EVENT STATUS NOTIFICATION are known to the drive; else 5/20/00.
    optional_commands: bool = true;
    /// Bytes of a block by READ CAPACITY.
    read_capacity_block_length: u32 = 2048;
    /// Bytes of READ DISC INFORMATION, from 24 to 34; it refuses to be asked for more (5/24/00).
    disc_information_length: u32 = 34;
    /// Whether an answer fills all that the host has room for: rubbish stands behind its end.
    rubbish_behind_answers: bool = false;
    /// Whether the length in front of the mode pages counts less than follows.
    mode_data_length_short: bool = false;
    /// Whether mode page 05h has values after power on that MODE SELECT refuses.
    odd_write_parameters: bool = false;
    /// How CLOSE TRACK/SESSION ends where it has closed something.
    close_ends: CloseEnds = CloseEnds::WithSuccess;
    /// How many commands but TEST UNIT READY answer 2/04/07 behind a synchronize or close that was not to be
    /// immediate.
    operation_in_progress_polls: u32 = 0;
    /// Whether function 6 is refused on DVD+R (5/24/00): function 5 alone finalizes.
    finalizes_by_minimal_radius: bool = false;
    /// What a WRITE away from the next writable address answers.
    wrong_address: WrongAddress = WrongAddress::Invalid;
    /// Whether a WRITE answers 5/2C/00 until the cache was synchronized once, with whatever is in it.
    first_write_out_of_sequence: bool = false;
    /// Whether PREVENT ALLOW MEDIUM REMOVAL is known to the drive; else 5/20/00.
    removal_can_be_prevented: bool = true;
    /// What READ and WRITE end with where they were carried out.
    recovered_errors: RecoveredErrors = RecoveredErrors::None;
    /// Whether READ TRACK INFORMATION has 0 for size and free blocks of the track of a blank disc.
    blank_track_without_size: bool = false;
    /// Whether READ TOC format 2 refuses to be asked for more than there is (5/24/00).
    long_full_toc_refused: bool = false;
    /// Whether SET STREAMING is refused (5/21/00).
    streaming_refused: bool = false;
    /// Whether SET CD SPEED and SET STREAMING are known to the drive; else 5/20/00.
    speed_can_be_set: bool = true;
    /// Whether GET CONFIGURATION is known to the drive; else 5/20/00.
    configuration: bool = true;
    /// Whether READ DISC INFORMATION is known to the drive; else 5/20/00.
    disc_information: bool = true;
    /// Whether READ TRACK INFORMATION is known to the drive; else 5/20/00.
    track_information: bool = true;
    /// Whether RESERVE TRACK is known to the drive; else 5/20/00.
    reserve_track: bool = true;
    /// A reserved track is whole multiples of so many blocks; 0 for those of the unit.
    reservation_unit: u32 = 0;
    /// Blocks from a track to the next of its session, for any medium. `None`: as the medium has it. Rounded up to the unit.
    track_gap: Option<u32> = None;
    /// What closing a session does about a reserved track that is not full. `None`: as the medium has it.
    close_over_reserved: Option<CloseOverReserved> = None;
    /// Whether closing a reserved track of a BD-R pads it.
    reserved_track_padded: bool = true;
    /// Whether a closed session of a DVD+R has one track, whatever it was recorded in.
    closed_session_is_one_track: bool = false;
    /// What a READ of blocks answers that were never recorded.
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

    /// Blocks from the lead-out of session `number` to the next writable address: whole units.
    pub(crate) fn gap(&self, medium: Medium, number: u16) -> u32 {
        let gap = self.session_gap.unwrap_or_else(|| medium.session_gap(number));
        gap.checked_next_multiple_of(medium.write_unit()).unwrap_or(gap)
    }

    /// Blocks from a track, reserved or not, to the next of its session: whole units.
    pub(crate) fn track_gap(&self, medium: Medium, reserved: bool) -> u32 {
        let gap = self.track_gap.unwrap_or_else(|| match medium.family() {
            Family::DvdR if reserved => medium.write_unit(),
            _ => medium.pregap_blocks(),
        });
        gap.checked_next_multiple_of(medium.write_unit()).unwrap_or(gap)
    }

    /// Blocks of which a reserved track has a whole multiple.
    pub(crate) fn reservation_unit(&self, medium: Medium) -> u32 {
        let unit = medium.write_unit();
        self.reservation_unit
            .max(1)
            .checked_next_multiple_of(unit)
            .unwrap_or(unit)
    }

    /// What closing a session on `medium` does about a reserved track that is not full.
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

    /// Whether a closed session has one track, whatever it was recorded in.
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
    fn only_what_differs_from_the_default_is_a_setting_and_comes_back() {
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
    fn an_unknown_switch_or_value_is_refused() {
        let mut behaviour = Behaviour::default();
        assert!(!behaviour.set("no_such_switch", "yes"));
        assert!(!behaviour.set("session_gap", "wide"));
    }
}
