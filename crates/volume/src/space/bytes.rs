//! Reads the bytes of bodies: in runs of blocks that are consecutive on disc, bypassing the cache for long
//! runs.

use std::fs::File;

use ecma167::{BLOCK_SIZE, RecordedAddress};
use mmc::FilePart;

use super::Space;
use super::cache::LINE_BLOCKS;
use crate::address::after;
use crate::body::{Body, Extent, ExtentKind};
use crate::error::Error;

/// Reads of at least this many bytes bypass the cache.
const DIRECT: usize = LINE_BLOCKS as usize * BLOCK_SIZE;

impl Space {
    /// Fills `out` from a body; returns fewer bytes only at the end of the body.
    pub(crate) fn read(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        let mut done = 0;
        while done < out.len() {
            let at = offset.saturating_add(done as u64);
            let rest = &mut out[done..];
            let moved = match body {
                Body::Embedded(bytes) => {
                    let from = usize::try_from(at)
                        .ok()
                        .and_then(|at| bytes.get(at..))
                        .unwrap_or(&[]);
                    let length = from.len().min(rest.len());
                    rest[..length].copy_from_slice(&from[..length]);
                    length
                }
                Body::Extents(extents) => match Extent::find(extents, at) {
                    None => 0,
                    Some((extent, inside)) => {
                        let left = usize::try_from(extent.length - inside).unwrap_or(usize::MAX);
                        let length = left.min(rest.len());
                        match extent.kind {
                            ExtentKind::NotRecorded => rest[..length].fill(0),
                            ExtentKind::Lost(entry) => return Err(self.cut_of(entry)?),
                            ExtentKind::Recorded(address) => {
                                self.read_extent(address, inside, &mut rest[..length])?
                            }
                        }
                        length
                    }
                },
            };
            if moved == 0 {
                break;
            }
            done += moved;
        }
        Ok(done)
    }

    /// Fills `out` from byte `inside` of the extent at `address`.
    fn read_extent(&mut self, address: RecordedAddress, inside: u64, out: &mut [u8]) -> Result<(), Error> {
        let size = self.block_size();
        let mut done = 0;
        while done < out.len() {
            let (block, byte) = size.split(inside + done as u64);
            let at = after(address, block)?;
            let rest = &mut out[done..];
            if byte == 0 && rest.len() >= DIRECT && self.maps().metadata(at.partition).is_none() {
                let length = size.as_usize();
                let (sector, blocks) = self.addresses.run(&mut self.sectors, at, rest.len() / length)?;
                self.sectors.read(sector, &mut rest[..blocks * length])?;
                done += blocks * length;
            } else {
                let from = &self.block(at)?[byte..];
                let length = from.len().min(rest.len());
                rest[..length].copy_from_slice(&from[..length]);
                done += length;
            }
        }
        Ok(())
    }

    /// Copies from byte `offset` of a body to the same offset of a file: as much of `length` as is whole
    /// blocks, consecutive on disc. Returns the number of bytes copied; 0 means that the caller must read
    /// them.
    pub(crate) fn copy_to_file(
        &mut self,
        body: &Body,
        offset: u64,
        length: usize,
        file: &File,
    ) -> Result<usize, Error> {
        let Body::Extents(extents) = body else {
            return Ok(0);
        };
        let Some((extent, inside)) = Extent::find(extents, offset) else {
            return Ok(0);
        };
        let ExtentKind::Recorded(address) = extent.kind else {
            return Ok(0);
        };
        let left = usize::try_from(extent.length - inside).unwrap_or(usize::MAX);
        let (block, byte) = self.block_size().split(inside);
        let length = left.min(length);
        if byte != 0 || length < DIRECT || self.maps().metadata(address.partition).is_some() {
            return Ok(0);
        }
        let size = self.block_size().as_usize();
        let (sector, blocks) =
            self.addresses
                .run(&mut self.sectors, after(address, block)?, length / size)?;
        let bytes = blocks * size;
        let part = FilePart { file, offset, bytes };
        let is_filled = self.sectors.read_to_file(sector, part)?;
        Ok(if is_filled { bytes } else { 0 })
    }
}
