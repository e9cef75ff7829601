//! The JSON of `oncefs map`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use oncefs::portrait::{Kind, Portrait, Run, Share};
use oncefs::{SessionState, Timestamp};
use serde::{Serialize, Serializer};

use crate::failure::Outcome;
use crate::output::written;
use crate::time;

/// The portrait. The fields are in the order of the JSON.
#[derive(Serialize)]
struct Shown<'a> {
    label: &'a str,
    medium: Option<&'a str>,
    udf_revision: &'a str,
    blocks: u32,
    kinds: BTreeMap<&'static str, u64>,
    sessions: Vec<SessionShown>,
    generations: Vec<GenerationShown<'a>>,
    readers: Vec<ReaderShown<'a>>,
    contents: ContentsShown<'a>,
    findings: Vec<FindingShown<'a>>,
    unread_nodes: u64,
    blocks_not_looked_at: u64,
    names_left_out: u64,
    runs: Runs<'a>,
}

#[derive(Serialize)]
struct SessionShown {
    number: u16,
    start: u32,
    last_recorded: Option<u32>,
    state: &'static str,
}

#[derive(Serialize)]
struct GenerationShown<'a> {
    number: u32,
    session: u16,
    block: Option<u32>,
    time: Option<String>,
    blocks: u32,
    label: &'a str,
    /// `None` if the generation cannot be read.
    added_files: Option<u64>,
    changed_files: Option<u64>,
    removed_files: Option<u64>,
    renamed_files: Option<u64>,
    more_bytes: i128,
    unread: u64,
}

#[derive(Serialize)]
struct ReaderShown<'a> {
    readers: &'static str,
    opens: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct ContentsShown<'a> {
    files: u64,
    directories: u64,
    bytes: u64,
    oldest: Option<String>,
    newest: Option<String>,
    digest: Option<&'a str>,
    largest: Vec<ShareShown<'a>>,
}

#[derive(Serialize)]
struct ShareShown<'a> {
    path: &'a str,
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct FindingShown<'a> {
    severity: String,
    place: &'a str,
    clause: &'static str,
    kind: &'static str,
    rule: &'static str,
    detail: &'a str,
    block: Option<u32>,
    path: Option<String>,
}

/// The runs, written one by one.
struct Runs<'a>(&'a Portrait);

#[derive(Serialize)]
struct RunShown {
    start: u32,
    blocks: u32,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'static str>,
    generation: Option<u32>,
    path: Option<String>,
}

impl Serialize for Runs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = |run: &Run| RunShown {
            start: run.start,
            blocks: run.blocks,
            kind: run.kind.name(),
            was: match run.kind {
                Kind::Superseded(was) => Some(was.name()),
                _ => None,
            },
            generation: run.generation,
            path: self.0.path_of(run),
        };
        serializer.collect_seq(self.0.surface().runs().iter().map(shown))
    }
}

/// Writes the portrait.
pub fn write(portrait: &Portrait, out: &mut impl Write) -> Outcome {
    let subject = portrait.subject();
    let contents = portrait.contents();
    let left = portrait.left();
    let recorded = |time: &Timestamp| time::rfc3339(time);
    let kinds = Kind::ALL
        .iter()
        .map(|kind| kind.name())
        .zip(portrait.surface().totals());
    let shown = Shown {
        label: &subject.label,
        medium: subject.medium.as_deref(),
        udf_revision: &subject.revision,
        blocks: portrait.surface().blocks(),
        kinds: kinds.filter(|(_, blocks)| *blocks > 0).collect(),
        sessions: subject
            .sessions
            .iter()
            .map(|session| SessionShown {
                number: session.number,
                start: session.start.0,
                last_recorded: session.last_recorded.map(|last| last.0),
                state: match session.state {
                    SessionState::Open => "open",
                    SessionState::Closed => "closed",
                    SessionState::Empty => "empty",
                },
            })
            .collect(),
        generations: portrait
            .eras()
            .iter()
            .map(|era| GenerationShown {
                number: era.number,
                session: era.session,
                block: era.block,
                time: recorded(&era.recorded),
                blocks: era.blocks,
                label: &era.label,
                added_files: era.totals.map(|totals| totals.added.files),
                changed_files: era.totals.map(|totals| totals.changed.files),
                removed_files: era.totals.map(|totals| totals.removed.files),
                renamed_files: era.totals.map(|totals| totals.renamed.files),
                more_bytes: era.more_bytes(),
                unread: era.unread,
            })
            .collect(),
        readers: portrait
            .readers()
            .iter()
            .map(|reader| ReaderShown {
                readers: reader.name,
                opens: reader.opens.name(),
                why: &reader.why,
            })
            .collect(),
        contents: ContentsShown {
            files: contents.files,
            directories: contents.directories,
            bytes: contents.bytes,
            oldest: contents.modified.and_then(|(oldest, _)| recorded(&oldest)),
            newest: contents.modified.and_then(|(_, newest)| recorded(&newest)),
            digest: contents.digest.as_deref(),
            largest: contents
                .largest
                .iter()
                .map(|share: &Share| ShareShown {
                    path: &share.path,
                    files: share.files,
                    bytes: share.bytes,
                })
                .collect(),
        },
        findings: portrait
            .findings()
            .iter()
            .map(|finding| FindingShown {
                severity: finding.severity.to_string(),
                place: &finding.place,
                clause: finding.clause,
                kind: finding.kind,
                rule: finding.rule,
                detail: &finding.detail,
                block: finding.block,
                path: finding.owner.map(|owner| portrait.owners().path(owner)),
            })
            .collect(),
        unread_nodes: left.unread_nodes,
        blocks_not_looked_at: left.not_looked_at,
        names_left_out: left.names,
        runs: Runs(portrait),
    };
    serde_json::to_writer(&mut *out, &shown)
        .map_err(io::Error::from)
        .map_err(written)?;
    writeln!(out).map_err(written)
}
