//! A map of which parts of a damaged disc were read. It also lists the bytes that each file
//! extracted to a directory still lacks, so that a second run can add them.

mod copies;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mapfile::{Map as Areas, Status};
use oncefs::nodes::Volume;
use oncefs::salvage::{Sample, has_samples};
use oncefs::{BLOCK_SIZE, Disc, Drive, Lba, ReadOutcome, Reading, VolumeError};
use rustix::fs::OFlags;

use self::copies::Copies;
pub use self::copies::{Copy, Found, Version, first_bytes};
use crate::among_devices::require_elsewhere;
use crate::arguments::{MAPFILE, Rescue};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::missing::Missing;
use crate::trace_file::is_same;

/// Maximum bytes of a map file.
const LONGEST: u64 = 256 << 20;
/// Time between two writes of the map while files are copied.
const SAVED_EACH: Duration = Duration::from_secs(5);
/// One part in so many of the time goes into writing the map.
const SHARE: u32 = 20;
/// The disc of a map that salvaging made: nothing on it need be readable that would identify it.
const OF_RUIN: &str = "salvaged, bytes";
/// Why a map is refused.
const OF_ANOTHER: &str = "this map is that of another disc, or of another state of this one; name a new file";
/// The beginnings of the comments that this program writes.
const OF_DISC: &str = "oncefs disc ";
const OF_TARGET: &str = "oncefs target ";
const OF_LACKING: &str = "oncefs lacks ";
const OF_STRUCTURES: &str = "oncefs structures ";
const OF_COPY: &str = "oncefs copied ";
const OF_SAMPLES: &str = "oncefs samples ";

/// A map file, and what this run has read so far.
pub struct Map {
    path: PathBuf,
    /// The option that names it.
    option: &'static str,
    /// The map of another program, which is never written.
    foreign: Option<Areas>,
    /// The disc that the map describes, and the directory that it was extracted to, as the map says.
    disc: Option<String>,
    target: Option<String>,
    /// What each file in that directory lacks.
    lacking: BTreeMap<String, Vec<Range<u64>>>,
    /// What runs of salvage wrote there.
    copies: Copies,
    /// The map file, if comments were added to it since it was written.
    added: Option<fs::File>,
    /// Whether an earlier run left files in that directory.
    goes_on: bool,
    /// The blocks in which salvaging found structures.
    structures: Vec<Range<u64>>,
    /// By what salvaging knows the disc again.
    samples: Vec<Sample>,
    now: Arc<Mutex<Now>>,
    saved: Instant,
    /// How long that took.
    took: Duration,
}

/// What the runs so far found out about the disc.
struct Now {
    areas: Areas,
    /// What this run could not read. It stays unreadable even if a later read succeeds, because a file may
    /// lack it.
    failed: Areas,
}

impl Rescue {
    /// How to read a disc with these options.
    pub fn reading(
        &self,
        map: Option<&Map>,
        drive: &Drive,
        disc: &Path,
        interrupt: &Interrupt,
    ) -> Outcome<Reading> {
        let interrupt = interrupt.clone();
        let reading = Reading::new().retrying(self.retries);
        let reading = reading.stopping_if(move || interrupt.asked());
        match map {
            Some(map) => map.reading(reading, drive, disc),
            None => Ok(reading),
        }
    }
}

impl Map {
    /// The map that these options name.
    pub fn of(rescue: &Rescue, trace: Option<&Path>, disc: &Path) -> Outcome<Option<Self>> {
        let path = rescue.mapfile.as_deref();
        path.map(|path| Self::open(path, rescue.option, disc, trace))
            .transpose()
    }

