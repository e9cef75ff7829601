//! The address space of a volume: sectors, the meaning of addresses, and losses, one part each.

mod addresses;
mod bytes;
mod cache;
mod mirror;
mod readable;
mod sectors;

use drive::Drive;
use ecma167::{BLOCK_BYTES, BlockSize, LogicalBlock, LogicalSector, RecordedAddress, VirtualAddress};

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
    /// The last entry with a lost extent, and why it is lost.
    cut: Option<(RecordedAddress, Error)>,
}

impl Space {
    pub(crate) fn new(drive: Drive) -> Self {
        Self {
            sectors: Sectors::new(drive),
            addresses: Addresses::default(),
            losses: Losses::default(),
            cut: None,
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
        self.cut = None;
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

    /// Puts the VAT of another generation in force, and the one in force in its place.
    pub(crate) fn exchange_vat(&mut self, other: &mut Option<Vat>) {
        self.addresses.exchange_vat(other);
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }

    pub(crate) fn losses_mut(&mut self) -> &mut Losses {
        &mut self.losses
    }

    /// Keeps the reason why the end of the body of the entry at an address is lost.
    pub(crate) fn keep_cut(&mut self, entry: RecordedAddress, error: Error) {
        self.cut = Some((entry, error));
    }

    /// The reason that was kept for the entry at an address.
    pub(crate) fn kept_cut(&self, entry: RecordedAddress) -> Option<Error> {
        let (of, error) = self.cut.as_ref()?;
        error.again().filter(|_| *of == entry)
    }

    /// Records a loss, each place once.
    pub(crate) fn note_loss(&mut self, loss: Loss) {
        self.losses.note(loss);
    }

    /// Bytes of the medium up to the last block that may be recorded.
    pub(crate) fn recorded_bytes(&self) -> u64 {
        let drive = self.sectors.drive();
        // Some drives do not report which block was recorded last.
        let candidates = drive.medium().last_recorded_candidates();
        let blocks = candidates.iter().map(|last| u64::from(last.0) + 1);
        let end = u64::from(drive.recorded_end().0);
        let bytes = blocks.fold(end, u64::max) * u64::from(BLOCK_BYTES);
        bytes.max(drive.recorded_bytes())
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
