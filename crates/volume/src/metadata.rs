//! Metadata partitions: the metadata file that holds their blocks, and its mirror (`UDF 2.60 2.2.10`, `2.2.13`).
//!
//! A block of a metadata partition is a block of the metadata file. Its extents, and those of the mirror, lie in the partition below;
//! the mirror has blocks of its own where the volume keeps its metadata twice.

use ecma167::file::FileType;
use ecma167::volume::partition_map;
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector, PartitionReference, RecordedAddress};

use crate::body::{Body, Extent, ExtentKind};
use crate::error::{CorruptKind, Error, Unsupported};
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::maps::{self, Map};
use crate::space::{Space, after, split};

/// The most extents of a metadata file; writers keep it in few.
const EXTENTS: usize = 1 << 16;

/// The files of a metadata partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The type 1 or sparable map of the partition below.
    below: PartitionReference,
    main_icb: LogicalBlock,
    mirror_icb: LogicalBlock,
    /// Where the blocks of the metadata file are; none where it is lost.
    main: Option<Vec<Extent>>,
    mirror: Mirror,
}

/// The mirror of the metadata file, which is looked at where it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mirror {
    Unread,
    Read(Vec<Extent>),
    Lost,
}

impl Metadata {
    /// The files that a map names; none is read yet.
    pub(crate) fn new(below: PartitionReference, map: &partition_map::Metadata) -> Self {
        Self {
            below,
            main_icb: LogicalBlock(map.metadata_file_location.get()),
            mirror_icb: LogicalBlock(map.metadata_mirror_file_location.get()),
            main: None,
            mirror: Mirror::Unread,
        }
    }

    /// Whether the mirror stands for the metadata file, which is lost.
    #[must_use]
    pub fn is_from_mirror(&self) -> bool {
        self.main.is_none()
    }

    /// The place of a block in the partition below, and how many blocks of its extent begin there.
    ///
    /// # Errors
    /// [`CorruptKind::BeyondMetadata`].
    pub(crate) fn place(
        &self,
        at: RecordedAddress,
        from_mirror: bool,
    ) -> Result<(RecordedAddress, u64), Error> {
        let mirror = match &self.mirror {
            Mirror::Read(extents) => Some(extents),
            Mirror::Unread | Mirror::Lost => None,
        };
        let main = self.main.as_ref().filter(|_| !from_mirror);
        let extents = main.or(mirror).map_or(&[][..], Vec::as_slice);
        match Extent::find(extents, u64::from(at.block) * BLOCK_SIZE as u64) {
            Some((
                Extent {
                    kind: ExtentKind::Recorded(first),
                    length,
                    ..
                },
                inside,
            )) => {
                let (blocks, _) = split(inside);
                let left = (length - inside).div_ceil(BLOCK_SIZE as u64);
                Ok((after(*first, blocks)?, left))
            }
            _ => Err(Error::corrupt(CorruptKind::BeyondMetadata, at)),
        }
    }
}

