//! Installs what the judges need on a Debian machine and is missing.

mod kernels;
pub mod packages;

use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::cmd;

pub use kernels::Kernel;

use crate::place::Place;
use crate::readers::programs::Built;

/// Installs what is missing, prints it, and returns the kernels that judge.
///
/// Silent and fast if nothing is missing.
pub fn run(place: &Place) -> Result<Vec<Kernel>> {
    let shell = place.shell()?;
    let updated = packages::install(&shell, packages::JUDGES)?;
    kernels::prepare(&shell, &place.judges().join("kernels"), updated)
}

/// A Python with pycdlib, which no Debian package has: installed if missing.
pub fn pycdlib(place: &Place) -> Result<PathBuf> {
    let shell = place.shell()?;
    let venv = place.target().join("peers/python");
    let python = venv.join("bin/python3");
    if !venv.join("ready").exists() {
        cmd!(shell, "python3 -m venv {venv}").quiet().run()?;
        cmd!(shell, "{python} -m pip install --quiet pycdlib")
            .quiet()
            .run()?;
        std::fs::write(venv.join("ready"), [])?;
    }
    Ok(python)
}

/// Builds the program that writes and reads with hadris-udf.
pub fn hadris(place: &Place) -> Result<PathBuf> {
    let shell = place.shell()?;
    let folder = place.target().join("peers/hadris");
    let manifest = shell.current_dir().join("xtask/peers/hadris/Cargo.toml");
    // A workspace of its own, because the lock file of oncefs does not contain its dependencies.
    cmd!(
        shell,
        "cargo build --quiet --release --locked --manifest-path {manifest} --target-dir {folder}"
    )
    .quiet()
    .run()
    .context("hadris-udf")?;
    Ok(folder.join("release/peer-hadris"))
}

/// Readers that Debian has only as libraries, or not at all.
pub fn built_readers(place: &Place) -> Result<Built> {
    let shell = place.shell()?;
    let folder = place.target().join("peers");
    shell.create_dir(&folder)?;
    let compile = |name: &str, library: &str| -> Result<PathBuf> {
        let (source, program) = (format!("xtask/peers/{name}.c"), folder.join(name));
        cmd!(shell, "cc -O2 -Wall -Werror -o {program} {source} -l{library}")
            .quiet()
            .run()?;
        Ok(program)
    };
    Ok(Built {
        read_udf: compile("read_udf", "udfread")?,
        find_udf: compile("find_udf", "dvdread")?,
        hadris: hadris(place)?,
        python: pycdlib(place)?,
    })
}
