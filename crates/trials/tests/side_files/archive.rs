//! A disc that a program records on by its path, and everything that must hold for its two files.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use disc::{Disc, Error, Stated};
use emulator::{Behaviour, Medium, Recorder};
use recording::{Attributes, CloseDisc, FormatOptions, NodeKind, ReadOnly, Recording};
use tempfile::TempDir;
use trials::{Shape, content, listing, time};
use volume::Volume;

use crate::origin::{Expected, Origin, Side};
use crate::steps::{Ending, Name, Trouble, Work};
use crate::totals::Totals;

/// Files by their paths.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// The contents of image and side file.
#[derive(Clone, PartialEq, Eq)]
struct Files {
    image: Vec<u8>,
    side: Option<Vec<u8>>,
}

/// A copy of both files, and the facts at that time.
#[derive(Clone)]
struct Copy {
    image: Vec<u8>,
    side: Vec<u8>,
    origin: Origin,
    acknowledged: Tree,
    begun: Vec<Tree>,
}

/// A disc, what was acknowledged on it, and the origin of its side file.
pub struct Archive {
    number: usize,
    folder: TempDir,
    name: String,
    medium: Medium,
    capacity: u32,
    side: Side,
    /// The side file that belongs to the image.
    right: (Vec<u8>, Origin),
    acknowledged: Tree,
    /// States begun since, which may be found instead.
    begun: Vec<Tree>,
    /// Length of the image at that time in bytes, and what was recorded up to there: commits and ends of
    /// sessions.
    length: u64,
    commits: u32,
    attempts: u32,
    settled: u32,
    clock: i64,
    copies: Vec<Copy>,
    /// Whether a program recorded through a hard link, whose side file is not the one here.
    by_another_name: bool,
    pub totals: Totals,
}

/// What kept a program from recording everything.
#[derive(Debug)]
enum Stopped {
    Refused,
    Reading,
    Failed(recording::Error),
}

impl From<recording::Error> for Stopped {
    fn from(error: recording::Error) -> Self {
        Self::Failed(error)
    }
}

