//! What a recording takes over from the volume that it continues, and which volumes can be continued.

use drive::{Drive, Status};
use ecma167::general::{Descriptor, TagVersion};
use ecma167::osta::{Revision, unique_id};
use ecma167::volume::{AnchorVolumeDescriptorPointer, PartitionMap};
use ecma167::{LogicalSector, PartitionReference, VirtualAddress};
use track::{Descriptors, Sequences};
use volume::{Prevailing, Vat, Volume};

use crate::error::{Error, ReadOnly, Unsupported};
use crate::tree::{Counts, Form, Generation, Numbers, PendingVat};

/// What is known about a volume before anything changes.
pub(crate) struct Known {
    pub form: Form,
    pub descriptors: Descriptors,
    pub sequences: Sequences,
    pub partition_end: LogicalSector,
    pub root: VirtualAddress,
    pub committed: Generation,
    /// The VAT ICB of the committed generation.
    pub vat_icb: LogicalSector,
}

impl Known {
    /// Reads what a recording needs to know.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Unsupported`], [`Error::GenerationLost`]; any error of reading the
    /// volume.
    pub fn of(volume: &mut Volume) -> Result<Known, Error> {
        if let Some(loss) = volume.hidden_generation() {
            return Err(Error::GenerationLost(Box::new(loss.clone())));
        }
        let form = form_of(volume)?;
        if volume.is_write_protected() {
            return Err(Error::ReadOnly(ReadOnly::WriteProtected));
        }
        let vat = PendingVat::of_volume(volume, form)?;
        let recorded = volume
            .vat()
            .ok_or(Error::ReadOnly(ReadOnly::NoVirtualPartition))?;
        require_revision(volume, recorded)?;
        let icb = recorded.icb;
        let numbers = numbers_of(volume, recorded);
        let length = partition_length(volume, form)?;
        let root = root_of(volume, form)?;
        let anchor = anchor_of(volume)?;
        let sector_of = |block: u32| LogicalSector(form.partition_start.0.saturating_add(block));
        Ok(Known {
            form,
            descriptors: descriptors_of(volume.descriptors(), form.revision),
            sequences: Sequences::of_anchor(&anchor),
            partition_end: sector_of(length),
            root,
            committed: Generation { vat, numbers },
            vat_icb: sector_of(icb.0),
        })
    }
}

/// The descriptors of a volume that is continued.
pub(crate) fn descriptors_of(prevailing: &Prevailing, revision: Revision) -> Descriptors {
    Descriptors {
        revision,
        version: TagVersion::of(revision),
        serial: prevailing.tag_serial_number,
        primary: prevailing.primary,
        implementation_use: prevailing.implementation_use,
        partitions: prevailing.partitions.clone(),
        logical: prevailing.logical.clone(),
        unallocated: prevailing.unallocated.clone(),
        integrity: None,
    }
}

/// Fails if nothing can be recorded on the medium.
pub(crate) fn require_appendable(drive: &Drive) -> Result<(), Error> {
    let medium = drive.medium();
    match (medium.status, medium.read_only) {
        (Status::Finalized, _) => Err(Error::ReadOnly(ReadOnly::Finalized)),
        // A session on a full medium can still be closed if an earlier close was interrupted.
        (_, None | Some(drive::ReadOnly::NoNextWritableAddress)) => Ok(()),
        _ => Err(Error::ReadOnly(ReadOnly::Drive)),
    }
}

/// Fails if the volume requires a writer of a later revision than those recorded here. The VAT says so, or,
/// if it has no such field (UDF 1.50), the integrity descriptor (`UDF 2.60 2.2.6.4`, `2.2.11`).
fn require_revision(volume: &Volume, vat: &Vat) -> Result<(), Error> {
    let integrity = volume.descriptors().integrity.as_ref();
    let stated = integrity.and_then(|integrity| integrity.implementation_use.as_ref());
    let minimum = match (&vat.revisions, stated) {
        (Some(revisions), _) => revisions.minimum_write,
        (None, Some(stated)) => Revision(stated.minimum_udf_write_revision.get()),
        (None, None) => Revision::V1_50,
    };
    if minimum.max(volume.revision()) > Revision::V2_60 {
        return Err(Unsupported::LaterRevision.into());
    }
    Ok(())
}

