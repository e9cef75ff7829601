//! Checks what readers of ISO 9660 see of a bridge: bsdtar, xorriso, 7-Zip, isoinfo, libcdio, pycdlib, GRUB.
//!
//! Some extract a tree, which is walked. The others are asked for each file, except most of those that are
//! alike. The file of 5 GB is listed but not read.

use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use xshell::{Shell, cmd};

use crate::findings::Findings;
use crate::listing::{Entry, Kind, Listing, differences};
use crate::place::Place;
use crate::readers::programs;
use crate::scenarios::{Bridge, HUGE_BYTES, HUGE_NAME};
use crate::setup;

/// A file with more sections than a block has records for.
const HUNDRED_SECTIONS: &str = "/data/100 sections";

/// Asks all readers.
pub fn judge_bridge(place: &Place, bridge: &Bridge, folder: &Path, findings: &Findings) -> Result<()> {
    let judge = Judge {
        shell: place.shell()?,
        bridge,
        folder,
        findings,
    };
    judge.shell.set_var("LC_ALL", "C.UTF-8");
    judge.shell.set_var("TZ", "UTC");
    judge.bsdtar()?;
    judge.xorriso()?;
    judge.seven_zip()?;
    judge.isoinfo()?;
    judge.libcdio()?;
    judge.grub()?;
    let python = setup::pycdlib(place)?;
    judge.pycdlib(&python, "rr_path", &bridge.rock_ridge)?;
    judge.pycdlib(&python, "joliet_path", &bridge.joliet)
}

struct Judge<'a> {
    shell: Shell,
    bridge: &'a Bridge,
    folder: &'a Path,
    findings: &'a Findings,
}

