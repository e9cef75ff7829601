//! `udfinfo` has to agree with what we say of a volume.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::findings::Findings;
use crate::scenarios::State;

/// Ask udfinfo about every state.
pub fn judge_by_udfinfo(shell: &Shell, states: &[State], findings: &Findings) -> Result<()> {
    for state in states {
        let image = &state.image;
        let output = cmd!(shell, "udfinfo --locale=C.UTF-8 {image}")
            .quiet()
            .ignore_status()
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut found: Vec<String> = words.lines().map(str::to_owned).collect();
        found.extend(disagreements(state, &values(&text))?);
        findings.judged(&format!("{}: by udfinfo", state.name), &found);
    }
    Ok(())
}

fn disagreements(state: &State, theirs: &BTreeMap<&str, &str>) -> Result<Vec<String>> {
    let volume = state.info.volume.as_ref().context("info without a volume")?;
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let (vat, files, directories) = (
        number(volume.vat_icb),
        number(volume.files),
        number(volume.directories),
    );
    let ours = [
        ("label", volume.label.as_str()),
        ("udfrev", &volume.udf_revision),
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
