//! Discs closed by a Windows program: the example, built from what `cargo xtask install` installs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use xshell::cmd;

use super::history::{Bench, History, State};
use super::{MEDIA, record_all};
use crate::install;
use crate::place::Place;
use crate::trees;

/// Closes a disc of every medium with the example, once so that more can be added and once so that nothing
/// can.
pub fn close_by_ported_program(bench: &Bench<'_>, place: &Place) -> Result<Vec<State>> {
    let prefix = bench.folder.join("prefix");
    install::run(place, &prefix, None)?;
    let program = build_example(place, &prefix, bench.folder)?;
    let tree = bench.folder.join("tree");
    trees::plain(&tree)?;
    let work = MEDIA
        .iter()
        .flat_map(|medium| ["FALSE", "TRUE"].map(|close_disc| (*medium, close_disc)))
        .collect();
    Ok(record_all(work, bench.findings, |(medium, close_disc)| {
        let mut history = History::new(bench, &format!("ported {medium} {close_disc}"))?;
        history.burn(&tree, "/one", &["--medium", medium, "--label", "Ported"])?;
        close(&program, &prefix, &history.disc, close_disc)?;
        history.freeze("closed by the example")?;
        history.end()
    }))
}

/// As the example's first lines say: only with pkg-config and g++.
fn build_example(place: &Place, prefix: &Path, folder: &Path) -> Result<PathBuf> {
    let shell = place.shell()?;
    let source = shell
        .current_dir()
        .join("crates/capi/examples/make_media_compatible.cpp");
    let program = folder.join("make_media_compatible");
    let flags = cmd!(shell, "pkg-config --cflags --libs oncefs")
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
        .quiet()
        .read()?;
    let flags = flags.split_whitespace();
    cmd!(
        shell,
        "g++ -Wall -Wextra -Werror -o {program} {source} {flags...}"
    )
    .quiet()
    .run()?;
    Ok(program)
}

fn close(program: &Path, prefix: &Path, disc: &Path, close_disc: &str) -> Result<()> {
    let output = Command::new(program)
        .args(["X", close_disc])
        .env("ONCEFS_VOLUMES", format!("X={}", disc.display()))
        .env("LD_LIBRARY_PATH", prefix.join("lib"))
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {said}", disc.display());
    Ok(())
}
