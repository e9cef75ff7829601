//! Opens a volume by descriptors that a caller found or worked out, for discs on which nothing leads to them.

use drive::Drive;
use ecma167::{BlockSize, PartitionReference};

use super::maps::partition_maps;
use crate::body::Extent;
use crate::error::Error;
use crate::in_force::InForce;
use crate::map::MetadataFiles;
use crate::open_error::OpenError;
use crate::prevailing::Prevailing;
use crate::space::Space;
use crate::volume::Volume;

/// What a volume is put together from.
#[derive(Clone, Debug)]
pub struct Assembly {
    /// Bytes of a logical block and sector.
    pub block_size: BlockSize,
    /// The descriptors, found or worked out. Their sequence and anchor are not read.
    pub prevailing: Prevailing,
    /// The extents of the metadata file, used if neither its ICB nor that of its mirror can be read; none if
    /// they are unknown.
    pub metadata: Vec<Extent>,
}

impl Volume {
    /// Puts a volume together without anchor, recognition sequence or VAT. If the volume has a virtual
    /// partition, the caller puts a VAT in force with [`Volume::set_vat`]. Damage of what the maps name is no
    /// error: what depends on it cannot be read.
    ///
    /// # Errors
    /// Maps that contradict each other or the partition descriptors; errors of the drive.
    pub fn assemble(drive: Drive, assembly: Assembly) -> Result<Self, OpenError> {
        let mut space = Space::new(drive);
        match space.assemble(&assembly) {
            Ok(()) => {
                space.losses_mut().end_opening();
                Ok(Self::of_parts(
                    space,
                    InForce::default(),
                    assembly.prevailing,
                    None,
                ))
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
}

impl Space {
    fn assemble(&mut self, assembly: &Assembly) -> Result<(), Error> {
        self.set_block_size(assembly.block_size);
        *self.maps_mut() = partition_maps(&assembly.prevailing, assembly.block_size)?;
        match self.read_maps(&assembly.prevailing.logical) {
            Err(error) if !error.is_damage() => return Err(error),
            _ => {}
        }
        for reference in (0..=u16::MAX).take(assembly.prevailing.logical.partition_maps.len()) {
            let reference = PartitionReference(reference);
            let has_file = |files: &MetadataFiles| !files.is_from_mirror() || files.has_mirror();
            if self
                .maps()
                .metadata(reference)
                .is_some_and(|files| !has_file(files))
                && let Some(files) = self.maps_mut().metadata_mut(reference)
            {
                files.set_main(assembly.metadata.clone());
            }
        }
        Ok(())
    }
}
