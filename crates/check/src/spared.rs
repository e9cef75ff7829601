//! Where spared packets are recorded (`UDF 2.60 2.2.9`, `2.2.12`).

use crate::partition::Partition;

/// The spared packets of a partition.
#[derive(Clone, Debug)]
pub(crate) struct SparedPackets {
    /// Blocks per packet; not 0.
    pub packet: u32,
    /// First logical block and first spare sector of each packet, in ascending order.
    pub packets: Vec<(u32, u32)>,
}

impl SparedPackets {
    /// First logical block, first spare sector and number of blocks of each spared packet.
    pub fn packets(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        self.packets
            .iter()
            .map(|(original, mapped)| (*original, *mapped, self.packet))
    }

    /// The sector of a block, and how many of `blocks` are consecutive from there on.
    pub fn sector(&self, partition: &Partition, block: u32, blocks: u32) -> Option<(u32, u32)> {
        let inside = block % self.packet;
        match self
            .packets
            .binary_search_by_key(&(block - inside), |(original, _)| *original)
        {
            Ok(at) => Some((
                self.packets[at].1.checked_add(inside)?,
                blocks.min(self.packet - inside),
            )),
            Err(next) => {
                let until = self.packets.get(next).map_or(u32::MAX, |(original, _)| *original);
                Some((partition.start.checked_add(block)?, blocks.min(until - block)))
            }
        }
    }
}
