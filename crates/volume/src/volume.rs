//! The open volume.

use std::fs::File;
use std::ops::Range;

use drive::Drive;
use ecma167::file::FileSetDescriptor;
use ecma167::general::DomainFlags;
use ecma167::osta::Revision;
use ecma167::recognition::Nsr;
use ecma167::volume::IntegrityType;
use ecma167::{
    BLOCK_BYTES, LogicalBlock, LogicalSector, PartitionReference, RecordedAddress, VirtualAddress,
};

use crate::body::Body;
use crate::companion::Companion;
use crate::error::{CorruptKind, Error};
use crate::in_force::InForce;
use crate::loss::Loss;
use crate::map::{Map, Vat};
use crate::node::Node;
use crate::open::{Opened, View};
use crate::open_error::OpenError;
use crate::prevailing::Prevailing;
use crate::space::Space;

/// A UDF volume on a drive, for reading.
///
/// Opening reads the descriptors of the volume and the ICB of the newest VAT with its header; all else is read when it
/// is asked for.
pub struct Volume {
    pub(crate) space: Space,
    pub(crate) in_force: InForce,
    prevailing: Prevailing,
    recognition: Option<Nsr>,
}

impl std::fmt::Debug for Volume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Volume")
            .field("prevailing", &self.prevailing)
            .field("vat", &self.space.vat())
            .finish_non_exhaustive()
    }
}

impl Volume {
    /// Finds the volume on a drive and its newest VAT, also where an interrupted recording left something behind it: then
    /// [`Volume::clean`] says so.
    ///
    /// # Errors
    /// [`Error::NoVolume`], [`Error::Unsupported`], [`Error::Corrupt`] or what the drive met; the drive comes back with it.
    pub fn open(drive: Drive) -> Result<Self, OpenError> {
        Self::open_as(drive, View::Vat)
    }

    /// As [`Volume::open`], but where a disc has two volumes, the plain one that readers without VAT open.
    ///
    /// # Errors
    /// As [`Volume::open`].
    pub fn open_plain(drive: Drive) -> Result<Self, OpenError> {
        Self::open_as(drive, View::Plain)
    }

    fn open_as(drive: Drive, view: View) -> Result<Self, OpenError> {
        let mut space = Space::new(drive);
        match space.open(view) {
            Ok(Opened {
                prevailing,
                recognition,
                is_ended,
            }) => {
                space.losses_mut().end_opening();
                let mut in_force = InForce::default();
                if is_ended {
                    in_force.end();
                }
                Ok(Self {
                    space,
                    in_force,
                    prevailing,
                    recognition,
                })
            }
            Err(error) => {
                let (drive, losses) = space.into_parts();
                Err(OpenError {
                    error,
                    losses: losses.into_vec(),
                    drive: Box::new(drive),
                })
            }
        }
    }

    /// The drive.
    #[must_use]
    pub fn drive(&self) -> &Drive {
        self.space.sectors().drive()
    }

    /// The drive, to record with: what is recorded behind the end never makes what was read stale.
    pub fn drive_mut(&mut self) -> &mut Drive {
        self.space.sectors_mut().drive_mut()
    }

    /// Closes the volume.
    #[must_use]
    pub fn into_drive(self) -> Drive {
        self.space.into_parts().0
    }

    /// The descriptors that prevail.
    #[must_use]
    pub fn descriptors(&self) -> &Prevailing {
        &self.prevailing
    }

    /// The edition in the recognition sequence; `None` where that is damaged and only the anchor was found.
    #[must_use]
    pub fn recognition(&self) -> Option<Nsr> {
        self.recognition
    }

