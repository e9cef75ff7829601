//! The installed shared library: soname, symbol versions, pkg-config, and names of volumes.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, static_library, succeed};
use emulator::Behaviour;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// Links the shared library and creates the names that loader and linker look for.
fn install(folder: &Folder) -> PathBuf {
    let library = folder.path("lib");
    std::fs::create_dir_all(library.join("pkgconfig")).expect("a folder");
    let file = library.join("liboncefs.so.0.1.0");
    let script = Path::new(CRATE).join("link-shared.sh");
    succeed(Command::new(script).arg(static_library()).arg(&file));
    for link in ["liboncefs.so.0", "liboncefs.so"] {
        std::os::unix::fs::symlink("liboncefs.so.0.1.0", library.join(link)).expect("a link");
    }
    let template = include_str!("../oncefs.pc.in");
    let prefix = folder.path("").display().to_string();
    let text = template
        .replace("@PREFIX@", prefix.trim_end_matches('/'))
        .replace("@VERSION@", "0.1.0");
    std::fs::write(library.join("pkgconfig/oncefs.pc"), text).expect("the file of pkg-config");
    let include = folder.path("include");
    std::os::unix::fs::symlink(Path::new(CRATE).join("include"), include).expect("the headers");
    library
}

/// Builds the example as its first lines say.
fn build(folder: &Folder, library: &Path) -> PathBuf {
    let flags = succeed(
        Command::new("pkg-config")
            .env("PKG_CONFIG_PATH", library.join("pkgconfig"))
            .args(["--cflags", "--libs", "oncefs"]),
    );
    let program = folder.path("make_media_compatible");
    let source = Path::new(CRATE).join("examples/make_media_compatible.cpp");
    let mut command = Command::new("g++");
    command
        .arg(source)
        .args(flags.split_whitespace())
        .arg("-o")
        .arg(&program);
    succeed(&mut command);
    program
}

#[test]
fn each_symbol_has_its_version_and_there_are_no_others() {
    let folder = Folder::new();
    let library = install(&folder);
    let text = succeed(
        Command::new("nm")
            .args(["-D", "--defined-only"])
            .arg(library.join("liboncefs.so")),
    );
    let map = include_str!("../oncefs.map");
    let mut versioned = 0;
    for line in text.lines() {
        let symbol = line.split(' ').next_back().unwrap_or_default();
        match symbol.split_once("@@") {
            Some((name, version)) => {
                assert_eq!(version, "ONCEFS_0.1", "{line}");
                assert!(map.contains(&format!(" {name};")), "{line}");
                versioned += 1;
            }
            // The version itself.
            None => assert_eq!(symbol, "ONCEFS_0.1", "{line}"),
        }
    }
    assert_eq!(versioned, map.matches(";\n").count() - 2);
}

#[test]
fn a_program_finds_library_and_volume_as_configured_on_the_host() {
    let folder = Folder::new();
    let library = install(&folder);
    let program = build(&folder, &library);
    let disc = folder.disc("disc.udf", "bd-r", Behaviour::default());
    let configuration = folder.path("configuration/oncefs");
    std::fs::create_dir_all(&configuration).expect("a folder");
    let line = format!("# one disc\nD = {}\n", disc.display());
    std::fs::write(configuration.join("volumes.conf"), line).expect("a configuration");
    let mut command = Command::new(program);
    command.args(["D", "FALSE"]).env("LD_LIBRARY_PATH", library);
    command
        .env("XDG_CONFIG_HOME", folder.path("configuration"))
        .env_remove("ONCEFS_VOLUMES");
    assert_eq!(succeed(&mut command), "\\\\.\\D: is ROM compatible\n");
}
