//! A reserved track that is filled last, next to the track after it.

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::descriptors;
use drive::{Disposition, Drive, Status};
use ecma167::LogicalSector;
use emulator::{Behaviour, Event, FaultScript, Keep, Medium, RESERVATIONS, Recorder};
use mmc::Lba;
use tempfile::TempDir;
use track::{End, Error, ReadOnly, Run, Sequences, Source, Track};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];
const CAPACITY: u32 = 4000;
/// Blocks of the first packet of a reserved track on CD: the next packet then begins at block 256.
const FIRST_PACKET: u32 = 249;
/// Blocks of data per commit in the track after it.
const OF_A_COMMIT: u32 = 40;

/// Each item is a letter; a block contains the letter and its own address.
#[derive(Default)]
struct Letters(BTreeMap<u32, u8>);

impl Source for Letters {
    type Item = u8;
    type Error = Error;

    fn place(&mut self, _: Run<'_, u8>, _: LogicalSector) -> Result<(), Error> {
        Ok(())
    }

    fn encode(&mut self, item: &u8, _: u64, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        self.0.insert(at.0, *item);
        slot[0] = *item;
        slot[1..5].copy_from_slice(&at.0.to_le_bytes());
        Ok(())
    }
}

/// The acknowledged letters, by block.
type Acknowledged = BTreeMap<u32, u8>;

fn sequences() -> Sequences {
    Sequences::of_session(LogicalSector(0))
}

fn last_track(drive: &Drive) -> Track<u8> {
    let end = LogicalSector(drive.medium().capacity_blocks);
    Track::new(drive.medium(), descriptors(&sequences()), sequences(), end, None)
}

fn reserved_track(drive: &Drive) -> Option<Track<u8>> {
    let reserved = drive.medium().reserved_tracks().next()?;
    Some(Track::in_reserved(
        drive.medium(),
        reserved,
        descriptors(&sequences()),
        sequences(),
    ))
}

/// Sends what waits and acknowledges it.
fn acknowledge(
    drive: &mut Drive,
    track: &mut Track<u8>,
    source: &mut Letters,
    all: &mut Acknowledged,
) -> Result<(), Error> {
    track.issue(drive, source)?;
    let sent = track.sent().to_vec();
    track.acknowledge(drive)?;
    for block in sent.into_iter().flatten() {
        all.insert(block, source.0[&block]);
    }
    Ok(())
}

/// A step in the life of a disc; each takes the disc as the previous step, or a power cut, left it.
type Step = fn(&mut Drive, &mut Acknowledged) -> Result<(), Error>;

fn reserve(drive: &mut Drive, _: &mut Acknowledged) -> Result<(), Error> {
    if drive.medium().status == Status::Blank {
        let blocks = drive.medium().reserved_track_blocks().unwrap();
        drive.reserve(blocks)?;
    }
    Ok(())
}

/// Two commits in the track after the reserved one.
fn commit(drive: &mut Drive, all: &mut Acknowledged) -> Result<(), Error> {
    let (mut track, mut source) = (last_track(drive), Letters::default());
    for letter in [b'a', b'b'] {
        (0..OF_A_COMMIT).for_each(|number| track.push(letter, number.into()));
        track.end_with(drive, &mut source, b'z', End::Commit)?;
        acknowledge(drive, &mut track, &mut source, all)?;
    }
    Ok(())
}

/// Fills the rest of the reserved track, on CD in two packets, while the other track is recorded further.
fn fill(drive: &mut Drive, all: &mut Acknowledged) -> Result<(), Error> {
    let Some(mut first) = reserved_track(drive) else {
        return Ok(());
    };
    let (mut last, mut source) = (last_track(drive), Letters::default());
    last.push(b'y', 0);
    last.issue(drive, &mut source)?;
    let free = match first.free_blocks(drive) {
        Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress)) => return Ok(()),
        free => u32::try_from(free?).unwrap(),
    };
    let is_cd = drive.medium().packets_may_end;
    let packet = if is_cd { FIRST_PACKET.min(free) } else { free };
    (0..packet).for_each(|number| first.push(b'f', number.into()));
    acknowledge(drive, &mut first, &mut source, all)?;
    let rest = match first.free_blocks(drive) {
        Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress)) => 0,
        rest => u32::try_from(rest?).unwrap(),
    };
    if rest > 0 {
        (0..rest).for_each(|number| first.push(b'g', number.into()));
        acknowledge(drive, &mut first, &mut source, all)?;
    }
    acknowledge(drive, &mut last, &mut source, all)
}

fn close_track(drive: &mut Drive, _: &mut Acknowledged) -> Result<(), Error> {
    match reserved_track(drive) {
        Some(mut track) => track.close(drive),
        None => Ok(()),
    }
}

