//! The attached recorders.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tcmu::{Error, FoundUnit, Nodes};

use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::terminal::Shown;

/// The directory of LIO in configfs.
pub(super) const TARGET: &str = "/sys/kernel/config/target";
/// Marks the recorders of this program.
pub(super) const OWNER: &str = "oncefs";

/// The attached recorders; none if the kernel has no such devices.
pub(super) fn found() -> Outcome<Vec<FoundUnit>> {
    match tcmu::find(Path::new(TARGET), OWNER) {
        Err(Error::NoTarget(_)) => Ok(Vec::new()),
        found => Ok(found?),
    }
}

/// A recorder as shown.
#[derive(Debug, Serialize)]
pub(super) struct Attached {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) block: Option<PathBuf>,
    pub(super) generic: Option<PathBuf>,
    /// Whether its program is running.
    answered: bool,
}

impl Attached {
    pub(super) fn of(found: &FoundUnit) -> Self {
        let nodes = found.loopback.as_ref().map(tcmu::Loopback::nodes);
        Self::new(
            &found.name,
            &found.medium,
            nodes.unwrap_or_default(),
            found.backstore.is_answered(),
        )
    }

    pub(super) fn new(name: &str, image: &str, nodes: Nodes, answered: bool) -> Self {
        let path = |node: String| Path::new("/dev").join(node);
        Self {
            name: name.to_owned(),
            image: image.to_owned(),
            block: nodes.block.map(path),
            generic: nodes.generic.map(path),
            answered,
        }
    }
}

impl fmt::Display for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = |node: &Option<PathBuf>| {
            node.as_ref()
                .map_or("-".into(), |node| node.display().to_string())
        };
        let (block, generic) = (node(&self.block), node(&self.generic));
        let dead = if self.answered {
            ""
        } else {
            " (its program is gone)"
        };
        writeln!(f, "{}: {block} {generic} {}{dead}", self.name, Shown(&self.image))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = Self::new(Exit::Failed, FailureKind::Kernel, &error);
        if !rustix::process::geteuid().is_root() {
            return failure.hint("only root can make kernel devices");
        }
        match error {
            Error::NoTarget(_) if !Path::new("/sys/kernel/config").is_dir() => {
                failure.hint("`modprobe configfs`, then `mount -t configfs none /sys/kernel/config`")
            }
            Error::NoTarget(_) => failure.hint(
                "`modprobe -a target_core_user tcm_loop`; configfs has to be mounted: `mount -t configfs none /sys/kernel/config`",
            ),
            Error::Kernel { .. } => failure.hint("`modprobe -a target_core_user tcm_loop`, if it was not done"),
            _ => failure,
        }
    }
}
