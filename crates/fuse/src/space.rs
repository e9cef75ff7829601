//! How much room a mount has, as `df` shows it.

use ecma167::{BLOCK_SIZE, BlockSize};

use crate::error::Error;
use crate::served::Served;

/// The room of a volume, in its blocks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Space {
    pub block_size: BlockSize,
    /// All blocks.
    pub blocks: u64,
    /// Blocks free for files.
    pub free: u64,
    /// The number of names.
    pub names: u64,
}

impl Space {
    /// The room on a medium with so many blocks of 2,048 bytes, of which so many are free.
    fn on_medium(capacity: u64, free: u64, names: u64, block_size: BlockSize) -> Self {
        let in_volume = |blocks: u64| {
            let bytes = blocks.saturating_mul(BLOCK_SIZE as u64);
            bytes / u64::from(block_size.bytes())
        };
        Self {
            block_size,
            blocks: in_volume(capacity.max(free)),
            free: in_volume(free),
            names,
        }
    }
}

impl Served {
    /// The room of the volume.
    pub fn space(&mut self) -> Result<Space, Error> {
        let block_size = self.block_size;
        let tree = self.tree()?;
        let free = match tree.changing() {
            Ok(recording) => recording.free_blocks().unwrap_or(0),
            Err(_) => 0,
        };
        let volume = tree.volume();
        let vat = volume.vat();
        let counted = |count: Option<u32>| u64::from(count.unwrap_or(0));
        let names = vat.map_or(0, |vat| counted(vat.files) + counted(vat.directories));
        let capacity = volume.drive().medium().capacity_blocks.into();
        Ok(Space::on_medium(capacity, free, names, block_size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_counted_in_blocks_of_the_volume() {
        let counted = |bytes| {
            let size = BlockSize::new(bytes).unwrap_or(BlockSize::OPTICAL);
            let space = Space::on_medium(100, 40, 3, size);
            (space.block_size.bytes(), space.blocks, space.free)
        };
        assert_eq!(counted(512), (512, 400, 160));
        assert_eq!(counted(2048), (2048, 100, 40));
        assert_eq!(counted(32_768), (32_768, 6, 2));
    }
}
