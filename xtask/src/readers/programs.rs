//! How each program is asked: one function per program and question, for every judge that uses it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::{Cmd, Shell, cmd};

use crate::listing::{Entry, Kind, LargeDirectories, Listing, walk};

/// What a program that should print nothing prints, and how it ended if it failed.
pub fn complaints(command: Cmd<'_>) -> Result<Vec<String>> {
    let words = command.to_string();
    let output = command.quiet().ignore_status().output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut found: Vec<String> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect();
    if !output.status.success() {
        found.push(format!("{words}: {}", output.status));
    }
    Ok(found)
}

/// What a program extracted, and its complaints about the image.
pub struct Extracted {
    pub listing: Listing,
    pub complaints: Vec<String>,
}

/// Lists the contents of a folder, and removes it; empty if there is none.
pub fn walk_and_remove(folder: &Path) -> Result<Listing> {
    if !folder.exists() {
        return Ok(Listing::new());
    }
    let listing = walk(folder, LargeDirectories::ByName)?;
    std::fs::remove_dir_all(folder)?;
    Ok(listing)
}

/// bsdtar, with numeric owners. It gives the root the time of the last file in it.
pub fn bsdtar(shell: &Shell, image: &Path, to: &Path, options: &[&str]) -> Result<Extracted> {
    shell.create_dir(to)?;
    let complaints = complaints(cmd!(
        shell,
        "bsdtar -x -p -f {image} -C {to} --numeric-owner {options...}"
    ))?;
    let mut listing = walk_and_remove(to)?;
    listing.entry("/".to_owned()).or_default().mtime = None;
    Ok(Extracted { listing, complaints })
}

/// xorriso, each path with everything below it. For symbolic links it restores only the target.
pub fn xorriso(shell: &Shell, image: &Path, to: &Path, paths: &[&str]) -> Result<Extracted> {
    let mut command = cmd!(
        shell,
        "xorriso -report_about WARNING -osirrox on:auto_chmod_off:device_files -indev {image}"
    );
    for path in paths {
        command = command.args(["-extract", path, &format!("{}{path}", to.display())]);
    }
    let complaints = complaints(command)?
        .into_iter()
        .filter(|line| !line.starts_with("xorriso 1."))
        .collect();
    let mut listing = walk_and_remove(to)?;
    // It extracts into an existing directory.
    listing.remove("/");
    for entry in listing.values_mut() {
        entry.node = None;
        if entry.kind == Some(Kind::Symlink) {
            (entry.uid, entry.gid, entry.mtime) = (None, None, None);
        }
    }
    Ok(Extracted { listing, complaints })
}

/// 7-Zip, with the format that it takes the image for.
pub fn seven_zip(shell: &Shell, image: &Path, to: &Path, options: &[&str]) -> Result<Extracted> {
    let into = format!("-o{}", to.display());
    let complaints = complaints(cmd!(shell, "7zz x -y -bd -bso0 {into} {options...} {image}"))?;
    let mut listing = walk_and_remove(to)?;
    listing.remove("/");
    Ok(Extracted { listing, complaints })
}

/// One of our programs that copies the tree of an image into a new folder with a library by other authors.
pub fn copied(shell: &Shell, program: &Path, words: &[&str], image: &Path, to: &Path) -> Result<Extracted> {
    let complaints = complaints(cmd!(shell, "{program} {words...} {image} {to}"))?;
    Ok(Extracted {
        listing: walk_and_remove(to)?,
        complaints,
    })
}

/// The paths that isoinfo lists, with Rock Ridge (`-R`) or Joliet (`-J`).
pub fn isoinfo_paths(shell: &Shell, image: &Path, names: &str) -> Result<Listing> {
    let listed = cmd!(shell, "isoinfo {names} -f -i {image}")
        .quiet()
        .ignore_stderr()
        .ignore_status()
        .output()?;
    let listed = String::from_utf8_lossy(&listed.stdout);
    let paths = listed.lines().filter(|line| line.starts_with('/'));
    Ok(paths.map(|path| (path.to_owned(), Entry::default())).collect())
}

/// The contents of a file by isoinfo, with its Rock Ridge name.
pub fn isoinfo_contents(shell: &Shell, image: &Path, path: &str) -> Result<Vec<u8>> {
    Ok(cmd!(shell, "isoinfo -R -i {image} -x {path}")
        .quiet()
        .output()?
        .stdout)
}

