//! The header against its Rust side, with C and C++ compilers.

mod common;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use common::{Folder, succeed};
use control::{ControlCode, NtStatus, VolumeFlags};

/// Each status, error, code and flag of the control, as an assertion about the header.
fn assertions() -> String {
    let mut text = String::from(include_str!("c/header.c"));
    for status in NtStatus::NAMED {
        let name = status.name().expect("a name");
        let value = status.0;
        writeln!(text, "ASSERT((DWORD){name} == {value:#x}u);").expect("text");
        let error = status.win32_error();
        let name = error.name().expect("a name");
        writeln!(text, "ASSERT({name} == {});", error.0).expect("text");
    }
    for code in ControlCode::KNOWN {
        let name = code.name().expect("a name");
        let value = code.0;
        writeln!(text, "ASSERT({name} == {value:#x}u);").expect("text");
    }
    for (name, flag) in VolumeFlags::all().iter_names() {
        writeln!(text, "ASSERT({name} == {:#x});", flag.bits()).expect("text");
    }
    text.push_str("int main(void) { return 0; }\n");
    text
}

fn compile(compiler: &str, standard: &str, language: &str) {
    let folder = Folder::new();
    let source = folder.path("header.c");
    std::fs::write(&source, assertions()).expect("a source");
    let mut command = Command::new(compiler);
    command.args([
        standard,
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
        "-fsyntax-only",
        "-x",
        language,
    ]);
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/oncefs");
    succeed(command.arg("-I").arg(include).arg(source));
}

#[test]
fn sizes_offsets_and_values_are_right_in_c() {
    compile("gcc", "-std=c11", "c");
    compile("gcc", "-std=gnu17", "c");
}

#[test]
fn sizes_offsets_and_values_are_right_in_cpp() {
    compile("g++", "-std=c++11", "c++");
    compile("g++", "-std=c++20", "c++");
}

/// Compiles the same source with Debian's cross compiler, against the headers of mingw-w64.
fn compile_for_windows(compiler: &str, standard: &str, source: &str, text: &str) {
    if Command::new(compiler).arg("--version").output().is_err() && std::env::var_os("CI").is_none() {
        eprintln!("{compiler} is not installed: this test runs in `cargo xtask test`");
        return;
    }
    let folder = Folder::new();
    let path = folder.path(source);
    std::fs::write(&path, text).expect("a source");
    let mut command = Command::new(compiler);
    command.args([standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]);
    succeed(command.arg(path));
}

#[test]
fn sizes_offsets_and_values_are_those_of_windows() {
    compile_for_windows("x86_64-w64-mingw32-gcc", "-std=c11", "header.c", &assertions());
    compile_for_windows(
        "x86_64-w64-mingw32-g++",
        "-std=c++17",
        "header.cpp",
        &assertions(),
    );
}

#[test]
fn the_example_is_a_program_for_windows() {
    let example = include_str!("../examples/make_media_compatible.cpp");
    compile_for_windows("x86_64-w64-mingw32-g++", "-std=c++17", "example.cpp", example);
}

#[test]
fn the_header_declares_each_versioned_symbol() {
    let map = include_str!("../oncefs.map");
    let header = include_str!("../include/oncefs/winioctl.h");
    let symbols = map
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter(|name| *name != "*" && *name != "}");
    let mut count = 0;
    for symbol in symbols {
        assert!(header.contains(&format!(" {symbol}(")), "{symbol}");
        count += 1;
    }
    let declared = header
        .lines()
        .filter(|line| line.contains("API ") && line.contains('(') && !line.starts_with("typedef"));
    assert_eq!(count, declared.count());
}
