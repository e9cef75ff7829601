//! A bare image file: blocks, without a drive's knowledge of them.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use mmc::{BLOCK_SIZE, FilePart, Lba, Sense};

use crate::error::{DriveError, ReadOnly};
use crate::image_layout::{ImageExtent, ImageLayout, ImageOrigin, ImageRemainder, ImageSession, extent_of};
use crate::medium::{Medium, Session, SessionState, Status, Track, UNKNOWN_PROFILE};

/// Bytes read at once of sectors longer than a block.
const RAW_BYTES: usize = 256 << 10;

/// An image opened for reading.
#[derive(Debug)]
pub(crate) struct BareImage {
    files: Vec<File>,
    /// In ascending order, without overlaps.
    extents: Vec<ImageExtent>,
    origin: Option<ImageOrigin>,
    /// The block after the last one.
    end: u32,
    /// Bytes after the last block, if the file is not a whole number of blocks.
    rest: u64,
    /// What was left out at the end.
    remainder: Option<ImageRemainder>,
    /// Blocks of the volume after the end.
    missing: u32,
    /// The sessions found in it, in ascending order; none if it is one session.
    sessions: Vec<ImageSession>,
    /// The gaps that it lacks: the address after each, and its number of blocks.
    gaps: Vec<(Lba, u32)>,
}

impl BareImage {
    /// The image in an open file. Bytes after its last whole block do not count as a block of the medium.
    pub(crate) fn over(file: File) -> Result<Self, DriveError> {
        let bytes = length(&file).map_err(DriveError::Transport)?;
        let blocks = u32::try_from(bytes / BLOCK_SIZE as u64)
            .map_err(|_| DriveError::Unsupported("an image of more than 2^32 blocks"))?;
        Self::within(ImageLayout {
            files: vec![file],
            extents: vec![ImageExtent::plain(blocks)],
            rest: u32::try_from(bytes % BLOCK_SIZE as u64).unwrap_or(0),
            origin: None,
        })
    }

    /// The blocks that a layout places in files.
    pub(crate) fn within(layout: ImageLayout) -> Result<Self, DriveError> {
        let ImageLayout {
            files,
            mut extents,
            rest,
            origin,
        } = layout;
        extents.retain(|extent| extent.blocks > 0);
        let too_short =
            |extent: &ImageExtent| u64::from(extent.stride) < u64::from(extent.header) + BLOCK_SIZE as u64;
        if extents.iter().any(too_short) {
            return Err(DriveError::Unsupported("sectors shorter than a block"));
        }
        extents.sort_by_key(|extent| extent.first);
        let Some(last) = extents.last() else {
            return Err(DriveError::Unsupported(
                "an image of less than one block of 2048 bytes",
            ));
        };
        let disjoint = extents
            .iter()
            .zip(extents.iter().skip(1))
            .all(|(one, next)| one.end() <= u64::from(next.first));
        let end = u32::try_from(last.end());
        let (true, Ok(end)) = (disjoint, end) else {
            return Err(DriveError::Unsupported("an image of more than 2^32 blocks"));
        };
        Ok(Self {
            files,
            extents,
            origin,
            end,
            rest: rest.into(),
            remainder: None,
            missing: 0,
            sessions: Vec::new(),
            gaps: Vec::new(),
        })
    }

    /// The source of the blocks, if they are not simply those of the file.
    pub(crate) fn origin(&self) -> Option<&ImageOrigin> {
        self.origin.as_ref()
    }

