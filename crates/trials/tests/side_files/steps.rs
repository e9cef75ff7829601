//! What happens to two discs and their side files: steps drawn from a seed.

use emulator::{Event, FaultScript, Medium};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use trials::REVISIONS;

/// Two discs and their history. In each step `disc` is 0 or 1.
#[derive(Clone, Debug)]
pub struct Life {
    pub media: [Medium; 2],
    pub capacity: u32,
    pub revision: ecma167::osta::Revision,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub enum Step {
    /// A program records; if that is refused, its user accepts the image, or brings back the side file that
    /// belongs to it.
    Record(usize, Work),
    /// The image and side file are copied.
    Copy(usize),
    /// The side file of a copy is brought back.
    BringSideBack(usize, usize),
    /// The image of a copy is brought back, with or without its side file.
    BringImageBack(usize, usize, bool),
    /// Each disc gets the side file of the other.
    Swap,
    /// The image is renamed, with or without its side file.
    Rename(usize, bool),
    /// The text of the side file is truncated.
    CutText(usize, usize),
    /// The side file is removed.
    RemoveSide(usize),
}

/// What a recording program does.
#[derive(Clone, Debug)]
pub struct Work {
    pub name: Name,
    pub accepts: bool,
    pub recovers: bool,
    pub files: usize,
    pub length: usize,
    /// Whether both files are copied while it records.
    pub copied_meanwhile: bool,
    pub ending: Ending,
    pub trouble: Trouble,
}

/// The name by which the image is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Own,
    SymbolicLink,
    HardLink,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Commit,
    Close,
    Finalize,
    /// Nothing is committed.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// The program is killed before this command.
    Kill(u64),
    /// The host's power is cut before this step of replacing the side file.
    CutAtSideFile(u64),
}

impl Trouble {
    pub fn script(self) -> Option<FaultScript> {
        match self {
            Self::None => None,
            Self::Kill(number) => Some(FaultScript::new().kill_before(Event::command(number))),
            Self::CutAtSideFile(step) => Some(FaultScript::new().cut_at_side_file(step)),
        }
    }
}

impl Life {
    /// The same at every time and place.
    pub fn of_seed(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        lives()
            .new_tree(&mut runner)
            .expect("no strategy of a life rejects values")
            .current()
    }
}

fn lives() -> impl Strategy<Value = Life> {
    let media = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];
    let medium = move || prop::sample::select(media.to_vec());
    (
        (medium(), medium(), any::<bool>()),
        prop::sample::select(vec![1_500, 2_500, 4_000]),
        prop::sample::select(REVISIONS.to_vec()),
        prop::collection::vec(step(), 4..12),
    )
        .prop_map(|((one, other, same), capacity, revision, steps)| Life {
            media: [one, if same { one } else { other }],
            capacity,
            revision,
            steps,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let disc = || 0..2usize;
    let copy = || 0..4usize;
    prop_oneof![
        10 => (disc(), work()).prop_map(|(disc, work)| Step::Record(disc, work)),
        3 => disc().prop_map(Step::Copy),
        3 => (disc(), copy()).prop_map(|(disc, copy)| Step::BringSideBack(disc, copy)),
        2 => (disc(), copy(), any::<bool>()).prop_map(|(disc, copy, both)| Step::BringImageBack(disc, copy, both)),
        2 => Just(Step::Swap),
        1 => (disc(), any::<bool>()).prop_map(|(disc, both)| Step::Rename(disc, both)),
        1 => (disc(), 0..1000usize).prop_map(|(disc, at)| Step::CutText(disc, at)),
        1 => disc().prop_map(Step::RemoveSide),
    ]
}

fn work() -> impl Strategy<Value = Work> {
    let name = prop_oneof![6 => Just(Name::Own), 1 => Just(Name::SymbolicLink), 1 => Just(Name::HardLink)];
    let ending = prop_oneof![
        10 => Just(Ending::Commit),
        3 => Just(Ending::Close),
        1 => Just(Ending::Finalize),
        1 => Just(Ending::Nothing),
    ];
    let trouble = prop_oneof![
        4 => Just(Trouble::None),
        3 => (1..90u64).prop_map(Trouble::Kill),
        1 => (1..16u64).prop_map(Trouble::CutAtSideFile),
    ];
    (
        (name, any::<bool>(), any::<bool>()),
        (1..4usize, 0..20_000usize),
        prop::bool::weighted(0.3),
        ending,
        trouble,
    )
        .prop_map(
            |((name, accepts, recovers), (files, length), copied_meanwhile, ending, trouble)| Work {
                name,
                accepts,
                recovers,
                files,
                length,
                copied_meanwhile,
                ending,
                trouble,
            },
        )
}
