//! Reads allocation descriptors: where the body of an entry is (`ECMA-167 4/14.14`).

use std::collections::HashSet;

use ecma167::file::{AllocationExtent, AllocationForm, ExtentType, FileEntry, allocation_descriptor};
use ecma167::{BlockSize, PartitionReference, RecordedAddress};

use crate::body::{Body, Extent, ExtentKind};
use crate::error::{CorruptKind, Error, Unsupported};
use crate::map::Map;
use crate::space::Space;

/// Maximum number of extents read per body; with extents of 1 MiB that is a body of 1 TiB.
const MAXIMUM_EXTENTS: usize = 1 << 20;

impl Space {
    /// The body of an entry; `at` is the address of the entry, for the partition of its short descriptors.
    /// What is unknown is [`ExtentKind::Lost`].
    pub(crate) fn body(&mut self, entry: &FileEntry, at: RecordedAddress) -> Result<Body, Error> {
        Ok(self.body_with_continuations(entry, at)?.0)
    }

    /// The body of an entry, and the blocks with allocation descriptors that the entry has no room for.
    pub(crate) fn body_with_continuations(
        &mut self,
        entry: &FileEntry,
        at: RecordedAddress,
    ) -> Result<(Body, Vec<RecordedAddress>), Error> {
        let (mut body, cut, continuations) = self.parts_as_far(entry, at)?;
        if let (Body::Extents(extents), Some(error)) = (&mut body, cut) {
            // A hole before the lost end has nothing to save, and may be longer than every file of the host.
            while matches!(extents.last(), Some(last) if last.kind == ExtentKind::NotRecorded) {
                extents.pop();
            }
            let offset = extents.last().map_or(0, |last| last.offset + last.length);
            extents.push(Extent {
                offset,
                length: (entry.information_length - offset).min(self.recorded_bytes()),
                kind: ExtentKind::Lost(at),
            });
            self.keep_cut(at, error);
        }
        Ok((body, continuations))
    }

    /// The body of an entry of which nothing may be unknown.
    pub(crate) fn whole_body(&mut self, entry: &FileEntry, at: RecordedAddress) -> Result<Body, Error> {
        match self.body_as_far(entry, at)? {
            (_, Some(error)) => Err(error),
            (body, None) => Ok(body),
        }
    }

    /// Why the bytes of a lost extent of the entry at an address cannot be read.
    pub(crate) fn cut_of(&mut self, at: RecordedAddress) -> Result<Error, Error> {
        if let Some(known) = self.kept_cut(at) {
            return Ok(known);
        }
        let entry = self.newest_entry(at)?;
        self.body(&entry, at)?;
        let unknown = || Error::corrupt(CorruptKind::BodyTooShort, at);
        Ok(self.kept_cut(at).unwrap_or_else(unknown))
    }

    /// As much of the body as its allocation descriptors can be read, and the error that cut it short, if
    /// any.
    pub(crate) fn body_as_far(
        &mut self,
        entry: &FileEntry,
        at: RecordedAddress,
    ) -> Result<(Body, Option<Error>), Error> {
        let (body, cut, _) = self.parts_as_far(entry, at)?;
        Ok((body, cut))
    }

    fn parts_as_far(
        &mut self,
        entry: &FileEntry,
        at: RecordedAddress,
    ) -> Result<(Body, Option<Error>, Vec<RecordedAddress>), Error> {
        let Some(form) = entry.icb_tag.form() else {
            return Err(Error::corrupt(CorruptKind::AllocationForm, at));
        };
        if form != AllocationForm::Embedded {
            let mut gathered = Gathered::new(entry.information_length, self.block_size(), at);
            let cut = self.gather(&mut gathered, entry, form, at)?;
            return Ok((Body::Extents(gathered.extents), cut, gathered.continuations));
        }
        let length = usize::try_from(entry.information_length).ok();
        match length.and_then(|length| entry.allocation_descriptors.get(..length)) {
            Some(bytes) => Ok((Body::Embedded(bytes.to_vec()), None, Vec::new())),
            None => Err(Error::corrupt(CorruptKind::BodyTooShort, at)),
        }
    }

