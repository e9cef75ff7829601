//! The disc as the judge sees it: sessions, their recorded areas, and their blocks.

use drive::{Drive, DriveError, SessionState, Status, UNKNOWN_PROFILE};
use ecma167::{BLOCK_BYTES, BlockSize, LogicalSector};
use mmc::Lba;

/// The bytes of a sector.
pub(crate) type Block = Box<[u8]>;

/// Bytes read together.
const WINDOW_BYTES: u32 = 32 * BLOCK_BYTES;
/// Maximum number of windows kept.
const WINDOWS: usize = 64;

/// A recorded session, from S to N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// S, the first block.
    pub first: u32,
    /// N, the last recorded block.
    pub last: u32,
    /// The drive reported N; otherwise it is derived from the end of the session.
    pub last_is_reported: bool,
    /// Whether the drive reports where the session ends; otherwise N is at or before `last`.
    pub end_is_known: bool,
    /// Whether the drive reports it as closed; `None` for a bare image.
    pub closed: Option<bool>,
    /// Contains nothing of the volume, which begins in a later session.
    pub set_aside: bool,
}

enum Window {
    Empty,
    Blocks(u32, Vec<u8>),
    /// Some of its blocks are unreadable: they are read one by one.
    Broken(u32),
}

pub(crate) struct JudgedDisc<'a> {
    drive: &'a mut Drive,
    /// Bytes of a sector; all numbers here count sectors.
    size: BlockSize,
    windows: Vec<Window>,
    /// Sessions with data, in disc order.
    pub spans: Vec<Span>,
    /// Whether the capacity of the medium is known: for a finalized disc or a bare image only the recorded
    /// area is.
    pub tells_capacity: bool,
    /// Blocks from the start of the disc to the last that can contain data.
    pub capacity: u32,
    /// Candidates for the last recorded block, the likeliest first.
    pub last_candidates: Vec<LogicalSector>,
}

impl<'a> JudgedDisc<'a> {
    pub fn new(drive: &'a mut Drive) -> Self {
        let medium = drive.medium();
        let known = medium.profile != UNKNOWN_PROFILE;
        let spans = medium.sessions.iter().filter_map(|session| {
            let last = session.last_recorded?;
            let mut tracks = medium
                .tracks
                .iter()
                .filter(|track| track.session == session.number);
            let last_is_reported = tracks.clone().any(|track| track.last_recorded == Some(last));
            // Not every drive ends a track with run-out: the search for N starts at the end of the track.
            let with_data = tracks.rfind(|track| track.has_data());
            let end_is_known = last_is_reported || with_data.is_none_or(|track| track.end_is_reported);
            let end = with_data.map(drive::Track::end);
            let end = end.filter(|_| !last_is_reported && session.state == SessionState::Closed);
            Some(Span {
                first: session.start.0,
                last: end.map_or(last.0, |end| last.0.max(end.0.saturating_sub(1))),
                last_is_reported,
                end_is_known,
                closed: known.then_some(session.state == SessionState::Closed),
                set_aside: false,
            })
        });
        let candidates = medium.last_recorded_candidates();
        Self {
            spans: spans.filter(|span| span.last >= span.first).collect(),
            tells_capacity: known && medium.status != Status::Finalized,
            capacity: medium.capacity_blocks,
            last_candidates: candidates.into_iter().map(|at| LogicalSector(at.0)).collect(),
            windows: (0..WINDOWS).map(|_| Window::Empty).collect(),
            size: BlockSize::OPTICAL,
            drive,
        }
    }

    /// Bytes of a sector.
    pub fn size(&self) -> BlockSize {
        self.size
    }

