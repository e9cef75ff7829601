//! One device and several processes: a kernel of the guest has a disc as `/dev/sda`, where the program
//! competes with itself, with `flock` of util-linux, and with a mount.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use xshell::Shell;

use super::answers::differences;
use crate::findings::Findings;
use crate::guest::{Guest, MEMORY_INSIDE};
use crate::program::Program;
use crate::setup::Kernel;

/// Maximum duration of a boot.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// Prints one line per request: a name, and the JSON that says how it ended.
const SCRIPT: &str = r#"
set -e
cd @MEMORY@
tries=0
until test -b /dev/sda; do
    tries=$((tries + 1))
    test $tries -lt 100
    sleep 0.2
done
ln -s /dev/sda link
mknod node b $(stat -c '%Hr %Lr' /dev/sda)
mkdir mounted
mkfifo pipe
ask() {
    name=$1
    shift
    answer=$("$@" 2>&1 >/dev/null) || true
    echo "$name $(echo "${answer:-{\}}" | tr -d '\n')"
}
close="@PROGRAM@ --json close"
read="@PROGRAM@ --json ls"

@PROGRAM@ cat /dev/sda /large > pipe &
exec 3< pipe
dd bs=1 count=1 <&3 > first 2>&1
ask read-beside-a-reader $read /dev/sda
ask record-beside-a-reader $close /dev/sda
ask record-through-a-link $close link
ask record-through-another-node $close node
exec 3<&-
wait
ask record-alone $close /dev/sda

exec 4< /dev/sda
flock --exclusive 4
ask read-beside-a-recorder $read /dev/sda
ask record-beside-a-recorder $close /dev/sda
echo "control-beside-a-recorder $(@PROGRAM@ --json fsctl /dev/sda query-on-disk-volume-info 2>/dev/null | tr -d '\n')"
exec 4<&-

mount -t udf -o ro /dev/sda mounted
ask read-what-is-mounted $read /dev/sda
ask record-on-what-is-mounted $close /dev/sda
umount mounted
ask record-after-the-mount $close /dev/sda
"#;

/// How each request must end: `kind` of its failure, or `status` of the control; null if it succeeds.
const ENDS: &[(&str, &str, Option<&str>)] = &[
    ("read-beside-a-reader", "/kind", None),
    ("record-beside-a-reader", "/kind", Some("in-use")),
    ("record-through-a-link", "/kind", Some("in-use")),
    ("record-through-another-node", "/kind", Some("in-use")),
    ("record-alone", "/kind", Some("read-only")),
    ("read-beside-a-recorder", "/kind", Some("in-use")),
    ("record-beside-a-recorder", "/kind", Some("in-use")),
    (
        "control-beside-a-recorder",
        "/status",
        Some("STATUS_SHARING_VIOLATION"),
    ),
    ("read-what-is-mounted", "/kind", None),
    ("record-on-what-is-mounted", "/kind", Some("mounted")),
    ("record-after-the-mount", "/kind", Some("read-only")),
];

/// Lets processes compete for a block device.
pub fn share_devices(
    shell: &Shell,
    kernel: &Kernel,
    program: &Program,
    folder: &Path,
    findings: &Findings,
) -> Result<()> {
    let image = record(program, folder)?;
    let script = SCRIPT
        .replace("@PROGRAM@", &program.path().display().to_string())
        .replace("@MEMORY@", MEMORY_INSIDE);
    let said = Guest::new(shell, kernel, folder)?.run_script(&script, &[&image], LIMIT)?;
    for (name, pointer, expected) in ENDS {
        let what = format!("{name} on a device of Linux {}", kernel.version);
        findings.judged(&what, &differences(&said, name, pointer, &json!(expected)));
    }
    Ok(())
}

/// A closed disc with a file that does not fit into a pipe.
fn record(program: &Program, folder: &Path) -> Result<std::path::PathBuf> {
    let (image, large) = (folder.join("disc.udf"), folder.join("large"));
    std::fs::write(&large, vec![1; 4 << 20])?;
    let (image_text, large) = (path_text(&image)?, path_text(&large)?);
    program.run(["burn", large, "--to", image_text, "--medium", "dvd+r", "--close"])?;
    Ok(image)
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str().context("the path of the repository is not UTF-8")
}
