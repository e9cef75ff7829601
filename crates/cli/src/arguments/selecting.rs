//! Which host files are added, and how.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use oncefs::BLOCK_SIZE;

use super::Capacity;
use super::interval::parse_interval;
use crate::source::WindowsNames;

/// The common options of `add` and `burn`.
#[derive(Args, Debug)]
pub struct Selecting {
    /// The directory on the disc to add to; made if it does not exist
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub into: String,
    /// Leave out files that match: a name, or with a slash a path on the disc below --into; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// The name for input from a descriptor: `-`, /dev/stdin, /dev/fd/N; once for each
    #[arg(long, value_name = "NAME")]
    pub name: Vec<OsString>,
    /// Record nothing if a file changes or cannot be read meanwhile, or on an interrupt
    #[arg(long, conflicts_with = "commit_every")]
    pub all_or_nothing: bool,
    /// Also commit after each such amount of data (4G) or time (90s, 10m, 1h)
    #[arg(long, value_name = "SIZE|TIME", value_parser = parse_commit_every)]
    pub commit_every: Option<CommitEvery>,
    /// Also record paths longer than the 1,023 bytes of UDF; other systems may not open them
    #[arg(long)]
    pub deep: bool,
    /// What to do with names that Windows cannot open, such as CON, `a?`, or A next to a
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub windows_names: WindowsNames,
}

/// When an intermediate commit is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitEvery {
    /// After this many bytes.
    Bytes(u64),
    /// After this much time.
    Time(Duration),
}

fn parse_commit_every(text: &str) -> Result<CommitEvery, String> {
    if text.ends_with(['s', 'm', 'h'])
        && let Ok(interval) = parse_interval(text)
        && let Some(time) = interval.0
    {
        return Ok(CommitEvery::Time(time));
    }
    match text.parse::<Capacity>() {
        Ok(Capacity(blocks)) if !text.ends_with(|c: char| c.is_ascii_digit()) => {
            Ok(CommitEvery::Bytes(u64::from(blocks) * BLOCK_SIZE as u64))
        }
        _ => Err("use a size, such as 700M or 4G, or a time, such as 90s, 10m or 1h".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_or_a_time_has_its_unit() {
        assert_eq!(parse_commit_every("4M"), Ok(CommitEvery::Bytes(4 << 20)));
        assert_eq!(
            parse_commit_every("90s"),
            Ok(CommitEvery::Time(Duration::from_secs(90)))
        );
        assert_eq!(
            parse_commit_every("10m"),
            Ok(CommitEvery::Time(Duration::from_secs(600)))
        );
        for wrong in ["", "100000", "m", "0s", "4x", "never", "-1M"] {
            assert!(parse_commit_every(wrong).is_err(), "{wrong}");
        }
    }
}