/// The paths that libcdio lists, with the total bytes of their sections.
pub fn iso_info_sizes(shell: &Shell, image: &Path, options: &[&str]) -> Result<BTreeMap<String, u64>> {
    let listed = cmd!(shell, "iso-info -f {options...} {image}")
        .quiet()
        .ignore_stderr()
        .ignore_status()
        .read()?;
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for line in listed.lines() {
        if let Some((size, path)) = line.trim_start().split_once(' ')
            && let (Ok(size), true) = (size.parse::<u64>(), path.starts_with('/'))
        {
            *sizes.entry(path.to_owned()).or_default() += size;
        }
    }
    Ok(sizes)
}

/// The contents of a file by libcdio, which writes them to `out`; `--udf` asks for those of the UDF volume.
/// `None` if it finds no such file.
pub fn iso_read(
    shell: &Shell,
    image: &Path,
    path: &str,
    out: &Path,
    options: &[&str],
) -> Result<Option<Vec<u8>>> {
    let command = cmd!(shell, "iso-read {options...} -i {image} -e {path} -o {out}");
    if !complaints(command.ignore_stdout())?.is_empty() || !out.exists() {
        return Ok(None);
    }
    let contents = std::fs::read(out)?;
    std::fs::remove_file(out)?;
    Ok(Some(contents))
}

/// The contents of a file by GRUB, as it reads a device at boot; `None` if it finds no such file.
pub fn grub_contents(shell: &Shell, image: &Path, path: &str) -> Result<Option<Vec<u8>>> {
    let (image, file) = (image.canonicalize()?, format!("(loop0){path}"));
    let output = cmd!(shell, "grub-fstest {image} cat {file}")
        .quiet()
        .ignore_status()
        .output()?;
    Ok(output.status.success().then_some(output.stdout))
}

/// What pycdlib reports of a tree (`rr_path`, `joliet_path`, `udf_path`); it lists `unread` without reading
/// it.
pub fn pycdlib(shell: &Shell, python: &Path, image: &Path, tree: &str, unread: &str) -> Result<Listing> {
    #[derive(Deserialize)]
    struct Reported {
        kind: Kind,
        size: Option<u64>,
        sha256: Option<String>,
        target: Option<String>,
    }
    let output = cmd!(
        shell,
        "{python} xtask/peers/read_bridge.py {image} {tree} {unread}"
    );
    let output = output.quiet().ignore_status().output()?;
    let mut seen = Listing::new();
    // If it gives up, its output is incomplete.
    if !output.status.success() {
        return Ok(seen);
    }
    for line in String::from_utf8(output.stdout)?.lines() {
        let (path, reported): (String, Reported) = serde_json::from_str(line)?;
        let entry = Entry {
            kind: Some(reported.kind),
            size: reported.size,
            sha256: reported.sha256,
            target: reported.target,
            ..Entry::default()
        };
        seen.insert(path, entry);
    }
    Ok(seen)
}

/// The first block and the size of each file by libdvdread; empty if it finds no volume.
pub fn find_udf(program: &Path, image: &Path, paths: &[&str]) -> Result<Vec<Option<(u64, u64)>>> {
    let mut child = Command::new(program)
        .arg(image)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("libdvdread")?;
    let mut input = child.stdin.take().context("no standard input")?;
    // It may end before it has read everything.
    let _ = input.write_all(format!("{}\n", paths.join("\n")).as_bytes());
    drop(input);
    let said = child.wait_with_output()?.stdout;
    let said = String::from_utf8_lossy(&said);
    let place = |line: &str| {
        let (block, size) = line.strip_prefix("at ")?.split_once(' ')?;
        Some((block.parse().ok()?, size.parse().ok()?))
    };
    // The library itself prints that it cannot decrypt.
    let answers = said
        .lines()
        .filter(|line| line.starts_with("at ") || *line == "nowhere");
    Ok(answers.map(place).collect())
}

/// The `key=value` output of udfinfo or blkid.
pub fn values(
    shell: &Shell,
    program: &str,
    options: &[&str],
    image: &Path,
) -> Result<BTreeMap<String, String>> {
    let said = cmd!(shell, "{program} {options...} {image}")
        .quiet()
        .ignore_stderr()
        .ignore_status()
        .read()?;
    let pairs = said.lines().filter_map(|line| line.split_once('='));
    Ok(pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect())
}

/// Programs that are compiled or installed for the judges.
pub struct Built {
    /// Copies with libudfread.
    pub read_udf: PathBuf,
    /// Finds files with libdvdread.
    pub find_udf: PathBuf,
    /// Extracts with hadris-udf.
    pub hadris: PathBuf,
    /// A Python with pycdlib.
    pub python: PathBuf,
}