    /// Reads a map file, if there is one. Refuses a file that is not a map, and the files of the disc.
    fn open(path: &Path, option: &'static str, disc: &Path, trace: Option<&Path>) -> Outcome<Self> {
        let refused = |why: String| Failure::usage(format_args!("{option}: {why}")).at(path.display());
        if is_same(path, disc) || is_same(path, &Disc::new(disc).side_file()) {
            return Err(refused(
                "this is the image or its side file; name another file".into(),
            ));
        }
        if trace.is_some_and(|trace| is_same(path, trace)) {
            return Err(refused("this is the trace; name another file".into()));
        }
        require_elsewhere(path)?;
        let mut options = OpenOptions::new();
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        let before = match options.read(true).custom_flags(flags).open(path) {
            Ok(file) => {
                if !file.metadata().is_ok_and(|found| found.is_file()) {
                    return Err(refused("this is not a regular file".into()));
                }
                let mut text = String::new();
                let read = file.take(LONGEST).read_to_string(&mut text);
                read.map_err(|error| Failure::host(path, error))?;
                let parsed = text.parse::<Areas>();
                Some(parsed.map_err(|error| {
                    refused(format!("this file exists and is no map of ddrescue: {error}"))
                })?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::host(path, error)),
        };
        let mut map = Self {
            path: path.to_owned(),
            option,
            foreign: None,
            disc: None,
            target: None,
            lacking: BTreeMap::new(),
            copies: Copies::default(),
            added: None,
            goes_on: false,
            structures: Vec::new(),
            samples: Vec::new(),
            now: Arc::new(Mutex::new(Now {
                areas: Areas::of_length(0),
                failed: Areas::of_length(0),
            })),
            saved: Instant::now(),
            took: Duration::ZERO,
        };
        let Some(before) = before else { return Ok(map) };
        for comment in before.comments() {
            if let Some(disc) = comment.strip_prefix(OF_DISC.trim_end()) {
                map.disc = Some(disc.trim().to_owned());
            } else if let Some(target) = comment.strip_prefix(OF_TARGET) {
                map.target = Some(target.to_owned());
            } else if let Some(blocks) = comment.strip_prefix(OF_STRUCTURES) {
                let blocks = parsed(blocks);
                map.structures = blocks.ok_or_else(|| refused(format!("no ranges of blocks: {comment}")))?;
            } else if let Some(copy) = comment.strip_prefix(OF_COPY) {
                if !map.copies.take(copy) {
                    return Err(refused(format!("no copied file: {comment}")));
                }
            } else if let Some(samples) = comment.strip_prefix(OF_SAMPLES) {
                let samples = samples_of(samples);
                map.samples = samples.ok_or_else(|| refused(format!("no samples: {comment}")))?;
            } else if let Some((ranges, file)) = comment
                .strip_prefix(OF_LACKING)
                .and_then(|rest| rest.split_once(' '))
            {
                let ranges = parsed(ranges);
                let ranges = ranges.ok_or_else(|| refused(format!("no ranges of bytes: {comment}")))?;
                map.lacking.insert(unescaped(file), ranges);
            }
        }
        if map.disc.is_some() {
            lock(&map.now).areas = before;
        } else {
            map.foreign = Some(before);
        }
        Ok(map)
    }

    /// How to read a disc: without the blocks that ddrescue did not read, and noting the outcome of each
    /// read.
    fn reading(&self, reading: Reading, drive: &Drive, disc: &Path) -> Outcome<Reading> {
        let reading = match &self.foreign {
            Some(areas) => reading.leaving_out(self.lost(areas, drive, disc)?),
            None => reading,
        };
        let now = Arc::clone(&self.now);
        Ok(reading.telling(move |blocks, outcome| lock(&now).note(&blocks, outcome)))
    }

    /// The blocks that ddrescue did not read.
    fn lost(&self, areas: &Areas, drive: &Drive, disc: &Path) -> Outcome<Vec<Range<u32>>> {
        let is_image = !Disc::new(disc).is_device();
        let is_lost = |status| match status {
            Status::Finished => false,
            Status::Bad => true,
            // An image has zeros in place of what was not read; a drive may still read it.
            _ => is_image,
        };
        let lost = areas.areas().filter(|area| is_lost(area.status));
        let lost = lost.map(|area| area.bytes);
        if !is_image {
            return Ok(lost.map(|bytes| blocks_of(&bytes)).collect());
        }
        let mut blocks = Vec::new();
        for bytes in lost.chain(std::iter::once(areas.length()..u64::MAX)) {
            let Some(found) = drive.image_blocks_of(bytes) else {
                let side_file = Disc::new(disc).side_file();
                let message = if side_file.exists() {
                    let name = side_file.display();
                    format!("a map of ddrescue is of the image alone; move its side file {name} away")
                } else {
                    "the image is several files, and a map of ddrescue is of one; name the file that ddrescue made".into()
                };
                return Err(self.refused(message));
            };
            blocks.extend(found);
        }
        Ok(blocks)
    }

    /// The blocks that the runs of a map so far could not read; the map is not written.
    pub fn unreadable(path: &Path, disc: &Path, drive: &Drive) -> Outcome<Vec<Range<u32>>> {
        let map = Self::open(path, MAPFILE, disc, None)?;
        if let Some(areas) = &map.foreign {
            return map.lost(areas, drive, disc);
        }
        if map.disc.is_none() {
            return Err(Failure::host(path, rustix::io::Errno::NOENT));
        }
        let now = lock(&map.now);
        let bad = now.areas.areas().filter(|area| area.status == Status::Bad);
        Ok(bad.map(|area| blocks_of(&area.bytes)).collect())
    }

    /// Makes it the map of this disc and writes it. Fails if it is the map of another.
    pub fn begin(&mut self, volume: &Volume) -> Outcome {
        if self.foreign.is_some() {
            return Ok(());
        }
        self.begin_as(identity(volume), volume.medium_bytes())
    }

    /// Makes it the map of a disc without a volume, with this many bytes, and writes it. Fails if it is the
    /// map of another.
    pub fn begin_ruin(&mut self, drive: &mut Drive, length: u64) -> Outcome {
        if self.foreign.is_some() {
            return Ok(());
        }
        let is_same = has_samples(drive, &self.samples);
        if !is_same.map_err(|error| Failure::from(VolumeError::from(error)))? {
            return Err(self.refused(OF_ANOTHER));
        }
        self.begin_as(format!("{OF_RUIN} {length}"), length)
    }

    /// What an earlier run did not read: all blocks without one, and also those that it could not read, if
    /// `again` is set. `None` if everything must be read, because it is not known where structures are.
    pub fn left_to_scan(&self, again: bool) -> Option<Vec<Range<u32>>> {
        if self.structures.is_empty() {
            return None;
        }
        let is_left = |status| status != Status::Finished && (again || status != Status::Bad);
        let now = lock(&self.now);
        let left = now.areas.areas().filter(|area| is_left(area.status));
        let left = left.map(|area| blocks_of(&area.bytes));
        let number = |block: u64| u32::try_from(block).unwrap_or(u32::MAX);
        let known = self
            .structures
            .iter()
            .map(|run| number(run.start)..number(run.end));
        let mut blocks: Vec<Range<u32>> = left.chain(known).collect();
        join(&mut blocks);
        Some(blocks)
    }

    /// The blocks that an earlier run could not read.
    pub fn bad_blocks(&self) -> Vec<Range<u32>> {
        let now = lock(&self.now);
        let bad = now.areas.areas().filter(|area| area.status == Status::Bad);
        bad.map(|area| blocks_of(&area.bytes)).collect()
    }

    /// Notes blocks that a further scan must read again, besides those that earlier runs noted.
    pub fn add_structures(&mut self, blocks: impl Iterator<Item = Range<u32>>) {
        let wide = blocks.map(|run| u64::from(run.start)..u64::from(run.end));
        self.structures.extend(wide);
        join(&mut self.structures);
    }

    /// Notes by what the disc is known again, unless an earlier run did.
    pub fn note_samples(&mut self, samples: &[Sample]) {
        if self.samples.is_empty() {
            self.samples = samples.to_vec();
        }
    }

    fn begin_as(&mut self, identity: String, length: u64) -> Outcome {
        if self.disc.as_ref().is_some_and(|disc| *disc != identity) {
            return Err(self.refused(OF_ANOTHER));
        }
        self.disc = Some(identity);
        let mut now = lock(&self.now);
        now.areas.extend_to(length);
        now.failed.extend_to(length);
        drop(now);
        self.save()
    }

    /// Fails if the map describes the files in another directory.
    pub fn require_target(&mut self, target: &Path) -> Outcome {
        let target = target
            .canonicalize()
            .map_err(|error| Failure::host(target, error))?;
        let target = escaped(&target.to_string_lossy());
        if let Some(other) = self.target.as_ref().filter(|other| **other != target) {
            let message =
                format_args!("this map is about the files in {other}; name a new file for another directory");
            return Err(self.refused(message));
        }
        self.goes_on = self.target.is_some();
        Ok(())
    }

    fn refused(&self, why: impl Display) -> Failure {
        Failure::usage(format_args!("{}: {why}", self.option)).at(self.path.display())
    }

    /// Makes it the map of a directory, which must have no file of the disc that the map does not know.
    pub fn enter(&mut self, target: &Path) -> Outcome {
        let target = target
            .canonicalize()
            .map_err(|error| Failure::host(target, error))?;
        self.target = Some(escaped(&target.to_string_lossy()));
        self.save()
    }

    /// Whether it is another program's map, which no run can continue from.
    pub fn is_foreign(&self) -> bool {
        self.foreign.is_some()
    }

    /// Whether this run can complete the files of an earlier one.
    pub fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// The bytes that the file of this name below the directory lacks; none if it is whole.
    pub fn lacking(&self, name: &str) -> Vec<Range<u64>> {
        self.lacking.get(name).cloned().unwrap_or_default()
    }

    /// Notes what a file lacks. If it lacks more than before, the map file says so at once: a file must not
    /// have its name before the map says that it is not whole.
    pub fn note(&mut self, name: &str, missing: &Missing) -> Outcome {
        self.set_lacking(name, missing.ranges())
    }

    /// Notes that a file has another name.
    pub fn note_link(&mut self, first: &str, name: &str) -> Outcome {
        self.set_lacking(name, self.lacking(first))?;
        match self.copies.get(first) {
            Some(copy) => self.note_copy(name, copy),
            None => Ok(()),
        }
    }

    /// What the file of this name below the directory is, if salvaging wrote it.
    pub fn copy_of(&self, name: &str) -> Option<Copy> {
        self.copies.get(name)
    }

    /// Notes what a file is. The map file says so at once: a file must not have its name before.
    pub fn note_copy(&mut self, name: &str, copy: Copy) -> Outcome {
        match self.copies.note(name, copy) {
            Some(line) => self.append(&format!("# {OF_COPY}{line}\n")),
            None => Ok(()),
        }
    }

    fn set_lacking(&mut self, name: &str, ranges: Vec<Range<u64>>) -> Outcome {
        if self.lacking(name) == ranges {
            return Ok(());
        }
        if ranges.is_empty() {
            // Until the map is written, it says that the file lacks what it has: then that is read again.
            self.lacking.remove(name);
            return Ok(());
        }
        let line = format!("# {}\n", lacking_line(name, &ranges));
        self.lacking.insert(name.to_owned(), ranges);
        self.append(&line)
    }

    /// Appends a comment to the map file. Writing the whole map for each damaged file would take as long as
    /// reading them.
    fn append(&mut self, line: &str) -> Outcome {
        if self.foreign.is_some() {
            return Ok(());
        }
        let file = match self.added.take() {
            Some(file) => Ok(file),
            None => OpenOptions::new().append(true).open(&self.path),
        };
        let added = file.and_then(|mut file| file.write_all(line.as_bytes()).map(|()| file));
        match added {
            Ok(file) => {
                self.added = Some(file);
                Ok(())
            }
            // Replacing a file needs no right to write to it.
            Err(_) => self.save(),
        }
    }

    /// Writes the map if the last write was a while ago.
    pub fn save_now_and_then(&mut self) -> Outcome {
        if self.is_due() { self.save() } else { Ok(()) }
    }

    /// Whether the last write was a while ago.
    pub fn is_due(&self) -> bool {
        // A map of many files takes time to write.
        self.saved.elapsed() >= SAVED_EACH.max(self.took * SHARE)
    }

    /// Writes the map in place of the old file, at once.
    pub fn save(&mut self) -> Outcome {
        let began = Instant::now();
        let saved = self.write();
        self.saved = Instant::now();
        self.took = began.elapsed();
        saved
    }

    fn write(&mut self) -> Outcome {
        if self.foreign.is_some() {
            return Ok(());
        }
        self.added = None;
        let text = self.text();
        let host = |error| Failure::host(&self.path, error);
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        let builder = builder.permissions(Permissions::from_mode(0o666));
        let mut file = builder
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map_err(host)?;
        if let Ok(before) = fs::metadata(&self.path) {
            file.as_file()
                .set_permissions(before.permissions())
                .map_err(host)?;
        }
        file.write_all(text.as_bytes()).map_err(host)?;
        file.as_file().sync_all().map_err(host)?;
        file.persist(&self.path).map_err(|error| host(error.error))?;
        Ok(())
    }

    fn text(&self) -> String {
        let mut now = lock(&self.now);
        let areas = &mut now.areas;
        areas.clear_comments();
        areas.comment("Mapfile. Created by oncefs");
        areas.comment(&format!("{OF_DISC}{}", self.disc.as_deref().unwrap_or_default()));
        if let Some(target) = &self.target {
            areas.comment(&format!("{OF_TARGET}{target}"));
        }
        if !self.structures.is_empty() {
            areas.comment(&format!("{OF_STRUCTURES}{}", in_words(&self.structures)));
        }
        if !self.samples.is_empty() {
            let samples: Vec<String> = self
                .samples
                .iter()
                .map(|sample| format!("{}:{:016x}", sample.byte, sample.digest))
                .collect();
            areas.comment(&format!("{OF_SAMPLES}{}", samples.join(",")));
        }
        for (name, ranges) in &self.lacking {
            areas.comment(&lacking_line(name, ranges));
        }
        for line in self.copies.lines() {
            areas.comment(&format!("{OF_COPY}{line}"));
        }
        areas.to_string()
    }
}

impl Now {
    fn note(&mut self, blocks: &Range<Lba>, outcome: ReadOutcome) {
        let byte = |at: Lba| u64::from(at.0) * BLOCK_SIZE as u64;
        let bytes = byte(blocks.start)..byte(blocks.end);
        if outcome == ReadOutcome::Unreadable {
            self.failed.set(bytes.clone(), Status::Bad);
            self.areas.set(bytes, Status::Bad);
            return;
        }
        self.areas.set(bytes.clone(), Status::Finished);
        let failed = self.failed.areas_in(bytes);
        for area in failed.filter(|area| area.status == Status::Bad) {
            self.areas.set(area.bytes, Status::Bad);
        }
    }
}

/// Identifies a disc, also within its set, and its state.
fn identity(volume: &Volume) -> String {
    let primary = &volume.descriptors().primary;
    let state = volume.vat_icb().unwrap_or(volume.descriptors().anchor);
    let words = [
        primary.volume_set_identifier.decode_lossy(),
        primary.volume_sequence_number.get().to_string(),
        primary.volume_identifier.decode_lossy(),
        primary.recording_date_and_time.to_string(),
        state.0.to_string(),
    ];
    words.map(|word| escaped(&word)).join(", ")
}

/// The comment that a file lacks ranges of bytes.
fn lacking_line(name: &str, ranges: &[Range<u64>]) -> String {
    format!("{OF_LACKING}{} {}", in_words(ranges), escaped(name))
}

/// Ranges as [`parsed`] reads them.
fn in_words(ranges: &[Range<u64>]) -> String {
    let ranges: Vec<String> = ranges
        .iter()
        .map(|range| format!("{}-{}", range.start, range.end))
        .collect();
    ranges.join(",")
}

/// A text on one line: `%`, a space at either end and control characters become `%` and two digits a byte.
fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::new();
    for (at, one) in text.chars().enumerate() {
        let is_end = one == ' ' && (at == 0 || at == last);
        if one == '%' || one.is_control() || is_end {
            let mut bytes = [0; 4];
            for byte in one.encode_utf8(&mut bytes).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        } else {
            escaped.push(one);
        }
    }
    escaped
}

