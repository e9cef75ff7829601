//! The map: areas in ascending order, which cover the disc without gaps.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::status::Status;

/// Consecutive bytes of a disc with one status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The bytes, from the start of the disc.
    pub bytes: Range<u64>,
    /// Their status.
    pub status: Status,
}

/// The areas of a disc. Adjacent areas have different statuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// The status from each byte on.
    starts: BTreeMap<u64, Status>,
    length: u64,
    comments: Vec<String>,
}

impl Map {
    /// A map of a disc of `length` bytes, none of them tried.
    #[must_use]
    pub fn of_length(length: u64) -> Self {
        Self {
            starts: BTreeMap::from([(0, Status::NonTried)]),
            length,
            comments: Vec::new(),
        }
    }

    /// The bytes that the map covers.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Extends the map to `length` bytes if it is shorter.
    pub fn extend_to(&mut self, length: u64) {
        let end = self.length;
        if length > end {
            self.length = length;
            self.put(end..length, Status::NonTried);
        }
    }

    /// The lines before the data, without `#`.
    #[must_use]
    pub fn comments(&self) -> &[String] {
        &self.comments
    }

    /// Adds a line before the data. Line breaks in it become spaces.
    pub fn comment(&mut self, line: &str) {
        self.comments.push(line.replace(['\n', '\r'], " "));
    }

    /// Removes all lines before the data.
    pub fn clear_comments(&mut self) {
        self.comments.clear();
    }

    /// Sets the status of some bytes; ignores bytes after the end of the map.
    pub fn set(&mut self, bytes: Range<u64>, status: Status) {
        self.put(bytes.start..bytes.end.min(self.length), status);
    }

    fn put(&mut self, bytes: Range<u64>, status: Status) {
        let Range { start, end } = bytes;
        if start >= end {
            return;
        }
        let after = self.status(end);
        let inside: Vec<u64> = self.starts.range(start..end).map(|(at, _)| *at).collect();
        for at in inside {
            self.starts.remove(&at);
        }
        let before = start.checked_sub(1).map(|at| self.status(at));
        if before != Some(status) {
            self.starts.insert(start, status);
        }
        if end < self.length {
            if after == status {
                self.starts.remove(&end);
            } else {
                self.starts.insert(end, after);
            }
        }
    }

    /// The status of a byte; after the end of the map, not tried.
    #[must_use]
    pub fn status(&self, at: u64) -> Status {
        if at >= self.length {
            return Status::NonTried;
        }
        let area = self.starts.range(..=at).next_back();
        area.map_or(Status::NonTried, |(_, status)| *status)
    }

    /// The areas that have some of these bytes, cut to them.
    pub fn areas_in(&self, bytes: Range<u64>) -> impl Iterator<Item = Area> {
        let end = bytes.end.min(self.length);
        let first = self.starts.range(..=bytes.start).next_back();
        let first = first.map_or(bytes.start, |(at, _)| *at);
        let starts = self.starts.range(first..end.max(first));
        let ends = starts.clone().skip(1).map(|(at, _)| *at).chain([end]);
        starts
            .zip(ends)
            .map(move |((at, status), end)| Area {
                bytes: (*at).max(bytes.start)..end,
                status: *status,
            })
            .filter(|area| !area.bytes.is_empty())
    }

    /// All areas.
    pub fn areas(&self) -> impl Iterator<Item = Area> {
        self.areas_in(0..self.length)
    }

    /// How many bytes have a status.
    #[must_use]
    pub fn bytes(&self, status: Status) -> u64 {
        let areas = self.areas().filter(|area| area.status == status);
        areas.map(|area| area.bytes.end - area.bytes.start).sum()
    }
}
