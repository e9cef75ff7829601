//! Names of discs on Linux, paths that are not discs, and the environment.

mod common;

use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use common::{Folder, run, succeed};
use emulator::Behaviour;

/// A user who owns nothing.
const NOBODY: u32 = 65534;

/// What `open.c` prints for each name.
fn answers(program: &Path, volumes: &str, names: &[&str]) -> Vec<String> {
    let output = run(program, volumes, names);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_path_of_an_image_is_the_volume_on_it() {
    let folder = Folder::new();
    let program = folder.build("open.c", &[]);
    let disc = folder.disc("disc.udf", "dvd+r", Behaviour::default());
    assert_eq!(answers(&program, "", &[disc.to_str().unwrap()]), ["0 0 0"]);
    // Also relative to the working directory.
    let other = folder.disc("other.udf", "bd-r", Behaviour::default());
    let mut command = Command::new(&program);
    command.current_dir(other.parent().unwrap());
    assert_eq!(
        succeed(command.args(["other.udf", "./other.udf"])),
        "0 0 0\n0 0 0\n"
    );
}

#[test]
fn the_path_of_an_image_may_be_of_any_bytes() {
    let folder = Folder::new();
    let program = folder.build("open.c", &[]);
    let disc = folder.disc("disc.udf", "dvd+r", Behaviour::default());
    let named = |end: &[u8]| {
        let name = [b"a disc \xE9\xFF", end].concat();
        disc.with_file_name(OsStr::from_bytes(&name))
    };
    let renamed = named(b".udf");
    std::fs::rename(&disc, &renamed).expect("an image");
    std::fs::rename(folder.path("disc.udf.oncefs"), named(b".udf.oncefs")).expect("its side file");
    assert_eq!(succeed(Command::new(&program).arg(&renamed)), "0 0 0\n");
}

#[test]
fn a_path_that_is_not_a_disc_has_the_right_error() {
    let folder = Folder::new();
    let program = folder.build("open.c", &[]);
    let text = folder.path("text");
    std::fs::write(&text, "no disc").expect("a file");
    let pipe = folder.path("pipe");
    succeed(Command::new("mkfifo").arg(&pipe));
    let (missing, below) = (folder.path("missing"), folder.path("no/such"));
    let in_file = text.join("inside");
    let zeros = folder.path("zeros");
    std::fs::write(&zeros, vec![0; 1 << 20]).expect("a file");
    let names = [&missing, &below, &in_file, &folder.path(""), &pipe, &text, &zeros];
    let names = names.map(|name| name.to_str().unwrap());
    assert_eq!(
        answers(&program, "", &names),
        [
            // ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_UNRECOGNIZED_VOLUME.
            "2 - -", "3 - -", "3 - -", "5 - -", "1005 - -", "1005 - -",
            // A file of any content opens but has no volume; ERROR_INVALID_FUNCTION.
            "0 1005 1",
        ]
    );
    assert_eq!(
        answers(
            &program,
            "",
            &["/dev/null", "/dev/sr999", r"\\.\CdRom999", r"\\.\CdRom"]
        ),
        ["1005 - -", "2 - -", "2 - -", "2 - -"]
    );
}

#[test]
fn a_letter_must_stand_for_a_disc() {
    let folder = Folder::new();
    let program = folder.build("open.c", &[]);
    let volumes = format!("X={};Y=/dev/null", folder.path("").display());
    assert_eq!(
        answers(&program, &volumes, &[r"\\.\X:", r"\\.\Y:"]),
        ["5 - -", "1005 - -"]
    );
}

#[test]
fn a_program_with_rights_of_its_own_ignores_the_environment() {
    let folder = Folder::new();
    let program = folder.build("open.c", &[]);
    let disc = folder.disc("disc.udf", "dvd+r", Behaviour::default());
    let start = |mode: u32| {
        std::fs::set_permissions(&program, Permissions::from_mode(mode)).expect("it is ours");
        let mut command = Command::new(&program);
        command.env("ONCEFS_VOLUMES", format!("X={}", disc.display()));
        command.args([r"\\.\X:", disc.to_str().unwrap()]);
        command
    };
    assert_eq!(succeed(&mut start(0o755)), "0 0 0\n0 0 0\n");
    let folder_of = program.parent().unwrap();
    if std::fs::metadata(folder_of)
        .map(|found| std::os::unix::fs::MetadataExt::uid(&found))
        .ok()
        != Some(0)
    {
        eprintln!("only the superuser can make such a program: this test runs in `cargo xtask test`");
        return;
    }
    std::fs::set_permissions(folder_of, Permissions::from_mode(0o755)).expect("it is ours");
    // ERROR_FILE_NOT_FOUND: the letter has no volume. The path comes from the program itself.
    assert_eq!(succeed(start(0o4755).uid(NOBODY).gid(NOBODY)), "2 - -\n0 0 0\n");
}

/// Wipes the newest ICB of the root, so that only an earlier generation has one.
fn lose_root(disc: &Path) {
    const BLOCK: usize = 2048;
    let mut bytes = std::fs::read(disc).expect("an image");
    let is_root = |block: &[u8]| {
        let is_entry = block[..2] == 266_u16.to_le_bytes();
        is_entry && block[12..16] == 1_u32.to_le_bytes() && block[27] == 4
    };
    let newest = bytes.chunks_exact(BLOCK).rposition(is_root).expect("a root");
    bytes[newest * BLOCK..(newest + 1) * BLOCK].fill(0);
    std::fs::write(disc, bytes).expect("an image");
}

#[test]
fn losses_are_accepted_if_the_environment_says_so() {
    let folder = Folder::new();
    let program = folder.build("open.c", &[]);
    let disc = folder.disc("disc.udf", "dvd+r", Behaviour::default());
    lose_root(&disc);
    // The image no longer fits its side file, which must be accepted separately.
    let start = |accept: &str| {
        let mut command = Command::new(&program);
        succeed(
            command
                .env("ONCEFS_ACCEPT_IMAGE", "1")
                .env("ONCEFS_ACCEPT_LOSSES", accept)
                .arg(&disc),
        )
    };
    let before = std::fs::read(&disc).expect("an image");
    // ERROR_DISK_CORRUPT, and nothing is recorded.
    assert_eq!(start("0"), "0 0 1393\n");
    assert!(std::fs::read(&disc).expect("an image") == before);
    assert_eq!(start("1"), "0 0 0\n");
}
