//! Reads directories in pieces, one file identifier descriptor after the other (`ECMA-167 4/8.6`).

use ecma167::file::FileIdentifier;
use ecma167::general::TagIdentifier;
use ecma167::{BLOCK_SIZE, MalformedKind, RecordedAddress};

use super::shown_names::ShownNames;
use crate::body::Body;
use crate::directory_entry::DirectoryEntry;
use crate::error::{CorruptKind, Error, ErrorPlace};
use crate::node::{Node, NodeKind};
use crate::space::Space;

/// Bytes of a directory read at once; more than a file identifier descriptor can have.
const PIECE: usize = 128 * 1024;
/// Maximum bytes of a directory searched after damage, including unreadable ones; the rest is then given up.
const SEARCHED: usize = 4 << 20;
/// Every descriptor is padded to a multiple of this many bytes (`ECMA-167 4/14.4.9`).
const ALIGNMENT: usize = 4;

/// A directory being read. It keeps a piece of the body, not the whole.
#[derive(Debug)]
pub struct Directory {
    node: RecordedAddress,
    body: Body,
    piece: Vec<u8>,
    /// Offset of `piece` in the body.
    start: u64,
    /// How many bytes of `piece` have been processed.
    at: usize,
    length: u64,
    /// Set after damage: entries continue at the next descriptor found.
    searching: bool,
    /// Bytes that may still be searched.
    patience: usize,
    /// Why the body is not known up to its full length.
    cut_short: Option<Error>,
    /// Offset in the body up to which the metadata file's mirror was tried.
    mirrored: u64,
    shown: Box<ShownNames>,
    has_system_file: bool,
    /// Entries before this offset in the body are read only for their names.
    skipped: u64,
}

