//! The map of what was read of a damaged disc: `--mapfile`.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mapfile::{Map as Areas, Status};
use oncefs::nodes::{Body, ExtentKind, Volume};
use oncefs::{BLOCK_SIZE, Disc, Lba, ReadOutcome, Reading};
use tempfile::NamedTempFile;

use crate::among_devices::require_elsewhere;
use crate::failure::{Failure, Outcome};
use crate::trace_file::is_same;

/// The longest map file that is read.
const LONGEST: u64 = 256 << 20;
/// How often the map is written while files are copied.
const SAVED_EACH: Duration = Duration::from_secs(30);
/// What the comment that names the disc begins with.
const OF_DISC: &str = "oncefs disc ";

/// A map file, and what is read meanwhile.
pub struct Map {
    path: PathBuf,
    /// As the file was when the command began; `None` without a file.
    before: Option<Areas>,
    /// Whether another program made the map: it is only read.
    is_foreign: bool,
    /// Whether the blocks are those of an image, not of a drive.
    is_image: bool,
    now: Arc<Mutex<Now>>,
    saved: Instant,
}

/// What is known now.
struct Now {
    areas: Areas,
    /// What could not be read in this run. It stays unreadable when another read succeeds, because a file may
    /// lack it.
    failed: Areas,
}

/// How a disc is read with these options.
pub fn reading(retries: u32, map: Option<&Map>) -> Reading {
    let reading = Reading::new().retrying(retries);
    match map {
        Some(map) => map.apply(reading),
        None => reading,
    }
}

impl Map {
    /// Reads a map file, if there is one. A file that is no map is refused, and so are the files of the disc.
    pub fn open(path: &Path, disc: &Path) -> Outcome<Self> {
        let refused = |why: String| Failure::usage(format_args!("--mapfile: {why}")).at(path.display());
        if is_same(path, disc) || is_same(path, &Disc::new(disc).side_file()) {
            return Err(refused(
                "this is the image or its side file; name another file".into(),
            ));
        }
        require_elsewhere(path)?;
        let before = match File::open(path) {
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
        let is_foreign = before.as_ref().is_some_and(|areas| disc_of(areas).is_none());
        Ok(Self {
            path: path.to_owned(),
            is_foreign,
            is_image: !Disc::new(disc).is_device(),
            now: Arc::new(Mutex::new(Now {
                areas: before.clone().unwrap_or_else(|| Areas::of_length(0)),
                failed: Areas::of_length(0),
            })),
            before,
            saved: Instant::now(),
        })
    }

    /// Adds to a way to read: blocks that ddrescue did not read are left out, and what is read is noted.
    fn apply(&self, reading: Reading) -> Reading {
        let reading = match &self.before {
            Some(areas) if self.is_foreign => {
                let is_lost = |status| match status {
                    Status::Finished => false,
                    Status::Bad => true,
                    // An image has zeros where nothing was read; a drive may still read it.
                    _ => self.is_image,
                };
                let lost = areas.areas().filter(|area| is_lost(area.status));
                let mut blocks: Vec<Range<u32>> = lost.map(|area| blocks_of(&area.bytes)).collect();
                if self.is_image {
                    blocks.push(blocks_of(&(areas.length()..u64::MAX)));
                }
                reading.leaving_out(blocks)
            }
            _ => reading,
        };
        let now = Arc::clone(&self.now);
        reading.telling(move |blocks, outcome| lock(&now).note(&blocks, outcome))
    }

    /// Fails if the map is that of another disc; otherwise it is that of this one from now on.
    pub fn belong_to(&mut self, volume: &Volume) -> Outcome {
        let identifier = &volume.descriptors().primary.volume_set_identifier;
        let name = identifier.decode_lossy();
        let length = volume.medium_bytes();
        let mut now = lock(&self.now);
        if let Some(of) = self.before.as_ref().and_then(disc_of)
            && of != name.trim()
        {
            let message = "--mapfile: this map is that of another disc; name a new file";
            return Err(Failure::usage(message).at(self.path.display()));
        }
        if self.before.is_none() {
            now.areas.comment("Mapfile. Created by oncefs");
            now.areas.comment(&format!("{OF_DISC}{name}"));
        }
        now.areas.extend_to(length);
        now.failed.extend_to(length);
        Ok(())
    }

    /// Whether an earlier run of this program made the map, so that files that it left can be completed.
    pub fn goes_on(&self) -> bool {
        self.before.is_some() && !self.is_foreign
    }

    /// The bytes of a body that no earlier run read, in order.
    pub fn unread(&self, volume: &mut Volume, body: &Body) -> Outcome<Vec<Range<u64>>> {
        let Some(before) = &self.before else {
            return Ok(std::iter::once(0..body.len()).collect());
        };
        let mut unread: Vec<Range<u64>> = Vec::new();
        for place in volume.places(body)? {
            let length = place.bytes.end - place.bytes.start;
            let medium = place.medium..place.medium.saturating_add(length);
            let known = before.areas_in(medium.clone());
            let lost = known.filter(|area| area.status != Status::Finished);
            let lost = lost.map(|area| area.bytes);
            let after = before.length().max(medium.start)..medium.end;
            for part in lost.chain((!after.is_empty()).then_some(after)) {
                let shift = |at: u64| place.bytes.start + (at - medium.start);
                let part = shift(part.start)..shift(part.end);
                match unread.last_mut().filter(|last| last.end == part.start) {
                    Some(last) => last.end = part.end,
                    None => unread.push(part),
                }
            }
        }
        if let Body::Extents(extents) = body {
            // No run finds where it is: each says so.
            let lost = extents
                .last()
                .filter(|last| matches!(last.kind, ExtentKind::Lost(_)));
            unread.extend(lost.map(|lost| lost.offset..body.len()));
        }
        Ok(unread)
    }

    /// Writes the map if it was not written for a while.
    pub fn save_now_and_then(&mut self) -> Outcome {
        if self.saved.elapsed() < SAVED_EACH {
            return Ok(());
        }
        self.save()
    }

    /// Writes the map in place of the old file, at once.
    pub fn save(&mut self) -> Outcome {
        self.saved = Instant::now();
        if self.is_foreign {
            return Ok(());
        }
        let text = lock(&self.now).areas.to_string();
        let host = |error| Failure::host(&self.path, error);
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(host)?;
        file.write_all(text.as_bytes()).map_err(host)?;
        file.as_file().sync_all().map_err(host)?;
        file.persist(&self.path).map_err(|error| host(error.error))?;
        Ok(())
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

/// The disc that a map of this program is of.
fn disc_of(areas: &Areas) -> Option<&str> {
    let mut comments = areas.comments().iter();
    comments
        .find_map(|comment| comment.strip_prefix(OF_DISC.trim_end()))
        .map(str::trim)
}

/// The blocks that have some of these bytes.
fn blocks_of(bytes: &Range<u64>) -> Range<u32> {
    let block = BLOCK_SIZE as u64;
    let number = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
    number(bytes.start / block)..number(bytes.end.div_ceil(block))
}

fn lock(now: &Mutex<Now>) -> MutexGuard<'_, Now> {
    now.lock().unwrap_or_else(PoisonError::into_inner)
}
