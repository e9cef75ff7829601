//! The memory of a contest. The host of a virtual machine takes away memory that is free for some seconds,
//! and returns it to the next program that writes there: that can take longer than everything a contestant
//! does. So unneeded memory is held, and the rest has just been written.

use std::fs::File;
use std::io::Read as _;

use anyhow::{Context, Result};
use rustix::fs::{MemfdFlags, memfd_create};

/// For contents of at least this many bytes, where memory comes from decides a contest.
const LARGE: u64 = 1 << 30;

/// Bytes that are always left alone.
const SLACK: u64 = 1 << 28;

/// The memory that the contestants share.
pub struct Memory {
    /// Held until the last contestant is done.
    _held: File,
    /// Bytes written before each turn.
    warmed: u64,
}

impl Memory {
    /// For contents of this many bytes. If they are large, all memory is held except what is needed for one
    /// copy in a file and one in the memory of a program that reads files whole.
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

    /// Writes to the memory that is left, and frees it.
    pub fn warm(&self) -> Result<()> {
        fill(self.warmed).map(drop)
    }
}

/// Takes this many bytes of memory in a file, so that no process is charged for them.
fn fill(bytes: u64) -> Result<File> {
    let mut file = File::from(memfd_create("bench", MemfdFlags::CLOEXEC)?);
    std::io::copy(&mut std::io::repeat(1).take(bytes), &mut file)
        .context("cannot take the memory of a contest")?;
    Ok(file)
}

/// Bytes of memory that the kernel counts as available.
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
