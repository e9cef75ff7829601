//! The tree as the source of a track: where its blocks are, and their final bytes.

use ecma167::LogicalSector;
use ecma167::general::tag;
use track::{Run, Source};

use super::Tree;
use super::body::Body;
use super::node::CachedNode;
use super::piece::Piece;
use crate::error::Error;

impl Source for Tree {
    type Item = Piece;
    type Error = Error;

    /// What precedes a node: its allocation extent descriptors, the last one first so that each refers to an
    /// earlier block, and a filler if its block would equal its virtual address.
    fn lead(&mut self, piece: &Piece, at: LogicalSector) -> Result<Vec<Piece>, Error> {
        let Piece::Node(node) = *piece else {
            return Ok(Vec::new());
        };
        let first = self.form.logical_block(at)?;
        // Few nodes have any: return early for the others.
        let is_simple = |node: &CachedNode| node.continuations.is_empty() && node.continuations_needed() == 0;
        let needed = match self.cache.get(node) {
            Some(cached) if !is_simple(cached) => self.cache.change(node, CachedNode::unplace_continuations),
            _ => None,
        };
        let indices = (0..needed.unwrap_or(0)).rev();
        let mut lead: Vec<Piece> = indices
            .map(|index| Piece::AllocationExtent { node, index })
            .collect();
        // Linux, when it guesses where the VAT is, takes any ICB whose tag location equals its block for a
        // VAT.
        let after = first
            .0
            .saturating_add(u32::try_from(lead.len()).unwrap_or(u32::MAX));
        if self.entry_of(node).is_some_and(|entry| after == entry.0) {
            lead.push(Piece::Filler);
        }
        Ok(lead)
    }

    fn place(&mut self, run: Run<'_, Piece>, at: LogicalSector) -> Result<(), Error> {
        let at = self.form.logical_block(at)?;
        match *run.item {
            Piece::Body(node) => {
                self.cache.change(node, |node| {
                    if let Body::Blocks(blocks) = &mut node.body {
                        blocks.place(run.first, run.count, at);
                    }
                });
            }
            Piece::AllocationExtent { node, index } => {
                self.cache.change(node, |node| {
                    if let Some(place) = node.continuations.get_mut(index) {
                        *place = at;
                    }
                });
            }
            Piece::Node(node) => match self.entry_of(node) {
                Some(entry) => self.vat.place(entry, at),
                None => self.outside.place(node, at),
            },
            Piece::Vat => self.vat.body.place(run.first, run.count, at),
            Piece::Filler | Piece::VatIcb | Piece::Plain(_) => {}
        }
        Ok(())
    }

    fn encode(
        &mut self,
        piece: &Piece,
        number: u64,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), Error> {
        let at = self.form.logical_block(at)?;
        match *piece {
            // These come with their bytes, or belong to no tree.
            Piece::Filler | Piece::Plain(_) => return Ok(()),
            Piece::Body(node) => {
                return match self.cache.get(node).and_then(|node| node.index.as_ref()) {
                    Some(index) => index.stamp(number, slot, &self.outside, self.form, at),
                    None => Ok(()),
                };
            }
            Piece::Vat => {
                if let Some(block) = self.vat.body.dirty.get(&number) {
                    slot.copy_from_slice(&block[..]);
                }
                return Ok(());
            }
            Piece::AllocationExtent { node, index } => {
                if let Some(node) = self.cache.get(node) {
                    slot.copy_from_slice(&node.encode_continuation(index, self.form, at)?);
                }
            }
            Piece::Node(address) => {
                let (form, outside, entry) = (self.form, &self.outside, self.entry_of(address));
                let block = self.cache.change(address, |node| match entry {
                    Some(entry) => node.encode(entry, outside, form, at),
                    None => node.encode_outside(form, at),
                });
                if let Some(block) = block {
                    slot.copy_from_slice(&block?);
                }
                if let Some(node) = self.cache.get(address) {
                    self.plain_extra.note(node, form);
                }
            }
            Piece::VatIcb => {
                let room = self.plain_extra.to_state();
                slot.copy_from_slice(&self.vat.encode_icb(self.form, at, room)?);
            }
        }
        tag::set_serial_number(slot, self.form.serial);
        Ok(())
    }
}
