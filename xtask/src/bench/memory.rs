//! The memory of a contest. The host of a virtual machine takes away what is free for some seconds, and gives it anew to whoever writes
//! there first: that can take longer than all a contestant does. So what is not needed is held, and what is left was just written.

use std::fs::File;
use std::io::Read as _;

use anyhow::{Context, Result};
use rustix::fs::{MemfdFlags, memfd_create};

/// From so many bytes on, where memory comes from decides a contest.
const LARGE: u64 = 1 << 30;

/// Left alone at all times.
const SLACK: u64 = 1 << 28;

/// What the contestants share.
pub struct Memory {
    /// Held from the first to the last of them.
    _held: File,
    /// Bytes that are written before each turn.
    warmed: u64,
}

impl Memory {
    /// For contents of so many bytes. Where they are large, all is held that is not needed for one copy in a file and one in the memory
    /// of who takes files whole.
    pub fn of(bytes: u64) -> Result<Self> {
        let needed = 2 * bytes + LARGE;
        let (held, warmed) = match available()?.checked_sub(needed) {
            Some(rest) if bytes >= LARGE => (rest, needed - SLACK),
            _ => (0, bytes),
        };
        Ok(Self {
            _held: fill(held)?,
            warmed,
        })
    }

    /// Writes to the memory that is left, and gives it back.
    pub fn warm(&self) -> Result<()> {
        fill(self.warmed).map(drop)
    }
}

/// So many bytes of memory, behind a file so that no process is charged with them.
fn fill(bytes: u64) -> Result<File> {
    let mut file = File::from(memfd_create("bench", MemfdFlags::CLOEXEC)?);
    std::io::copy(&mut std::io::repeat(1).take(bytes), &mut file)
        .context("cannot take the memory of a contest")?;
    Ok(file)
}

/// Bytes of memory that the kernel takes for free.
fn available() -> Result<u64> {
    let kibibytes = std::fs::read_to_string("/proc/meminfo")?
        .lines()
        .find_map(|line| {
            line.strip_prefix("MemAvailable:")?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        })
        .unwrap_or(0_u64);
    Ok(kibibytes << 10)
}
