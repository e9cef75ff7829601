//! A disc that is changed and judged, again and again.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use check::{FindingKind, Options};
use drive::{Drive, Wait};
use ecma167::BLOCK_SIZE;
use tempfile::TempDir;

use crate::image::Block;

/// How often each rule is broken.
pub type Counts = BTreeMap<FindingKind, u64>;

/// A disc in a drive.
pub struct JudgedDisc {
    /// Medium, revision and map.
    pub name: String,
    /// The first sector of its partition.
    pub partition: u32,
    /// The drive with it.
    pub drive: Drive,
    path: PathBuf,
    file: File,
    good: Counts,
    _folder: TempDir,
}

/// Lets no time pass.
pub struct NoWait;

impl Wait for NoWait {
    fn wait(&mut self, _duration: std::time::Duration) {}
}

/// A folder in memory, where the host has one.
///
/// # Panics
/// Where the host gives none.
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
    /// Where the image cannot be written, or the judge finds an error or a warning on it.
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

    /// A block as it is.
    ///
    /// # Panics
    /// Where the image has none.
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

    /// Judges the disc with other blocks in place of some, and puts those back; what is found that is not on the good disc.
    pub fn with(&mut self, changes: &[(u32, Block)]) -> Vec<FindingKind> {
        self.with_seen(changes, |_| ()).0
    }

    /// The same, with what another program makes of the image before the blocks are put back.
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
