//! The track itself: its parts, and what is put into its queue.

use std::ops::Range;

use drive::{Drive, Medium};
use ecma167::LogicalSector;
use ecma167::general::EntityIdentifier;

use crate::descriptors::{Descriptors, Sequences};
use crate::error::{Error, ReadOnly};
use crate::point::Point;
use crate::queue::{Entry, Queue};
use crate::sent::Sent;
use crate::session_form::{ReservedStart, SessionForm};
use crate::session_start::SessionStart;
use crate::source::Source;

/// A track that is being recorded. `I` is the name of what waits on it: see [`Source::Item`].
///
/// What is pushed is placed, encoded and sent by [`Track::issue_full_units`] and [`Track::end_with`], in the order of the pushes.
#[derive(Debug)]
pub struct Track<I> {
    pub(crate) queue: Queue<I>,
    /// The number of a reserved track; the last track of the disc has another one when it is closed.
    pub(crate) reserved: Option<u16>,
    /// The run of writes that is going on.
    pub(crate) run: Option<Point>,
    /// Nothing may be recorded from here on.
    pub(crate) end: LogicalSector,
    /// Blocks of the drive's unit of writing.
    pub(crate) unit: u32,
    /// How many write errors one issue survives.
    pub(crate) write_errors: u32,
    pub(crate) descriptors: Descriptors,
    pub(crate) session_start: SessionStart,
    /// How the session starts that takes data, and how further ones do.
    pub(crate) form: SessionForm,
    pub(crate) next_form: SessionForm,
    pub(crate) reserved_start: ReservedStart,
    /// The drive closed the reserved track of the session that takes data before its time.
    pub(crate) is_reserved_lost: bool,
    pub(crate) sent: Sent,
    /// The last block that counts as recorded.
    pub(crate) acknowledged: Option<LogicalSector>,
    pub(crate) finalized: bool,
    /// Something was recorded since the drive was last asked about its medium.
    pub(crate) medium_changed: bool,
}

/// What a commit or a session ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// One block, twice at least and up to the end of the drive's unit.
    Commit,
    /// End of session data (`UDF 2.60 6.10.1.2`): anchors from N-256 or before on, then one block, again and again, up to N.
    Session,
}

/// Write errors that one issue survives where the caller wishes no other number.
const WRITE_ERRORS: u32 = 3;

impl<I: Clone + PartialEq> Track<I> {
    /// The track on which the drive appends now. Its anchors name `sequences`, it ends before `end`, and what is on the disc
    /// ends with `acknowledged`.
    #[must_use]
    pub fn new(
        medium: &Medium,
        descriptors: Descriptors,
        sequences: Sequences,
        end: LogicalSector,
        acknowledged: Option<LogicalSector>,
    ) -> Self {
        Self {
            queue: Queue::default(),
            reserved: None,
            run: None,
            end,
            unit: medium.write_unit.max(1),
            write_errors: WRITE_ERRORS,
            descriptors,
            session_start: SessionStart::new(sequences),
            form: SessionForm::Ordinary,
            next_form: SessionForm::Ordinary,
            reserved_start: ReservedStart::Blank,
            is_reserved_lost: false,
            sent: Sent::default(),
            acknowledged,
            finalized: false,
            medium_changed: false,
        }
    }

    /// The session that takes data starts with a reserved track.
    #[must_use]
    pub fn after_reserved_track(self, reserved_start: ReservedStart) -> Self {
        Self {
            form: SessionForm::AfterReservedTrack,
            reserved_start,
            ..self
        }
    }

    /// Every session that is begun starts with a reserved track, where the drive reserves one.
    #[must_use]
    pub fn with_reserved_tracks(self, reserved_start: ReservedStart) -> Self {
        Self {
            next_form: SessionForm::AfterReservedTrack,
            reserved_start,
            ..self
        }
    }

    /// From the next session on the logical volume says that a plain volume is beside it, and each session begins with a reserved
    /// track.
    pub fn get_plain_volumes(&mut self, implementation_use: [u8; 128], reserved_start: ReservedStart) {
        self.descriptors.logical.implementation_identifier = EntityIdentifier::implementation();
        self.descriptors.logical.implementation_use = implementation_use;
        self.next_form = SessionForm::AfterReservedTrack;
        self.reserved_start = reserved_start;
    }

    /// The descriptors that each session repeats.
    #[must_use]
    pub fn descriptors(&self) -> &Descriptors {
        &self.descriptors
    }

    /// The sequences that the anchors of the session name.
    #[must_use]
    pub fn sequences(&self) -> &Sequences {
        self.session_start.sequences()
    }

    /// From which block of the reserved track that a session starts with on what is recorded belongs to its closing.
    #[must_use]
    pub fn first_of_closing(&self) -> u32 {
        self.reserved_start.first_of_closing()
    }

    /// Whether the drive closed the reserved track of the session that takes data before the session was closed: some close a track
    /// whenever they synchronize.
    #[must_use]
    pub fn is_reserved_track_lost(&self) -> bool {
        self.is_reserved_lost
    }

    /// How the session starts that takes data.
    #[must_use]
    pub fn session_form(&self) -> SessionForm {
        self.form
    }

