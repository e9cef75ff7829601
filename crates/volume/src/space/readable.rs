//! Reads what a body has before its first unreadable block.

use super::Space;
use crate::address::after;
use crate::body::{Body, Extent, ExtentKind};
use crate::error::Error;

impl Space {
    /// Fills the start of `out` from a body, up to the first unreadable block, and returns how many bytes it
    /// filled. Finding that block takes some ten reads; no block before it is lost, and no byte of a block in
    /// which an image ends.
    pub(crate) fn read_readable(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        let known = body.known().saturating_sub(offset);
        let out = match usize::try_from(known) {
            Ok(known) if known > 0 && known < out.len() => &mut out[..known],
            _ => out,
        };
        let size = self.block_size();
        let first = size.as_usize() - size.split(offset).1;
        let mut error = match self.read(body, offset, out) {
            Err(error) if error.is_damage() => error,
            done => return done,
        };
        if out.len() <= first {
            return self.cut_block(body, offset, out)?.ok_or(error);
        }
        let length = out.len();
        // Where the first `blocks` blocks of the request end; the first block may be partial.
        let end = |blocks: usize| match blocks {
            0 => 0,
            _ => length.min(first + (blocks - 1) * size.as_usize()),
        };
        let (mut good, mut bad) = (0, 1 + (length - first).div_ceil(size.as_usize()));
        while bad - good > 1 {
            let middle = good.midpoint(bad);
            let (from, to) = (end(good), end(middle));
            match self.read(body, offset.saturating_add(from as u64), &mut out[from..to]) {
                Ok(_) => good = middle,
                Err(damage) if damage.is_damage() => {
                    bad = middle;
                    error = damage;
                }
                Err(error) => return Err(error),
            }
        }
        let good = end(good);
        match self.cut_block(body, offset.saturating_add(good as u64), &mut out[good..])? {
            Some(cut) => Ok(good + cut),
            None if good > 0 => Ok(good),
            None => Err(error),
        }
    }

    /// Fills the start of `out` from the block at a byte of a body, if an image ends inside that block, and
    /// returns how many bytes it filled. `None` if the image has no byte there.
    fn cut_block(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<Option<usize>, Error> {
        let Body::Extents(extents) = body else {
            return Ok(None);
        };
        let Some((extent, inside)) = Extent::find(extents, offset) else {
            return Ok(None);
        };
        let ExtentKind::Recorded(address) = extent.kind else {
            return Ok(None);
        };
        let left = usize::try_from(extent.length - inside).unwrap_or(usize::MAX);
        let length = left.min(out.len());
        let (block, byte) = self.block_size().split(inside);
        let Ok(sector) = after(address, block).and_then(|at| self.resolve(at)) else {
            return Ok(None);
        };
        match self.sectors.read_cut(sector, byte, &mut out[..length]) {
            Err(error) if error.is_damage() => Ok(None),
            read => read,
        }
    }
}