impl Directory {
    /// `cut_short` is the reason why the body is incomplete; at most `most` bytes are read. In a root
    /// directory below UDF 2.00, a file may be of the system.
    pub(crate) fn new(
        node: &Node,
        body: Body,
        cut_short: Option<Error>,
        most: u64,
        has_system_file: bool,
    ) -> Result<Self, Error> {
        if node.kind != NodeKind::Directory {
            return Err(Error::NotADirectory);
        }
        let length = body.len().min(most);
        let too_long = || Error::corrupt(CorruptKind::DirectoryTooLong, node.address);
        let cut_short = (body.len() > most).then(too_long).or(cut_short);
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
            searching: false,
            patience: SEARCHED,
            cut_short,
            mirrored: 0,
            shown: Box::default(),
            has_system_file,
            skipped: 0,
        })
    }

    /// The next entry, with a name that no earlier entry has.
    pub(crate) fn next_in(&mut self, space: &mut Space) -> Result<Option<DirectoryEntry>, Error> {
        loop {
            match self.next_recorded(space) {
                Ok(Some(mut entry)) => {
                    if entry.is_live() {
                        entry.name = self.shown.show(entry.name);
                    }
                    if entry.offset >= self.skipped {
                        return Ok(Some(entry));
                    }
                }
                // It was reported when the entries up to here were first read.
                Err(error) if error.is_damage() && self.offset() < self.skipped => {}
                other => return other,
            }
        }
    }

    /// The next entry, with the name that is recorded.
    pub(crate) fn next_recorded(&mut self, space: &mut Space) -> Result<Option<DirectoryEntry>, Error> {
        let offset = self.offset();
        let mut found = self.found(space);
        let taken = match &found {
            Err(error) if error.is_damage() => self.take_mirrored(space, offset, error),
            _ => Ok(false),
        };
        match taken {
            Ok(true) => found = self.found(space),
            Ok(false) => {}
            Err(error) => found = Err(error),
        }
        match found {
            Ok(Some(mut entry)) => {
                entry.mark_system(self.has_system_file);
                Ok(Some(entry))
            }
            Ok(None) => self.cut_short.take().map_or(Ok(None), Err),
            Err(error) => {
                if error.is_damage() {
                    self.searching = true;
                } else {
                    self.length = 0;
                    self.cut_short = None;
                }
                Err(error)
            }
        }
    }

    /// Continues at byte `offset` of the body, where a descriptor ended. What is before it is read once more:
    /// the names of later entries depend on it.
    pub(crate) fn skip_to(&mut self, offset: u64) {
        self.skipped = offset;
    }

    fn found(&mut self, space: &mut Space) -> Result<Option<DirectoryEntry>, Error> {
        match self.find(space)? {
            true => self.entry(space, self.offset()).map(Some),
            false => Ok(None),
        }
    }

    /// If the bytes at an offset are damaged and the mirror of the metadata file has a descriptor there,
    /// replaces the rest of the piece with the mirror's bytes.
    fn take_mirrored(&mut self, space: &mut Space, offset: u64, error: &Error) -> Result<bool, Error> {
        let at = offset.checked_sub(self.start);
        let at = at.and_then(|at| usize::try_from(at).ok());
        let Some(at) = at.filter(|at| *at < self.piece.len() && offset >= self.mirrored) else {
            return Ok(false);
        };
        // A whole descriptor, which may end after the piece.
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = (self.piece.len() - at).max(left.min(BLOCK_SIZE));
        let Some(mirrored) = space.read_mirrored(&self.body, offset, length)? else {
            return Ok(false);
        };
        self.mirrored = offset + length as u64;
        if FileIdentifier::decode(&mirrored.bytes, None).is_err() {
            return Ok(false);
        }
        self.piece.truncate(at);
        self.piece.extend(mirrored.bytes);
        self.at = at;
        space.note_mirrored(mirrored.main, mirrored.mirror, error);
        Ok(true)
    }

    fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Whether there is a further entry. After damage it begins at the next whole descriptor.
    fn find(&mut self, space: &mut Space) -> Result<bool, Error> {
        while self.searching && self.offset() < self.length {
            let rest = self.piece.get(self.at..).unwrap_or_default();
            let stated = FileIdentifier::stated_len(rest);
            let is_tag = rest.get(..2) == Some(&TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR.0.to_le_bytes());
            let needed = if is_tag {
                stated.unwrap_or(PIECE)
            } else {
                FileIdentifier::HEADER_LEN
            };
            if needed > rest.len() && needed <= PIECE && self.more(space)? {
                continue;
            }
            let rest = self.piece.get(self.at..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(false);
            }
            let step = ALIGNMENT.min(rest.len());
            if is_tag && FileIdentifier::decode(rest, None).is_ok() {
                self.searching = false;
                break;
            }
            self.at += step;
            self.lose_patience(if is_tag { needed } else { step });
        }
        Ok(self.offset() < self.length)
    }

    /// Gives up the rest of the directory if the search has gone too far.
    fn lose_patience(&mut self, bytes: usize) {
        self.patience = self.patience.saturating_sub(bytes);
        if self.patience == 0 {
            self.length = self.length.min(self.offset());
        }
    }

    fn entry(&mut self, space: &mut Space, offset: u64) -> Result<DirectoryEntry, Error> {
        loop {
            let rest = &self.piece[self.at..];
            let place = ErrorPlace::Body(self.node, offset);
            // A descriptor that states its own length may end after the piece.
            let stated = FileIdentifier::stated_len(rest);
            if stated.is_some_and(|length| length <= rest.len()) {
                let decoded = FileIdentifier::decode(rest, None);
                // If it does not decode, its length may be wrong too.
                self.at += decoded.as_ref().map_or(ALIGNMENT, |(_, length)| *length);
                let (fid, length) = decoded.map_err(|fault| Error::corrupt(fault, place))?;
                return Ok(DirectoryEntry::new(fid, offset, length));
            }
            if stated.is_some_and(|length| length > PIECE) || !self.more(space)? {
                if let Some(error) = self.cut_short.take() {
                    self.length = 0;
                    return Err(error);
                }
                let kind = match FileIdentifier::decode(rest_of(&self.piece, self.at), None) {
                    Err(fault) if fault.kind != MalformedKind::Truncated => fault.into(),
                    _ => CorruptKind::TruncatedDirectory,
                };
                self.at = self.piece.len().min(self.at + ALIGNMENT);
                return Err(Error::corrupt(kind, place));
            }
        }
    }

    /// Drops the processed part of the piece and reads the next; `false` at the end of the body.
    fn more(&mut self, space: &mut Space) -> Result<bool, Error> {
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
        let moved = match space.read(&self.body, known, &mut self.piece[kept..]) {
            Err(error) if error.is_damage() => self.before_damage(space, known, kept, error)?,
            moved => moved?,
        };
        self.piece.truncate(kept + moved);
        Ok(moved > 0)
    }

    /// Reads block by block up to the lost one; if that is the first, continues after it.
    fn before_damage(
        &mut self,
        space: &mut Space,
        known: u64,
        kept: usize,
        error: Error,
    ) -> Result<usize, Error> {
        let mut moved = 0;
        for block in self.piece[kept..].chunks_mut(BLOCK_SIZE) {
            match space.read(&self.body, known + moved as u64, block) {
                Ok(length) => moved += length,
                Err(_) if moved > 0 => return Ok(moved),
                Err(first) if first.is_damage() => {
                    self.piece.clear();
                    self.start = known.saturating_add(BLOCK_SIZE as u64);
                    self.lose_patience(BLOCK_SIZE);
                    return Err(first);
                }
                Err(other) => return Err(other),
            }
        }
        // It turned out readable, or readable only in part.
        if moved > 0 { Ok(moved) } else { Err(error) }
    }
}

fn rest_of(piece: &[u8], at: usize) -> &[u8] {
    piece.get(at..).unwrap_or_default()
}
