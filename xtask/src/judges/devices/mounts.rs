//! Volumes mounted by the program: on a device, used by other programs, and afterwards read by the kernel's
//! own driver.

use anyhow::Result;

use super::{Bench, DISCS};
use crate::trees;

const SCRIPT: &str = include_str!("mounts.sh");

/// The judgements of each disc.
const JUDGED: &[&str] = &[
    "formatted",
    "begun",
    "in use",
    "copied by cp",
    "copied by rsync",
    "unpacked by tar",
    "verified by fio",
    "as cp was given it",
    "as tar was given it",
    "as rsync was given it",
    "changed",
    "synchronized",
    "closed",
    "continued",
    "not ended under a reader",
    "ended",
    "checked",
    "mounted by Linux",
    "contents in Linux",
    "names and attributes in Linux",
    "devices in Linux",
    "kept after a kill",
    "nothing else after a kill",
    "by mount(8)",
    "finalized",
    "detached",
];

/// The judgements of a mount by a user other than the superuser.
const OF_A_USER: &[&str] = &[
    "formatted",
    "mounted",
    "written",
    "not for others",
    "closed",
    "unmounted",
    "read",
    "detached",
];

/// Mounts volumes with the program, on every second medium from `first` on.
pub fn mount_on_devices(bench: &Bench<'_>, first: usize) -> Result<()> {
    let tree = bench.folder.join("tree");
    trees::every_kind(&tree)?;
    let modules = bench.kernel.folder.join("mounts");
    let mut script = SCRIPT
        .replace("@MOUNT_MODULES@", &modules.display().to_string())
        .replace("@TREE@", &tree.display().to_string());
    let mut expected = Vec::new();
    for (medium, capacity) in DISCS.iter().skip(first).step_by(2) {
        script += &format!("mounts {medium} {capacity}\n");
        expected.extend(JUDGED.iter().map(|judged| format!("{medium} mounted, {judged}")));
    }
    script += "by_a_user\n";
    expected.extend(OF_A_USER.iter().map(|judged| format!("by a user, {judged}")));
    bench.run(&script, &expected)?;
    Ok(())
}
