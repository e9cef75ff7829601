//! C programs that try every function: plain, under the address sanitizer, and under valgrind.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, succeed};
use emulator::Behaviour;

const PROGRAMS: [&str; 3] = ["opening.c", "requests.c", "overlapped.c"];

/// New discs for a program.
fn volumes(folder: &Folder, run: &str) -> String {
    let disc = folder.disc(&format!("{run}.x"), "dvd+r", Behaviour::default());
    // Seconds, so that the program sees calls in progress even on a busy machine.
    let slow = Behaviour {
        becoming_ready_polls: 7,
        ..Behaviour::default()
    };
    let slow = folder.disc(&format!("{run}.s"), "dvd+r", slow);
    let other = folder.path("other");
    std::fs::write(&other, vec![0; 1 << 20]).expect("an image");
    format!("X={};S={};Z={}", disc.display(), slow.display(), other.display())
}

fn run_all(folder: &Folder, options: &[&str], runner: impl Fn(&Path) -> Command) {
    let programs: Vec<(&str, PathBuf)> = PROGRAMS
        .iter()
        .map(|source| (*source, folder.build(source, options)))
        .collect();
    std::thread::scope(|scope| {
        for (source, program) in &programs {
            let volumes = volumes(folder, source);
            let mut command = runner(program);
            command.env("ONCEFS_VOLUMES", volumes);
            scope.spawn(move || succeed(&mut command));
        }
    });
}

#[test]
fn every_function_does_what_it_says() {
    run_all(&Folder::new(), &[], |program| Command::new(program));
}

#[test]
fn the_address_sanitizer_finds_nothing() {
    let options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    run_all(&Folder::new(), &options, |program| Command::new(program));
}

#[test]
fn valgrind_finds_nothing() {
    if Command::new("valgrind").arg("--version").output().is_err() && std::env::var_os("CI").is_none() {
        eprintln!("valgrind is not installed: this test runs in `cargo xtask test`");
        return;
    }
    run_all(&Folder::new(), &[], |program| {
        let mut command = Command::new("valgrind");
        command.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
        command.args(["--errors-for-leak-kinds=definite"]).arg(program);
        command
    });
}
