//! Directories: file identifier descriptors one after the other, read in pieces (`ECMA-167 4/8.6`).

use ecma167::file::{FileCharacteristics, FileIdentifier, LongAd};
use ecma167::{MalformedKind, RecordedAddress};

use crate::body::Body;
use crate::error::{CorruptKind, Error, Place};
use crate::name;
use crate::node::{Node, NodeKind};
use crate::volume::Volume;

/// Bytes of a directory that are read at once; more than a file identifier descriptor can have.
const PIECE: usize = 128 * 1024;

/// A directory that is being read. It holds a piece of the body, not the body.
#[derive(Clone, Debug)]
pub struct Directory {
    node: RecordedAddress,
    body: Body,
    piece: Vec<u8>,
    /// The byte of the body that `piece` begins with.
    start: u64,
    /// How much of `piece` is read.
    at: usize,
    length: u64,
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name, as a host can have it; empty for the entry of the parent.
    pub name: String,
    /// The ICB of the node, with the unique ID from UDF 2.00 on; zeros where the entry is deleted.
    pub icb: LongAd,
    /// Whether it is a directory, hidden, deleted, the parent.
    pub characteristics: FileCharacteristics,
    /// The byte of the directory's body that its descriptor begins with.
    pub offset: u64,
    /// The bytes of its descriptor.
    pub length: usize,
}

impl DirectoryEntry {
    /// Whether it names something in this directory: not deleted, and not the parent.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self
            .characteristics
            .intersects(FileCharacteristics::DELETED | FileCharacteristics::PARENT)
    }

    /// The address of the node's ICB.
    #[must_use]
    pub fn address(&self) -> RecordedAddress {
        self.icb.address()
    }
}

impl Directory {
    pub(crate) fn new(node: &Node, body: Body) -> Result<Self, Error> {
        if node.kind != NodeKind::Directory {
            return Err(Error::NotADirectory);
        }
        let length = body.len();
        let (body, piece) = match body {
            Body::Embedded(bytes) => (Body::Embedded(Vec::new()), bytes),
            extents @ Body::Extents(_) => (extents, Vec::new()),
        };
        Ok(Self {
            node: node.address,
            body,
            piece,
            start: 0,
            at: 0,
            length,
        })
    }

    /// The next entry, deleted ones and that of the parent among them; `None` at the end.
    ///
    /// # Errors
    /// A descriptor that does not decode or runs past the end; nothing can be read behind one, so that the end follows.
    pub fn next(&mut self, volume: &mut Volume) -> Result<Option<DirectoryEntry>, Error> {
        let offset = self.start + self.at as u64;
        if offset >= self.length {
            return Ok(None);
        }
        let entry = self.entry(volume, offset);
        if entry.is_err() {
            self.length = 0;
        }
        entry.map(Some)
    }

    /// The next entry that is neither deleted nor the parent's.
    ///
    /// # Errors
    /// As [`Directory::next`].
    pub fn next_live(&mut self, volume: &mut Volume) -> Result<Option<DirectoryEntry>, Error> {
        while let Some(entry) = self.next(volume)? {
            if entry.is_live() {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn entry(&mut self, volume: &mut Volume, offset: u64) -> Result<DirectoryEntry, Error> {
        loop {
            let rest = &self.piece[self.at..];
            let place = Place::Body(self.node, offset);
            // What says its own length may still lie in part behind the piece.
            let stated = FileIdentifier::stated_len(rest);
            if stated.is_some_and(|length| length <= rest.len()) {
                let (fid, length) =
                    FileIdentifier::decode(rest, None).map_err(|fault| Error::corrupt(fault, place))?;
                self.at += length;
                return Ok(entry(fid, offset, length));
            }
            if stated.is_some_and(|length| length > PIECE) || !self.more(volume)? {
                let kind = match FileIdentifier::decode(rest_of(&self.piece, self.at), None) {
                    Err(fault) if fault.kind != MalformedKind::Truncated => fault.into(),
                    _ => CorruptKind::TruncatedDirectory,
                };
                return Err(Error::corrupt(kind, place));
            }
        }
    }

    /// Drops what is read of the piece and reads the next; `false` at the end of the body.
    fn more(&mut self, volume: &mut Volume) -> Result<bool, Error> {
        let known = self.start + self.piece.len() as u64;
        let left = usize::try_from(self.length.saturating_sub(known)).unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(false);
        }
        self.piece.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let kept = self.piece.len();
        self.piece.resize(kept + left.min(PIECE), 0);
        let moved = volume.read(&self.body, known, &mut self.piece[kept..])?;
        self.piece.truncate(kept + moved);
        Ok(moved > 0)
    }
}

fn rest_of(piece: &[u8], at: usize) -> &[u8] {
    piece.get(at..).unwrap_or_default()
}

fn entry(fid: FileIdentifier, offset: u64, length: usize) -> DirectoryEntry {
    let name = if fid.characteristics.contains(FileCharacteristics::PARENT) {
        String::new()
    } else {
        name::of(&fid.identifier)
    };
    DirectoryEntry {
        name,
        icb: fid.icb,
        characteristics: fid.characteristics,
        offset,
        length,
    }
}
