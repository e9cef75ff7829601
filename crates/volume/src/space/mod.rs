//! The address space of a volume: sectors, the meaning of addresses, and losses, one part each.

mod addresses;
mod bytes;
mod cache;
mod mirror;
mod readable;
mod sectors;

use drive::Drive;
use ecma167::{BlockSize, LogicalBlock, LogicalSector, RecordedAddress, VirtualAddress};

use addresses::Addresses;
use sectors::Sectors;

use crate::error::Error;
use crate::loss::{Loss, Losses};
use crate::map::{Maps, Vat};

/// A drive, the meaning of addresses on its medium, and what could not be read while following them.
pub(crate) struct Space {
    sectors: Sectors,
    addresses: Addresses,
    losses: Losses,
}

impl Space {
    pub(crate) fn new(drive: Drive) -> Self {
        Self {
            sectors: Sectors::new(drive),
            addresses: Addresses::default(),
            losses: Losses::default(),
        }
    }

    /// Bytes of a logical block and sector.
    pub(crate) fn block_size(&self) -> BlockSize {
        self.sectors.size()
    }

    /// Starts afresh with another size of a block.
    pub(crate) fn set_block_size(&mut self, size: BlockSize) {
        self.sectors.set_size(size);
        self.addresses = Addresses::default();
        self.losses = Losses::default();
    }

    /// The drive and the losses.
    pub(crate) fn into_parts(self) -> (Drive, Losses) {
        (self.sectors.into_drive(), self.losses)
    }

    pub(crate) fn sectors(&self) -> &Sectors {
        &self.sectors
    }

    pub(crate) fn sectors_mut(&mut self) -> &mut Sectors {
        &mut self.sectors
    }

    pub(crate) fn maps(&self) -> &Maps {
        self.addresses.maps()
    }

    pub(crate) fn maps_mut(&mut self) -> &mut Maps {
        self.addresses.maps_mut()
    }

    /// The VAT in force.
    pub(crate) fn vat(&self) -> Option<&Vat> {
        self.addresses.vat()
    }

    /// Puts a VAT in force.
    pub(crate) fn set_vat(&mut self, vat: Vat) -> &Vat {
        self.addresses.set_vat(vat)
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }

    pub(crate) fn losses_mut(&mut self) -> &mut Losses {
        &mut self.losses
    }

    /// Records a loss, each place once.
    pub(crate) fn note_loss(&mut self, loss: Loss) {
        self.losses.note(loss);
    }

    /// One logical sector.
    pub(crate) fn sector(&mut self, at: LogicalSector) -> Result<&[u8], Error> {
        self.sectors.sector(at)
    }

    /// The logical sector of an address.
    pub(crate) fn resolve(&mut self, at: RecordedAddress) -> Result<LogicalSector, Error> {
        self.addresses.resolve(&mut self.sectors, at)
    }

    /// The sector where a run of blocks begins, and how many of `blocks` are consecutive on disc; at least
    /// one.
    pub(crate) fn run(
        &mut self,
        at: RecordedAddress,
        blocks: usize,
    ) -> Result<(LogicalSector, usize), Error> {
        self.addresses.run(&mut self.sectors, at, blocks)
    }

    /// The logical block that the VAT gives for a virtual address.
    pub(crate) fn virtual_entry(&mut self, at: VirtualAddress) -> Result<LogicalBlock, Error> {
        self.addresses.virtual_entry(&mut self.sectors, at)
    }

    /// One block of a partition; for a metadata partition, the mirror's copy if the metadata file's is
    /// unreadable.
    pub(crate) fn block(&mut self, at: RecordedAddress) -> Result<&[u8], Error> {
        let sector = if self.maps().metadata(at.partition).is_some() {
            self.in_either_copy(at, |space| {
                let sector = space.resolve(at)?;
                space.sector(sector)?;
                Ok(sector)
            })?
        } else {
            self.resolve(at)?
        };
        self.sector(sector)
    }
}
