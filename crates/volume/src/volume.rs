//! The open volume.

use std::collections::HashMap;
use std::ops::Range;

use drive::Drive;
use ecma167::file::FileSetDescriptor;
use ecma167::general::DomainFlags;
use ecma167::osta::Revision;
use ecma167::recognition::Nsr;
use ecma167::volume::IntegrityType;
use ecma167::{BlockSize, LogicalBlock, LogicalSector, PartitionReference, RecordedAddress, VirtualAddress};

use crate::body::Body;
use crate::companion::Companion;
use crate::error::{CorruptKind, Error};
use crate::in_force::InForce;
use crate::loss::Loss;
use crate::map::{Map, Vat};
use crate::node::Node;
use crate::open::{Opened, View};
use crate::open_error::OpenError;
use crate::placement::Placement;
use crate::prevailing::Prevailing;
use crate::space::Space;

/// A UDF volume on a drive, opened for reading.
///
/// Opening reads the descriptors of the volume and the ICB and header of the newest VAT; everything else is
/// read when needed.
pub struct Volume {
    pub(crate) space: Space,
    pub(crate) in_force: InForce,
    prevailing: Prevailing,
    recognition: Option<Nsr>,
    /// Nodes that are used in place of entries that cannot be read.
    stand_ins: HashMap<RecordedAddress, Node>,
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
    /// Opens the volume on a drive with its newest VAT, even if an interrupted recording left something after
    /// it; [`Volume::clean`] reports that.
    ///
    /// # Errors
    /// [`Error::NoVolume`], [`Error::Blank`], [`Error::Unsupported`], [`Error::Corrupt`] or errors
    /// from the drive. The error contains the drive.
    pub fn open(drive: Drive) -> Result<Self, OpenError> {
        Self::open_as(drive, View::Vat)
    }

    /// Like [`Volume::open`], but on a disc with two volumes opens the plain one, which readers without VAT
    /// support open.
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
                Ok(Self::of_parts(space, in_force, prevailing, recognition))
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

    pub(crate) fn of_parts(
        space: Space,
        in_force: InForce,
        prevailing: Prevailing,
        recognition: Option<Nsr>,
    ) -> Self {
        Self {
            space,
            in_force,
            prevailing,
            recognition,
            stand_ins: HashMap::new(),
        }
    }

    /// The drive.
    #[must_use]
    pub fn drive(&self) -> &Drive {
        self.space.sectors().drive()
    }

    /// The drive, for recording: recording after the end never makes cached blocks stale.
    pub fn drive_mut(&mut self) -> &mut Drive {
        self.space.sectors_mut().drive_mut()
    }

    /// Closes the volume and returns its drive.
    #[must_use]
    pub fn into_drive(self) -> Drive {
        self.space.into_parts().0
    }

    /// The prevailing descriptors.
    #[must_use]
    pub fn descriptors(&self) -> &Prevailing {
        &self.prevailing
    }

    /// The edition in the recognition sequence; `None` if that is damaged and only the anchor was found.
    #[must_use]
    pub fn recognition(&self) -> Option<Nsr> {
        self.recognition
    }

