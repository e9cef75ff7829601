//! Keeps account of each file that is copied.

use std::collections::HashSet;
use std::path::Path;

use oncefs::RecordedAddress;
use oncefs::nodes::{Body, ExtentKind, Node, NodeKind, Volume};
use oncefs::salvage::{State, View};

use super::report::{FileReport, OfState, Report};
use super::same::{Same, contents};
use crate::extract::{Beside, Done, From, Witness};
use crate::failure::Failure;
use crate::rescue::Version;

/// Hears of each file of a volume.
pub struct Account<'a> {
    view: View<'a>,
    report: &'a mut Report,
    same: &'a mut Same,
    /// The directory of the volume below the target; empty for the first.
    prefix: &'a str,
    /// The first sector of a partition of which earlier versions of nodes are left, the later the higher.
    ground: Option<u32>,
    versions: bool,
    /// The directories that were entered: a hostile disc may name one from many places.
    entered: HashSet<RecordedAddress>,
    /// The first sectors of the bodies of these.
    bodies: HashSet<u32>,
    /// How many bytes of directories are still entered: those of a hostile disc may share their names.
    room: u64,
    /// What that was at the beginning.
    all_room: u64,
    /// Whether directories are entered once more, for other versions.
    is_again: bool,
}

impl<'a> Account<'a> {
    /// For the files of a volume. `ground` is where the partition below a virtual one begins; `versions` if
    /// earlier versions are copied too. Its directories together are no longer than `room`, unless they share
    /// blocks.
    pub fn new(
        view: View<'a>,
        report: &'a mut Report,
        same: &'a mut Same,
        prefix: &'a str,
        ground: Option<u32>,
        versions: bool,
        room: u64,
    ) -> Self {
        Self {
            view,
            report,
            same,
            prefix,
            ground,
            versions,
            entered: HashSet::new(),
            bodies: HashSet::new(),
            all_room: room,
            room,
            is_again: false,
        }
    }

    /// Whether to enter a directory. It has one name; a second one leads to what is copied already.
    pub fn enters(&mut self, volume: &mut Volume, path: &str, node: &Node) -> bool {
        if !self.entered.insert(node.address) {
            return false;
        }
        if self.view.state(node.address) == State::Older && !self.is_again {
            self.report.totals.older_directories += 1;
        }
        let is_new = first_sector(volume, node).is_none_or(|first| self.bodies.insert(first));
        if let Some(left) = self.room.checked_sub(node.size()).filter(|_| is_new) {
            self.room = left;
            return true;
        }
        if self.is_again {
            return false;
        }
        self.report.totals.left_out += 1;
        self.report.add_file(&FileReport {
            path: path.to_owned(),
            size: Some(node.size()),
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

    fn version(&mut self, volume: &mut Volume, node: &Node) -> Version {
        Version {
            sector: volume.resolve(node.address).ok().map(|sector| sector.0),
            state: self.view.state(node.address),
            is_certain: self.view.is_certain(node),
            contents: contents(volume, node),
            is_in_order: self.ground.is_some(),
        }
    }

    fn copied(&mut self, path: &str, done: &Done<'_>) {
        let Done {
            version,
            size,
            missing,
            from,
        } = *done;
        let state = match from {
            From::Beside => OfState::Earlier,
            From::Node | From::EarlierRun => version.state.into(),
        };
        self.report.add_file(&FileReport {
            path: path.to_owned(),
            size: Some(size),
            whole: missing.is_empty() && version.is_certain,
            uncertain: !version.is_certain,
            state: Some(state),
            sector: version.sector,
            missing: missing.iter().map(|range| [range.start, range.end]).collect(),
            reason: None,
        });
    }

    fn failed(&mut self, path: &str, of: Option<(&Node, Version)>, failure: &Failure) {
        let version = of.map(|(_, version)| version);
        self.report.add_file(&FileReport {
            path: path.to_owned(),
            size: of.map(|(node, _)| node.size()),
            whole: false,
            uncertain: version.is_some_and(|version| !version.is_certain),
            state: version.map(|version| version.state.into()),
            sector: version.and_then(|version| version.sector),
            missing: Vec::new(),
            reason: Some(failure.reason_at(Path::new(path))),
        });
    }

    fn shortened(&mut self, name: &str, path: &str) {
        self.report.add_shortened(name, path);
    }

    fn begin_versions(&mut self) {
        self.entered.clear();
        self.bodies.clear();
        self.room = self.all_room;
        self.is_again = true;
    }

    fn versions(&mut self, volume: &mut Volume, node: &Node) -> Vec<Beside> {
        // A deleted file is one itself.
        let is_shown = |volume: &mut Volume| volume.node(node.address).is_ok_and(|shown| shown == *node);
        if !self.versions || node.kind != NodeKind::File || !is_shown(volume) {
            return Vec::new();
        }
        let others = self.view.other_versions(volume, node.address);
        let read = others.into_iter().filter_map(|other| {
            let node = other.node(volume).ok()?;
            let sector = self.ground?.checked_add(other.block.0)?;
            let version = Version {
                sector: Some(sector),
                state: State::Older,
                ..self.version(volume, &node)
            };
            Some(Beside {
                end: format!("~{sector}"),
                node,
                version,
            })
        });
        read.collect()
    }
}
