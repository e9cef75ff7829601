//! The results of the contests, for people and for programs.

use std::fmt::Write;

use super::contest::{Outcome, Standing};

/// The table of a contest. It has a column of bytes if files were created.
pub fn table(outcome: &Outcome) -> String {
    let width = outcome
        .standings
        .iter()
        .map(|one| one.name.len())
        .max()
        .unwrap_or(0);
    let made = outcome.standings.iter().any(|one| one.bytes > 0);
    let mut text = format!(
        "\n{}\n{:width$}  {:>8}  {:>8}  {:>6}  {:>8}",
        outcome.task, "", "s", "cpu s", "x", "peak MiB"
    );
    if made {
        let _ = write!(text, "  {:>13}  {:>11}", "bytes", "beyond/file");
    }
    text.push('\n');
    for one in &outcome.standings {
        let _ = writeln!(text, "{:width$}  {}", one.name, line(outcome, one, made));
    }
    text
}

fn line(outcome: &Outcome, one: &Standing, made: bool) -> String {
    if let Some(why) = &one.failed {
        return format!("did not finish: {}", why.lines().next().unwrap_or_default());
    }
    let mut text = format!(
        "{:8.3}  {:8.3}  {:6.2}  {:8.1}",
        one.seconds, one.cpu_seconds, one.ratio, one.peak_mib
    );
    if made && one.bytes > 0 {
        let beyond = one.bytes.saturating_sub(outcome.bytes) / outcome.files.max(1);
        let _ = write!(text, "  {:13}  {beyond:11}", one.bytes);
    }
    text
}