fn finalize(drive: &mut Drive, _: &mut Acknowledged) -> Result<(), Error> {
    if drive.medium().status != Status::Finalized {
        let mut track = last_track(drive);
        assert!(track.close_session(drive, Disposition::Finalized)?);
    }
    Ok(())
}

const STEPS: [(&str, Step); 6] = [
    ("reserve", reserve),
    ("commit", commit),
    ("commit again", commit),
    ("fill", fill),
    ("close track", close_track),
    ("finalize", finalize),
];

/// A disc in the emulated recorder.
struct Bench {
    image: PathBuf,
    _folder: TempDir,
}

impl Bench {
    fn new(medium: Medium, behaviour: Behaviour) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("disc.img");
        Recorder::create(&image, medium, Some(CAPACITY), behaviour).unwrap();
        Self {
            image,
            _folder: folder,
        }
    }

    fn drive(&self) -> Drive {
        self.faulty_drive(FaultScript::new()).unwrap()
    }

    /// `None` if the drive fails before it is open.
    fn faulty_drive(&self, script: FaultScript) -> Option<Drive> {
        let mut recorder = Recorder::open(&self.image).unwrap();
        recorder.set_faults(script);
        Drive::open(Box::new(recorder)).ok()
    }

    fn take(&self, steps: &[(&str, Step)], all: &mut Acknowledged, what: &str) {
        for (name, step) in steps {
            step(&mut self.drive(), all).unwrap_or_else(|error| panic!("{what}: {name}: {error}"));
        }
    }

    /// Takes a step that may be cut off, then all remaining steps. Returns whether it was cut off; checks
    /// that nothing acknowledged is lost.
    fn is_cut_off(
        &self,
        script: FaultScript,
        steps: &[(&str, Step)],
        all: &Acknowledged,
        what: &str,
    ) -> bool {
        let mut all = all.clone();
        let (_, step) = steps[0];
        let done = self
            .faulty_drive(script)
            .map(|mut drive| step(&mut drive, &mut all));
        if matches!(done, Some(Ok(()))) {
            return false;
        }
        self.require(&all, what);
        self.take(steps, &mut all, what);
        self.require(&all, what);
        assert_eq!(self.drive().medium().status, Status::Finalized, "{what}");
        true
    }

    /// Checks that each acknowledged block is unchanged.
    fn require(&self, all: &Acknowledged, what: &str) {
        let mut drive = self.drive();
        for (at, letter) in all {
            let block = track::read_block(&mut drive, LogicalSector(*at)).unwrap();
            let block = block.unwrap_or_else(|| panic!("{what}: {at} cannot be read"));
            assert_eq!(
                (block[0], &block[1..5]),
                (*letter, &at.to_le_bytes()[..]),
                "{what}: {at}"
            );
        }
    }

    /// The image and side file, to be restored later.
    fn copy(&self) -> [Vec<u8>; 2] {
        [self.image.clone(), Recorder::side_file(&self.image)].map(|path| std::fs::read(path).unwrap())
    }

    fn put_back(&self, [blocks, side]: &[Vec<u8>; 2]) {
        std::fs::write(&self.image, blocks).unwrap();
        std::fs::write(Recorder::side_file(&self.image), side).unwrap();
    }
}

#[test]
fn a_reserved_track_is_filled_last_and_the_disc_finalized() {
    for medium in MEDIA {
        let bench = Bench::new(medium, Behaviour::default());
        let mut all = Acknowledged::new();
        bench.take(&STEPS[..3], &mut all, medium.name());
        let unread = track::read_block(&mut bench.drive(), LogicalSector(16)).unwrap();
        assert!(unread.is_none(), "{medium}: block 16 is already recorded");
        bench.take(&STEPS[3..], &mut all, medium.name());
        bench.require(&all, medium.name());
        let first: Vec<u32> = if medium == Medium::CdR80 {
            (0..249).chain(256..300).collect()
        } else {
            (0..480).collect()
        };
        assert!(first.iter().all(|block| all.contains_key(block)), "{medium}");
        let drive = bench.drive();
        assert_eq!(drive.medium().status, Status::Finalized, "{medium}");
        assert_eq!(drive.medium().sessions.len(), 1, "{medium}");
    }
}

/// Cuts the power before each command of each step; unsynchronized blocks are alternately lost and kept.
fn cut_before_each_command(medium: Medium) {
    let bench = Bench::new(medium, Behaviour::default());
    let mut all = Acknowledged::new();
    for at in 0..STEPS.len() {
        let (before, steps) = (bench.copy(), &STEPS[at..]);
        let cuts = (1_u64..).take_while(|number| {
            bench.put_back(&before);
            let keep = if number % 2 == 0 { Keep::All } else { Keep::None };
            let what = format!("{medium}, {}, before command {number}, {keep:?}", steps[0].0);
            let any = Event {
                operation_code: None,
                number: *number,
            };
            bench.is_cut_off(FaultScript::new().cut_before(any, keep), steps, &all, &what)
        });
        assert!(cuts.count() > 5, "{medium}, {}", steps[0].0);
        bench.put_back(&before);
        bench.take(&steps[..1], &mut all, medium.name());
    }
}

