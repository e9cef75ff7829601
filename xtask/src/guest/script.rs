//! A shell script as the guest's work: files in the folder that host and guest share.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

fn script(shared: &Path) -> PathBuf {
    shared.join("script.sh")
}

fn output(shared: &Path) -> PathBuf {
    shared.join("output")
}

/// Writes a script to the shared folder.
pub fn write(shared: &Path, text: &str) -> Result<()> {
    Ok(std::fs::write(script(shared), text)?)
}

/// The output of the script.
pub fn printed(shared: &Path) -> Result<String> {
    std::fs::read_to_string(output(shared)).context("the script printed nothing")
}

/// In the guest: whether there is a script.
pub fn is_there(shared: &Path) -> bool {
    script(shared).exists()
}

/// In the guest: runs it with the host's shell.
pub fn run(shared: &Path) -> Result<()> {
    let output = File::create(output(shared))?;
    let status = Command::new("/bin/sh")
        .arg(script(shared))
        .arg(shared)
        .stdout(output)
        .status()
        .context("cannot run the shell")?;
    ensure!(status.success(), "the script ended with {status}");
    Ok(())
}
