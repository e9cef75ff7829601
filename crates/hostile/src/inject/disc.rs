//! A disc that is changed and judged repeatedly.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use check::{FindingKind, Options};
use drive::{Drive, Wait};
use ecma167::BLOCK_SIZE;
use tempfile::TempDir;

use crate::image::Block;

/// How many times each rule was broken.
pub type Counts = BTreeMap<FindingKind, u64>;

/// A disc in a drive.
pub struct JudgedDisc {
    /// Medium, revision and map.
    pub name: String,
    /// The first sector of its partition.
    pub partition: u32,
    /// The drive that contains it.
    pub drive: Drive,
    path: PathBuf,
    file: File,
    good: Counts,
    _folder: TempDir,
}

/// A clock that never waits.
pub struct NoWait;

impl Wait for NoWait {
    fn wait(&mut self, _duration: std::time::Duration) {}
}

/// A folder in memory, if the host has a file system there.
///
/// # Panics
/// If the host cannot provide a folder.
#[must_use]
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        PathBuf::from(memory)
    } else {
        std::env::temp_dir()
    };
    tempfile::tempdir_in(parent).expect("a folder")
}

impl JudgedDisc {
    /// The disc of an image in a folder, in the drive that was opened with it.
    ///
    /// # Panics
    /// If the image cannot be written, or the judge finds an error or a warning on it.
    #[must_use]
    pub fn new(name: String, folder: TempDir, image: &Path, partition: u32, drive: Drive) -> Self {
        let file = File::options()
            .read(true)
            .write(true)
            .open(image)
            .expect("an image");
        let mut disc = Self {
            name,
            partition,
            drive,
            path: image.to_owned(),
            file,
            good: Counts::new(),
            _folder: folder,
        };
        let report = check::check(&mut disc.drive, &Options::default());
        let listing: Vec<String> = report.findings().iter().map(ToString::to_string).collect();
        assert!(report.is_clean(), "{}: {}", disc.name, listing.join("\n"));
        disc.good = disc.judge();
        disc
    }

    /// The image.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The current contents of a block.
    ///
    /// # Panics
    /// If the image has no such block.
    #[must_use]
    pub fn block(&self, at: u32) -> Block {
        let mut block = [0; BLOCK_SIZE];
        self.file
            .read_exact_at(&mut block, u64::from(at) * BLOCK_SIZE as u64)
            .expect("a block of the image");
        block
    }

    fn put(&self, at: u32, block: &Block) {
        self.file
            .write_all_at(block, u64::from(at) * BLOCK_SIZE as u64)
            .expect("room in memory");
    }

    fn judge(&mut self) -> Counts {
        let report = check::check(&mut self.drive, &Options::default());
        report.kinds().map(|kind| (kind, report.count(kind))).collect()
    }

    /// Judges the disc with some blocks replaced, and restores them; returns the findings that the good disc
    /// does not have.
    pub fn with(&mut self, changes: &[(u32, Block)]) -> Vec<FindingKind> {
        self.with_seen(changes, |_| ()).0
    }

    /// Like [`Self::with`], and also returns what another program makes of the image before the blocks are
    /// restored.
    pub fn with_seen<T>(
        &mut self,
        changes: &[(u32, Block)],
        see: impl FnOnce(&Path) -> T,
    ) -> (Vec<FindingKind>, T) {
        let before: Vec<(u32, Block)> = changes.iter().map(|(at, _)| (*at, self.block(*at))).collect();
        for (at, block) in changes {
            self.put(*at, block);
        }
        let found = self.judge();
        let seen = see(&self.path);
        for (at, block) in before.iter().rev() {
            self.put(*at, block);
        }
        let good = &self.good;
        let differs = |kind: &FindingKind| found.get(kind) != good.get(kind);
        (found.keys().copied().filter(differs).collect(), seen)
    }
}