impl Archive {
    /// A formatted disc.
    pub fn new(number: usize, medium: Medium, capacity: u32, revision: ecma167::osta::Revision) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            TempDir::new_in(memory)
        } else {
            TempDir::new()
        };
        let folder = folder.expect("a folder in memory");
        let behaviour = Behaviour {
            session_gap: Some(64),
            ..Behaviour::default()
        };
        let image = folder.path().join("disc.img");
        drop(Recorder::create(&image, medium, Some(capacity), behaviour).expect("a blank disc"));
        let begins = i64::try_from(number).expect("0 or 1");
        let options = FormatOptions {
            revision,
            label: "Archive".into(),
            unique: 0x1234_5678,
            now: time(begins),
            seconds: 1_700_000_000,
            root: Attributes::at(0o755, time(begins)),
            rom: None,
        };
        let drive = Disc::new(&image).record().expect("a blank disc");
        drop(recording::format(drive, &options).expect("a formatted disc"));
        let origin = Origin {
            disc: number,
            length: fs::metadata(&image).expect("an image").len(),
            commits: 0,
            settled: 0,
            marked: false,
            foreign: false,
        };
        let side = fs::read(Recorder::side_file(&image)).expect("a side file");
        Self {
            number,
            folder,
            name: "disc.img".to_owned(),
            medium,
            capacity,
            side: Side::Of(origin),
            right: (side, origin),
            acknowledged: Tree::new(),
            begun: Vec::new(),
            length: origin.length,
            commits: 0,
            attempts: 0,
            settled: 0,
            clock: begins,
            copies: Vec::new(),
            by_another_name: false,
            totals: Totals::default(),
        }
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    fn files(&self) -> Files {
        Files {
            image: fs::read(self.image()).expect("an image"),
            side: fs::read(Recorder::side_file(&self.image())).ok(),
        }
    }

    fn put_side(&mut self, bytes: &[u8], side: Side) {
        fs::write(Recorder::side_file(&self.image()), bytes).expect("a side file");
        self.side = side;
    }

    fn expected(&self, length: u64) -> Expected {
        let expected = self
            .side
            .expected(self.number, length, self.commits, self.attempts);
        if expected == Expected::OpensOrLater && self.by_another_name {
            // What was begun through a hard link may be in a place where this side file has no track.
            return Expected::Anything;
        }
        expected
    }

    /// Opens the disc to record on it and to read it: a refusal has its proper reason, what was acknowledged
    /// is read, and none of this changes anything. Returns whether the disc could be recorded on.
    pub fn judge(&mut self) -> bool {
        let before = self.files();
        let expected = self.expected(before.image.len() as u64);
        let opened = Disc::new(self.image()).record().map(drop);
        assert!(
            expected.holds(opened.as_ref().copied()),
            "{expected:?} with {:?}: {opened:?}",
            self.side
        );
        assert!(self.files() == before, "opening to record changed something");
        self.read(&before);
        if let Err(error) = &opened {
            let kind = match error {
                Error::LaterGeneration { .. } => &mut self.totals.later,
                Error::MediumUnknown(_) => &mut self.totals.medium_unknown,
                _ if expected == Expected::Longer => &mut self.totals.longer,
                _ if expected == Expected::NotText => &mut self.totals.not_text,
                _ => &mut self.totals.unproven,
            };
            *kind += 1;
        }
        opened.is_ok()
    }

    fn read(&self, before: &Files) {
        let found = Disc::new(self.image())
            .read()
            .map_err(|error| error.to_string())
            .and_then(|drive| Volume::open(drive).map_err(|failed| failed.error.to_string()))
            .and_then(|mut volume| tree(&mut volume));
        assert!(self.files() == *before, "reading changed something");
        if !self.is_foreign() {
            let found = found.as_ref();
            assert!(
                found.is_ok_and(|found| self.may_be_found(found)),
                "{:?} acknowledged, {:?} found with {:?}",
                names(&self.acknowledged),
                found.map(names),
                self.side
            );
        }
    }

    /// Lets a program record; nothing in the image may change. If that is refused, the user accepts the image
    /// or brings back the side file that belongs to it.
    pub fn record(&mut self, work: &Work) {
        let opens = self.judge() && !self.is_foreign();
        let accepts = if opens {
            false
        } else if work.accepts && self.can_be_accepted() {
            self.accept();
            true
        } else {
            let (bytes, origin) = self.right.clone();
            self.put_side(&bytes, Side::Of(origin));
            // Otherwise what was begun last reached the disc after all.
            !self.judge()
        };
        let stated = Stated {
            medium: self.medium,
            capacity: Some(self.capacity),
        };
        let disc = |path: &Path| {
            let disc = Disc::new(path).stating(stated);
            if accepts { disc.accepting_image() } else { disc }
        };
        let other = self.folder.path().join("other name");
        match work.name {
            Name::Own => self.live(&disc(&self.image()), work),
            Name::SymbolicLink => {
                symlink(&self.name, &other).expect("a link");
                self.live(&disc(&other), work);
                fs::remove_file(&other).expect("a link");
            }
            Name::HardLink => {
                fs::hard_link(self.image(), &other).expect("a link");
                assert!(matches!(Disc::new(&other).record(), Err(Error::MediumUnknown(_))));
                self.by_another_name = true;
                self.live(&disc(&other), work);
                self.judge();
                let side = Recorder::side_file(&other);
                fs::remove_file(&other).expect("a link");
                if side.exists() {
                    self.totals.adopted += 1;
                    fs::rename(side, Recorder::side_file(&self.image())).expect("a side file");
                    self.side = Side::Of(self.right.1);
                    self.by_another_name = false;
                }
            }
        }
        self.judge();
    }

    fn accept(&mut self) {
        if self.side == Side::Cut {
            fs::remove_file(Recorder::side_file(&self.image())).expect("a side file");
            self.side = Side::Missing;
        }
        if self.side == Side::Missing {
            self.totals.adopted += 1;
        } else {
            self.totals.accepted += 1;
        }
    }

    fn may_be_found(&self, tree: &Tree) -> bool {
        self.acknowledged == *tree || self.begun.contains(tree)
    }

    fn is_foreign(&self) -> bool {
        matches!(self.side, Side::Of(origin) if origin.foreign)
    }

    /// With the side file of another medium, or of another disc that is too small, accepting the image must
    /// fail.
    fn can_be_accepted(&self) -> bool {
        let side = fs::read_to_string(Recorder::side_file(&self.image())).unwrap_or_default();
        !matches!(self.side, Side::Of(_)) || side.contains(&format!("medium {}\n", self.medium))
    }

    fn live(&mut self, image: &Disc, work: &Work) {
        let before = self.files();
        let side_path = Recorder::side_file(image.path());
        let side_before = fs::read(&side_path).ok();
        self.attempts += 1;
        let faulty = match work.trouble.script() {
            Some(script) => image.clone().with_faults(script),
            None => image.clone(),
        };
        let lived = self.work(&faulty, &side_path, work);
        let after = self.files();
        assert!(
            after.image.starts_with(&before.image),
            "recorded blocks changed: {work:?}"
        );
        let side = fs::read(&side_path).ok();
        if let Err(stopped) = &lived {
            let full = matches!(
                stopped,
                Stopped::Failed(
                    recording::Error::MediumFull { .. }
                        | recording::Error::ReadOnly(ReadOnly::Finalized | ReadOnly::NoNextWritableAddress)
                )
            );
            let lost = matches!(stopped, Stopped::Failed(recording::Error::GenerationLost(_)));
            assert!(
                full || work.trouble != Trouble::None || lost && self.is_foreign(),
                "{stopped:?} with {:?}",
                self.side
            );
            self.totals.interrupted += u32::from(!full);
        }
        if side == side_before {
            assert!(
                after.image.len() < before.image.len() + 32 * mmc::BLOCK_SIZE,
                "blocks are recorded that no side file knows"
            );
            return;
        }
        let side = side.expect("no side file is ever removed");
        let origin = Origin {
            disc: self.number,
            length: after.image.len() as u64,
            commits: self.commits,
            settled: self.settled,
            marked: is_marked(&side),
            foreign: false,
        };
        self.right = (side, origin);
        if side_path == Recorder::side_file(&self.image()) {
            self.side = Side::Of(origin);
        }
    }

    fn work(&mut self, image: &Disc, side_path: &Path, work: &Work) -> Result<(), Stopped> {
        let mut recording = Recording::open(image.record().map_err(|_| Stopped::Refused)?, time(self.clock))
            .map_err(|failed| failed.error)?;
        if work.recovers {
            recording.recover()?;
        }
        let found = match tree(recording.volume()) {
            // The program was killed.
            Err(_) if work.trouble != Trouble::None => return Err(Stopped::Reading),
            found => found,
        };
        let mut tree = found.expect("what was opened is read");
        assert!(
            self.may_be_found(&tree),
            "{:?} acknowledged, {:?} to continue from with {:?}",
            names(&self.acknowledged),
            names(&tree),
            self.side
        );
        for number in 0..work.files {
            self.clock += 2;
            let name = format!("{}-{}", self.number, self.clock);
            let seed = u8::try_from(self.clock % 251).expect("a byte");
            let bytes = content(work.length >> (3 * number), seed);
            let root = recording.root();
            let attributes = Attributes::at(0o644, time(self.clock));
            let file = recording.create(root, &name, NodeKind::File, &attributes)?;
            recording.write_last(file, 0, &bytes)?;
            recording.finish(file)?;
            tree.insert(format!("/{name}"), bytes);
        }
        if work.ending == Ending::Nothing {
            return Ok(());
        }
        self.begun.push(tree.clone());
        recording.commit(time(self.clock))?;
        self.acknowledge(tree.clone());
        if work.copied_meanwhile {
            self.copy_from(side_path);
        }
        if matches!(work.ending, Ending::Close | Ending::Finalize) {
            self.attempts += 1;
            let close = if work.ending == Ending::Close {
                CloseDisc::No
            } else {
                CloseDisc::Yes
            };
            recording.close(close, time(self.clock))?;
            self.acknowledge(tree);
        }
        Ok(())
    }

    fn acknowledge(&mut self, tree: Tree) {
        self.acknowledged = tree;
        self.begun.clear();
        // A session whose end is already recorded is closed without a block, which leaves no trace in the
        // image.
        let length = fs::metadata(self.image()).expect("an image").len();
        self.commits += u32::from(length > self.length);
        self.length = length;
        self.settled = self.attempts;
        self.totals.acknowledged += 1;
    }

    /// Copies the image and side file in their current state.
    pub fn copy(&mut self) {
        if matches!(self.side, Side::Of(origin) if origin == self.right.1) {
            self.copy_from(&Recorder::side_file(&self.image()));
        }
    }

    fn copy_from(&mut self, side_path: &Path) {
        let image = fs::read(self.image()).expect("an image");
        let side = fs::read(side_path).expect("a side file");
        let origin = Origin {
            disc: self.number,
            length: image.len() as u64,
            commits: self.commits,
            settled: self.settled,
            marked: is_marked(&side),
            foreign: false,
        };
        self.copies.push(Copy {
            image,
            side,
            origin,
            acknowledged: self.acknowledged.clone(),
            begun: self.begun.clone(),
        });
    }

    fn some_copy(&self, number: usize) -> Option<Copy> {
        let place = number % self.copies.len().max(1);
        self.copies.get(place).cloned()
    }

    /// Brings back the side file of a copy.
    pub fn bring_side_back(&mut self, number: usize) {
        if let Some(copy) = self.some_copy(number) {
            self.put_side(&copy.side, Side::Of(copy.origin));
            self.judge();
        }
    }

    /// Brings back the image of a copy; what came after it is lost by the user's own action.
    pub fn bring_image_back(&mut self, other: &mut Self, number: usize, with_side: bool) {
        let Some(copy) = self.some_copy(number).filter(|copy| !copy.origin.foreign) else {
            return;
        };
        let length = copy.origin.length;
        let own = self.number;
        let copies = self.copies.iter_mut().map(|copy| &mut copy.origin);
        let sides = [&mut self.side, &mut other.side]
            .into_iter()
            .filter_map(|side| match side {
                Side::Of(origin) if origin.disc == own => Some(origin),
                _ => None,
            });
        for origin in copies.chain(sides) {
            origin.foreign |= origin.length > length;
        }
        fs::write(self.image(), &copy.image).expect("an image");
        (self.acknowledged, self.begun) = (copy.acknowledged, copy.begun);
        (self.commits, self.settled) = (copy.origin.commits, copy.origin.settled);
        self.length = length;
        self.right = (copy.side, copy.origin);
        if with_side {
            let (bytes, origin) = self.right.clone();
            self.put_side(&bytes, Side::Of(origin));
        }
        self.judge();
    }

    /// Gives each disc the side file of the other.
    pub fn swap(&mut self, other: &mut Self) {
        let (own, others) = (self.files().side, other.files().side);
        let (Some(own), Some(others)) = (own, others) else {
            return;
        };
        let side = self.side;
        self.put_side(&others, other.side);
        other.put_side(&own, side);
        self.judge();
        other.judge();
    }

    /// Renames the image; its side file is renamed too, or stays and is renamed later.
    pub fn rename(&mut self, with_side: bool) {
        let (image, side) = (self.image(), Recorder::side_file(&self.image()));
        self.name.insert(0, 'x');
        fs::rename(&image, self.image()).expect("a new name");
        if with_side {
            let _ = fs::rename(side, Recorder::side_file(&self.image()));
            self.judge();
        } else {
            let was = std::mem::replace(&mut self.side, Side::Missing);
            self.judge();
            let _ = fs::rename(side, Recorder::side_file(&self.image()));
            self.side = was;
        }
    }

    /// Truncates the text of the side file.
    pub fn cut_text(&mut self, at: usize) {
        if let Some(text) = self.files().side {
            let at = at % text.trim_ascii_end().len().max(1);
            self.put_side(&text[..at], Side::Cut);
            self.judge();
        }
    }

    pub fn remove_side(&mut self) {
        let _ = fs::remove_file(Recorder::side_file(&self.image()));
        self.side = Side::Missing;
        self.judge();
    }
}

fn is_marked(side: &[u8]) -> bool {
    side.split(|byte| *byte == b'\n').any(|line| line == b"recording")
}

fn names(tree: &Tree) -> Vec<&str> {
    tree.keys().map(String::as_str).collect()
}

/// The files that a reader finds.
fn tree(volume: &mut Volume) -> Result<Tree, String> {
    let found = listing(volume).map_err(|broken| broken.to_string())?;
    let files = found.into_iter().filter(|(_, seen)| seen.kind == Shape::File);
    Ok(files.map(|(path, seen)| (path, seen.bytes)).collect())
}
