//! Reads the file set descriptor (`ECMA-167 4/14.1`).

use ecma167::file::FileSetDescriptor;
use ecma167::general::Descriptor;
use ecma167::volume::LogicalVolumeDescriptor;
use ecma167::{MalformedKind, RecordedAddress};

use crate::error::{CorruptKind, Error, ErrorPlace};
use crate::space::Space;

/// Maximum number of file set descriptors followed from one to the next.
const FILE_SETS: usize = 64;

impl Space {
    /// The file set descriptor with the highest number in the sequence that the logical volume descriptor
    /// names: on write-once media a later one may follow the first (`UDF 2.60 2.3.2`).
    pub(crate) fn read_file_set(
        &mut self,
        logical: &LogicalVolumeDescriptor,
    ) -> Result<FileSetDescriptor, Error> {
        let mut found: Option<FileSetDescriptor> = None;
        let mut extent = logical.logical_volume_contents_use;
        for _ in 0..FILE_SETS {
            if extent.length().bytes() == 0 {
                break;
            }
            let next = match self.file_set_at(extent.address()) {
                Ok(next) => next,
                // A sequence may end with an unrecorded block; the first descriptor is required.
                Err(error) if error.is_damage() && found.is_some() => break,
                Err(error) => return Err(error),
            };
            extent = next.next_extent;
            let number = |one: &FileSetDescriptor| one.file_set_descriptor_number.get();
            if found.as_ref().is_none_or(|one| number(&next) >= number(one)) {
                found = Some(next);
            }
        }
        found.ok_or_else(|| Error::corrupt(CorruptKind::NoFileSet, ErrorPlace::Volume))
    }

    /// The file set descriptor at an address. Its tag should contain its virtual address (`UDF 2.60
    /// 2.2.1.3`), but some writers record the logical block.
    fn file_set_at(&mut self, at: RecordedAddress) -> Result<FileSetDescriptor, Error> {
        self.in_either_copy(at, |space| {
            let sector = space.resolve(at)?;
            let map = space.maps().get(at.partition);
            let physical = map.and_then(|map| map.partition()?.block(sector));
            let block = space.sector(sector)?;
            let decoded = match (FileSetDescriptor::read(block, Some(at.block)), physical) {
                (Err(fault), Some(physical)) if matches!(fault.kind, MalformedKind::TagLocation { .. }) => {
                    FileSetDescriptor::read(block, Some(physical.0)).map_err(|_| fault)
                }
                (decoded, _) => decoded,
            };
            decoded.map_err(|fault| Error::corrupt(fault, at))
        })
    }
}
