//! Lives of images whose side files are lost, brought back, swapped, moved, linked and cut, and whose recorders are killed: nothing
//! that was acknowledged is ever cut or changed, and nothing is recorded unasked on what does not fit.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use disc::{Disc, Error, Stated};
use drive::Drive;
use emulator::{Behaviour, Event, FaultScript, Medium, Recorder};
use recording::{Attributes, CloseDisc, FormatOptions, Kind, Recording, format};
use trials::{listing, time};
use volume::Volume;

const LIVES: u64 = 1000;
const STEPS: u64 = 9;
const CAPACITY: u32 = 40_000;

/// Numbers that one seed gives.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// An image, and what is known to be on it.
struct Kept {
    folder: PathBuf,
    name: String,
    medium: Medium,
    /// What the last acknowledged commit has, and what a later one may have that was interrupted.
    files: Files,
    begun: Option<Files>,
    /// The image as it was when that was acknowledged.
    acknowledged: Vec<u8>,
    /// Side files that were kept, with the length of the image then.
    copies: Vec<(Vec<u8>, u64)>,
    /// Whether the side file is that of the last command that ended by itself.
    fits: bool,
}

impl Kept {
    fn new(folder: PathBuf, medium: Medium, unique: u32) -> Self {
        let kept = Self {
            folder,
            name: "image".into(),
            medium,
            files: Files::new(),
            begun: None,
            acknowledged: Vec::new(),
            copies: Vec::new(),
            fits: true,
        };
        fs::create_dir(&kept.folder).unwrap();
        let recorder = Recorder::create(&kept.image(), medium, Some(CAPACITY), Behaviour::default());
        let options = FormatOptions {
            revision: "2.50".parse().unwrap(),
            label: "Kept".into(),
            unique,
            now: time(0),
            seconds: 1_700_000_000,
            root: Attributes::at(0o755, time(0)),
        };
        drop(format(Drive::open(Box::new(recorder.unwrap())).unwrap(), &options).unwrap());
        kept.acknowledging()
    }

    fn acknowledging(mut self) -> Self {
        self.acknowledge();
        self
    }

    fn acknowledge(&mut self) {
        self.acknowledged = fs::read(self.image()).unwrap();
    }

