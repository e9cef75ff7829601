//! Debian packages for the judges and the peers.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use xshell::{Cmd, Shell, cmd};

/// Packages with the purpose of each.
pub type Packages = &'static [(&'static str, &'static str)];

/// The judges' packages.
pub const JUDGES: Packages = &[
    ("git", "this repository as a tree to record"),
    ("udftools", "mkudffs and udfinfo"),
    ("udfclient", "a second reader"),
    ("qemu-system-x86", "the machine for judging kernels"),
    ("busybox-static", "the first program of that machine"),
    ("cpio", "its initial file system"),
    ("kmod", "the order of its modules"),
    ("xz-utils", "unpacking its modules"),
    ("g++", "C and C++ programs that use our library"),
    (
        "gcc-mingw-w64-x86-64-win32",
        "the Windows headers, and C programs that use them",
    ),
    ("g++-mingw-w64-x86-64-win32", "the same for C++"),
    ("binutils", "linking that library"),
    ("pkg-config", "finding it once installed"),
    ("valgrind", "checking the memory use of such programs"),
    ("e2fsprogs", "a volume of another file system"),
    ("cdrskin", "another recording program, with cdrecord's options"),
    ("wodim", "another recording program, for CD and DVD-R"),
    ("growisofs", "another recording program, for DVD and BD"),
    ("xorriso", "another recording program, for all media"),
    (
        "genisoimage",
        "volumes for those programs, and isoinfo, a reader of bridges",
    ),
    ("dvd+rw-tools", "dvd+rw-mediainfo, information about a DVD or BD"),
    (
        "libcdio-utils",
        "cd-info, information about a CD, and another reader of bridges",
    ),
    ("libarchive-tools", "another reader of bridges"),
    ("7zip", "another reader of bridges"),
    ("grub-common", "another reader of bridges, that of a boot loader"),
    ("ovmf", "another reader, the UEFI shell"),
    ("libudfread-dev", "a UDF reader of Blu-ray players"),
    ("libdvdread-dev", "a UDF reader of DVD players"),
    ("python3-venv", "an environment for pycdlib, another reader"),
    ("sg3-utils", "sending single commands to a drive"),
    ("tgt", "an emulated recorder by other authors"),
    ("open-iscsi", "connecting a kernel to it"),
    ("fuse3", "fusermount3, for mounting as a user"),
    ("fio", "a program that verifies what it writes"),
    ("rsync", "another program that copies trees"),
    ("samba", "an SMB 3.0 server"),
    ("samba-common-bin", "its users"),
    ("chromium", "a browser, for the page of a disc"),
    ("fonts-dejavu-core", "its letters"),
    ("testdisk", "photorec, which finds files by their contents"),
    ("python3-impacket", "a client that sends any control code"),
];

/// The packages of programs that do the same tasks as oncefs and are compared with it.
pub const PEERS: Packages = &[
    ("genisoimage", "images with UDF 1.02"),
    ("xorriso", "images without UDF"),
    ("python3-venv", "an environment for pycdlib, which writes UDF too"),
    ("7zip", "a reader of UDF images"),
    ("libarchive-tools", "a reader of their ISO 9660 side"),
    ("udfclient", "a reader of volumes with a VAT"),
];

/// Whether this run has fetched the package lists.
pub struct ListsFetched(bool);

impl ListsFetched {
    /// Fetches the package lists, once per run.
    pub fn ensure(&mut self, shell: &Shell) -> Result<()> {
        if !self.0 {
            println!("setup: fetching package lists");
            run_quietly(cmd!(shell, "apt-get update -q=2"))?;
            self.0 = true;
        }
        Ok(())
    }
}

/// Installs the packages that are missing.
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
    run_quietly(
        cmd!(
            shell,
            "apt-get install -q=2 -y --no-install-recommends {missing...}"
        )
        .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    Ok(lists)
}

/// Runs a command with much output of no interest; if it fails, its output is the error.
fn run_quietly(command: Cmd<'_>) -> Result<()> {
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
