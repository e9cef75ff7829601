//! The kinds of failures.

use serde::Serialize;

/// The kind of a failure: a word for programs, as in `--json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// None of the others.
    Failed,
    /// The command line is wrong.
    Usage,
    /// The user stopped it.
    Interrupted,
    /// The host failed at a file.
    Io,
    /// A file of the host changed while it was read.
    Changed,
    /// A file system of the host is full.
    NoRoom,
    /// Another process has already reported it.
    AlreadyReported,
    /// The reader of the output is gone.
    BrokenPipe,
    /// Blocks cannot be read.
    Unreadable,
    /// The drive failed.
    Drive,
    /// The file system that holds the image is full.
    HostFull,
    /// Structures contradict each other, or cannot be read.
    Damaged,
    /// The disc has no volume.
    NoVolume,
    /// The volume has something that is not supported.
    Unsupported,
    /// The disc has no such file.
    NotFound,
    /// The path is not a disc.
    NotADisc,
    /// The side file exists without its image.
    NoImage,
    /// The medium has no room.
    MediumFull,
    /// Nothing can be recorded.
    ReadOnly,
    /// Something exists already.
    Exists,
    /// The medium is not blank.
    NotBlank,
    /// Another program has the disc.
    InUse,
    /// Image and side file do not fit together.
    Unproven,
    /// A later state of the volume cannot be read.
    GenerationLost,
    /// The host has mounted it.
    Mounted,
    /// The kernel did not make a device.
    #[cfg(feature = "recorder")]
    Kernel,
    /// The user was asked and declined.
    Declined,
    /// The tree is deeper than the program follows.
    TooDeep,
    /// There are more streams than the program reads.
    TooMany,
    /// `check` found errors.
    ErrorsFound,
    /// It is refused.
    Refused,
    /// Something is left out.
    Incomplete,
}

// Without the recorder one kind of the page is missing.
#[cfg(all(test, feature = "recorder"))]
mod tests {
    use std::collections::BTreeSet;

    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn the_page_on_messages_names_each_kind_and_no_other() -> Result<(), Box<dyn std::error::Error>> {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/using/messages.md");
        let page = std::fs::read_to_string(page)?;
        let kinds = page.split("\n## ").find(|part| part.starts_with("Kinds"));
        let kinds = kinds.ok_or("no section on kinds")?;
        // The first column of the table, and the sentence on those that are never printed.
        let cells = kinds.lines().filter_map(|line| {
            if line.starts_with("| `") {
                line.split('|').nth(1)
            } else {
                line.contains("never printed").then_some(line)
            }
        });
        let quoted = cells.flat_map(|text| text.split('`').skip(1).step_by(2));
        let named: BTreeSet<String> = quoted.map(str::to_owned).collect();
        let all: BTreeSet<String> = FailureKind::value_variants()
            .iter()
            .map(|kind| {
                Ok(serde_json::to_value(kind)?
                    .as_str()
                    .unwrap_or_default()
                    .to_owned())
            })
            .collect::<serde_json::Result<_>>()?;
        assert_eq!(named, all);
        Ok(())
    }
}
