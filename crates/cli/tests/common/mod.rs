//! Shared by the tests of the program: a directory for each, and the program run in it.
#![allow(dead_code)]

pub mod deep;
pub mod held;
pub mod mountable;
pub mod small_blocks;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A directory with discs and files.
pub struct Place {
    directory: TempDir,
}

/// The result of a run.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// A place with an unchanged image of the hostile tests: `disc.udf`.
    pub fn with_base(name: &str) -> Self {
        let place = Self::new();
        let file = fs::File::create(place.path("disc.udf")).expect("a file");
        let image = &hostile::bases::named(name).image;
        image.write_to(&file).expect("an image");
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Creates a file and its directories.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, bytes).expect("a file");
        path
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oncefs"));
        command.args(arguments).current_dir(self.directory.path());
        command
    }

    /// Runs the program with arguments separated by spaces.
    pub fn run(&self, line: &str) -> Run {
        self.run_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    pub fn run_words(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("the program runs"))
    }

    /// Runs a line that must succeed; returns its standard output.
    pub fn ok(&self, line: &str) -> String {
        let run = self.run(line);
        assert_eq!(run.code, 0, "oncefs {line}\n{}{}", run.out, run.err);
        run.out
    }

    /// Runs a line that must succeed with `--json`; returns its output.
    pub fn json(&self, line: &str) -> Value {
        let text = self.ok(&format!("--json {line}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Runs a line that must fail; returns the JSON on standard error.
    pub fn failure(&self, line: &str) -> Value {
        let run = self.run(&format!("--json {line}"));
        assert_ne!(run.code, 0, "oncefs {line}\n{}", run.out);
        let failure: Value = serde_json::from_str(run.err.lines().last().unwrap_or_default())
            .unwrap_or_else(|error| panic!("{error}: {}", run.err));
        assert_eq!(failure["exit_code"], run.code, "{failure}");
        failure
    }

    /// The paths of all files on a disc, sorted by their bytes.
    pub fn names(&self, disc: &str) -> Vec<String> {
        let list = self.json(&format!("ls -R {disc}"));
        let list = list.as_array().expect("an array");
        let mut names: Vec<_> = list
            .iter()
            .map(|file| file["path"].as_str().expect("a path").to_owned())
            .collect();
        names.sort();
        names
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Bytes in which no two blocks are equal.
pub fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(length).collect()
}

pub fn is_root(place: &Place) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(place.path(".")).is_ok_and(|status| status.uid() == 0)
}

/// One line per file with everything that must be kept, sorted.
pub fn listing(top: &Path) -> Vec<String> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let mut lines = Vec::new();
    for entry in walkdir::WalkDir::new(top).min_depth(1) {
        let entry = entry.expect("an entry");
        let status = entry.path().symlink_metadata().expect("a status");
        let kind = status.file_type();
        let body = if kind.is_symlink() {
            format!("{:?}", fs::read_link(entry.path()).expect("a link"))
        } else if kind.is_file() {
            use sha2::Digest;
            let hash = sha2::Sha256::digest(fs::read(entry.path()).expect("a file"));
            format!("{} {:02x?}", status.size(), &hash[..8])
        } else if kind.is_char_device() || kind.is_block_device() {
            format!("{:x}", status.rdev())
        } else {
            String::new()
        };
        let links = if kind.is_dir() { 0 } else { status.nlink() };
        let path = entry.path().strip_prefix(top).expect("below the top").display();
        let (mode, owner) = (status.mode(), (status.uid(), status.gid()));
        let (seconds, micros) = (status.mtime(), status.mtime_nsec() / 1000);
        lines.push(format!(
            "{path} {mode:o} {owner:?} {seconds}.{micros:06} {links} {body}"
        ));
    }
    lines.sort();
    lines
}