#[test]
fn no_acknowledged_block_is_lost_if_power_fails_before_any_command() {
    std::thread::scope(|scope| {
        for medium in MEDIA {
            scope.spawn(move || cut_before_each_command(medium));
        }
    });
}

#[test]
fn no_acknowledged_block_is_lost_if_power_fails_in_a_reserved_track() {
    for medium in MEDIA {
        let bench = Bench::new(medium, Behaviour::default());
        let mut all = Acknowledged::new();
        bench.take(&STEPS[..3], &mut all, medium.name());
        let before = bench.copy();
        let blocks = (1_u64..).step_by(47);
        let cuts = blocks.take_while(|blocks| {
            bench.put_back(&before);
            let what = format!("{medium}, after {blocks} blocks");
            let cut = FaultScript::new().cut_after_blocks(*blocks, Keep::All);
            bench.is_cut_off(cut, &STEPS[3..], &all, &what)
        });
        assert!(cuts.count() > 5, "{medium}");
    }
}

#[test]
fn drives_that_differ_about_reserved_tracks_end_with_all_blocks() {
    for ((name, value), medium) in RESERVATIONS.into_iter().zip(MEDIA.into_iter().cycle()) {
        let medium = match name {
            "reserve_track" => continue,
            "reserved_track_padded" => Medium::BdR,
            "closed_session_is_one_track" => Medium::DvdPlusR,
            _ => medium,
        };
        let mut behaviour = Behaviour::default();
        assert!(behaviour.set(name, value));
        let bench = Bench::new(medium, behaviour);
        let mut all = Acknowledged::new();
        let what = format!("{medium}, {name} {value}");
        bench.take(&STEPS, &mut all, &what);
        bench.require(&all, &what);
        assert!(all.contains_key(&0) && all.len() > 400, "{what}");
    }
}

#[test]
fn a_reserved_track_takes_no_block_after_its_end() {
    for medium in MEDIA {
        let bench = Bench::new(medium, Behaviour::default());
        let mut drive = bench.drive();
        let size = drive.reserve(480).unwrap().track.size;
        let (mut track, mut source) = (reserved_track(&drive).unwrap(), Letters::default());
        (0..=size).for_each(|number| track.push(b'f', number.into()));
        let issued = track.issue(&mut drive, &mut source);
        assert!(
            matches!(issued, Err(Error::MediumFull { free, asked }) if (free, asked) == (480, 481)),
            "{medium}: {issued:?}"
        );
        assert!(track.sent().is_empty());
        assert_eq!(drive.append_point_in(1).unwrap().address, Lba(0), "{medium}");
    }
}

#[test]
fn a_commit_in_a_reserved_track_fills_the_unit_only() {
    for (medium, letters) in [
        (Medium::CdR80, "azz".to_owned()),
        (Medium::DvdR, format!("a{}", "z".repeat(15))),
    ] {
        let bench = Bench::new(medium, Behaviour::default());
        let mut drive = bench.drive();
        drive.reserve(480).unwrap();
        let (mut track, mut source) = (reserved_track(&drive).unwrap(), Letters::default());
        track.push(b'a', 0);
        track
            .end_with(&mut drive, &mut source, b'z', End::Commit)
            .unwrap();
        let mut all = Acknowledged::new();
        acknowledge(&mut drive, &mut track, &mut source, &mut all).unwrap();
        let found: String = all.values().map(|letter| char::from(*letter)).collect();
        assert_eq!(found, letters, "{medium}");
    }
}

#[test]
fn a_drive_that_records_tracks_at_once_fills_a_reserved_track_in_one_go() {
    let mut behaviour = Behaviour::default();
    assert!(behaviour.set("packets", "no"));
    let bench = Bench::new(Medium::CdR80, behaviour);
    let mut drive = bench.drive();
    let (mut all, mut source) = (Acknowledged::new(), Letters::default());
    reserve(&mut drive, &mut all).unwrap();
    let mut last = last_track(&drive);
    (0..300).for_each(|number| last.push(b'a', number));
    acknowledge(&mut drive, &mut last, &mut source, &mut all).unwrap();
    let mut first = reserved_track(&drive).unwrap();
    (0..300).for_each(|number| first.push(b'f', number));
    acknowledge(&mut drive, &mut first, &mut source, &mut all).unwrap();
    assert!((0..300).all(|block| all[&block] == b'f'));
    drive.close_session(Disposition::Finalized).unwrap();
    drop(drive);
    bench.require(&all, "at once");
}
