//! What the judges need on a Debian machine, installed where it is missing.

mod kernels;
pub mod packages;

use std::path::PathBuf;

use anyhow::Result;
use xshell::cmd;

pub use kernels::Kernel;

use crate::place::Place;

/// Install what is missing, say what, and name the kernels that judge.
///
/// Silent and fast where everything is there.
pub fn run(place: &Place) -> Result<Vec<Kernel>> {
    let shell = place.shell()?;
    let updated = packages::install(&shell, packages::JUDGES)?;
    kernels::prepare(&shell, &place.judges().join("kernels"), updated)
}

/// A Python that has pycdlib, which is in no package: installed where it is missing.
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