    /// The blocks that contain any of these bytes of the file; `None` if the blocks are in several files.
    pub(crate) fn blocks_of(&self, bytes: Range<u64>) -> Option<Vec<Range<u32>>> {
        let [first, ..] = &self.extents[..] else {
            return Some(Vec::new());
        };
        if self.extents.iter().any(|extent| extent.file != first.file) {
            return None;
        }
        let blocks = self.extents.iter().filter_map(|extent| {
            let stride = u64::from(extent.stride);
            let data = extent.offset.checked_add(extent.header.into())?;
            let number = |byte: u64| {
                u32::try_from(byte / stride)
                    .unwrap_or(u32::MAX)
                    .min(extent.blocks)
            };
            // The first block that ends after the first byte, and the one after the last that begins before
            // the end.
            let ended = bytes
                .start
                .saturating_add(stride)
                .saturating_sub(data.saturating_add(BLOCK_SIZE as u64));
            let from = number(ended);
            let to = number(bytes.end.saturating_add(stride - 1).saturating_sub(data));
            (from < to).then(|| extent.first + from..extent.first + to)
        });
        Some(blocks.collect())
    }

    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// What was left out at the end.
    pub(crate) fn remainder(&self) -> Option<ImageRemainder> {
        self.remainder
    }

    /// Ends the image before a block, if anything is left then.
    pub(crate) fn end_before(&mut self, end: Lba, remainder: ImageRemainder) {
        if self.extents.first().is_none_or(|first| first.first >= end.0) || end.0 >= self.end {
            return;
        }
        self.extents.retain(|extent| extent.first < end.0);
        if let Some(last) = self.extents.last_mut() {
            last.blocks = last.blocks.min(end.0 - last.first);
        }
        self.end = self.extents.last().map_or(0, |last| last.first + last.blocks);
        self.remainder = Some(remainder);
        self.rest = 0;
    }

    /// Moves the blocks from `at` on by this many; `false` if there are none or one has no address then.
    pub(crate) fn insert_gap(&mut self, at: Lba, blocks: u32) -> bool {
        let Some(end) = self.end.checked_add(blocks).filter(|_| at.0 < self.end) else {
            return false;
        };
        let first_moved = self
            .extents
            .partition_point(|extent| extent.end() <= u64::from(at.0));
        let mut moved = self.extents.split_off(first_moved);
        if let Some(first) = moved.first_mut().filter(|first| first.first < at.0) {
            let kept = at.0 - first.first;
            self.extents.push(ImageExtent {
                blocks: kept,
                ..*first
            });
            first.first = at.0;
            first.blocks -= kept;
            first.offset = first
                .offset
                .saturating_add(u64::from(kept) * u64::from(first.stride));
        }
        for extent in &mut moved {
            extent.first += blocks;
        }
        self.extents.extend(moved);
        self.end = end;
        self.gaps.push((Lba(at.0 + blocks), blocks));
        true
    }

    pub(crate) fn gaps(&self) -> &[(Lba, u32)] {
        &self.gaps
    }

    /// Blocks of the volume after the end of the image.
    pub(crate) fn missing(&self) -> u32 {
        self.missing
    }

    pub(crate) fn note_missing(&mut self, blocks: u32) {
        self.missing = blocks;
    }

    pub(crate) fn divide(&mut self, sessions: Vec<ImageSession>) {
        self.sessions = sessions;
    }

    /// The sessions found in the image, all closed; otherwise one from the first block to the last.
    pub(crate) fn medium(&self) -> Medium {
        let start = self.extents.first().map_or(0, |extent| extent.first);
        let last = Lba(self.end - 1);
        let whole = [ImageSession {
            start: Lba(start),
            last,
        }];
        let found = if self.sessions.is_empty() {
            &whole[..]
        } else {
            &self.sessions
        };
        let numbered = || (1..).zip(found);
        Medium {
            profile: UNKNOWN_PROFILE,
            status: Status::Finalized,
            capacity_blocks: self.end,
            free_blocks: 0,
            next_writable_address: None,
            write_unit: 1,
            sessions: numbered()
                .map(|(number, session)| Session {
                    number,
                    start: session.start,
                    last_recorded: Some(session.last),
                    state: SessionState::Closed,
                })
                .collect(),
            tracks: numbered()
                .map(|(number, session)| Track {
                    number,
                    session: number,
                    start: session.start,
                    size: (session.last.0 + 1).saturating_sub(session.start.0),
                    next_writable_address: None,
                    last_recorded: Some(session.last),
                    free_blocks: 0,
                    end_is_reported: true,
                    blank: false,
                    reserved: false,
                    damaged: false,
                })
                .collect(),
            last_readable: Some(last),
            writable: false,
            read_only: Some(ReadOnly::BareImage),
            single_session: false,
            packets_may_end: false,
            track_at_once: false,
        }
    }