    /// Where the next block goes that is pushed, if nothing waits and the drive goes on there.
    ///
    /// # Errors
    /// As [`Track::free_blocks`].
    pub fn next(&mut self, drive: &mut Drive) -> Result<LogicalSector, Error> {
        Ok(self.point(drive)?.next)
    }

    /// A track that was reserved, and takes no block after its end. Another track may stand open on the same drive.
    ///
    /// What is pushed waits for the drive's next writable address in this track. On CD a packet ends with
    /// [`Track::acknowledge`]: send 249 blocks before it and the next packet begins at block 256 of the track, if the drive ends
    /// packets where it is told ([`drive::Packets`]). A source that needs a block at one address refuses to place it elsewhere.
    #[must_use]
    pub fn in_reserved(
        medium: &Medium,
        track: &drive::Track,
        descriptors: Descriptors,
        sequences: Sequences,
    ) -> Self {
        let end = LogicalSector(track.end().0);
        Self {
            reserved: Some(track.number),
            ..Self::new(medium, descriptors, sequences, end, None)
        }
    }

    /// The first write error ends everything: whoever asked begins again.
    #[must_use]
    pub fn ending_with_write_errors(self) -> Self {
        Self {
            write_errors: 0,
            ..self
        }
    }

    /// Blocks of the drive's unit of writing.
    #[must_use]
    pub fn unit(&self) -> u32 {
        self.unit
    }

    /// Blocks that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.blocks()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The blocks that were sent and are not acknowledged.
    #[must_use]
    pub fn sent(&self) -> &[Range<u32>] {
        self.sent.ranges()
    }

    /// Whether the drive ended a packet between two of them, so that links may lie there.
    #[must_use]
    pub fn has_packet_ended(&self) -> bool {
        self.sent.has_packet_ended()
    }

    /// The last block that counts as recorded.
    #[must_use]
    pub fn acknowledged(&self) -> Option<LogicalSector> {
        self.acknowledged
    }

    /// Blocks from `at` on that the track may have at most.
    #[must_use]
    pub fn blocks_from(&self, at: LogicalSector) -> u32 {
        self.end.0.saturating_sub(at.0)
    }

    /// Fails where nothing can be recorded any more.
    ///
    /// # Errors
    /// [`ReadOnly::Finalized`], [`ReadOnly::AfterWriteError`].
    pub fn require_open(&self) -> Result<(), Error> {
        if self.finalized {
            return Err(ReadOnly::Finalized.into());
        }
        self.require_health()
    }

    /// As [`Track::require_open`], where the medium may be finalized.
    ///
    /// # Errors
    /// [`ReadOnly::AfterWriteError`].
    pub fn require_health(&self) -> Result<(), Error> {
        if self.sent.has_failed() {
            return Err(ReadOnly::AfterWriteError.into());
        }
        Ok(())
    }

    /// Puts a block of an item at the end, which is encoded when it is placed.
    pub fn push(&mut self, item: I, number: u64) {
        self.begin_session();
        self.queue.push(Entry::Blocks {
            item,
            first: number,
            count: 1,
        });
    }

    /// Puts whole blocks of an item at the end, from its block `first` on.
    pub fn push_bytes(&mut self, item: I, first: u64, blocks: &[u8]) {
        self.begin_session();
        self.queue.push_bytes(item, first, blocks);
    }

    /// The newest version of a block that was pushed and waits.
    pub fn find(&self, item: &I, number: u64) -> Option<&[u8]> {
        self.queue.find(item, number)
    }

    /// The items that wait, one after the other.
    pub fn items(&self) -> impl Iterator<Item = &I> {
        self.queue.entries.iter().filter_map(Entry::item)
    }

    /// Takes out what waits of the items that `gone` names.
    pub fn remove(&mut self, gone: impl Fn(&I) -> bool) {
        self.queue.remove(|entry| entry.item().is_some_and(&gone));
    }

    /// Takes out what waits of an item from its block `blocks` on.
    pub fn truncate(&mut self, item: &I, blocks: u64) {
        self.queue.truncate(item, blocks);
    }

    /// Drops all that waits, but for the start of a session of which some stands already.
    pub fn abandon(&mut self) {
        self.queue
            .remove(|entry| !matches!(entry, Entry::SessionStart { .. }));
        if self
            .queue
            .remove(|entry| matches!(entry, Entry::SessionStart { start: None, .. }))
        {
            self.session_start.mark_missing();
        }
    }

    /// Sends all that waits, and an end after it. Where that fails the end leaves the queue again: what is asked for next has
    /// its own.
    ///
    /// # Errors
    /// As [`Track::issue`].
    pub fn end_with<S>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
        item: I,
        end: End,
    ) -> Result<(), S::Error>
    where
        S: Source<Item = I>,
    {
        self.begin_session();
        self.queue.push(match end {
            End::Commit => Entry::CommitEnd { item, count: 0 },
            End::Session => Entry::SessionEnd {
                item,
                count: 0,
                anchors: Vec::new(),
            },
        });
        let issued = self.issue(drive, source);
        if issued.is_err() {
            self.queue.remove(Entry::is_end);
        }
        issued
    }

    /// Makes the drive's snapshot of its medium one of what was recorded since. Where the drive fails it stays as it is, and
    /// the next command says why.
    pub fn know_medium(&mut self, drive: &mut Drive) {
        if self.medium_changed {
            self.medium_changed = drive.refresh().is_err();
        }
    }
}