    /// The revision of UDF in the logical volume descriptor (`UDF 2.60 2.1.5.3`).
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.prevailing.logical.domain_identifier.revision()
    }

    /// What the volume says about a second one on its disc.
    #[must_use]
    pub fn companion(&self) -> Option<Companion> {
        Companion::of(&self.prevailing.logical)
    }

    /// The numbers of the sessions that were closed with a plain volume, in ascending order, without those
    /// whose start readers cannot read.
    ///
    /// # Errors
    /// Errors of the drive; a damaged plain volume counts as none.
    pub fn sessions_with_plain_volume(&mut self) -> Result<Vec<u16>, Error> {
        let mut sessions = Vec::new();
        for (number, _) in self.space.plain_volumes()? {
            let all = &self.space.sectors().medium().sessions;
            let start = all.iter().find(|session| session.number == number);
            let start = start.map(|session| LogicalSector(session.start.0));
            if start.map_or(Ok(false), |start| self.space.has_readable_start(start))? {
                sessions.push(number);
            }
        }
        Ok(sessions)
    }

    /// The placements of the plain volumes of closed sessions, in ascending order.
    ///
    /// # Errors
    /// Errors of the drive; a damaged plain volume counts as none.
    pub fn placements_of_plain_volumes(&mut self) -> Result<Vec<Placement>, Error> {
        let plain = self.space.plain_volumes()?;
        Ok(plain.into_iter().filter_map(|(_, placement)| placement).collect())
    }

    /// Whether a plain volume of the newest generation is all that was recorded after it.
    #[must_use]
    pub fn is_ended_by_plain_volume(&self) -> bool {
        self.in_force.is_ended()
    }

    /// Notes that a plain volume of the newest generation was recorded after it, and nothing else.
    pub fn end_by_plain_volume(&mut self) {
        self.in_force.end();
    }

    /// Whether the flags of the volume's domain forbid further recording (`UDF 2.60 2.1.5.3`).
    #[must_use]
    pub fn is_write_protected(&self) -> bool {
        let flags = self.prevailing.logical.domain_identifier.domain_flags();
        flags.intersects(DomainFlags::HARD_WRITE_PROTECT | DomainFlags::SOFT_WRITE_PROTECT)
    }

    /// The name of the logical volume, from the VAT if that has one (`UDF 2.60 2.2.11`).
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

    /// The first logical sector of a partition; for a virtual one, of the partition below.
    ///
    /// # Errors
    /// [`CorruptKind::PartitionReference`].
    pub fn partition_start(&self, partition: PartitionReference) -> Result<LogicalSector, Error> {
        let at = RecordedAddress { partition, block: 0 };
        let partition = self.space.maps().of(at)?.partition();
        let kind = CorruptKind::PartitionReference(at.partition.0);
        partition
            .map(|partition| partition.start)
            .ok_or_else(|| Error::corrupt(kind, at))
    }

    /// The reference of the virtual partition, if there is one.
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

    /// The block of the medium with the ICB of the VAT in force; `None` if there is no VAT.
    #[must_use]
    pub fn vat_icb(&self) -> Option<LogicalSector> {
        self.icb_sector(self.vat()?)
    }

    /// The block of the medium with the ICB of a VAT of this volume; `None` if the volume has no virtual
    /// partition.
    #[must_use]
    pub fn icb_sector(&self, vat: &Vat) -> Option<LogicalSector> {
        let ground = self.space.maps().ground()?;
        Some(vat.icb_sector(&ground.partition))
    }

    /// What could not be read since the volume was opened, opening included, and what is used instead. If one
    /// of the losses [hides a generation](Loss::hides_generation), files may be missing from what the volume
    /// shows.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        self.space.losses().as_slice()
    }

    /// The losses found since the volume was opened: blocks of a metadata file that were read from its
    /// mirror.
    #[must_use]
    pub fn losses_since_opening(&self) -> &[Loss] {
        self.space.losses().since_opening()
    }

    /// The first loss that may hide files, unless it is [accepted](Self::accept_losses).
    #[must_use]
    pub fn hidden_generation(&self) -> Option<&Loss> {
        self.space.losses().hiding_generation()
    }

    /// Accepts what the volume shows as its newest state, whatever was lost: the user has seen the losses,
    /// and recording may continue from there.
    pub fn accept_losses(&mut self) {
        self.space.losses_mut().accept();
    }

    /// Whether nothing was recorded after the newest state of the volume: the VAT ICB is the last recorded
    /// block, or only a plain volume of the same state follows. For a volume without a VAT, whether its
    /// integrity descriptor is closed.
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

    /// The logical sector of an address; virtual addresses are resolved through the VAT.
    ///
    /// # Errors
    /// An address outside its partition or VAT, an unused one, or errors from reading the VAT.
    pub fn resolve(&mut self, address: RecordedAddress) -> Result<LogicalSector, Error> {
        self.space.resolve(address)
    }

    /// The logical block that the VAT gives for a virtual address.
    ///
    /// # Errors
    /// [`CorruptKind::BeyondVat`], [`CorruptKind::UnusedVirtualAddress`], or errors from reading the VAT.
    pub fn virtual_entry(&mut self, address: VirtualAddress) -> Result<LogicalBlock, Error> {
        self.space.virtual_entry(address)
    }

    /// The block at a recorded address.
    ///
    /// # Errors
    /// As [`Volume::resolve`], or an unreadable block.
    pub fn read_block(&mut self, address: RecordedAddress) -> Result<&[u8], Error> {
        self.space.block(address)
    }

    /// One block of the partition below the virtual one, regardless of the VAT.
    ///
    /// # Errors
    /// A block outside the partition, an unreadable block, or a volume without a virtual partition.
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

    /// The file set descriptor (`ECMA-167 4/14.1`), read on the first call.
    ///
    /// # Errors
    /// [`CorruptKind::NoFileSet`], or errors from reading it.
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

    /// The node with its ICB at an address.
    ///
    /// # Errors
    /// As [`Volume::read_block`]; an entry that does not decode; an unsupported strategy.
    pub fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        match self.space.node(address) {
            Err(error) if error.is_damage() => match self.stand_ins.get(&address) {
                Some(node) => Ok(node.clone()),
                None => Err(error),
            },
            found => found,
        }
    }

    /// Uses a node wherever the entry at its address cannot be read.
    pub fn stand_in(&mut self, node: Node) {
        self.stand_ins.insert(node.address, node);
    }

    /// The node in a block of the partition below, read as that of `address` although the VAT does not say so
    /// (yet).
    ///
    /// # Errors
    /// As [`Volume::node`].
    pub fn node_at(&mut self, address: RecordedAddress, physical: LogicalBlock) -> Result<Node, Error> {
        self.space.node_at(address, physical)
    }

    /// The body of a node. If its allocation descriptors do not decode, form a circle, or cover less than the
    /// information length, its end is [`ExtentKind::Lost`](crate::ExtentKind::Lost), and reading it fails.
    ///
    /// # Errors
    /// An unknown form of allocation descriptors; more extents than are supported; errors of the drive.
    pub fn body(&mut self, node: &Node) -> Result<Body, Error> {
        self.space.body(&node.entry, node.address)
    }

    /// Fills `out` from byte `offset` of a body; returns fewer bytes only at the end of the body.
    ///
    /// # Errors
    /// An extent outside its partition, or an unreadable block.
    pub fn read(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        self.space.read(body, offset, out)
    }

    /// As [`Volume::read`], but stops before an unreadable block if anything before it was read.
    ///
    /// # Errors
    /// As [`Volume::read`], if the first block of the request is unreadable.
    pub fn read_readable(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        self.space.read_readable(body, offset, out)
    }

    /// Bytes of a logical block and of a logical sector.
    #[must_use]
    pub fn block_size(&self) -> BlockSize {
        self.space.block_size()
    }

    /// Bytes of the medium up to the last block that may be recorded; no directory is longer.
    #[must_use]
    pub fn recorded_bytes(&self) -> u64 {
        self.space.recorded_bytes()
    }

    /// Drops blocks from the cache when a caller knows that they have changed. Appending never needs this.
    pub fn forget(&mut self, sectors: Range<LogicalSector>) {
        self.space.sectors_mut().forget(sectors);
    }
}
