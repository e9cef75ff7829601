//! The one place where blocks get their addresses, and with them their final bytes.

use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector, VirtualAddress, general::tag};

use crate::{
    Recording,
    body::Body,
    error::Error,
    issue::Point,
    queue::Item,
    session::{SESSION_START_BLOCKS, Sequences, anchors_at_session_end, session_end_blocks},
};

/// At least `least` blocks from `at` on, not ending before `least_end`, up to the end of a unit of the drive.
pub(crate) fn blocks_of_end(at: LogicalSector, least: u32, least_end: LogicalSector, unit: u32) -> u32 {
    let end = at.0.saturating_add(least).max(least_end.0);
    end.checked_next_multiple_of(unit).unwrap_or(end) - at.0
}

impl Recording {
    /// Gives every waiting block its address, from the append point on.
    pub(crate) fn place(&mut self, point: Point) -> Result<(), Error> {
        self.disc.queue.unplace();
        let (mut at, mut index, mut block) = (point.next, 0, 0);
        while let Some(item) = self.disc.queue.items.get(index).cloned() {
            if let Item::Node(node) = item {
                let made = self.make_room_for_node(node, at, index, block)?;
                index += made;
                block += made;
                at.0 = at.0.saturating_add(u32::try_from(made).unwrap_or(u32::MAX));
            }
            let count = self.place_item(&item, at, point.least_end, index, block)?;
            at.0 = at.0.checked_add(count).ok_or(Error::FileTooLarge)?;
            block += count as usize;
            index += 1;
        }
        Ok(())
    }

    /// Inserts what has to stand right before a node: its allocation extent descriptors, the last one first so that
    /// each refers to a block behind it, and a filler where its block would equal its virtual address.
    fn make_room_for_node(
        &mut self,
        node: VirtualAddress,
        at: LogicalSector,
        index: usize,
        block: usize,
    ) -> Result<usize, Error> {
        let needed = self
            .nodes
            .get(&node)
            .map_or(0, |pending| pending.continuations_needed());
        let first = self.logical_block(at)?;
        let mut made = 0;
        let mut continuations = vec![LogicalBlock(0); needed];
        for number in (0..needed).rev() {
            self.disc.queue.insert(
                index + made,
                block + made,
                Item::AllocationExtent { node, index: number },
            );
            continuations[number] =
                LogicalBlock(first.0.saturating_add(u32::try_from(made).unwrap_or(u32::MAX)));
            made += 1;
        }
        // Linux takes any ICB whose tag location equals its block for a VAT when it guesses where that is.
        if first.0.saturating_add(u32::try_from(made).unwrap_or(u32::MAX)) == node.0 {
            self.disc.queue.insert(index + made, block + made, Item::Filler);
            made += 1;
        }
        if let Some(pending) = self.nodes.get_mut(&node) {
            pending.continuations = continuations;
        }
        Ok(made)
    }

    fn place_item(
        &mut self,
        item: &Item,
        at: LogicalSector,
        least_end: LogicalSector,
        index: usize,
        block: usize,
    ) -> Result<u32, Error> {
        let count = match item {
            Item::SessionStart { start, .. } => {
                let first = start.unwrap_or(at);
                if start.is_none() {
                    self.sequences = Sequences::of_session(first);
                }
                first.0.saturating_add(SESSION_START_BLOCKS).saturating_sub(at.0)
            }
            Item::CommitEnd { .. } => blocks_of_end(at, 2, least_end, self.unit),
            Item::SessionEnd { anchors, .. } => session_end_blocks(at, anchors, least_end, self.unit),
            _ => item.count(),
        };
        if count != item.count() {
            self.disc.queue.resize(index, block, count);
        }
        match item {
            Item::Data { node, first, count } => {
                self.place_body(*node, *first, *count, at)?;
            }
            Item::Vat { first, count } => {
                let at = self.logical_block(at)?;
                self.vat.body.place(*first, *count, at);
            }
            Item::Node(node) => {
                let at = self.logical_block(at)?;
                self.vat.place(*node, at);
            }
            _ => {}
        }
        Ok(count)
    }

