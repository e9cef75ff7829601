//! The track: its parts, and what is pushed to its queue.

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

/// A track being recorded. `I` is the name of what waits on it: see [`Source::Item`].
///
/// What is pushed is placed, encoded and sent by [`Track::issue_full_units`] and [`Track::end_with`], in the
/// order it was pushed.
#[derive(Debug)]
pub struct Track<I> {
    pub(crate) queue: Queue<I>,
    /// The number of a reserved track; the last track of the disc gets a different number when it is closed.
    pub(crate) reserved: Option<u16>,
    /// The current run of writes.
    pub(crate) run: Option<Point>,
    /// Nothing may be recorded from this sector on.
    pub(crate) end: LogicalSector,
    /// The unit of writing, in blocks.
    pub(crate) unit: u32,
    /// How many write errors one issue survives.
    pub(crate) write_errors: u32,
    pub(crate) descriptors: Descriptors,
    pub(crate) session_start: SessionStart,
    /// The form of the current session, and of further ones.
    pub(crate) form: SessionForm,
    pub(crate) next_form: SessionForm,
    pub(crate) reserved_start: ReservedStart,
    /// Whether the drive closed the reserved track of the current session too early.
    pub(crate) is_reserved_lost: bool,
    pub(crate) sent: Sent,
    /// The last block that counts as recorded.
    pub(crate) acknowledged: Option<LogicalSector>,
    pub(crate) finalized: bool,
    /// Whether something was recorded since the drive was last asked about its medium.
    pub(crate) medium_changed: bool,
}

/// What a commit or session ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// One block, at least twice and up to the end of the unit of writing.
    Commit,
    /// End of session data (`UDF 2.60 6.10.1.2`): anchors from N-256 or earlier, then one block repeated up
    /// to N.
    Session,
}

/// How many write errors one issue survives by default.
const WRITE_ERRORS: u32 = 3;

/// How many write errors one issue survives when a session has to end on a medium with many.
const WRITE_ERRORS_AT_END: u32 = 32;

impl<I: Clone + PartialEq> Track<I> {
    /// The track on which the drive appends now. Its anchors name `sequences`, it ends before `end`, and
    /// `acknowledged` is the last recorded block.
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

    /// Declares that the current session starts with a reserved track.
    #[must_use]
    pub fn after_reserved_track(self, reserved_start: ReservedStart) -> Self {
        Self {
            form: SessionForm::AfterReservedTrack,
            reserved_start,
            ..self
        }
    }

    /// Makes every new session start with a reserved track, if the drive reserves one.
    #[must_use]
    pub fn with_reserved_tracks(self, reserved_start: ReservedStart) -> Self {
        Self {
            next_form: SessionForm::AfterReservedTrack,
            reserved_start,
            ..self
        }
    }

    /// From the next session on, the logical volume descriptor names a plain volume on the same disc, and
    /// each session begins with a reserved track.
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

    /// The first block of the reserved track at the start of a session that belongs to its closing.
    #[must_use]
    pub fn first_of_closing(&self) -> u32 {
        self.reserved_start.first_of_closing()
    }

    /// Whether the drive closed the reserved track of the current session before the session was closed: some
    /// drives close a track on every synchronize.
    #[must_use]
    pub fn is_reserved_track_lost(&self) -> bool {
        self.is_reserved_lost
    }

    /// The form of the current session.
    #[must_use]
    pub fn session_form(&self) -> SessionForm {
        self.form
    }

    /// The sector of the next block pushed, if nothing waits and the drive continues there.
    ///
    /// # Errors
    /// As [`Track::free_blocks`].
    pub fn next(&mut self, drive: &mut Drive) -> Result<LogicalSector, Error> {
        Ok(self.point(drive)?.next)
    }

