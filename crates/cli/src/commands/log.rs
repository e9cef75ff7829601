//! `oncefs log`

use std::io::{self, BufWriter, Write};

use oncefs::{Change, Comparison, Count, Generation, Link, Past, Totals};
use serde::Serialize;

use super::{Tools, read};
use crate::arguments::{self, View};
use crate::changes::ShownChange;
use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::{Output, count, written};
use crate::terminal::Shown;
use crate::time;

/// What is known of a generation before it is compared. The fields are in the order of the JSON.
#[derive(Serialize)]
struct Head {
    number: u32,
    session: u16,
    /// The block of the medium with the VAT ICB.
    block: Option<u32>,
    time: Option<String>,
    link: &'static str,
    blocks: u32,
}

/// What a comparison found, after the changes themselves.
#[derive(Serialize)]
struct Sums {
    label: String,
    /// Nodes and directories that cannot be read, or the whole generation.
    unread: u64,
    added: Counted,
    changed: Counted,
    changed_bytes_before: u64,
    removed: Counted,
    renamed: Counted,
    linked: u64,
    unlinked: u64,
}

#[derive(Serialize)]
struct Counted {
    files: u64,
    directories: u64,
    bytes: u64,
}

/// Lists the generations of a disc as they are compared, so that there may be any number of them.
pub fn run(tools: &Tools, arguments: &arguments::Log) -> Outcome {
    let mut volume = read::open(tools, &arguments.disc, View::default())?;
    let past = volume.past()?;
    tell_gaps(tools.output, &past);
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut log = Log {
        out,
        json: tools.output.json,
        stat: arguments.stat,
        count: 0,
        unread: 0,
        width: past.generations().len().to_string().len(),
    };
    let mut comparison = volume.comparison();
    let listed = past
        .generations()
        .iter()
        .try_for_each(|generation| log.generation(&mut comparison, generation));
    drop(comparison);
    let listed = listed.and_then(|()| log.finish());
    read::require_newest(tools.output, &mut volume)?;
    let unread = listed?;
    let broken = past.broken().count();
    let mut missing = Vec::new();
    if broken > 0 {
        missing.push("generations may be missing: the chain of VATs is broken".to_owned());
    }
    if unread > 0 {
        missing.push(format!(
            "{} cannot be read, and changes may be missing",
            count(unread, "node or directory", "nodes and directories")
        ));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(Exit::Damaged, FailureKind::Damaged, missing.join("; "));
    Err(failure
        .hint("another drive may read more; `oncefs check DISC` shows what is damaged")
        .at(arguments.disc.display()))
}

/// Says where the list does not come from the chain alone.
pub(super) fn tell_gaps(output: Output, past: &Past) {
    let block = |generation: &Generation| generation.sector.map_or(0, |sector| sector.0);
    for generation in past.broken() {
        let found = match generation.number {
            1 => "none was found before",
            _ => "the one before was found by search",
        };
        output.warn(format_args!(
            "the VAT at block {} names an earlier one that cannot be read; {found}",
            block(generation)
        ));
    }
    for generation in past.left_out() {
        output.note(format_args!(
            "the VAT at block {} does not name the one before, which was found by search",
            block(generation)
        ));
    }
    if let [Generation { icb: None, .. }] = past.generations() {
        output.note("the disc has no VAT, and so one generation");
    }
}

struct Log<W> {
    out: W,
    json: bool,
    stat: bool,
    count: u64,
    unread: u64,
    /// Digits of the highest number.
    width: usize,
}

impl<W: Write> Log<W> {
    fn generation(&mut self, comparison: &mut Comparison<'_>, generation: &Generation) -> Outcome {
        let head = Head::of(generation);
        if self.json {
            self.json_head(&head)?;
        } else if self.stat {
            self.text_head(generation).map_err(written)?;
        }
        let mut totals = Totals::default();
        let mut listed: Outcome = Ok(());
        let mut number = 0_u64;
        let advanced = comparison.advance(generation, &mut |change| {
            totals.count(change);
            if self.stat && listed.is_ok() {
                listed = self.change(change, number);
                number += 1;
            }
        });
        listed?;
        let unread = match advanced {
            Ok(unread) => unread,
            Err(error) if error.is_damage() => {
                Failure::from(error).report(self.json);
                1
            }
            Err(error) => return Err(error.into()),
        };
        self.unread += unread;
        self.count += 1;
        let label = comparison.label();
        if self.json {
            let sums = Sums::of(&totals, label, unread);
            return self.json_sums(&sums).map_err(written);
        }
        if !self.stat {
            self.text_head(generation).map_err(written)?;
        }
        self.text_sums(generation, &totals, &label, unread)
            .map_err(written)
    }

    fn change(&mut self, change: &Change, number: u64) -> Outcome {
        let shown = ShownChange::of(change);
        if !self.json {
            return write!(self.out, "  {shown}").map_err(written);
        }
        let start = if number == 0 { "" } else { "," };
        write!(self.out, "{start}\n  ").map_err(written)?;
        serde_json::to_writer(&mut self.out, &shown)
            .map_err(io::Error::from)
            .map_err(written)
    }

    /// Starts an object, up to the changes.
    fn json_head(&mut self, head: &Head) -> Outcome {
        let start = if self.count == 0 { "[\n" } else { ",\n" };
        let text = serde_json::to_string(head)
            .map_err(io::Error::from)
            .map_err(written)?;
        let open = text.strip_suffix('}').unwrap_or(&text);
        write!(self.out, "{start}{open}").map_err(written)?;
        if self.stat {
            write!(self.out, ",\"changes\":[").map_err(written)?;
        }
        Ok(())
    }

    /// Ends the object.
    fn json_sums(&mut self, sums: &Sums) -> io::Result<()> {
        let text = serde_json::to_string(sums)?;
        let rest = text.strip_prefix('{').unwrap_or(&text);
        let end = if self.stat { "]," } else { "," };
        write!(self.out, "{end}{rest}")
    }

    fn text_head(&mut self, generation: &Generation) -> io::Result<()> {
        let Generation { number, session, .. } = generation;
        let width = self.width;
        let time = time::local(&generation.recorded);
        write!(self.out, "{number:>width$}  {time:<19}  session {session}")?;
        if let Some(sector) = generation.sector {
            write!(self.out, "  block {}", sector.0)?;
        }
        if self.stat { writeln!(self.out) } else { Ok(()) }
    }

    fn text_sums(
        &mut self,
        generation: &Generation,
        totals: &Totals,
        label: &str,
        unread: u64,
    ) -> io::Result<()> {
        let Totals {
            added,
            changed,
            removed,
            renamed,
            ..
        } = totals;
        let more = i128::from(added.bytes) + i128::from(changed.bytes)
            - i128::from(removed.bytes)
            - i128::from(totals.bytes_before);
        let start = if self.stat { "  " } else { "" };
        write!(
            self.out,
            "{start}  +{} ~{} -{} files  {more:+} bytes  {} blocks",
            added.files, changed.files, removed.files, generation.blocks
        )?;
        if renamed.files + renamed.directories > 0 {
            write!(self.out, "  {} renamed", renamed.files + renamed.directories)?;
        }
        if unread > 0 {
            write!(self.out, "  {unread} unread")?;
        }
        writeln!(self.out, "  '{}'", Shown(label))
    }

    /// Ends the list; returns what could not be read.
    fn finish(mut self) -> Outcome<u64> {
        if self.json {
            self.out.write_all(b"\n]\n").map_err(written)?;
        }
        self.out.flush().map_err(written)?;
        Ok(self.unread)
    }
}

impl Head {
    fn of(generation: &Generation) -> Self {
        Self {
            number: generation.number,
            session: generation.session,
            block: generation.sector.map(|sector| sector.0),
            time: time::rfc3339(&generation.recorded),
            link: match generation.link {
                Link::First => "first",
                Link::Chained => "chained",
                Link::LeftOut => "left-out",
                Link::Broken => "broken",
            },
            blocks: generation.blocks,
        }
    }
}

impl Sums {
    fn of(totals: &Totals, label: String, unread: u64) -> Self {
        Self {
            label,
            unread,
            added: totals.added.into(),
            changed: totals.changed.into(),
            changed_bytes_before: totals.bytes_before,
            removed: totals.removed.into(),
            renamed: totals.renamed.into(),
            linked: totals.linked,
            unlinked: totals.unlinked,
        }
    }
}

impl From<Count> for Counted {
    fn from(count: Count) -> Self {
        let Count {
            files,
            directories,
            bytes,
        } = count;
        Self {
            files,
            directories,
            bytes,
        }
    }
}