    /// Says where blocks of a body stand.
    pub(crate) fn place_body(
        &mut self,
        node: VirtualAddress,
        first: u64,
        count: u32,
        at: LogicalSector,
    ) -> Result<(), Error> {
        let at = self.logical_block(at)?;
        if let Some(Body::Blocks(blocks)) = self.nodes.get_mut(&node).map(|pending| &mut pending.body) {
            blocks.place(first, count, at);
        }
        Ok(())
    }

    /// The logical block of the write-once partition at a logical sector.
    pub(crate) fn logical_block(&self, at: LogicalSector) -> Result<LogicalBlock, Error> {
        let block = at.0.checked_sub(self.partition_start.0);
        block.map(LogicalBlock).ok_or(Error::Unsupported(
            "the drive appends before the start of the partition",
        ))
    }

    /// Encodes every waiting block for its address.
    pub(crate) fn encode(&mut self, start: LogicalSector) -> Result<(), Error> {
        let mut bytes = std::mem::take(&mut self.disc.queue.bytes);
        let items = std::mem::take(&mut self.disc.queue.items);
        let mut at = start;
        let mut slots = bytes.chunks_exact_mut(BLOCK_SIZE);
        let mut result = Ok(());
        'items: for item in &items {
            for number in 0..item.count() {
                let Some(slot) = slots.next() else { break 'items };
                result = self.encode_block(item, number, at, slot);
                if result.is_err() {
                    break 'items;
                }
                at.0 += 1;
            }
        }
        self.disc.queue.bytes = bytes;
        self.disc.queue.items = items;
        result
    }

    fn encode_block(
        &mut self,
        item: &Item,
        number: u32,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), Error> {
        match item {
            Item::Filler => {}
            Item::SessionStart { start, .. } => {
                let first = start.unwrap_or(LogicalSector(at.0 - number));
                self.descriptors
                    .session_start_block(first, &self.sequences, at, slot)?;
            }
            Item::Data { node, first, .. } => {
                if let Some(index) = self.nodes.get(node).and_then(|pending| pending.index.as_ref()) {
                    index.stamp(
                        first + u64::from(number),
                        slot,
                        self.form,
                        self.logical_block(at)?,
                    );
                }
            }
            Item::AllocationExtent { node, index } => {
                let at = self.logical_block(at)?;
                if let Some(pending) = self.nodes.get(node) {
                    slot.copy_from_slice(&pending.encode_continuation(*index, self.form, at)?);
                }
            }
            Item::Node(node) => {
                let at = self.logical_block(at)?;
                if let Some(pending) = self.nodes.get_mut(node) {
                    slot.copy_from_slice(&pending.encode(*node, self.form, at)?);
                }
            }
            Item::Vat { first, .. } => {
                if let Some(block) = self.vat.body.dirty.get(&(first + u64::from(number))) {
                    slot.copy_from_slice(&block[..]);
                }
            }
            Item::CommitEnd { .. } => self.encode_vat_icb(at, slot)?,
            Item::SessionEnd { count, .. } if number < anchors_at_session_end(*count) => {
                slot.copy_from_slice(&self.sequences.anchor(self.form.version, at));
            }
            Item::SessionEnd { .. } => self.encode_vat_icb(at, slot)?,
        }
        if !matches!(item, Item::Data { .. } | Item::Vat { .. }) {
            tag::set_serial_number(slot, self.form.serial);
        }
        Ok(())
    }

    fn encode_vat_icb(&mut self, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        let at = self.logical_block(at)?;
        self.last_vat_icb = at;
        slot.copy_from_slice(&self.vat.encode_icb(self.form, at)?);
        Ok(())
    }
}
