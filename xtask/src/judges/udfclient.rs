//! `udfclient` lists and fetches from closed discs, and fills rewritable ones.
//!
//! It knows no links, no special files and no owners, writes names beyond ASCII in a form of its own, and holds some
//! 120 nodes at once: it gets discs with plain trees, and what it fetches of them has to be what was recorded.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::findings::Findings;
use crate::listing::{Kind, LargeDirectories, Listing, differences, walk};
use crate::parallel::in_parallel;
use crate::scenarios::State;

/// It sleeps for most of the second that it takes to end: so many at once.
const AT_ONCE: usize = 8;

/// Have udfclient fetch all of every state.
pub fn judge_by_udfclient(states: &[State], folder: &Path, findings: &Findings) -> Result<()> {
    let work = states.iter().enumerate().collect();
    in_parallel(AT_ONCE, work, |(number, state): (usize, &State)| {
        let found = match fetch(&state.image, &folder.join(number.to_string())) {
            Ok(seen) => differences(&plain(&state.expected), &plain(&seen)),
            Err(error) => vec![format!("{error:#}")],
        };
        findings.judged(&format!("{}: by udfclient", state.name), &found);
    });
    Ok(())
}

/// Have udfclient put a tree of plain files into the root of a rewritable volume; what it can be expected to hold of it.
pub fn fill_by_udfclient(image: &Path, tree: &Path) -> Result<Listing> {
    let folder = tree.parent().context("a tree without a folder")?;
    let name = tree
        .file_name()
        .and_then(OsStr::to_str)
        .context("a tree without a name")?;
    let listed = talk(image, folder, &[], "ls\nquit\n")?;
    let top = volume_directory(&listed).with_context(|| format!("no volume in what it says:\n{listed}"))?;
    talk(image, folder, &["-W"], &format!("cd {top}\nput {name}\nquit\n"))?;
    Ok(plain(&walk(tree, LargeDirectories::ByName)?))
}

fn fetch(image: &Path, folder: &Path) -> Result<Listing> {
    std::fs::create_dir_all(folder)?;
    let listed = talk(image, folder, &[], "ls\nquit\n")?;
    let top = volume_directory(&listed).with_context(|| format!("no volume in what it says:\n{listed}"))?;
    let said = talk(image, folder, &[], &format!("get \"{top}\" fetched\nquit\n"))?;
    walk(&folder.join("fetched"), LargeDirectories::ByName)
        .with_context(|| format!("nothing fetched:\n{said}"))
}

/// Give udfclient some commands; what it says.
fn talk(image: &Path, folder: &Path, options: &[&str], commands: &str) -> Result<String> {
    let mut client = Command::new("udfclient")
        .args(["-b", "2048"])
        .args(options)
        .arg(image)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("udfclient")?;
    client
        .stdin
        .take()
        .context("no standard input")?
        .write_all(commands.as_bytes())?;
    let output = client.wait_with_output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The one directory in its root, named for volume set, volumes and file set.
fn volume_directory(listed: &str) -> Option<&str> {
    listed
        .lines()
        .find(|line| line.starts_with('d') && line.contains(':'))
        .and_then(|line| line.split_whitespace().last())
}

/// What udfclient can show: files and directories, without owners, modes and times.
fn plain(listing: &Listing) -> Listing {
    let mut plain = listing.clone();
    plain.retain(|_, entry| matches!(entry.kind, Some(Kind::File | Kind::Directory)));
    for entry in plain.values_mut() {
        (
            entry.mode,
            entry.uid,
            entry.gid,
            entry.mtime,
            entry.links,
            entry.node,
        ) = (None, None, None, None, None, None);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_volume_is_the_directory_with_four_names() {
        let listed =
            "UDF> Directory listing of /\ndrwxrwxrwx     -1     -1          40  6bLinux:A:B:C\nUDF> Closing";
        assert_eq!(volume_directory(listed), Some("6bLinux:A:B:C"));
        assert_eq!(volume_directory("UDF> Directory listing of /\n"), None);
    }
}
