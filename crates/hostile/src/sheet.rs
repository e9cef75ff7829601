//! Bare images in a drive: one file in memory per base, in which only the differing blocks are rewritten.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use drive::Drive;
use ecma167::BLOCK_SIZE;
use rustix::fs::MemfdFlags;

use crate::image::Image;

/// A file in memory that contains a base.
struct Sheet {
    file: File,
    /// Blocks that currently differ from the base.
    changed: Vec<u32>,
    length: u32,
}

thread_local! {
    static SHEETS: RefCell<BTreeMap<&'static str, Sheet>> = const { RefCell::new(BTreeMap::new()) };
}

/// A read-only drive with an image derived from the base of this name; `None` for an image without blocks.
///
/// The next image of the same base replaces this one, so its drive must be dropped before.
///
/// # Panics
/// If the host has no memory for it.
pub fn drive(name: &'static str, base: &Image, image: &Image) -> Option<Drive> {
    SHEETS.with_borrow_mut(|sheets| {
        let sheet = sheets
            .entry(name)
            .or_insert_with(|| Sheet::new(base).expect("a file in memory"));
        sheet
            .show(base, image)
            .expect("the file in memory takes the image");
        let path = PathBuf::from(format!("/proc/self/fd/{}", sheet.file.as_raw_fd()));
        Drive::open_image(&path).ok()
    })
}

impl Sheet {
    fn new(base: &Image) -> io::Result<Self> {
        let file = File::from(rustix::fs::memfd_create("image", MemfdFlags::CLOEXEC)?);
        base.write_to(&file)?;
        Ok(Self {
            file,
            changed: Vec::new(),
            length: base.length,
        })
    }

    fn show(&mut self, base: &Image, image: &Image) -> io::Result<()> {
        if self.length != base.length {
            self.file.set_len(u64::from(base.length) * BLOCK_SIZE as u64)?;
            // What was cut off must be restored.
            for (at, block) in base.blocks.range(self.length.min(base.length)..) {
                self.put(*at, block)?;
            }
            self.length = base.length;
            self.changed.retain(|at| *at < base.length);
        }
        for at in std::mem::take(&mut self.changed) {
            self.put(at, &base.block(at))?;
        }
        for at in image.changes(base) {
            self.put(at, &image.block(at))?;
            self.changed.push(at);
        }
        if image.length != self.length {
            self.file.set_len(u64::from(image.length) * BLOCK_SIZE as u64)?;
            self.length = image.length;
        }
        Ok(())
    }

    fn put(&self, at: u32, block: &crate::Block) -> io::Result<()> {
        self.file.write_all_at(block, u64::from(at) * BLOCK_SIZE as u64)
    }
}