/// The root directory, which must be reached through the VAT like every node.
pub(crate) fn root_of(volume: &mut Volume, form: Form) -> Result<VirtualAddress, Error> {
    let root = volume.root()?;
    if root.partition != form.virtual_partition {
        return Err(Unsupported::RootOutsideVirtualPartition.into());
    }
    Ok(VirtualAddress(root.block))
}

/// Counts and the next unique ID: from the VAT, or from elsewhere if its writer left them out.
fn numbers_of(volume: &Volume, vat: &Vat) -> Numbers {
    let integrity = volume.descriptors().integrity.as_ref();
    let unique_id = if vat.next_unique_id() >= unique_id::FIRST {
        vat.next_unique_id()
    } else {
        // At most one unique ID was given out for each virtual address.
        let stale = integrity.map_or(0, |integrity| integrity.unique_id);
        stale.max(unique_id::FIRST + u64::from(vat.entries))
    };
    Numbers {
        counts: counts_of(volume, vat),
        unique_id,
    }
}

/// Files and directories: from the VAT, or from elsewhere if its writer left them out.
pub(crate) fn counts_of(volume: &Volume, vat: &Vat) -> Counts {
    let integrity = volume.descriptors().integrity.as_ref();
    let stated = integrity.and_then(|integrity| integrity.implementation_use.as_ref());
    Counts {
        files: vat
            .files
            .or(stated.map(|stated| stated.number_of_files.get()))
            .unwrap_or(0),
        directories: vat
            .directories
            .or(stated.map(|stated| stated.number_of_directories.get()))
            .unwrap_or(1),
    }
}

/// The anchor through which the volume was found.
fn anchor_of(volume: &mut Volume) -> Result<AnchorVolumeDescriptorPointer, Error> {
    let at = volume.descriptors().anchor;
    Ok(AnchorVolumeDescriptorPointer::read(
        volume.read_sector(at)?,
        Some(at.0),
    )?)
}

/// Blocks of the write-once partition.
fn partition_length(volume: &Volume, form: Form) -> Result<u32, Error> {
    let map = volume.maps().get(usize::from(form.physical.0));
    map.and_then(volume::Map::partition)
        .map(|partition| partition.length)
        .ok_or(Error::Unsupported(Unsupported::PartitionReference))
}

/// The form of a volume that can be continued: one write-once partition and a virtual partition over it.
fn form_of(volume: &Volume) -> Result<Form, Error> {
    let maps = &volume.descriptors().logical.partition_maps;
    let reference = |wanted: fn(&PartitionMap) -> bool| {
        let index = maps.iter().position(wanted)?;
        u16::try_from(index).ok().map(PartitionReference)
    };
    let virtual_partition = reference(|map| matches!(map, PartitionMap::Virtual { .. }))
        .ok_or(Error::ReadOnly(ReadOnly::NoVirtualPartition))?;
    let physical = reference(|map| matches!(map, PartitionMap::Type1 { .. }))
        .ok_or(Error::Unsupported(Unsupported::NoType1))?;
    let number = |reference: PartitionReference| {
        maps.get(usize::from(reference.0))
            .and_then(PartitionMap::partition_number)
    };
    if maps.len() != 2 || number(physical) != number(virtual_partition) {
        return Err(Unsupported::PartitionMaps.into());
    }
    let revision = volume.revision();
    Ok(Form {
        revision,
        version: TagVersion::of(revision),
        serial: volume.descriptors().tag_serial_number,
        physical,
        virtual_partition,
        partition_start: volume.partition_start(physical)?,
        shared: None,
    })
}
