//! Reads what a body has before its first unreadable block.

use super::Space;
use crate::body::Body;
use crate::error::Error;

impl Space {
    /// Fills the start of `out` from a body, up to the first unreadable block, and returns how many bytes it
    /// filled. Finding that block takes some ten reads; no block before it is lost.
    pub(crate) fn read_readable(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        let known = body.known().saturating_sub(offset);
        let out = match usize::try_from(known) {
            Ok(known) if known > 0 && known < out.len() => &mut out[..known],
            _ => out,
        };
        let size = self.block_size();
        let first = size.as_usize() - size.split(offset).1;
        let mut error = match self.read(body, offset, out) {
            Err(error) if error.is_damage() && out.len() > first => error,
            done => return done,
        };
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
        if good == 0 { Err(error) } else { Ok(end(good)) }
    }
}
