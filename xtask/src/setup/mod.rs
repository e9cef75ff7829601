//! What the judges need on a Debian machine, installed where it is missing.

mod kernels;
pub mod packages;

use anyhow::Result;

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
