//! Bounds memory by what is dirty: clean nodes are evicted, then dirty ones are recorded early. No reader
//! sees those before a VAT names them, so a power cut loses nothing that was acknowledged.

use crate::Recording;
use crate::error::Error;
use crate::plain::BLOCKS_OF_DIRECTORY;

impl Recording {
    /// Makes room on the medium and in memory for a change of at most `blocks` blocks.
    pub(crate) fn prepare_change(&mut self, blocks: u64) -> Result<(), Error> {
        self.prepare_freeing(blocks, 0)
    }

    /// The same for a change after which `freed` blocks are no longer kept back.
    pub(crate) fn prepare_freeing(&mut self, blocks: u64, freed: u64) -> Result<(), Error> {
        let was_closing = self.is_closing_begun();
        // The new node may be a file or a directory.
        let blocks = if self.keeps_room_for_plain() {
            blocks.saturating_add(BLOCKS_OF_DIRECTORY)
        } else {
            blocks
        };
        self.require_freeing(blocks, freed)?;
        self.recover()?;
        if was_closing {
            // The change goes into a further session, which has less room.
            self.require_freeing(blocks, freed)?;
        }
        self.trim_memory()
    }

    /// Bounds memory while nodes are only read: nothing is recorded.
    pub(crate) fn trim_clean(&mut self) {
        let (disc, tree) = self.parts();
        tree.trim_clean(&disc);
    }

    /// Bounds memory: evicts clean nodes, then records dirty ones early, files before directories.
    fn trim_memory(&mut self) -> Result<(), Error> {
        if !self.tree.is_heavy() {
            return Ok(());
        }
        let (disc, tree) = self.parts();
        tree.evict_idle(&disc);
        for directories in [false, true] {
            if self.tree.is_half_full() {
                self.record_early(directories)?;
            }
        }
        if self.tree.is_half_full() {
            for address in self.tree.large_dirty_bodies() {
                self.enqueue_body(address)?;
            }
        }
        self.tree.note_trimmed();
        Ok(())
    }

    fn record_early(&mut self, directories: bool) -> Result<(), Error> {
        for address in self.tree.idle_dirty_nodes(directories) {
            self.enqueue_body(address)?;
            self.enqueue_node(address)?;
        }
        self.issue_full_units()?;
        let (disc, tree) = self.parts();
        tree.evict_idle(&disc);
        Ok(())
    }
}
