//! Which files of the host are added, and how.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use ecma167::BLOCK_SIZE;

use super::Capacity;
use super::interval::parse_interval;
use crate::source::WindowsNames;

/// What `add` and `burn` have in common.
#[derive(Args, Debug)]
pub struct Selecting {
    /// The directory on the disc to add to; made where it does not exist
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub into: String,
    /// Leave out what matches: a name, or with a slash a path on the disc below --into; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// The name of what comes from a descriptor: `-`, /dev/stdin, /dev/fd/N; once for each
    #[arg(long, value_name = "NAME")]
    pub name: Vec<OsString>,
    /// Record nothing where a file changes or cannot be read meanwhile, or where it is interrupted
    #[arg(long, conflicts_with = "commit_every")]
    pub all_or_nothing: bool,
    /// Commit in between, whenever so much is recorded (4G) or so much time has passed (90s, 10m, 1h)
    #[arg(long, value_name = "SIZE|TIME", value_parser = parse_commit_every)]
    pub commit_every: Option<CommitEvery>,
    /// Record paths that are longer than the 1,023 bytes of UDF too; other systems may not open them
    #[arg(long)]
    pub deep: bool,
    /// What becomes of names that Windows cannot open, as CON, `a?`, or A beside a
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub windows_names: WindowsNames,
}

/// When a commit in between is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitEvery {
    /// After so many bytes.
    Bytes(u64),
    /// After so much time.
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
        _ => Err("a size, as 700M or 4G, or a time, as 90s, 10m or 1h".into()),
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
