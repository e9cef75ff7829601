//! The text of `oncefs map`: a line for each session, and a legend.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::ops::Range;

use oncefs::portrait::{Bar, Kind, Part, Portrait};

use crate::commands::add::size;
use crate::output::count;
use crate::terminal::Shown;

/// Columns before the cells.
const BEFORE: usize = 34;
/// The columns where standard output is no terminal.
const COLUMNS: usize = 100;

/// How the text looks.
#[derive(Clone, Copy)]
pub struct Style {
    cells: usize,
    is_coloured: bool,
}

/// The text.
pub struct Text<'a> {
    pub portrait: &'a Portrait,
    pub style: Style,
}

impl Style {
    /// That for standard output.
    pub fn of_terminal() -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_none_or(|value| value == "dumb");
        let size = rustix::termios::tcgetwinsize(&stdout)
            .ok()
            .filter(|_| is_terminal);
        let columns = size.map_or(COLUMNS, |size| usize::from(size.ws_col));
        Self {
            cells: columns.saturating_sub(BEFORE + 1).clamp(16, 400),
            is_coloured: is_terminal && !is_refused,
        }
    }

    /// A letter in the colour of its kind, and what ends the colour.
    fn paint(self, kind: Kind) -> (String, &'static str) {
        if self.is_coloured {
            (format!("\x1b[38;5;{}m", colour(kind)), "\x1b[0m")
        } else {
            (String::new(), "")
        }
    }
}

/// A colour of the 256 of a terminal, near that of the pictures.
fn colour(kind: Kind) -> u8 {
    match kind {
        Kind::Data => 39,
        Kind::Node => 36,
        Kind::Directory => 214,
        Kind::Vat => 175,
        Kind::Recognition => 141,
        Kind::Anchor => 231,
        Kind::Descriptors => 97,
        Kind::Copies => 143,
        Kind::Superseded(_) => 245,
        Kind::Unnamed => 137,
        Kind::Padding | Kind::Gap => 240,
        Kind::Unreadable => 202,
        Kind::KeptBack => 184,
        Kind::Free => 242,
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.portrait.subject();
        let blocks = self.portrait.surface().blocks();
        let medium = subject.medium.as_deref().unwrap_or("unknown medium");
        writeln!(
            f,
            "'{}', UDF {}, {medium}: {blocks} blocks, {}",
            Shown(&subject.label),
            subject.revision,
            size(u64::from(blocks) * 2048)
        )?;
        for Part { name, blocks } in self.portrait.parts() {
            self.line(f, &name, &blocks)?;
        }
        self.legend(f)?;
        self.left(f)
    }
}

impl Text<'_> {
    fn line(&self, f: &mut fmt::Formatter<'_>, name: &str, part: &Range<u32>) -> fmt::Result {
        let last = part.end.saturating_sub(1);
        let place = format!("{}-{last}", part.start);
        write!(f, "{name:<17} {place:<15} ")?;
        let bar = Bar::of(self.portrait.surface(), part, self.style.cells);
        let mut before = None;
        let mut end = "";
        for cell in bar.cells() {
            if before != Some(cell.kind.index()) {
                let (start, reset) = self.style.paint(cell.kind);
                write!(f, "{end}{start}")?;
                end = reset;
                before = Some(cell.kind.index());
            }
            write!(f, "{}", cell.kind.letter())?;
        }
        writeln!(f, "{end}")
    }

    fn legend(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = u64::from(self.portrait.surface().blocks()).max(1);
        for (kind, blocks) in Kind::ALL.into_iter().zip(self.portrait.surface().totals()) {
            if blocks == 0 {
                continue;
            }
            let (start, end) = self.style.paint(kind);
            let share = blocks as f64 * 100.0 / all as f64;
            let (letter, label) = (kind.letter(), kind.label());
            let bytes = size(blocks * 2048);
            writeln!(
                f,
                "  {start}{letter}{end} {label:<24} {blocks:>11} blocks {share:>6.2} %  {bytes}"
            )?;
        }
        Ok(())
    }

    fn left(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.portrait.left();
        let mut say = |number: u64, one: &str, many: &str| match number {
            0 => Ok(()),
            number => writeln!(f, "{}", count(number, one, many)),
        };
        say(
            left.unread_nodes,
            "node or directory cannot be read",
            "nodes and directories cannot be read",
        )?;
        say(
            left.not_looked_at,
            "block was not looked at",
            "blocks were not looked at",
        )?;
        say(
            left.names,
            "file is left out, and its blocks count for its directory",
            "files are left out, and their blocks count for their directories",
        )?;
        if left.is_cut {
            writeln!(
                f,
                "there are more extents than are kept, so blocks of files count as unnamed"
            )?;
        }
        for finding in self.portrait.findings() {
            let path = finding.owner.map(|owner| self.portrait.owners().path(owner));
            let path = path.map_or(String::new(), |path| format!(" '{}'", Shown(&path)));
            writeln!(
                f,
                "{}: {}{path}: {} ({})",
                finding.severity, finding.place, finding.rule, finding.clause
            )?;
        }
        Ok(())
    }
}
