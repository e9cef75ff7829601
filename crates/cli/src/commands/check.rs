//! `oncefs check`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use oncefs::check::{FindingKind, Options, Report, Severity};
use serde::Serialize;

use super::Tools;
use crate::arguments::Check;
use crate::discs::How;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::count;
use crate::terminal::Shown;

/// The findings on a disc. The fields are in the order of the JSON.
#[derive(Serialize)]
struct Judgement {
    volume: VolumeSummary,
    errors: u64,
    warnings: u64,
    notes: u64,
    /// How often each rule was broken; for a very frequent kind not every finding is kept.
    kinds: BTreeMap<&'static str, u64>,
    /// Errors first.
    findings: Vec<ShownFinding>,
}

#[derive(Serialize)]
struct VolumeSummary {
    udf_revision: Option<String>,
    files: u64,
    directories: u64,
    generations: u64,
}

#[derive(Serialize)]
struct ShownFinding {
    severity: String,
    place: String,
    clause: &'static str,
    kind: &'static str,
    rule: &'static str,
    detail: String,
}

/// Checks the volume on a disc.
pub fn run(tools: &Tools, arguments: &Check) -> Outcome {
    let options = Options {
        read_data: arguments.data,
        ..Options::default()
    };
    let how = How {
        until: arguments.until,
        ..How::default()
    };
    let disc = tools.discs.options_as(&arguments.disc, how)?;
    let report = disc.check(&arguments.disc, &options)?;
    let judgement = Judgement::of(&report);
    tools.output.result(&judgement)?;
    let is_only_interrupted = report.errors() == report.count(FindingKind::VatIcbNotLast);
    if let Some(failed) = report.into_interrupted() {
        return Err(Failure::from(failed)).at(arguments.disc.display());
    }
    if judgement.errors == 0 {
        return Ok(());
    }
    let errors = count(judgement.errors, "error", "errors");
    let failure = Failure::new(Exit::Damaged, FailureKind::ErrorsFound, errors);
    Err(if is_only_interrupted {
        failure.hint(
            "a recording was interrupted: `oncefs recover DISC --write` records the VAT at the end again",
        )
    } else {
        failure
    })
    .at(arguments.disc.display())
}

impl Judgement {
    fn of(report: &Report) -> Self {
        let mut findings: Vec<_> = report.findings().iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let summary = report.summary();
        Self {
            volume: VolumeSummary {
                udf_revision: summary.revision.map(|revision| revision.to_string()),
                files: summary.files,
                directories: summary.directories,
                generations: summary.generations,
            },
            errors: report.errors(),
            warnings: report.warnings(),
            notes: report.of_severity(Severity::Note),
            kinds: report
                .kinds()
                .map(|kind| (kind.name(), report.count(kind)))
                .collect(),
            findings: findings
                .into_iter()
                .map(|finding| ShownFinding {
                    severity: finding.severity.to_string(),
                    place: finding.place.to_string(),
                    clause: finding.clause,
                    kind: finding.kind.name(),
                    rule: finding.kind.rule(),
                    detail: finding.detail.clone(),
                })
                .collect(),
        }
    }
}

/// Places listed for each kind; the JSON has more.
const PLACES: usize = 4;

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut severity = "";
        let mut shown = BTreeSet::new();
        for first in &self.findings {
            if !shown.insert(first.kind) {
                continue;
            }
            if first.severity != severity {
                severity = &first.severity;
                writeln!(f, "{severity}s")?;
            }
            let count = self.kinds.get(first.kind).copied().unwrap_or(1);
            write!(f, "  {}: {} ({})", first.kind, first.rule, first.clause)?;
            writeln!(
                f,
                "{}",
                if count > 1 {
                    format!(", {count} times")
                } else {
                    String::new()
                }
            )?;
            let same = self.findings.iter().filter(|found| found.kind == first.kind);
            for found in same.take(PLACES) {
                found.fmt(f)?;
            }
            let listed = PLACES as u64;
            if count > listed {
                writeln!(f, "    and {} more", count - listed)?;
            }
        }
        if let Some(revision) = &self.volume.udf_revision {
            let files = count(self.volume.files, "file", "files");
            let directories = count(self.volume.directories, "directory", "directories");
            write!(f, "UDF {revision}, {files}, {directories}: ")?;
        }
        let errors = count(self.errors, "error", "errors");
        let warnings = count(self.warnings, "warning", "warnings");
        let notes = count(self.notes, "note", "notes");
        writeln!(f, "{errors}, {warnings}, {notes}")
    }
}

impl fmt::Display for ShownFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() {
            return writeln!(f, "    {}", self.place);
        }
        writeln!(f, "    {}: {}", self.place, Shown(&self.detail))
    }
}