    /// Fills `out`, which is whole blocks, from `at` on.
    pub(crate) fn read(&self, at: Lba, out: &mut [u8]) -> Result<(), DriveError> {
        let mut at = at;
        let mut rest = out;
        while !rest.is_empty() {
            let Some((extent, file)) = self.extent(at) else {
                return Err(out_of_range(at));
            };
            let within = usize::try_from(extent.end() - u64::from(at.0)).unwrap_or(usize::MAX);
            let count = within.min(rest.len() / BLOCK_SIZE);
            let (part, after) = rest.split_at_mut(count * BLOCK_SIZE);
            read_extent(file, extent, at, part)?;
            at = Lba(at.0.saturating_add(u32::try_from(count).unwrap_or(u32::MAX)));
            rest = after;
        }
        Ok(())
    }

    /// Bytes from block 0 on, including a partial last block.
    pub(crate) fn bytes(&self) -> u64 {
        u64::from(self.end) * BLOCK_SIZE as u64 + self.rest
    }

    /// Fills `out` from a byte offset on.
    pub(crate) fn read_bytes(&self, offset: u64, out: &mut [u8]) -> Result<(), DriveError> {
        let at = Lba(u32::try_from(offset / BLOCK_SIZE as u64).unwrap_or(u32::MAX));
        let end = offset.saturating_add(out.len() as u64);
        if end > self.bytes() {
            return Err(out_of_range(at.max(Lba(self.end))));
        }
        if let ([extent], [file]) = (&self.extents[..], &self.files[..])
            && extent.is_contiguous()
            && let Some(start) = extent.offset_of(Lba(0))
        {
            let read = file.read_exact_at(out, start.saturating_add(offset));
            return read.map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => out_of_range(at),
                _ => DriveError::Transport(error),
            });
        }
        let inside = usize::try_from(offset % BLOCK_SIZE as u64).unwrap_or(0);
        let mut blocks = vec![0; (inside + out.len()).next_multiple_of(BLOCK_SIZE)];
        self.read(at, &mut blocks)?;
        out.copy_from_slice(&blocks[inside..inside + out.len()]);
        Ok(())
    }

    /// Fills a part of a host file from `at` on; `false` if that fails for any reason.
    pub(crate) fn read_to_file(&self, at: Lba, part: FilePart<'_>) -> bool {
        let Some((extent, file)) = self.extent(at) else {
            return false;
        };
        let within = (extent.end() - u64::from(at.0)) * BLOCK_SIZE as u64;
        extent.is_contiguous()
            && part.bytes as u64 <= within
            && extent
                .offset_of(at)
                .is_some_and(|offset| part.fill_from(file, offset).is_ok())
    }

    fn extent(&self, at: Lba) -> Option<(&ImageExtent, &File)> {
        let extent = extent_of(&self.extents, at)?;
        Some((extent, self.files.get(extent.file)?))
    }
}

/// Fills `out` with blocks of one extent.
fn read_extent(file: &File, extent: &ImageExtent, at: Lba, out: &mut [u8]) -> Result<(), DriveError> {
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => out_of_range(at),
        _ => DriveError::Transport(error),
    };
    let offset = extent.offset_of(at).ok_or_else(|| out_of_range(at))?;
    if extent.is_contiguous() {
        return file.read_exact_at(out, offset).map_err(fault);
    }
    let stride = extent.stride as usize;
    let at_once = (RAW_BYTES / stride).max(1);
    let mut raw = vec![0; at_once * stride];
    let mut offset = offset;
    for blocks in out.chunks_mut(at_once * BLOCK_SIZE) {
        let count = blocks.len() / BLOCK_SIZE;
        // The read ends with the last block, because the file may end there.
        let bytes = &mut raw[..(count - 1) * stride + BLOCK_SIZE];
        file.read_exact_at(bytes, offset).map_err(fault)?;
        for (block, sector) in blocks.chunks_exact_mut(BLOCK_SIZE).zip(bytes.chunks(stride)) {
            block.copy_from_slice(&sector[..BLOCK_SIZE]);
        }
        offset = offset.saturating_add((count * stride) as u64);
    }
    Ok(())
}

