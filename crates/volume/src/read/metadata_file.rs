//! Reads the ICBs of metadata files and their mirrors (`UDF 2.60 2.2.13`).

use ecma167::file::FileType;
use ecma167::{PartitionReference, RecordedAddress};

use crate::body::{Body, Extent, ExtentKind};
use crate::error::{CorruptKind, Error, Unsupported};
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::map::{MetadataFiles, Mirror};
use crate::space::Space;

/// Maximum number of extents of a metadata file; writers use few.
const EXTENTS: usize = 1 << 16;

impl Space {
    /// Reads the ICB of the metadata file of a partition, or that of its mirror if the first is lost.
    ///
    /// # Errors
    /// The reason why the metadata file is lost, if the mirror is lost too; errors from the drive.
    pub(crate) fn read_metadata(&mut self, reference: PartitionReference) -> Result<(), Error> {
        let Some(main_icb) = self.maps().metadata(reference).map(MetadataFiles::main_icb) else {
            return Ok(());
        };
        let error = match self.metadata_extents(main_icb) {
            Ok(extents) => {
                if let Some(files) = self.maps_mut().metadata_mut(reference) {
                    files.set_main(extents);
                }
                return Ok(());
            }
            Err(error) => error,
        };
        let Some(damage) = Damage::of(&error) else {
            return Err(error);
        };
        let Some(mirror_icb) = self.require_mirror(reference)? else {
            return Err(error);
        };
        let sector = self.resolve(main_icb).unwrap_or_default();
        let instead = Instead::MetadataMirror(self.resolve(mirror_icb)?);
        self.note_loss(Loss {
            structure: Structure::MetadataFile,
            sector,
            sectors: 1,
            damage,
            instead,
        });
        Ok(())
    }

    /// Reads the ICB of the mirror once; returns its address if the mirror is usable.
    pub(crate) fn require_mirror(
        &mut self,
        reference: PartitionReference,
    ) -> Result<Option<RecordedAddress>, Error> {
        let Some(files) = self.maps().metadata(reference) else {
            return Ok(None);
        };
        let icb = files.mirror_icb();
        match files.mirror() {
            Mirror::Read(_) => return Ok(Some(icb)),
            Mirror::Lost => return Ok(None),
            Mirror::Unread => {}
        }
        let (mirror, usable) = match self.metadata_extents(icb) {
            Ok(extents) => (Mirror::Read(extents), Some(icb)),
            Err(error) if error.is_damage() => (Mirror::Lost, None),
            Err(Error::Unsupported(_)) => (Mirror::Lost, None),
            Err(error) => return Err(error),
        };
        if let Some(files) = self.maps_mut().metadata_mut(reference) {
            files.set_mirror(mirror);
        }
        Ok(usable)
    }

    /// The extents of the metadata file or its mirror with its ICB at an address. They are in the partition
    /// below: reading a file inside the metadata partition would require that same file.
    fn metadata_extents(&mut self, at: RecordedAddress) -> Result<Vec<Extent>, Error> {
        let not_one = || Error::corrupt(CorruptKind::NotAMetadataFile, at);
        let entry = self.entry(at)?;
        if !matches!(
            entry.icb_tag.file_type,
            FileType::METADATA | FileType::METADATA_MIRROR
        ) {
            return Err(not_one());
        }
        let Body::Extents(extents) = self.whole_body(&entry, at)? else {
            return Err(not_one());
        };
        if extents.len() > EXTENTS {
            return Err(Unsupported::Extents(EXTENTS).into());
        }
        for extent in &extents {
            if let ExtentKind::Recorded(address) = extent.kind
                && !self.maps().of(address)?.is_ground()
            {
                return Err(not_one());
            }
        }
        Ok(extents)
    }
}
