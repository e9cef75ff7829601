//! Keeps account of each file that is copied.

use std::collections::HashSet;
use std::ops::Range;

use oncefs::RecordedAddress;
use oncefs::nodes::{Body, ExtentKind, Node, NodeKind, Volume};
use oncefs::salvage::{State, View};

use super::report::{FileReport, Report};
use super::same::Same;
use crate::extract::Witness;
use crate::failure::Failure;

/// Hears of each file of a volume.
pub struct Account<'a> {
    view: View<'a>,
    report: &'a mut Report,
    same: &'a mut Same,
    /// The directory of the volume below the target; empty for the first.
    prefix: &'a str,
    versions: bool,
    /// The directories that were entered: a hostile disc may name one from many places.
    entered: HashSet<RecordedAddress>,
    /// The first sectors of the bodies of these.
    bodies: HashSet<u32>,
    /// How many bytes of directories are still entered: those of a hostile disc may share their names.
    room: u64,
}

impl<'a> Account<'a> {
    /// For the files of a volume; `versions` if earlier versions are copied too. Its directories together are
    /// no longer than `room`, unless they share blocks.
    pub fn new(
        view: View<'a>,
        report: &'a mut Report,
        same: &'a mut Same,
        prefix: &'a str,
        versions: bool,
        room: u64,
    ) -> Self {
        Self {
            view,
            report,
            same,
            prefix,
            versions,
            entered: HashSet::new(),
            bodies: HashSet::new(),
            room,
        }
    }

    /// Whether to enter a directory. It has one name; a second one leads to what is copied already.
    pub fn enters(&mut self, volume: &mut Volume, path: &str, node: &Node) -> bool {
        if !self.entered.insert(node.address) {
            return false;
        }
        if self.view.state(node.address) == State::Older {
            self.report.totals.older_directories += 1;
        }
        let is_new = first_sector(volume, node).is_none_or(|first| self.bodies.insert(first));
        if let Some(left) = self.room.checked_sub(node.size()).filter(|_| is_new) {
            self.room = left;
            return true;
        }
        self.report.totals.left_out += 1;
        self.report.add_file(FileReport {
            path: path.to_owned(),
            size: node.size(),
            whole: false,
            uncertain: false,
            state: Some(self.view.state(node.address).into()),
            sector: None,
            missing: Vec::new(),
            reason: Some("another directory has the same names; this one is left out".to_owned()),
        });
        false
    }
}

/// The sector with which the body of a node begins, if it is outside the entry.
fn first_sector(volume: &mut Volume, node: &Node) -> Option<u32> {
    let Body::Extents(extents) = volume.body(node).ok()? else {
        return None;
    };
    let first = extents.first()?;
    match first.kind {
        ExtentKind::Recorded(address) => Some(volume.resolve(address).ok()?.0),
        _ => None,
    }
}

impl Witness for Account<'_> {
    fn wants(&mut self, volume: &mut Volume, path: &str, node: &Node) -> bool {
        if node.kind == NodeKind::Directory {
            return self.enters(volume, path, node);
        }
        let inside = path.strip_prefix(self.prefix).unwrap_or(path);
        self.same.add(volume, inside, node)
    }

    fn copied(&mut self, volume: &mut Volume, path: &str, node: &Node, missing: &[Range<u64>]) {
        self.report.add_file(FileReport {
            path: path.to_owned(),
            size: node.size(),
            whole: missing.is_empty() && self.view.is_certain(node),
            uncertain: !self.view.is_certain(node),
            state: Some(self.view.state(node.address).into()),
            sector: volume.resolve(node.address).ok().map(|sector| sector.0),
            missing: missing.iter().map(|range| [range.start, range.end]).collect(),
            reason: None,
        });
    }

    fn failed(&mut self, path: &str, failure: &Failure) {
        self.report.add_file(FileReport {
            path: path.to_owned(),
            size: 0,
            whole: false,
            uncertain: false,
            state: None,
            sector: None,
            missing: Vec::new(),
            reason: Some(failure.message.clone()),
        });
    }

    fn versions(&mut self, volume: &mut Volume, node: &Node) -> Vec<(String, Node)> {
        // A deleted file is one itself.
        let is_shown = |volume: &mut Volume| volume.node(node.address).is_ok_and(|shown| shown == *node);
        if !self.versions || node.kind != NodeKind::File || !is_shown(volume) {
            return Vec::new();
        }
        let others = self.view.other_versions(volume, node.address);
        let read = others.into_iter().filter_map(|version| {
            let node = version.node(volume).ok()?;
            Some((format!("~{}", version.block.0), node))
        });
        read.collect()
    }
}