/// Undoes [`escaped`].
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Ranges of bytes: `0-2048,4096-6144`.
fn parsed(ranges: &str) -> Option<Vec<Range<u64>>> {
    let range = |text: &str| {
        let (start, end) = text.split_once('-')?;
        let range = start.parse().ok()?..end.parse().ok()?;
        (range.start < range.end).then_some(range)
    };
    ranges.split(',').map(range).collect()
}

/// Makes ranges ascending and disjoint.
fn join<T: std::marker::Copy + Ord>(ranges: &mut Vec<Range<T>>) {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let is_continued = next.start <= last.end;
        if is_continued {
            last.end = last.end.max(next.end);
        }
        is_continued
    });
}

/// Samples: `655360:0123456789abcdef,...`.
fn samples_of(text: &str) -> Option<Vec<Sample>> {
    let sample = |text: &str| {
        let (byte, digest) = text.split_once(':')?;
        Some(Sample {
            byte: byte.parse().ok()?,
            digest: u64::from_str_radix(digest, 16).ok()?,
        })
    };
    text.split(',').map(sample).collect()
}

/// The blocks that contain any of these bytes.
fn blocks_of(bytes: &Range<u64>) -> Range<u32> {
    let block = BLOCK_SIZE as u64;
    let number = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
    number(bytes.start / block)..number(bytes.end.div_ceil(block))
}

fn lock(now: &Mutex<Now>) -> MutexGuard<'_, Now> {
    now.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_one_word_of_a_comment_and_comes_back() {
        for name in ["a b", " a\nb%41 ", "%", "ü/é", "", "\u{85}"] {
            let line = escaped(name);
            assert!(!line.contains('\n') && line.trim() == line, "{line:?}");
            assert_eq!(unescaped(&line), name);
        }
    }

    #[test]
    fn only_ranges_with_bytes_are_parsed() {
        assert_eq!(parsed("0-5,7-9"), Some(vec![0..5, 7..9]));
        assert_eq!(parsed("5-5"), None);
        assert_eq!(parsed("5"), None);
        assert_eq!(parsed(""), None);
    }
}