    /// Gathers the extents of an entry as far as they can be read; returns the error that cut them short, if
    /// any.
    fn gather(
        &mut self,
        gathered: &mut Gathered,
        entry: &FileEntry,
        form: AllocationForm,
        at: RecordedAddress,
    ) -> Result<Option<Error>, Error> {
        let cut = |error: Error| match error.is_damage() {
            true => Ok(Some(error)),
            false => Err(error),
        };
        let mut visited = HashSet::new();
        let mut taken = gathered.take(form, at.partition, &entry.allocation_descriptors);
        loop {
            let next = match taken {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(error) => return cut(error),
            };
            if !visited.insert(next) {
                return cut(Error::corrupt(CorruptKind::ContinuationLoop, next));
            }
            taken = match self.continuation(next) {
                Ok(descriptors) => {
                    gathered.continuations.push(next);
                    gathered.take(form, next.partition, &descriptors)
                }
                Err(error) => return cut(error),
            };
        }
        match gathered.is_short() {
            true => cut(Error::corrupt(CorruptKind::BodyTooShort, at)),
            false => Ok(None),
        }
    }

    /// The allocation descriptors in an allocation extent.
    fn continuation(&mut self, at: RecordedAddress) -> Result<Vec<u8>, Error> {
        // Its tag contains its own block; which number a writer uses for one reached by a virtual address is
        // unknown.
        let location = match self.maps().of(at)? {
            Map::Physical(_) | Map::Sparable { .. } | Map::Metadata { .. } => Some(at.block),
            Map::Virtual { .. } | Map::Unusable(_) => None,
        };
        let extent = self.in_either_copy(at, |space| {
            let sector = space.resolve(at)?;
            AllocationExtent::decode(space.sector(sector)?, location)
                .map_err(|fault| Error::corrupt(fault, at))
        })?;
        Ok(extent.allocation_descriptors)
    }
}

/// The extents of a body known so far.
struct Gathered {
    extents: Vec<Extent>,
    /// The blocks with further descriptors.
    continuations: Vec<RecordedAddress>,
    offset: u64,
    length: u64,
    size: BlockSize,
    at: RecordedAddress,
}

impl Gathered {
    fn new(length: u64, size: BlockSize, at: RecordedAddress) -> Self {
        Self {
            extents: Vec::new(),
            continuations: Vec::new(),
            offset: 0,
            length,
            size,
            at,
        }
    }

    /// Adds descriptors up to the information length; returns the place of the next ones, if any.
    fn take(
        &mut self,
        form: AllocationForm,
        inherited: PartitionReference,
        descriptors: &[u8],
    ) -> Result<Option<RecordedAddress>, Error> {
        for descriptor in allocation_descriptor::parse(form, inherited, descriptors) {
            let descriptor = descriptor.map_err(|fault| Error::corrupt(fault, self.at))?;
            if self.offset >= self.length {
                return Ok(None);
            }
            let kind = match descriptor.extent_type {
                ExtentType::Continuation => return Ok(Some(descriptor.address)),
                ExtentType::Recorded => ExtentKind::Recorded(descriptor.address),
                ExtentType::AllocatedNotRecorded | ExtentType::NotAllocated => ExtentKind::NotRecorded,
            };
            let length = u64::from(descriptor.length).min(self.length - self.offset);
            self.add(kind, length)?;
        }
        Ok(None)
    }

    fn add(&mut self, kind: ExtentKind, length: u64) -> Result<(), Error> {
        if !self.offset.is_multiple_of(self.size.bytes().into()) {
            return Err(Error::corrupt(CorruptKind::PartialExtent, self.at));
        }
        if self.extents.len() >= MAXIMUM_EXTENTS {
            return Err(Unsupported::Extents(MAXIMUM_EXTENTS).into());
        }
        self.extents.push(Extent {
            offset: self.offset,
            length,
            kind,
        });
        self.offset += length;
        Ok(())
    }

    fn is_short(&self) -> bool {
        self.offset < self.length
    }
}
