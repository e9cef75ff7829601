//! The tracks of an image as a sheet describes them, and the files that it names.

use std::io;

use crate::bytes::Bytes;
use crate::directory::Beside;
use crate::form::Form;
use crate::track::Track;

/// Maximum bytes of a sheet.
pub(super) const LONGEST: usize = 1 << 20;
/// Maximum number of tracks; a CD has 99.
pub(super) const TRACKS: usize = 256;
/// Maximum number of files that a sheet may name.
pub(super) const FILES: usize = 99;

/// The tracks of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// What describes them, with its article.
    pub container: &'static str,
    /// The files that it names; none if the tracks are in the image itself.
    pub names: Vec<String>,
    pub tracks: Vec<SheetTrack>,
    /// Whether addresses count from the start of the track's file, and the files follow each other.
    pub by_file: bool,
}

/// A track, as a sheet describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SheetTrack {
    pub number: u32,
    /// Index in the names.
    pub file: usize,
    /// The byte of its first sector.
    pub start: u64,
    /// Its bytes; up to the end of the file if that is unknown.
    pub length: Option<u64>,
    /// The bytes of a sector.
    pub stride: u32,
    pub is_data: bool,
    /// The address of its first block.
    pub address: u32,
    /// If addresses count by file: the blocks of the disc before the track that no file has.
    pub gap: u32,
}

/// A sheet whose tracks cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SheetFault {
    /// A file that it names cannot be opened.
    #[error("{sheet} that names '{name}', which cannot be opened: {source}")]
    File {
        /// What it is, with its article.
        sheet: &'static str,
        /// The name in it.
        name: String,
        /// Why.
        source: io::Error,
    },
}

impl Sheet {
    /// What describes the tracks, without its article.
    pub fn noun(&self) -> &'static str {
        self.container
            .split_once(' ')
            .map_or(self.container, |(_, noun)| noun)
    }

    pub fn has_data(&self) -> bool {
        self.tracks.iter().any(|track| track.is_data)
    }

    /// Opens the files that it names.
    pub fn open<D: Beside>(&self, beside: &D) -> Result<Vec<D::File>, SheetFault> {
        let open = |name: &String| {
            beside.open(name).map_err(|source| SheetFault::File {
                sheet: self.container,
                name: name.clone(),
                source,
            })
        };
        self.names.iter().map(open).collect()
    }

    /// The data tracks within their files, which are `files` with index `first` for the first name.
    pub fn data_tracks(&self, files: &[&dyn Bytes], first: usize) -> Vec<Track> {
        // Blocks before the file of a track, including all gaps.
        let mut before_file = 0_u32;
        let mut tracks = Vec::new();
        for (at, track) in self.tracks.iter().enumerate().take(TRACKS) {
            before_file = before_file.saturating_add(track.gap);
            let Some(bytes) = files.get(first + track.file) else {
                continue;
            };
            let end = track
                .length
                .map_or(u64::MAX, |length| track.start.saturating_add(length));
            let end = end.min(bytes.length());
            if track.is_data && track.start < end {
                tracks.push(Track {
                    number: track.number,
                    file: first + track.file,
                    start: track.start,
                    end,
                    forms: Form::of_size(track.stride).collect(),
                    address: before_file.saturating_add(track.address),
                });
            }
            let next = self.tracks.get(at + 1);
            if self.by_file && next.is_some_and(|next| next.file != track.file) {
                let sectors = end.saturating_sub(track.start) / u64::from(track.stride.max(1));
                let sectors = u32::try_from(sectors).unwrap_or(u32::MAX);
                before_file = before_file.saturating_add(track.address).saturating_add(sectors);
            }
        }
        tracks
    }
}

/// The text of a sheet; `None` if it is too long or not a text.
pub(super) fn text(bytes: &dyn Bytes) -> Option<String> {
    let length = usize::try_from(bytes.length())
        .ok()
        .filter(|length| *length <= LONGEST)?;
    let mut raw = vec![0; length];
    bytes.read_at(0, &mut raw).ok()?;
    if raw.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(&raw).into_owned();
    Some(text.trim_start_matches('\u{FEFF}').to_owned())
}

/// The name in the same directory with another suffix.
pub(super) fn with_suffix(own_name: &str, suffix: &str) -> String {
    let stem = own_name.rsplit_once('.').map_or(own_name, |(stem, _)| stem);
    format!("{stem}.{suffix}")
}