    fn image(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    fn side(&self) -> PathBuf {
        Recorder::side_file(&self.image())
    }

    fn length(&self) -> u64 {
        self.image().metadata().unwrap().len()
    }

    fn disc(&self) -> Disc {
        Disc::new(self.image())
    }

    fn bytes(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        (fs::read(self.image()).unwrap(), fs::read(self.side()).ok())
    }

    /// Opens it to record, as a user comes to do it who reads what the program says; `None` where a script ends the recorder
    /// already then.
    fn record(&self, script: Option<FaultScript>, told: &str) -> Option<Drive> {
        let disc = |mut disc: Disc| {
            if let Some(script) = &script {
                disc = disc.with_faults(script.clone());
            }
            disc
        };
        let before = self.bytes();
        let opened = disc(self.disc()).record();
        let opened = match opened {
            Err(Error::LaterGeneration { .. } | Error::Image(emulator::Error::Unproven { .. })) => {
                assert!(self.bytes() == before, "{told}: refused, and changed");
                disc(self.disc().accepting_image()).record()
            }
            Err(
                Error::MediumUnknown(_)
                | Error::Image(emulator::Error::SideFile { .. } | emulator::Error::NotASideFile(_)),
            ) => {
                assert!(self.bytes() == before, "{told}: refused, and changed");
                let _ = fs::remove_file(self.side());
                disc(self.disc().stating(self.stated())).record()
            }
            opened => opened,
        };
        match opened {
            Ok(drive) => Some(drive),
            Err(Error::Drive(_)) if script.is_some() => None,
            Err(error) => panic!("{told}: {error}"),
        }
    }

    fn stated(&self) -> Stated {
        Stated {
            medium: self.medium,
            capacity: Some(CAPACITY),
        }
    }

    /// Adds a file and commits, perhaps up to where a script ends the recorder.
    fn add(&mut self, dice: &mut Dice, number: u64, script: Option<FaultScript>, told: &str) {
        let length = usize::try_from(dice.throw(60_000)).unwrap();
        let seed = dice.throw(256);
        let content: Vec<u8> = (0..length as u64)
            .map(|at| (at.wrapping_mul(31 + seed) >> 3).to_le_bytes()[0])
            .collect();
        let interrupted = script.is_some();
        self.settle();
        let Some(drive) = self.record(script, told) else {
            return;
        };
        let name = format!("f{number}");
        let mut files = self.files.clone();
        files.insert(format!("/{name}"), content.clone());
        let work = || -> Result<(), recording::Error> {
            let mut recording = Recording::open(drive, time(1)).map_err(|failed| failed.error)?;
            let root = recording.root();
            let file = recording.create(root, &name, &Kind::File, &Attributes::at(0o644, time(2)))?;
            recording.write(file, 0, &content)?;
            recording.commit(time(3)).map(drop)
        };
        match work() {
            Ok(()) => {
                self.files = files;
                self.acknowledge();
                self.fits = true;
            }
            // Closing a session where no other fits finalizes the medium.
            Err(recording::Error::ReadOnly(_)) if !interrupted => {}
            Err(error) => {
                assert!(interrupted, "{told}: {error}");
                self.begun = Some(files);
                self.fits = false;
            }
        }
    }

    /// Before more is recorded: which of two states an interrupted commit left.
    fn settle(&mut self) {
        if let Some(begun) = self.begun.take()
            && self.reads().as_ref() == Ok(&begun)
        {
            self.files = begun;
        }
    }

    /// Files that a reader finds, while nobody records.
    fn reads(&self) -> Result<Files, String> {
        let drive = self.disc().read().map_err(|error| error.to_string())?;
        let mut volume = Volume::open(drive).map_err(|failed| failed.error.to_string())?;
        let found = listing(&mut volume).map_err(|broken| broken.to_string())?;
        let files = found.into_iter().filter(|(path, _)| !path.is_empty());
        Ok(files.map(|(path, seen)| (path, seen.bytes)).collect())
    }

    /// What holds at every moment.
    fn prove(&self, told: &str) {
        let before = self.bytes();
        let kept = before.0.get(..self.acknowledged.len());
        assert!(
            kept == Some(&self.acknowledged[..]),
            "{told}: what was acknowledged was cut or changed"
        );
        let found = self
            .reads()
            .unwrap_or_else(|error| panic!("{told}: no volume is read: {error}"));
        assert!(
            found == self.files || Some(&found) == self.begun.as_ref(),
            "{told}: read {:?}, where {:?} was acknowledged",
            found.keys(),
            self.files.keys()
        );
        let opened = self.disc().record();
        if self.fits {
            assert!(opened.is_ok(), "{told}: {:?}", opened.err());
        }
        drop(opened);
        assert!(self.bytes() == before, "{told}: looking at it changed it");
    }

    /// One thing that happens to it, or to its side file.
    fn happen(&mut self, dice: &mut Dice, number: u64, told: &str) {
        match dice.throw(13) {
            0..=2 => self.add(dice, number, None, told),
            3 => {
                let event = Event::command(1 + dice.throw(40));
                self.add(dice, number, Some(FaultScript::new().kill_before(event)), told);
            }
            4 => {
                let script = FaultScript::new().cut_at_side_file(1 + dice.throw(15));
                self.add(dice, number, Some(script), told);
            }
            5 => {
                self.settle();
                let drive = self.record(None, told).expect(told);
                if drive.is_read_only() {
                    return;
                }
                let mut recording = Recording::open(drive, time(5)).expect(told);
                recording.close(CloseDisc::No, time(6)).expect(told);
                drop(recording);
                self.acknowledge();
                self.fits = true;
            }
            6 | 7 => {
                if let Ok(side) = fs::read(self.side()) {
                    self.copies.push((side, self.length()));
                }
            }
            8 | 9 => {
                let chosen = usize::try_from(dice.throw(8)).unwrap();
                if let Some((side, length)) = self.copies.get(chosen) {
                    fs::write(self.side(), side).unwrap();
                    self.fits = false;
                    let older = *length < self.length() && !side.windows(9).any(|word| word == b"recording");
                    let refused = self.disc().record().err();
                    assert!(
                        refused.is_some() || !older,
                        "{told}: an older side file is believed"
                    );
                }
            }
            10 => {
                let _ = fs::remove_file(self.side());
                self.fits = false;
            }
            11 => {
                if let Ok(side) = fs::read(self.side()) {
                    let end = usize::try_from(dice.throw(1 + side.len() as u64)).unwrap();
                    fs::write(self.side(), &side[..end]).unwrap();
                    self.fits = false;
                }
            }
            _ => self.get_another_name(dice, number),
        }
    }

    /// The image moves with its side file or without, or is found by a symbolic or a hard link.
    fn get_another_name(&mut self, dice: &mut Dice, number: u64) {
        let (old, side) = (self.image(), self.side());
        self.name = format!("image-{number}");
        match dice.throw(4) {
            0 => {
                fs::rename(&old, self.image()).unwrap();
                if side.exists() {
                    fs::rename(side, self.side()).unwrap();
                }
            }
            1 => {
                fs::rename(&old, self.image()).unwrap();
                self.fits = false;
            }
            2 => std::os::unix::fs::symlink(&old, self.image()).unwrap(),
            _ => {
                fs::hard_link(old.canonicalize().unwrap(), self.image()).unwrap();
                self.fits = false;
            }
        }
    }
}

/// The side files of two discs change places.
fn swap(one: &mut Kept, other: &mut Kept) {
    if let (Ok(first), Ok(second)) = (fs::read(one.side()), fs::read(other.side())) {
        fs::write(one.side(), second).unwrap();
        fs::write(other.side(), first).unwrap();
        let are_foreign = one.fits && other.fits;
        (one.fits, other.fits) = (false, false);
        for kept in [one, other].into_iter().filter(|_| are_foreign) {
            let refused = kept.disc().record().err();
            assert!(
                refused.is_some(),
                "the side file of another disc is believed: {refused:?}"
            );
        }
    }
}

fn live(seed: u64) {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    };
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut media = || match dice.throw(4) {
        0 => Medium::CdR80,
        1 => Medium::DvdR,
        2 => Medium::DvdPlusR,
        _ => Medium::BdR,
    };
    let media = [media(), media()];
    let mut discs = [1, 2].map(|unique: u32| {
        let folder = folder.path().join(unique.to_string());
        Kept::new(folder, media[unique as usize - 1], unique)
    });
    for step in 0..STEPS {
        let told = format!("life {seed}, step {step}");
        let chosen = usize::try_from(dice.throw(2)).unwrap();
        if dice.throw(14) == 0 {
            let [one, other] = &mut discs;
            swap(one, other);
        } else {
            discs[chosen].happen(&mut dice, step, &told);
        }
        discs.iter().for_each(|kept| kept.prove(&told));
    }
}

#[test]
fn a_thousand_lives_lose_nothing_to_kills_and_to_side_files_that_go_astray() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || (0..LIVES).skip(first).step_by(threads).for_each(live));
        }
    });
}
