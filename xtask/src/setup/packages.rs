//! Debian packages of the judges and of the peers.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use xshell::{Cmd, Shell, cmd};

/// Packages and what each is for.
pub type Packages = &'static [(&'static str, &'static str)];

/// The judges' packages.
pub const JUDGES: Packages = &[
    ("git", "this repository as a tree that is recorded"),
    ("udftools", "mkudffs and udfinfo"),
    ("udfclient", "a second reader"),
    ("qemu-system-x86", "the machine in which a kernel judges"),
    ("busybox-static", "the first program of that machine"),
    ("cpio", "its initial file system"),
    ("kmod", "the order of its modules"),
    ("xz-utils", "modules come packed"),
    ("g++", "programs of C and C++ against our library"),
    (
        "gcc-mingw-w64-x86-64-win32",
        "the headers of Windows, and C against them",
    ),
    ("g++-mingw-w64-x86-64-win32", "and C++"),
    ("binutils", "the linking of that library"),
    ("pkg-config", "where it is installed"),
    ("valgrind", "what such programs do with memory"),
    ("e2fsprogs", "a volume of another file system"),
    (
        "cdrskin",
        "another program that records, with the options of cdrecord",
    ),
    ("wodim", "another that records CD and DVD-R"),
    ("growisofs", "another that records DVD and BD"),
    ("xorriso", "another that records all of them"),
    (
        "genisoimage",
        "the volumes that those record, and isoinfo, a reader of bridges",
    ),
    ("dvd+rw-tools", "dvd+rw-mediainfo, what is known of a DVD or BD"),
    (
        "libcdio-utils",
        "cd-info, what is known of a CD, and another reader of bridges",
    ),
    ("libarchive-tools", "another"),
    ("7zip", "another"),
    ("grub-common", "another, as it boots"),
    ("ovmf", "another, the UEFI shell"),
    ("libudfread-dev", "a reader of UDF, that of players of Blu-ray"),
    ("libdvdread-dev", "another, that of players of DVD"),
    ("python3-venv", "a place for pycdlib, another"),
    ("sg3-utils", "commands to a drive, one by one"),
    ("tgt", "a recorder that others wrote"),
    ("open-iscsi", "the way of a kernel to it"),
    ("fuse3", "fusermount3, by which users mount"),
    ("fio", "a program that verifies what it wrote"),
    ("rsync", "another that copies trees"),
    ("samba", "a server of SMB 3.0"),
    ("samba-common-bin", "its users"),
    ("python3-impacket", "a client that sends any control code"),
];

/// The packages of those who do the same things as oncefs, to be measured beside it.
pub const PEERS: Packages = &[
    ("genisoimage", "images with UDF 1.02"),
    ("xorriso", "images without UDF"),
    ("python3-venv", "a place for pycdlib, which writes UDF too"),
    ("7zip", "a reader of UDF images"),
    ("libarchive-tools", "a reader of their ISO 9660 side"),
    ("udfclient", "a reader of volumes with a VAT"),
];

/// Whether the package lists were fetched by this run.
pub struct ListsFetched(bool);

impl ListsFetched {
    /// Fetch the package lists, once a run.
    pub fn ensure(&mut self, shell: &Shell) -> Result<()> {
        if !self.0 {
            println!("setup: fetching package lists");
            told(cmd!(shell, "apt-get update -q=2"))?;
            self.0 = true;
        }
        Ok(())
    }
}

/// Install those packages that are missing.
pub fn install(shell: &Shell, packages: Packages) -> Result<ListsFetched> {
    let mut lists = ListsFetched(false);
    let installed = cmd!(shell, "dpkg-query -W -f '${Package} ${db:Status-Status}\n'")
        .quiet()
        .read()
        .context("packages come from Debian, and dpkg-query does not answer")?;
    let present: BTreeSet<&str> = installed
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    let missing: Vec<&str> = packages
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !present.contains(name))
        .collect();
    if missing.is_empty() {
        return Ok(lists);
    }
    if !rustix::process::geteuid().is_root() {
        bail!(
            "missing packages, and only root can install them: {}",
            missing.join(" ")
        );
    }
    lists.ensure(shell)?;
    for (name, purpose) in packages.iter().filter(|(name, _)| missing.contains(name)) {
        println!("setup: installing {name} ({purpose})");
    }
    let missing = &missing;
    told(
        cmd!(
            shell,
            "apt-get install -q=2 -y --no-install-recommends {missing...}"
        )
        .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    Ok(lists)
}

/// Runs a command that says much and nothing that counts, unless it fails: then what it said is the error.
fn told(command: Cmd<'_>) -> Result<()> {
    let words = command.to_string();
    let output = command.quiet().ignore_status().output()?;
    if output.status.success() {
        return Ok(());
    }
    bail!(
        "{words}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