impl Judge<'_> {
    fn judged(&self, reader: &str, found: &[String]) {
        self.findings.judged(&format!("bridge: by {reader}"), found);
    }

    fn bsdtar(&self) -> Result<()> {
        let image = &self.bridge.image;
        let to = self.fresh("bsdtar")?;
        let seen = programs::bsdtar(&self.shell, image, &to, &["--exclude", HUGE_NAME])?;
        let mut found = seen.complaints;
        found.extend(differences(&extractable(&self.bridge.rock_ridge), &seen.listing));
        let listed = cmd!(self.shell, "bsdtar -t -v -f {image} {HUGE_NAME}")
            .quiet()
            .read()?;
        found.extend(huge_is_listed(&listed));
        self.judged("bsdtar", &found);
        Ok(())
    }

    fn xorriso(&self) -> Result<()> {
        let image = &self.bridge.image;
        let to = self.fresh("xorriso")?;
        let is_top = |path: &&str| path.matches('/').count() == 1 && path[1..] != *HUGE_NAME && *path != "/";
        let paths = self.bridge.rock_ridge.keys().map(String::as_str);
        let seen = programs::xorriso(&self.shell, image, &to, &paths.filter(is_top).collect::<Vec<_>>())?;
        let mut found = seen.complaints;
        let mut expected = extractable(&self.bridge.rock_ridge);
        expected.remove("/");
        found.extend(differences(&expected, &seen.listing));
        let huge = format!("/{HUGE_NAME}");
        let listed = cmd!(
            self.shell,
            "xorriso -report_about WARNING -indev {image} -lsl {huge}"
        )
        .quiet()
        .ignore_stderr();
        found.extend(huge_is_listed(&listed.read()?));
        self.judged("xorriso", &found);
        Ok(())
    }

    fn seven_zip(&self) -> Result<()> {
        let image = &self.bridge.image;
        let to = self.fresh("7zz")?;
        let seen = programs::seven_zip(&self.shell, image, &to, &[&format!("-x!{HUGE_NAME}")])?;
        let mut found = seen.complaints;
        let mut expected = extractable(&self.bridge.joliet);
        expected.remove("/");
        found.extend(differences(&expected, &seen.listing));
        let listed = cmd!(self.shell, "7zz l {image} {HUGE_NAME}").quiet().read()?;
        found.extend(huge_is_listed(&listed));
        self.judged("7zz", &found);
        Ok(())
    }

    /// It lists each section of a file as a separate file.
    fn isoinfo(&self) -> Result<()> {
        let image = &self.bridge.image;
        let paths = programs::isoinfo_paths(&self.shell, image, "-R")?;
        let mut found = differences(&without_root(&self.bridge.rock_ridge), &paths);
        found.extend(self.contents(&self.bridge.rock_ridge, |path| {
            programs::isoinfo_contents(&self.shell, image, path)
        })?);
        // Outside ASCII it knows only characters of old code pages.
        let ascii = |listing: &Listing| -> Listing {
            let named = listing
                .keys()
                .filter(|path| path.is_ascii() && !path.contains(['?', '_']))
                .cloned();
            named.map(|path| (path, Entry::default())).collect()
        };
        let paths = programs::isoinfo_paths(&self.shell, image, "-J")?;
        found.extend(differences(
            &ascii(&without_root(&self.bridge.joliet)),
            &ascii(&paths),
        ));
        self.judged("isoinfo", &found);
        Ok(())
    }

    /// It lists each section of a file as a separate file, and reads only the first.
    fn libcdio(&self) -> Result<()> {
        let image = &self.bridge.image;
        let mut found = Vec::new();
        let trees: [(&Listing, &[&str]); 2] = [
            (&self.bridge.joliet, &[]),
            (&self.bridge.rock_ridge, &["--no-joliet"]),
        ];
        for (expected, options) in trees {
            let seen = programs::iso_info_sizes(&self.shell, image, options)?;
            // It reserves as many bytes for a Joliet name as the name has there, although UTF-8 may need
            // more.
            let is_shown = |path: &str| {
                let name = path.rsplit('/').next().unwrap_or(path);
                !options.is_empty() || name.len() <= 2 * name.chars().count()
            };
            let mut expected = without_root(expected);
            expected.retain(|path, _| is_shown(path));
            let seen = seen
                .into_iter()
                .filter(|(path, _)| is_shown(path))
                .map(|(path, size)| {
                    let is_file = expected
                        .get(&path)
                        .is_some_and(|entry| entry.kind == Some(Kind::File));
                    (
                        path,
                        Entry {
                            size: is_file.then_some(size),
                            ..Entry::default()
                        },
                    )
                });
            found.extend(differences(&expected, &seen.collect()));
        }
        let out = self.folder.join("iso-read");
        let mut whole = self.bridge.rock_ridge.clone();
        whole.retain(|path, _| !path.ends_with("sections"));
        found.extend(self.contents(&whole, |path| {
            programs::iso_read(&self.shell, image, path, &out, &[]).map(Option::unwrap_or_default)
        })?);
        self.judged("libcdio", &found);
        Ok(())
    }

    /// It fails if the records of a file continue in another block of the directory.
    fn grub(&self) -> Result<()> {
        let image = &self.bridge.image;
        let mut followed = self.bridge.rock_ridge.clone();
        followed.remove(HUNDRED_SECTIONS);
        let found = self.contents(&followed, |path| {
            programs::grub_contents(&self.shell, image, path).map(Option::unwrap_or_default)
        })?;
        self.judged("GRUB", &found);
        Ok(())
    }

    fn pycdlib(&self, python: &Path, tree: &str, expected: &Listing) -> Result<()> {
        let huge = format!("/{HUGE_NAME}");
        let mut seen = programs::pycdlib(&self.shell, python, &self.bridge.image, tree, &huge)?;
        for (path, entry) in &mut seen {
            // It treats anything that is neither directory nor symbolic link as a file.
            let is_special = |kind| matches!(kind, Kind::Fifo | Kind::CharDevice | Kind::BlockDevice);
            if expected
                .get(path)
                .and_then(|entry| entry.kind)
                .is_some_and(is_special)
            {
                entry.kind = None;
            }
            // By Rock Ridge names it finds only one of several sections, also in images by xorriso.
            if *path == huge || tree == "rr_path" && path.ends_with("sections") {
                (entry.size, entry.sha256) = (None, None);
            }
            // It drops the root from a target.
            if entry.target.as_deref() == Some("") {
                entry.target = Some("/".to_owned());
            }
        }
        let found = differences(&without_root(expected), &seen);
        self.judged(&format!("pycdlib, {tree}"), &found);
        Ok(())
    }

    /// The files that differ in a reader that is asked for one file at a time.
    fn contents(&self, listing: &Listing, read: impl Fn(&str) -> Result<Vec<u8>>) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for (path, entry) in listing {
            let is_one_of_many = path.starts_with("/many/") && !path.ends_with("0.dat");
            let Some(expected) = entry.sha256.as_ref().filter(|_| !is_one_of_many) else {
                continue;
            };
            let contents = read(path).with_context(|| path.clone())?;
            let digest: String = Sha256::digest(&contents)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            if digest != *expected {
                found.push(format!("{path:?}: other contents, of {} bytes", contents.len()));
            }
        }
        Ok(found)
    }

    fn fresh(&self, name: &str) -> Result<std::path::PathBuf> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

fn huge_is_listed(listed: &str) -> Option<String> {
    let size = HUGE_BYTES.to_string();
    (!listed.contains(&size)).then(|| format!("{HUGE_NAME:?} is not listed with {size} bytes: {listed}"))
}

fn without_root(listing: &Listing) -> Listing {
    let mut listing = listing.clone();
    listing.remove("/");
    listing
}

/// What extraction restores: not the large file, and no time that the file system of this machine may not
/// support.
fn extractable(listing: &Listing) -> Listing {
    const FIRST_SECOND: i64 = i32::MIN as i64;
    let mut listing = listing.clone();
    listing.remove(&format!("/{HUGE_NAME}"));
    for entry in listing.values_mut() {
        entry.mtime = entry.mtime.filter(|time| *time >= FIRST_SECOND * 1_000_000);
    }
    listing
}