    /// The revision of UDF that the logical volume descriptor states (`UDF 2.60 2.1.5.3`).
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.prevailing.logical.domain_identifier.revision()
    }

    /// What the volume says of a second one on its disc.
    #[must_use]
    pub fn companion(&self) -> Option<Companion> {
        Companion::of(&self.prevailing.logical)
    }

    /// Whether a plain volume of the newest generation is all that was recorded after it.
    #[must_use]
    pub fn is_ended_by_plain_volume(&self) -> bool {
        self.in_force.is_ended()
    }

    /// A plain volume of the newest generation was recorded after it, and nothing else.
    pub fn end_by_plain_volume(&mut self) {
        self.in_force.end();
    }

    /// Whether the volume asks that nothing is recorded on it any more, by the flags of its domain (`UDF 2.60 2.1.5.3`).
    #[must_use]
    pub fn is_write_protected(&self) -> bool {
        let flags = self.prevailing.logical.domain_identifier.domain_flags();
        flags.intersects(DomainFlags::HARD_WRITE_PROTECT | DomainFlags::SOFT_WRITE_PROTECT)
    }

    /// The name of the logical volume: the VAT's, where it has one (`UDF 2.60 2.2.11`).
    #[must_use]
    pub fn label(&self) -> String {
        let newest = self.space.vat().and_then(|vat| vat.name.clone());
        newest.unwrap_or_else(|| self.prevailing.logical.logical_volume_identifier.decode_lossy())
    }

    /// The partition maps by partition reference.
    #[must_use]
    pub fn maps(&self) -> &[Map] {
        self.space.maps().as_slice()
    }

    /// The first logical sector of the partition that a reference stands for, of the one below where it is virtual.
    ///
    /// # Errors
    /// [`CorruptKind::PartitionReference`].
    pub fn partition_start(&self, partition: PartitionReference) -> Result<LogicalSector, Error> {
        let map = self.space.maps().of(RecordedAddress { partition, block: 0 })?;
        Ok(map.partition().start)
    }

    /// The reference of the virtual partition, where there is one.
    #[must_use]
    pub fn virtual_partition(&self) -> Option<PartitionReference> {
        self.space.maps().virtual_reference()
    }

    /// The reference of the partition below the virtual one.
    #[must_use]
    pub fn physical_partition(&self) -> Option<PartitionReference> {
        self.space.maps().physical_reference()
    }

    /// The VAT in force.
    #[must_use]
    pub fn vat(&self) -> Option<&Vat> {
        self.space.vat()
    }

    /// The block of the medium with the ICB of the VAT in force; `None` where there is no VAT.
    #[must_use]
    pub fn vat_icb(&self) -> Option<LogicalSector> {
        self.icb_sector(self.vat()?)
    }

    /// The block of the medium with the ICB of a VAT of this volume; `None` where the volume has no virtual partition.
    #[must_use]
    pub fn icb_sector(&self, vat: &Vat) -> Option<LogicalSector> {
        let reference = self.physical_partition()?;
        let map = self.space.maps().of(RecordedAddress {
            partition: reference,
            block: 0,
        });
        Some(vat.icb_sector(map.ok()?.partition()))
    }

    /// What could not be read when the volume was opened and since, and what is used in its place. Where one of them
    /// [hides a generation](Loss::hides_generation), files may be missing from what the volume shows.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        self.space.losses().as_slice()
    }

    /// Those of the losses that were met since the volume was opened: blocks of a metadata file that were read from its mirror.
    #[must_use]
    pub fn losses_since_opening(&self) -> &[Loss] {
        self.space.losses().since_opening()
    }

    /// The first loss by which files may be missing from what the volume shows, unless it is [accepted](Self::accept_losses).
    #[must_use]
    pub fn hidden_generation(&self) -> Option<&Loss> {
        self.space.losses().hiding_generation()
    }

    /// Takes what the volume shows for its newest state from now on, whatever was lost: somebody has seen the losses, and
    /// recording may go on from there.
    pub fn accept_losses(&mut self) {
        self.space.losses_mut().accept();
    }

    /// Whether nothing was recorded behind the newest state of the volume: the VAT ICB is the last recorded block, or only a
    /// plain volume of the same state follows. Of a volume without a VAT, whether its integrity descriptor is closed.
    #[must_use]
    pub fn clean(&self) -> bool {
        if self.in_force.is_ended() {
            return true;
        }
        let (Some(vat), Some(ground)) = (self.space.vat(), self.space.maps().ground()) else {
            let integrity = self.prevailing.integrity.as_ref();
            return integrity.is_none_or(|integrity| integrity.integrity_type == IntegrityType::Close);
        };
        let last = self
            .space
            .sectors()
            .medium()
            .last_session_with_data()
            .and_then(|session| session.last_recorded);
        match (ground.partition.sector(vat.icb), last) {
            (Ok(sector), Some(last)) => sector.0 >= last.0,
            _ => false,
        }
    }

    /// The logical sector that an address stands for, virtual ones through the VAT.
    ///
    /// # Errors
    /// An address outside its partition or VAT, an unused one, or what reading the VAT met.
    pub fn resolve(&mut self, address: RecordedAddress) -> Result<LogicalSector, Error> {
        self.space.resolve(address)
    }

    /// The logical block that the VAT gives for a virtual address.
    ///
    /// # Errors
    /// [`CorruptKind::BeyondVat`], [`CorruptKind::UnusedVirtualAddress`], or what reading the VAT met.
    pub fn virtual_entry(&mut self, address: VirtualAddress) -> Result<LogicalBlock, Error> {
        self.space.virtual_entry(address)
    }

    /// One block by its recorded address.
    ///
    /// # Errors
    /// As [`Volume::resolve`], or an unreadable block.
    pub fn read_block(&mut self, address: RecordedAddress) -> Result<&[u8], Error> {
        self.space.block(address)
    }

    /// One block of the partition below the virtual one, whatever the VAT says.
    ///
    /// # Errors
    /// A block outside the partition or unreadable; a volume without a virtual partition.
    pub fn read_physical(&mut self, block: LogicalBlock) -> Result<&[u8], Error> {
        let Some(ground) = self.space.maps().ground() else {
            return Err(Error::corrupt(CorruptKind::NoVat, block));
        };
        self.space.block(ground.address(block))
    }

    /// One logical sector.
    ///
    /// # Errors
    /// An unreadable sector.
    pub fn read_sector(&mut self, sector: LogicalSector) -> Result<&[u8], Error> {
        self.space.sector(sector)
    }

    /// The file set descriptor (`ECMA-167 4/14.1`), read the first time it is asked for.
    ///
    /// # Errors
    /// [`CorruptKind::NoFileSet`], or what reading it met.
    pub fn file_set(&mut self) -> Result<&FileSetDescriptor, Error> {
        let logical = &self.prevailing.logical;
        self.in_force.file_set(|| self.space.read_file_set(logical))
    }

    /// The address of the root directory.
    ///
    /// # Errors
    /// As [`Volume::file_set`].
    pub fn root(&mut self) -> Result<RecordedAddress, Error> {
        Ok(self.file_set()?.root_directory_icb.address())
    }

    /// The node whose ICB is at an address.
    ///
    /// # Errors
    /// As [`Volume::read_block`]; an entry that does not decode; a strategy or file type that is not supported.
    pub fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        self.space.node(address)
    }

    /// The node in a block of the partition below, which stands for `address` although the VAT does not say so (yet).
    ///
    /// # Errors
    /// As [`Volume::node`].
    pub fn node_at(&mut self, address: RecordedAddress, physical: LogicalBlock) -> Result<Node, Error> {
        self.space.node_at(address, physical)
    }

    /// Where the body of a node is.
    ///
    /// # Errors
    /// Allocation descriptors that do not decode, go in a circle, or cover less than the information length.
    pub fn body(&mut self, node: &Node) -> Result<Body, Error> {
        self.space.body(&node.entry, node.address)
    }

    /// Fills `out` from byte `offset` of a body; returns fewer bytes only at the body's end.
    ///
    /// # Errors
    /// An extent outside its partition, or an unreadable block.
    pub fn read(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        self.space.read(body, offset, out)
    }

    /// Copies from byte `offset` of a body to the same byte of a file of the host, past the memory of this program, which an image
    /// allows; returns how many of `length` bytes. 0 of them where [`Volume::read`] is the way: with a drive of hardware, for a
    /// few bytes, for what is not recorded, and where the copy did not succeed.
    ///
    /// # Errors
    /// As [`Volume::read`].
    pub fn copy_to_file(
        &mut self,
        body: &Body,
        offset: u64,
        length: usize,
        file: &File,
    ) -> Result<usize, Error> {
        self.space.copy_to_file(body, offset, length, file)
    }

    /// Bytes of the medium up to the last that may be recorded: no directory is longer.
    #[must_use]
    pub fn recorded_bytes(&self) -> u64 {
        let drive = self.space.sectors().drive();
        // Some drives do not say which block was recorded last.
        let candidates = drive.medium().last_recorded_candidates();
        let blocks = candidates.iter().map(|last| u64::from(last.0) + 1);
        let end = u64::from(drive.recorded_end().0);
        blocks.fold(end, u64::max) * u64::from(BLOCK_BYTES)
    }

    /// Drops blocks from the cache, where a caller knows that they are not what they were. Appending never needs it.
    pub fn forget(&mut self, sectors: Range<LogicalSector>) {
        self.space.sectors_mut().forget(sectors);
    }
}
