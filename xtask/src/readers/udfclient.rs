//! udfclient, which takes commands like a shell.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::listing::{LargeDirectories, Listing, walk};

/// Makes udfclient put directories of `folder` into the root of a rewritable volume.
pub fn put_by_udfclient(image: &Path, folder: &Path, names: &[String], block_size: u64) -> Result<()> {
    let listed = talk(image, folder, &[], "ls\nquit\n", block_size)?;
    let top = volume_directory(&listed).with_context(|| format!("no volume in what it says:\n{listed}"))?;
    let puts: String = names.iter().map(|name| format!("put {name}\n")).collect();
    let commands = format!("cd {top}\n{puts}quit\n");
    talk(image, folder, &["-W"], &commands, block_size).map(drop)
}

/// What udfclient fetches of the directory `path` of a volume, through `folder`; empty if it finds no volume.
pub fn fetch_by_udfclient(image: &Path, folder: &Path, path: &str, block_size: u64) -> Result<Listing> {
    std::fs::create_dir_all(folder)?;
    let listed = talk(image, folder, &[], "ls\nquit\n", block_size)?;
    let Some(top) = volume_directory(&listed) else {
        return Ok(Listing::new());
    };
    let said = talk(
        image,
        folder,
        &[],
        &format!("get \"{top}{path}\" fetched\nquit\n"),
        block_size,
    )?;
    walk(&folder.join("fetched"), LargeDirectories::ByName)
        .with_context(|| format!("nothing fetched:\n{said}"))
}

/// Gives udfclient some commands and returns its output.
fn talk(image: &Path, folder: &Path, options: &[&str], commands: &str, block_size: u64) -> Result<String> {
    let mut client = Command::new("udfclient")
        .args(["-b", &block_size.to_string()])
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

/// The only directory in its root, named after volume set, volumes and file set.
fn volume_directory(listed: &str) -> Option<&str> {
    listed
        .lines()
        .find(|line| line.starts_with('d') && line.contains(':'))
        .and_then(|line| line.split_whitespace().last())
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