fn out_of_range(at: Lba) -> DriveError {
    DriveError::Unreadable {
        at,
        sense: Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(at),
    }
}

/// The length in bytes of a file or of a device node.
fn length(file: &File) -> io::Result<u64> {
    let mut file = file;
    file.seek(SeekFrom::End(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image_layout::RemainderKind;

    fn image(bytes: &[u8], extents: Vec<ImageExtent>) -> Result<BareImage, DriveError> {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(bytes, 0).expect("the bytes");
        BareImage::within(ImageLayout {
            files: vec![file],
            extents,
            rest: 0,
            origin: None,
        })
    }

    /// Sectors of `stride` bytes, each filled with its number after `header` bytes of 0xFF.
    fn sectors(count: u8, stride: usize, header: usize) -> Vec<u8> {
        let sector = |number| {
            let mut sector = vec![0xFF; stride];
            sector[header..header + BLOCK_SIZE].fill(number);
            sector
        };
        (0..count).flat_map(sector).collect()
    }

    fn extent(first: u32, blocks: u32, offset: u64) -> ImageExtent {
        ImageExtent {
            first,
            blocks,
            file: 0,
            offset,
            stride: 2352,
            header: 16,
        }
    }

    fn read(image: &BareImage, at: u32, count: usize) -> Result<Vec<u8>, DriveError> {
        let mut out = vec![0; count * BLOCK_SIZE];
        image.read(Lba(at), &mut out)?;
        Ok(out.iter().step_by(BLOCK_SIZE).copied().collect())
    }

    #[test]
    fn blocks_in_longer_sectors_are_read_without_what_surrounds_them() {
        let image = image(&sectors(250, 2352, 16), vec![extent(0, 250, 0)]).expect("an image");
        let expected: Vec<u8> = (0..250).collect();
        assert_eq!(read(&image, 0, 250).expect("blocks"), expected);
        assert_eq!(read(&image, 200, 3).expect("blocks"), [200, 201, 202]);
        assert!(matches!(read(&image, 249, 2), Err(DriveError::Unreadable { .. })));
    }

    #[test]
    fn a_read_continues_in_the_next_extent_and_fails_in_a_gap() {
        let extents = vec![extent(13, 2, 2352 * 7), extent(10, 3, 0)];
        let image = image(&sectors(9, 2352, 16), extents).expect("an image");
        assert_eq!(read(&image, 11, 4).expect("blocks"), [1, 2, 7, 8]);
        assert_eq!(image.medium().sessions[0].start, Lba(10));
        assert_eq!(image.medium().capacity_blocks, 15);
        assert!(read(&image, 9, 1).is_err());
        assert!(read(&image, 15, 1).is_err());
    }

    #[test]
    fn extents_that_overlap_or_pass_the_last_address_are_refused() {
        assert!(image(&[0; 9000], vec![extent(0, 3, 0), extent(2, 1, 0)]).is_err());
        assert!(image(&[0; 9000], vec![extent(u32::MAX, 2, 0)]).is_err());
        assert!(image(&[0; 9000], vec![extent(0, 0, 0)]).is_err());
    }

    #[test]
    fn an_image_ends_where_its_volume_does() {
        let extents = vec![extent(10, 3, 0), extent(13, 2, 2352 * 7)];
        let mut image = image(&sectors(9, 2352, 16), extents).expect("an image");
        let remainder = ImageRemainder {
            blocks: 3,
            kind: RemainderKind::Other,
        };
        for without_effect in [0, 10, 15, 16] {
            image.end_before(Lba(without_effect), remainder);
            assert_eq!(image.medium().capacity_blocks, 15);
        }
        image.end_before(Lba(12), remainder);
        assert_eq!(image.medium().capacity_blocks, 12);
        assert_eq!(image.remainder(), Some(remainder));
        assert!(read(&image, 11, 1).is_ok() && read(&image, 12, 1).is_err());
    }

    #[test]
    fn a_gap_moves_all_blocks_after_it() {
        let extents = vec![extent(10, 3, 0), extent(13, 2, 2352 * 7)];
        let mut image = image(&sectors(9, 2352, 16), extents).expect("an image");
        for without_effect in [(15, 1), (0, u32::MAX)] {
            assert!(!image.insert_gap(Lba(without_effect.0), without_effect.1));
        }
        assert!(image.insert_gap(Lba(11), 100));
        assert!(image.insert_gap(Lba(113), 5));
        assert_eq!(read(&image, 10, 1).expect("a block"), [0]);
        assert_eq!(read(&image, 111, 2).expect("blocks"), [1, 2]);
        assert_eq!(read(&image, 118, 2).expect("blocks"), [7, 8]);
        assert!(
            [11, 110, 113, 117, 120]
                .iter()
                .all(|at| read(&image, *at, 1).is_err())
        );
        assert_eq!(image.medium().capacity_blocks, 120);
        assert_eq!(image.gaps(), [(Lba(111), 100), (Lba(118), 5)]);
    }

    #[test]
    fn bytes_after_the_last_block_of_an_extent_are_read() {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(
            &[[1; 700].as_slice(), &[2; 2 * BLOCK_SIZE], &[3; 512]].concat(),
            0,
        )
        .expect("the bytes");
        let extent = ImageExtent {
            offset: 700,
            ..ImageExtent::plain(2)
        };
        let image = BareImage::within(ImageLayout {
            files: vec![file],
            extents: vec![extent],
            rest: 512,
            origin: None,
        });
        let image = image.expect("an image");
        let mut last = [0; 512];
        image
            .read_bytes(2 * BLOCK_SIZE as u64, &mut last)
            .expect("the rest");
        assert_eq!((last, image.bytes()), ([3; 512], 2 * BLOCK_SIZE as u64 + 512));
        assert!(image.read_bytes(2 * BLOCK_SIZE as u64 + 1, &mut last).is_err());
    }

    #[test]
    fn bytes_of_a_file_are_those_of_the_blocks_in_it() {
        let extents = vec![extent(10, 3, 100)];
        let image = image(&sectors(9, 2352, 16), extents).expect("an image");
        let blocks = |bytes| {
            let blocks = image.blocks_of(bytes).expect("one file");
            blocks.first().map(|blocks| (blocks.start, blocks.end))
        };
        assert_eq!(blocks(0..116), None, "before the first block");
        assert_eq!(blocks(0..117), Some((10, 11)));
        assert_eq!(blocks(100 + 16 + 2048..100 + 2352 + 16), None, "between two");
        assert_eq!(blocks(100 + 16 + 2047..100 + 2352 + 17), Some((10, 12)));
        assert_eq!(blocks(0..u64::MAX), Some((10, 13)));
    }

    #[test]
    fn an_extent_at_the_end_of_the_numbers_is_unreadable() {
        let image = image(&[0; 9000], vec![extent(0, 9, u64::MAX - 4000)]).expect("an image");
        assert!(read(&image, 1, 1).is_err());
        assert!(read(&image, 0, 9).is_err());
    }

    #[test]
    fn the_first_block_after_the_end_of_an_image_is_named() {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(&[1; 5 * BLOCK_SIZE + 100], 0)
            .expect("the bytes");
        let image = BareImage::over(file).expect("an image");
        let fault = image.read(Lba(3), &mut [0; 4 * BLOCK_SIZE]);
        assert!(matches!(fault, Err(DriveError::Unreadable { at: Lba(5), .. })));
        let mut last = [0; 100];
        image
            .read_bytes(5 * BLOCK_SIZE as u64, &mut last)
            .expect("the rest");
        assert_eq!((last, image.bytes()), ([1; 100], 5 * BLOCK_SIZE as u64 + 100));
    }
}
