//! A recorder by other authors: tgt has a blank DVD+R and one of our finalized images, and the guest's kernel
//! attaches them as drives over iSCSI. Every command must end, with a result or an error that says why, and
//! the image must read whole.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use xshell::Shell;

use super::answers::differences;
use crate::findings::Findings;
use crate::guest::{Guest, MEMORY_INSIDE, SHARED_INSIDE};
use crate::program::Program;
use crate::setup::Kernel;

/// Maximum duration of a boot.
const LIMIT: Duration = Duration::from_secs(10 * 60);

const SCRIPT: &str = include_str!("tgt.sh");

/// Makes the program use the drives of tgt.
pub fn use_tgt(
    shell: &Shell,
    kernel: &Kernel,
    program: &Program,
    folder: &Path,
    findings: &Findings,
) -> Result<()> {
    let modules = ["recorder", "iscsi"].map(|name| kernel.folder.join(name).display().to_string());
    let script = SCRIPT
        .replace("@MODULES@", &modules.join(" "))
        .replace("@PROGRAM@", &program.path().display().to_string())
        .replace("@SHARED@", SHARED_INSIDE)
        .replace("@MEMORY@", MEMORY_INSIDE);
    let said = Guest::new(shell, kernel, folder)?.run_script(&script, &[], LIMIT)?;
    for (name, pointer, expected) in expectations() {
        let what = format!("{name} on a drive of tgt, Linux {}", kernel.version);
        findings.judged(&what, &differences(&said, name, pointer, &expected));
    }
    Ok(())
}

/// The expected output of each step: its name, a JSON pointer, and the value there.
fn expectations() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("drives", "/0/medium/profile", json!("DVD+R")),
        ("drives", "/0/medium/status", json!("blank")),
        ("drives", "/1/medium/status", json!("finalized")),
        ("replay-sr0", "/0/medium/status", json!("blank")),
        ("replay-sr1", "/0/medium/status", json!("finalized")),
        ("blank-info", "/medium/status", json!("blank")),
        // Its next writable address is always 0.
        ("blank-format", "/kind", json!("drive")),
        ("blank-burn", "/kind", json!("drive")),
        ("blank-close", "/kind", json!("no-volume")),
        ("ours-info", "/medium/status", json!("finalized")),
        ("ours-check", "/errors", json!(0)),
        ("ours-add", "/kind", json!("read-only")),
        ("ours-content", "", Value::Null),
        ("ours-mounted", "", Value::Null),
    ]
}
