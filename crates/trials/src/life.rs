//! A life: a medium, a drive, and everything that will happen.

use ecma167::osta::Revision;
use emulator::{Behaviour, Medium};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use recording::Rom;

use crate::behaviour::{behaviour, behaviours};
use crate::operation::{Operation, operations};
use crate::size::Size;

/// The revisions with a virtual partition.
pub const REVISIONS: [Revision; 5] = [
    Revision::V1_50,
    Revision::V2_00,
    Revision::V2_01,
    Revision::V2_50,
    Revision::V2_60,
];

/// Blocks of a medium on which a further session fits after the widest gap of any medium.
const ROOM_FOR_SESSIONS: u32 = 40_000;

/// Blocks of a medium with room for a plain volume in as many sessions as a life closes.
const ROOM_FOR_PLAIN_VOLUMES: u32 = 300_000;

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a commit; the session stays open.
    Commit,
    /// With a closed session.
    Close,
    /// With a finalized disc.
    Finalize,
}

/// Everything that happens to one disc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The blank medium.
    pub medium: Medium,
    /// Its capacity in blocks.
    pub capacity: u32,
    /// How the drive differs from the default.
    pub behaviour: Behaviour,
    /// Maximum bytes per command, if less than usual.
    pub transfer_limit: Option<usize>,
    /// The revision of the volume.
    pub revision: Revision,
    /// The plain volume that each closing also records.
    pub rom: Option<Rom>,
    /// What happens after the format.
    pub operations: Vec<Operation>,
    /// What happens last.
    pub end: End,
}

/// Lives of this size.
pub fn lives(size: Size) -> impl Strategy<Value = Life> {
    let limits = vec![None, None, Some(32 << 10), Some(64 << 10), Some(1 << 20)];
    (
        prop::sample::select(Medium::ALL.to_vec()),
        prop::sample::select(size.capacities.to_vec()),
        behaviour(),
        prop::sample::select(limits),
        prop::sample::select(REVISIONS.to_vec()),
        operations(size),
        prop::sample::select(vec![End::Commit, End::Close, End::Finalize]),
    )
        .prop_map(
            |(medium, capacity, behaviour, transfer_limit, revision, operations, end)| Life {
                medium,
                capacity,
                behaviour,
                transfer_limit,
                revision,
                rom: None,
                operations,
                end,
            },
        )
}

impl Life {
    /// Only a CD has links, and a DVD-R in a drive that loses blocks where it continues.
    fn has_links(&self) -> bool {
        matches!(self.medium, Medium::CdR74 | Medium::CdR80) || self.behaviour.linking_loss > 0
    }

    /// Whether a format that is cut, and cut again when it is repeated, may find no place for the volume.
    pub(crate) fn may_not_be_formatted(&self) -> bool {
        self.has_links() && (self.capacity < ROOM_FOR_SESSIONS || self.medium == Medium::DvdRDl)
    }

    /// Whether a session that begins before block `at` stays as it is with links on its start: recording
    /// cannot rely on room for one more after it, or the medium takes no further session at all.
    pub(crate) fn keeps_damaged_session(&self, at: u32) -> bool {
        // The widest known gap, and the start and end of two sessions.
        let room = match self.medium {
            Medium::CdR74 | Medium::CdR80 => 13_500,
            _ => 30_500,
        };
        let is_last = self.medium == Medium::DvdRDl || self.capacity.saturating_sub(at) < room;
        self.has_links() && is_last
    }

    /// Whether the drive may end a packet inside the start of a session. Links then fall on structures, other
    /// copies of them are found, and the judge cannot pass it.
    #[must_use]
    pub fn breaks_structures(&self) -> bool {
        self.behaviour.underrun_after_writes > 0 && self.transfer_limit.is_some()
    }

    /// Whether the drive reserves tracks, so that each closed session can have a plain volume.
    pub(crate) fn has_plain_volumes(&self) -> bool {
        let behaviour = &self.behaviour;
        let fits = behaviour.reservation_unit == 0;
        self.rom.is_some() && behaviour.reserve_track && fits && behaviour.underrun_after_writes == 0
    }

    /// A life on each medium in each revision, with seeds that count up from this one.
    pub fn everywhere(seed: u64, size: Size) -> impl Iterator<Item = Self> {
        let media = Medium::ALL.into_iter();
        let both = media.flat_map(|medium| REVISIONS.map(|revision| (medium, revision)));
        (seed..).zip(both).map(move |(seed, (medium, revision))| Self {
            medium,
            revision,
            ..Self::of_seed(seed, size)
        })
    }

    /// Like [`Life::of_seed`], in a drive with two switches set.
    #[must_use]
    pub fn with_pair(seed: u64, size: Size) -> Self {
        Self {
            behaviour: switches_of_seed(seed),
            ..Self::of_seed(seed, size)
        }
    }

    /// Like [`Life::of_seed`], for a disc that gets a plain volume with each closing, on a medium and in a
    /// drive that allow that. In three of four lives both volumes have the same file entries.
    #[must_use]
    pub fn with_plain_volumes(seed: u64, size: Size) -> Self {
        Self::of_seed(seed, size).beside_plain_volumes(seed)
    }

    /// The same life on a disc that gets a plain volume with each closing; the number varies which.
    #[must_use]
    pub fn beside_plain_volumes(self, seed: u64) -> Self {
        let alike = Rom::revision_beside(self.revision);
        let rom = Rom {
            revision: if seed.is_multiple_of(4) {
                Revision::V1_02
            } else {
                alike
            },
            bridge: seed.is_multiple_of(2),
            links: false,
            is_optional: false,
        };
        Self {
            capacity: self.capacity.max(ROOM_FOR_PLAIN_VOLUMES),
            behaviour: Behaviour::default(),
            rom: Some(rom),
            ..self
        }
    }

    /// The same life with files that lose a name while they are open, and stay open over some operations.
    #[must_use]
    pub fn with_held_files(self) -> Self {
        const HELD_EVERY: usize = 4;
        const RELEASED_EVERY: usize = 7;
        let mut operations = Vec::new();
        for (number, operation) in self.operations.iter().enumerate() {
            operations.push(operation.clone());
            if number % HELD_EVERY == 1 {
                operations.push(Operation::Hold { node: number * 5 });
            }
            if number % RELEASED_EVERY == RELEASED_EVERY - 1 {
                let length = number * 613 % 6_000;
                operations.push(Operation::Release { length });
            }
        }
        Self { operations, ..self }
    }

    /// The life of a seed: the same at every time and place.
    #[must_use]
    pub fn of_seed(seed: u64, size: Size) -> Self {
        drawn(seed, &lives(size))
    }
}

/// A drive with two switches set, drawn from a seed.
#[must_use]
pub fn switches_of_seed(seed: u64) -> Behaviour {
    drawn(seed, &behaviours(2..=2))
}

/// The value that a strategy generates from a seed.
fn drawn<S: Strategy>(seed: u64, strategy: &S) -> S::Value {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    match strategy.new_tree(&mut runner) {
        Ok(tree) => tree.current(),
        // No strategy of a life rejects values.
        Err(reason) => unreachable!("{reason}"),
    }
}
