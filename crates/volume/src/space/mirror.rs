//! Reads what is damaged in a metadata file from its mirror (`UDF 2.60 2.2.13`).

use ecma167::{LogicalSector, RecordedAddress};

use super::Space;
use crate::address::after;
use crate::body::{Body, Extent, ExtentKind};
use crate::error::Error;
use crate::loss::{Damage, Instead, Loss, Structure};

/// The mirror's copy of a part of a body.
pub(crate) struct Mirrored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) main: LogicalSector,
    pub(crate) mirror: LogicalSector,
}

impl Space {
    /// The result of `read` for the block at an address. If the block is damaged and its metadata partition
    /// has another copy in the mirror, the result of `read` for that copy, with a loss that says so.
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

    /// Bytes of a body in a metadata partition as the mirror has them, with the sectors of the first of them
    /// in the metadata file and in the mirror; `None` if there is no second copy.
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
        let Some((main, mirror)) = self.both_sectors(after(*first, self.block_size().split(inside).0)?)?
        else {
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

    /// Records that the mirror is used for something damaged in the metadata file.
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

    fn with_mirror<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.addresses.prefer_mirror(true);
        let done = read(self);
        self.addresses.prefer_mirror(false);
        done
    }

    /// The sector of an address in a metadata partition, and that of the mirror's copy, if there is one.
    fn both_sectors(&mut self, at: RecordedAddress) -> Result<Option<(LogicalSector, LogicalSector)>, Error> {
        // If the mirror is already in use, there is no other copy.
        let is_mirrored = self
            .maps()
            .metadata(at.partition)
            .is_some_and(|files| !files.is_from_mirror());
        if !is_mirrored || self.addresses.prefers_mirror() || self.require_mirror(at.partition)?.is_none() {
            return Ok(None);
        }
        let main = self.resolve(at).ok();
        let Ok(mirror) = self.with_mirror(|space| space.resolve(at)) else {
            return Ok(None);
        };
        Ok((main != Some(mirror)).then(|| (main.unwrap_or(mirror), mirror)))
    }
}