    /// Counts in sectors of another size than those of the medium. Only an image has such a volume.
    pub fn set_size(&mut self, size: BlockSize) {
        let sectors = |blocks: u32| u32::try_from(size.blocks_in(blocks)).unwrap_or(u32::MAX);
        let end = |last: u32| sectors(last.saturating_add(1)).saturating_sub(1);
        // An image may end inside a block of the medium.
        let whole = self.drive.recorded_bytes() / u64::from(size.bytes());
        let whole = u32::try_from(whole).unwrap_or(u32::MAX);
        let image_end = self.spans.last().map(|span| span.last);
        for span in &mut self.spans {
            let is_at_end = Some(span.last) == image_end;
            span.first = sectors(span.first);
            span.last = if is_at_end {
                whole.saturating_sub(1)
            } else {
                end(span.last)
            };
        }
        self.spans.retain(|span| span.last >= span.first);
        self.capacity = sectors(self.capacity).max(whole);
        for last in &mut self.last_candidates {
            last.0 = end(last.0);
        }
        self.windows.iter_mut().for_each(|window| *window = Window::Empty);
        self.size = size;
    }

    /// Bytes of an image, or of what is recorded on a disc.
    pub fn image_bytes(&self) -> u64 {
        self.drive.recorded_bytes()
    }

    /// Bytes from an offset on, whatever the size of a sector; `None` if they cannot be read.
    pub fn bytes(&mut self, offset: u64, length: usize) -> Result<Option<Vec<u8>>, DriveError> {
        let mut bytes = vec![0; length];
        let read = readable(self.drive.read_bytes(offset, &mut bytes))?;
        Ok(read.then_some(bytes))
    }

    /// Sectors of a window.
    fn window(&self) -> u32 {
        (WINDOW_BYTES / self.size.bytes()).max(1)
    }

    /// Whether all of these sectors are between the first and last recorded blocks of one session.
    pub fn is_recorded(&self, first: u32, count: u32) -> bool {
        let Some(last) = count.checked_sub(1).and_then(|more| first.checked_add(more)) else {
            return count == 0;
        };
        self.spans
            .iter()
            .any(|span| span.first <= first && last <= span.last)
    }

    /// Number of recorded blocks in all sessions.
    pub fn recorded_blocks(&self) -> u64 {
        self.spans
            .iter()
            .map(|span| u64::from(span.last - span.first) + 1)
            .sum()
    }

    /// A sector; `None` if it cannot be read.
    pub fn read(&mut self, sector: LogicalSector) -> Result<Option<Block>, DriveError> {
        let window = self.window();
        let number = sector.0 / window;
        let slot = number as usize % WINDOWS;
        let is_here = match &self.windows[slot] {
            Window::Empty => false,
            Window::Blocks(at, _) | Window::Broken(at) => *at == number,
        };
        if !is_here {
            self.windows[slot] = self.fill(number)?;
        }
        let length = self.size.as_usize();
        if let Window::Blocks(_, bytes) = &self.windows[slot] {
            let at = (sector.0 % window) as usize * length;
            if let Some(found) = bytes.get(at..at + length) {
                return Ok(Some(found.into()));
            }
        }
        let mut block = vec![0; length];
        let read = self.read_at(sector.0, &mut block)?;
        Ok(read.then(|| block.into()))
    }

    fn fill(&mut self, number: u32) -> Result<Window, DriveError> {
        let window = self.window();
        let first = number * window;
        // Blocks not known to be recorded are not read ahead: a drive may take long to refuse.
        if !self.is_recorded(first, window) {
            return Ok(Window::Broken(number));
        }
        let mut bytes = vec![0; window as usize * self.size.as_usize()];
        Ok(if self.read_at(first, &mut bytes)? {
            Window::Blocks(number, bytes)
        } else {
            Window::Broken(number)
        })
    }

    /// Fills `out` from a sector on; `false` if it cannot be read.
    fn read_at(&mut self, first: u32, out: &mut [u8]) -> Result<bool, DriveError> {
        readable(if self.size.is_optical() {
            self.drive.read(Lba(first), out)
        } else {
            let offset = u64::from(first) * u64::from(self.size.bytes());
            self.drive.read_bytes(offset, out)
        })
    }
}

/// Whether the blocks could be read; an error if the drive itself failed.
fn readable(result: Result<(), DriveError>) -> Result<bool, DriveError> {
    match result {
        Ok(()) => Ok(true),
        Err(DriveError::Unreadable { .. } | DriveError::Sense { .. } | DriveError::Length { .. }) => {
            Ok(false)
        }
        Err(failed) => Err(failed),
    }
}
