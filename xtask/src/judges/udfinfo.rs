//! `udfinfo` must agree with what we say about a volume.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::findings::Findings;
use crate::program::Info;
use crate::scenarios::State;

/// Runs udfinfo on every state.
pub fn judge_by_udfinfo(shell: &Shell, states: &[State], findings: &Findings) -> Result<()> {
    for state in states {
        let image = &state.image;
        let output = cmd!(shell, "udfinfo --utf8 {image}")
            .quiet()
            .ignore_status()
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let found = differences(&state.info, &text, &words)?;
        findings.judged(&format!("{}: by udfinfo", state.name), &found);
    }
    Ok(())
}

/// The differences from what we say, in its values and its other output.
pub fn differences(info: &Info, said: &str, words: &str) -> Result<Vec<String>> {
    let mut found: Vec<String> = words
        .lines()
        .filter(|line| !is_expected(line, info))
        .map(str::to_owned)
        .collect();
    found.extend(disagreements(info, &values(said))?);
    Ok(found)
}

/// Two warnings concern what the standard requires of a closed write-once volume.
fn is_expected(warning: &str, info: &Info) -> bool {
    let closed = info
        .sessions
        .iter()
        .filter(|session| session.state == "closed")
        .count();
    // The partition extends to the end of the medium, so the anchors of a closed session are in it (UDF
    // 6.10.1).
    closed >= 1 && warning.ends_with("Partition Space overlaps with other blocks")
        // Each session has its own anchor and descriptor sequences; they describe one volume.
        || closed >= 2 && warning.contains("contain different location of Main Volume Descriptor Sequence")
}

fn disagreements(info: &Info, theirs: &BTreeMap<&str, &str>) -> Result<Vec<String>> {
    let volume = info.volume.as_ref().context("info without a volume")?;
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let (vat, files, directories) = (
        number(volume.vat_icb),
        number(volume.files),
        number(volume.directories),
    );
    // udfinfo's revision is the least that a reader needs, and 2.60 adds nothing for readers.
    let ours = [
        ("label", volume.label.as_str()),
        ("udfwriterev", &volume.udf_revision),
        (
            "udfrev",
            if volume.udf_revision == "2.60" {
                "2.50"
            } else {
                &volume.udf_revision
            },
        ),
        ("vatblock", &vat),
        ("numfiles", &files),
        ("numdirs", &directories),
        ("accesstype", "writeonce"),
        ("integrity", if volume.clean { "closed" } else { "opened" }),
    ];
    Ok(ours
        .into_iter()
        .filter(|(key, value)| theirs.get(key) != Some(value))
        .map(|(key, value)| format!("{key}: {value:?} in oncefs, {:?} in udfinfo", theirs.get(key)))
        .collect())
}

/// The lines `key=value`.
fn values(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once('=')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_key() {
        let text = "label=a=b\nnumfiles=3\nstart=16, blocks=3, type=VRS\n";
        assert_eq!(values(text).get("label"), Some(&"a=b"));
        assert_eq!(values(text).get("numfiles"), Some(&"3"));
    }
}