impl Space {
    /// Reads the ICB of the metadata file of a partition, and where that is lost the one of its mirror.
    ///
    /// # Errors
    /// Why the metadata file is lost, where the mirror is too; what the drive met.
    pub(crate) fn read_metadata(&mut self, reference: PartitionReference) -> Result<(), Error> {
        let Some(Metadata { below, main_icb, .. }) = self.metadata(reference).cloned() else {
            return Ok(());
        };
        let error = match self.metadata_extents(below, main_icb) {
            Ok(extents) => {
                self.change_metadata(reference, |metadata| metadata.main = Some(extents));
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
        let sector = self.resolve(address(below, main_icb)).unwrap_or_default();
        let instead = Instead::MetadataMirror(self.resolve(address(below, mirror_icb))?);
        self.note_loss(Loss {
            structure: Structure::MetadataFile,
            sector,
            sectors: 1,
            damage,
            instead,
        });
        Ok(())
    }

    /// What `read` makes of what stands at an address. Where that is damaged and the metadata partition that it is in has the same
    /// once more in its mirror, what `read` makes of that, with a loss that says so.
    ///
    /// # Errors
    /// That of the first try.
    pub(crate) fn in_either_copy<T>(
        &mut self,
        at: RecordedAddress,
        read: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let error = match read(self) {
            Err(error) if error.is_damage() => error,
            done => return done,
        };
        let Some((main, mirror)) = self.both_sectors(at)? else {
            return Err(error);
        };
        let Ok(found) = self.with_mirror(read) else {
            return Err(error);
        };
        self.note_mirrored(main, mirror, &error);
        Ok(found)
    }

    /// Bytes of a body in a metadata partition as the mirror has them, with the sectors in which the first of them stands in the
    /// metadata file and in its mirror; `None` where it has them no second time.
    pub(crate) fn read_mirrored(
        &mut self,
        body: &Body,
        offset: u64,
        length: usize,
    ) -> Result<Option<Mirrored>, Error> {
        let Body::Extents(extents) = body else {
            return Ok(None);
        };
        let Some((
            Extent {
                kind: ExtentKind::Recorded(first),
                ..
            },
            inside,
        )) = Extent::find(extents, offset)
        else {
            return Ok(None);
        };
        let Some((main, mirror)) = self.both_sectors(after(*first, split(inside).0)?)? else {
            return Ok(None);
        };
        let mut bytes = vec![0; length];
        match self.with_mirror(|space| space.read(body, offset, &mut bytes)) {
            Ok(got) if got == length => Ok(Some(Mirrored { bytes, main, mirror })),
            Ok(_) => Ok(None),
            Err(error) if error.is_damage() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes down that the mirror is used for something that is damaged in the metadata file.
    pub(crate) fn note_mirrored(&mut self, main: LogicalSector, mirror: LogicalSector, error: &Error) {
        if let Some(damage) = Damage::of(error) {
            self.note_loss(Loss {
                structure: Structure::MetadataFile,
                sector: main,
                sectors: 1,
                damage,
                instead: Instead::MetadataMirror(mirror),
            });
        }
    }

    /// The files of a partition, where it is a metadata partition.
    pub(crate) fn metadata(&self, reference: PartitionReference) -> Option<&Metadata> {
        match self.maps.get(usize::from(reference.0)) {
            Some(Map::Metadata { files, .. }) => Some(files),
            _ => None,
        }
    }

    fn change_metadata(&mut self, reference: PartitionReference, change: impl FnOnce(&mut Metadata)) {
        if let Some(Map::Metadata { files, .. }) = self.maps.get_mut(usize::from(reference.0)) {
            change(files);
        }
    }

    fn with_mirror<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.prefers_mirror = true;
        let done = read(self);
        self.prefers_mirror = false;
        done
    }

    /// The sector of an address in a metadata partition, and the other one that the mirror has for it, if it has another.
    fn both_sectors(&mut self, at: RecordedAddress) -> Result<Option<(LogicalSector, LogicalSector)>, Error> {
        // Where the mirror is in use already, there is no other.
        let is_mirrored = self
            .metadata(at.partition)
            .is_some_and(|files| !files.is_from_mirror());
        if !is_mirrored || self.prefers_mirror || self.require_mirror(at.partition)?.is_none() {
            return Ok(None);
        }
        let main = self.resolve(at).ok();
        let Ok(mirror) = self.with_mirror(|space| space.resolve(at)) else {
            return Ok(None);
        };
        Ok((main != Some(mirror)).then(|| (main.unwrap_or(mirror), mirror)))
    }

    /// Reads the ICB of the mirror once; says which it is, where it can be used.
    fn require_mirror(&mut self, reference: PartitionReference) -> Result<Option<LogicalBlock>, Error> {
        let Some(files) = self.metadata(reference) else {
            return Ok(None);
        };
        let (below, icb) = (files.below, files.mirror_icb);
        match files.mirror {
            Mirror::Read(_) => return Ok(Some(icb)),
            Mirror::Lost => return Ok(None),
            Mirror::Unread => {}
        }
        let (mirror, usable) = match self.metadata_extents(below, icb) {
            Ok(extents) => (Mirror::Read(extents), Some(icb)),
            Err(error) if error.is_damage() => (Mirror::Lost, None),
            Err(Error::Unsupported(_)) => (Mirror::Lost, None),
            Err(error) => return Err(error),
        };
        self.change_metadata(reference, |files| files.mirror = mirror);
        Ok(usable)
    }

    /// The extents of the metadata file, or of its mirror, whose ICB is this block. They lie in the partition below: one in the
    /// metadata partition itself would need itself to be read.
    fn metadata_extents(
        &mut self,
        below: PartitionReference,
        icb: LogicalBlock,
    ) -> Result<Vec<Extent>, Error> {
        let at = address(below, icb);
        let not_one = || Error::corrupt(CorruptKind::NotAMetadataFile, at);
        let entry = self.entry(at)?;
        if !matches!(
            entry.icb_tag.file_type,
            FileType::METADATA | FileType::METADATA_MIRROR
        ) {
            return Err(not_one());
        }
        let Body::Extents(extents) = self.body(&entry, at)? else {
            return Err(not_one());
        };
        if extents.len() > EXTENTS {
            return Err(Unsupported::Extents(EXTENTS).into());
        }
        for extent in &extents {
            if let ExtentKind::Recorded(address) = extent.kind
                && !maps::map(&self.maps, address)?.is_ground()
            {
                return Err(not_one());
            }
        }
        Ok(extents)
    }
}

/// What the mirror has of a body.
pub(crate) struct Mirrored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) main: LogicalSector,
    pub(crate) mirror: LogicalSector,
}

fn address(partition: PartitionReference, block: LogicalBlock) -> RecordedAddress {
    RecordedAddress {
        partition,
        block: block.0,
    }
}