    /// A reserved track, which takes no block after its end. Another track may be open on the same drive.
    ///
    /// What is pushed waits for the drive's next writable address in this track. On CD a packet ends with
    /// [`Track::acknowledge`]: send 249 blocks before it and the next packet begins at block 256 of the
    /// track, if the drive ends packets on request ([`drive::Packets`]). A source that needs a block at one
    /// address refuses to place it elsewhere.
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

    /// The first write error ends everything; the caller starts over.
    #[must_use]
    pub fn ending_with_write_errors(self) -> Self {
        Self {
            write_errors: 0,
            ..self
        }
    }

    /// Makes each issue survive more write errors from here on, for a session that is to end on a medium with
    /// many.
    pub fn end_despite_write_errors(&mut self) {
        self.write_errors = self.write_errors.max(WRITE_ERRORS_AT_END);
    }

    /// The unit of writing, in blocks.
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

    /// The blocks sent but not acknowledged.
    #[must_use]
    pub fn sent(&self) -> &[Range<u32>] {
        self.sent.ranges()
    }

    /// Whether the drive ended a packet between two of them, so that links may be there.
    #[must_use]
    pub fn has_packet_ended(&self) -> bool {
        self.sent.has_packet_ended()
    }

    /// The last block that counts as recorded.
    #[must_use]
    pub fn acknowledged(&self) -> Option<LogicalSector> {
        self.acknowledged
    }

    /// The maximum number of blocks that the track may have from `at` on.
    #[must_use]
    pub fn blocks_from(&self, at: LogicalSector) -> u32 {
        self.end.0.saturating_sub(at.0)
    }

    /// Checks that more can be recorded.
    ///
    /// # Errors
    /// [`ReadOnly::Finalized`], [`ReadOnly::AfterWriteError`].
    pub fn require_open(&self) -> Result<(), Error> {
        if self.finalized {
            return Err(ReadOnly::Finalized.into());
        }
        self.require_health()
    }

    /// Like [`Track::require_open`], but accepts a finalized medium.
    ///
    /// # Errors
    /// [`ReadOnly::AfterWriteError`].
    pub fn require_health(&self) -> Result<(), Error> {
        if self.sent.has_failed() {
            return Err(ReadOnly::AfterWriteError.into());
        }
        Ok(())
    }

    /// Appends a block of an item to the queue; it is encoded when it is placed.
    pub fn push(&mut self, item: I, number: u64) {
        self.begin_session();
        self.queue.push(Entry::Blocks {
            item,
            first: number,
            count: 1,
        });
    }

    /// Appends whole blocks of an item to the queue, starting with its block `first`.
    pub fn push_bytes(&mut self, item: I, first: u64, blocks: &[u8]) {
        self.begin_session();
        self.queue.push_bytes(item, first, blocks);
    }

    /// The newest waiting version of a block.
    pub fn find(&self, item: &I, number: u64) -> Option<&[u8]> {
        self.queue.find(item, number)
    }

    /// The waiting items, in order.
    pub fn items(&self) -> impl Iterator<Item = &I> {
        self.queue.entries.iter().filter_map(Entry::item)
    }

    /// Removes the waiting blocks of the items that `gone` selects.
    pub fn remove(&mut self, gone: impl Fn(&I) -> bool) {
        self.queue.remove(|entry| entry.item().is_some_and(&gone));
    }

    /// Removes the waiting blocks of an item from its block `blocks` on.
    pub fn truncate(&mut self, item: &I, blocks: u64) {
        self.queue.truncate(item, blocks);
    }

    /// Drops everything that waits, except the start of a session that is partly recorded.
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

    /// Sends everything that waits, followed by an end. If that fails, the end is removed from the queue: the
    /// next request has its own.
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

    /// Updates the drive's snapshot of its medium if something was recorded since. If the drive fails, the
    /// snapshot stays as it is, and the next command reports why.
    pub fn know_medium(&mut self, drive: &mut Drive) {
        if self.medium_changed {
            self.medium_changed = drive.refresh().is_err();
        }
    }
}
