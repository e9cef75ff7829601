//! Names that UDF supports and the kernel does not: only we and udfinfo read them.

use anyhow::Result;

use super::history::{Bench, History, State};
use crate::trees;

/// A disc with names longer than 255 bytes of UTF-8, which no host has: they are created on the disc itself.
pub fn record_long_names(bench: &Bench<'_>) -> Result<Vec<State>> {
    let mut history = History::new(bench, "long names")?;
    history.command("format", &["--medium", "cd-r"])?;
    for name in trees::long_names_of_cs0() {
        let path = format!("/{name}");
        history.command("mkdir", &[&path])?;
        history.model.directory(&path);
    }
    history.freeze_listed("made")?;
    history.end()
}
