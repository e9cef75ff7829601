//! Builds C and C++ programs against header and library, and discs for them.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use drive::Drive;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium, Recorder};
use recording::{Attributes, FormatOptions, NodeKind, Recording};
use tempfile::TempDir;

/// Room for two sessions with the gap between them on DVD-R or CD-R.
const CAPACITY: u32 = 60_000;

/// A folder with discs and programs.
pub struct Folder(TempDir);

pub fn now() -> Timestamp {
    Timestamp::from_unix(1_800_000_000, 0)
}

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A disc with a volume, a file `/directory/file.txt` and an open session.
    pub fn disc(&self, name: &str, medium: &str, behaviour: Behaviour) -> PathBuf {
        let path = self.path(name);
        let medium: Medium = medium.parse().expect("a medium");
        let recorder = Recorder::create(&path, medium, Some(CAPACITY), behaviour).expect("a recorder");
        let options = FormatOptions {
            revision: Revision::V2_01,
            label: "Archive".into(),
            unique: 0x1234_5678,
            now: now(),
            seconds: 1_800_000_000,
            root: Attributes::at(0o755, now()),
            rom: None,
        };
        let drive = Drive::open(Box::new(recorder)).expect("the drive opens");
        let drive = recording::format(drive, &options).expect("a volume");
        let mut recording = Recording::open(drive, now()).expect("the volume opens");
        let (root, attributes) = (recording.root(), Attributes::at(0o755, now()));
        let directory = recording
            .create(root, "directory", NodeKind::Directory, &attributes)
            .expect("a directory");
        let file = recording
            .create(directory, "file.txt", NodeKind::File, &attributes)
            .expect("a file");
        recording.write(file, 0, b"what stays").expect("its body");
        recording.commit(now()).expect("a commit");
        path
    }

    /// Builds a program of `tests/c` or `examples` by its file name; the suffix `p` means C++.
    pub fn build(&self, source: &str, options: &[&str]) -> PathBuf {
        let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = ["tests/c", "examples"].map(|folder| crate_folder.join(folder).join(source));
        let source_path = found.into_iter().find(|path| path.exists()).expect("a source");
        let program = self.path(&format!("{source}.{}", options.join("")));
        let (compiler, standard) = compiler(&source_path);
        let mut command = Command::new(compiler);
        command.arg(standard).args(["-Wall", "-Wextra", "-Werror", "-g"]);
        command
            .arg("-I")
            .arg(crate_folder.join("include/oncefs"))
            .arg(&source_path);
        command.args(options).arg(static_library());
        command
            .args(["-lgcc_s", "-lpthread", "-ldl", "-lm", "-o"])
            .arg(&program);
        succeed(&mut command);
        program
    }
}

/// The compiler for a source, and its language standard.
pub fn compiler(source: &Path) -> (&'static str, &'static str) {
    if source.extension().is_some_and(|extension| extension == "c") {
        ("gcc", "-std=c11")
    } else {
        ("g++", "-std=c++17")
    }
}

/// The static library, which cargo builds into the directory of these tests.
pub fn static_library() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let library = test.parent().expect("a folder").join("liboncefs_capi.a");
    assert!(library.exists(), "{}", library.display());
    library
}

/// Runs a program with its discs mapped to volume letters.
pub fn run(program: &Path, volumes: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.env("ONCEFS_VOLUMES", volumes).args(arguments);
    command.output().expect("the program runs")
}

/// Runs a command that must succeed, and shows its output if it does not.
pub fn succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}
