//! The tables of a page, which need no script: generations, sessions, readers, findings, what is unreadable,
//! and the largest directories.

use std::io::{self, Write};

use crate::picture::state;
use crate::portrait::Portrait;
use crate::words::{count, escaped, number, size, time};

/// The most rows of a table.
const MOST: usize = 500;

impl Portrait {
    pub(super) fn write_tables(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_generations(out)?;
        self.write_sessions(out)?;
        self.write_readers(out)?;
        self.write_findings(out)?;
        self.write_unreadable(out)?;
        self.write_largest(out)
    }

    fn write_generations(&self, out: &mut dyn Write) -> io::Result<()> {
        let heads = [
            "generation",
            "recorded",
            "session",
            "VAT ICB",
            "files",
            "bytes",
            "blocks",
            "share",
            "name",
        ];
        begin(out, "generations", "Generations", &heads)?;
        let most = self.eras.iter().map(|era| era.blocks).max().unwrap_or(0).max(1);
        let first = self.eras.len().saturating_sub(MOST);
        for era in &self.eras[first..] {
            let files = era.totals.map_or("cannot be read".to_owned(), |totals| {
                format!(
                    "+{} ~{} \u{2212}{}",
                    number(totals.added.files),
                    number(totals.changed.files),
                    number(totals.removed.files)
                )
            });
            let more = era.more_bytes();
            let sign = if more < 0 { "\u{2212}" } else { "+" };
            let more = size(u64::try_from(more.unsigned_abs()).unwrap_or(u64::MAX));
            let block = era.block.map_or("-".to_owned(), |block| number(block.into()));
            writeln!(
                out,
                "<tr data-era=\"{0}\"><th scope=\"row\">{0}</th><td>{1}</td><td class=\"n\">{2}</td>\
                 <td class=\"n\">{block}</td><td class=\"n\">{files}</td><td class=\"n\">{sign}{more}</td>\
                 <td class=\"n\">{3}</td><td><meter min=\"0\" max=\"{most}\" value=\"{4}\">{4}</meter></td>\
                 <td class=\"name\">{5}</td></tr>",
                era.number,
                escaped(&time(&era.recorded)),
                era.session,
                number(era.blocks.into()),
                era.blocks,
                escaped(&era.label)
            )?;
        }
        end(
            out,
            first,
            "older generation is not in this table",
            "older generations are not in this table",
        )
    }

    fn write_sessions(&self, out: &mut dyn Write) -> io::Result<()> {
        begin(
            out,
            "sessions",
            "Sessions",
            &["session", "state", "first block", "last block"],
        )?;
        let sessions = &self.subject.sessions;
        for session in sessions.iter().take(MOST) {
            let last = session.last_recorded;
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                session.number,
                state(session.state),
                number(session.start.0.into()),
                last.map_or("-".to_owned(), |last| number(last.0.into()))
            )?;
        }
        let left = sessions.len().saturating_sub(MOST);
        end(
            out,
            left,
            "session is not in this table",
            "sessions are not in this table",
        )
    }

    fn write_readers(&self, out: &mut dyn Write) -> io::Result<()> {
        begin(out, "readers", "Readers", &["readers", "open it", "because"])?;
        for reader in &self.readers {
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                reader.name,
                reader.opens.name(),
                escaped(&reader.why)
            )?;
        }
        end(out, 0, "", "")
    }

    fn write_findings(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.findings.is_empty() {
            let words = match self.is_checked {
                true => "The check found nothing.",
                false => "The volume was not checked.",
            };
            return writeln!(
                out,
                "<section id=\"findings\"><h2>Findings of the check</h2><p>{words}</p></section>"
            );
        }
        let heads = ["severity", "place", "block", "file", "found", "rule", "clause"];
        begin(out, "findings", "Findings of the check", &heads)?;
        for finding in self.findings.iter().take(MOST) {
            let path = finding.owner.map(|owner| self.owners.path(owner));
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"name\">{}</td>\
                 <td class=\"name\">{}</td><td>{}</td><td>{}</td></tr>",
                finding.severity,
                escaped(&finding.place),
                link(finding.block),
                escaped(&path.unwrap_or_default()),
                escaped(&finding.detail),
                escaped(finding.rule),
                escaped(finding.clause)
            )?;
        }
        let left = self.findings.len().saturating_sub(MOST);
        end(
            out,
            left,
            "finding is not in this table",
            "findings are not in this table",
        )
    }

    fn write_unreadable(&self, out: &mut dyn Write) -> io::Result<()> {
        let runs: Vec<_> = self.unreadable().collect();
        if runs.is_empty() {
            return writeln!(
                out,
                "<section id=\"unreadable\"><h2>Unreadable</h2><p>No unreadable block is known.</p></section>"
            );
        }
        begin(
            out,
            "unreadable",
            "Unreadable",
            &["first block", "blocks", "file"],
        )?;
        for run in runs.iter().take(MOST) {
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"name\">{}</td></tr>",
                link(Some(run.start)),
                number(run.blocks.into()),
                escaped(&self.path_of(run).unwrap_or_else(|| "no file".to_owned()))
            )?;
        }
        let left = runs.len().saturating_sub(MOST);
        end(
            out,
            left,
            "run is not in this table",
            "runs are not in this table",
        )
    }

    fn write_largest(&self, out: &mut dyn Write) -> io::Result<()> {
        begin(
            out,
            "largest",
            "Largest directories",
            &["directory", "files", "bytes"],
        )?;
        for share in &self.contents.largest {
            writeln!(
                out,
                "<tr><th scope=\"row\" class=\"name\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escaped(&share.path),
                number(share.files),
                size(share.bytes)
            )?;
        }
        let left = self
            .contents
            .directories
            .saturating_sub(self.contents.largest.len() as u64);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        end(
            out,
            left,
            "directory is not in this table",
            "directories are not in this table",
        )
    }
}

fn begin(out: &mut dyn Write, id: &str, title: &str, heads: &[&str]) -> io::Result<()> {
    write!(
        out,
        "<section id=\"{id}\"><h2>{title}</h2><div class=\"wide\"><table><thead><tr>"
    )?;
    for head in heads {
        write!(out, "<th scope=\"col\">{head}</th>")?;
    }
    writeln!(out, "</tr></thead><tbody>")
}

fn end(out: &mut dyn Write, left: usize, one: &str, many: &str) -> io::Result<()> {
    write!(out, "</tbody></table></div>")?;
    if left > 0 {
        write!(out, "<p class=\"note\">{}.</p>", count(left as u64, one, many))?;
    }
    writeln!(out, "</section>")
}

/// A block that the script makes a button of, which goes there.
fn link(block: Option<u32>) -> String {
    match block {
        Some(block) => format!("<span data-block=\"{block}\">{}</span>", number(block.into())),
        None => "-".to_owned(),
    }
}
