//! `dvd+rw-mediainfo`, `cd-info` and udfclient's `cd_sessions` must agree with `oncefs info` about medium and
//! sessions.

use std::path::Path;

use anyhow::{Context, Result};

use crate::program::Info;

/// Their differences about the disc in a state; their output is in files with the state's name.
pub fn disagreements(folder: &Path, state: &str) -> Result<Vec<String>> {
    let read = |kind: &str| std::fs::read_to_string(folder.join(format!("{state}.{kind}")));
    let info: Info = serde_json::from_str(&read("info")?).context("oncefs info")?;
    let mut found = by_cd_sessions(&info, &read("sessions")?);
    found.extend(match read("mediainfo") {
        Ok(said) => by_mediainfo(&info, &said),
        Err(_) => by_cd_info(&info, &read("cd-info")?),
    });
    Ok(found)
}

fn by_mediainfo(info: &Info, said: &str) -> Vec<String> {
    let status = match info.medium.status.as_str() {
        "finalized" => "complete",
        status => status,
    };
    let next = numbers(said, "Next Writable Address:").last().copied();
    let ours = (
        Some(status.to_owned()),
        numbers_of(info.sessions.len()),
        info.medium.next_writable_address,
    );
    let theirs = (
        value(said, "Disc status:"),
        value(said, "Number of Sessions:"),
        next,
    );
    compared("dvd+rw-mediainfo", &ours, &theirs)
}

fn by_cd_sessions(info: &Info, said: &str) -> Vec<String> {
    let state = match info.medium.status.as_str() {
        "blank" => "empty",
        "appendable" => "incomplete",
        _ => "full",
    };
    let first_word = |value: String| value.split_whitespace().next().map(str::to_owned);
    let ours = (Some(state.to_owned()), starts(info, false));
    let theirs = (
        value(said, "disc state         :").and_then(first_word),
        numbers(said, "start  at"),
    );
    compared("cd_sessions", &ours, &theirs)
}

/// A CD has a table of contents for closed sessions; ours have one track each.
fn by_cd_info(info: &Info, said: &str) -> Vec<String> {
    let closed = starts(info, true);
    let tracks: Vec<u32> = said
        .lines()
        .filter(|line| line.contains(" data ") && line.contains(':'))
        .filter_map(|line| line.split_whitespace().nth(2)?.parse().ok())
        .collect();
    // It names a last session only if there are several.
    let last = closed.last().copied().filter(|_| closed.len() > 1);
    let theirs = numbers(said, "Last CD Session LSN:")
        .last()
        .copied()
        .filter(|_| closed.len() > 1);
    compared("cd-info", &(closed, last), &(tracks, theirs))
}

fn starts(info: &Info, closed: bool) -> Vec<u32> {
    info.sessions
        .iter()
        .filter(|session| !closed || session.state == "closed")
        .map(|session| session.start)
        .collect()
}

fn numbers_of(count: usize) -> Option<String> {
    Some(count.to_string())
}

fn compared<T: PartialEq + std::fmt::Debug>(who: &str, ours: &T, theirs: &T) -> Vec<String> {
    if ours == theirs {
        return Vec::new();
    }
    vec![format!("oncefs {ours:?}, {who} {theirs:?}")]
}

/// The value that follows a key.
fn value(said: &str, key: &str) -> Option<String> {
    let value = said.lines().find_map(|line| line.trim().strip_prefix(key))?;
    Some(value.trim().to_owned())
}

/// The number that follows each occurrence of a key.
fn numbers(said: &str, key: &str) -> Vec<u32> {
    said.lines()
        .filter_map(|line| line.trim().strip_prefix(key))
        .filter_map(|value| {
            let value = value.trim();
            let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
            value[..digits].parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(status: &str, next: &str, sessions: &str) -> Info {
        let text = format!(
            "{{\"medium\":{{\"profile\":null,\"status\":\"{status}\",\"next_writable_address\":{next}}},\"sessions\":[{sessions}],\"volume\":null}}"
        );
        serde_json::from_str(&text).expect("an info")
    }

    const CLOSED: &str = "{\"start\":0,\"last_recorded\":9,\"state\":\"closed\"}";
    const EMPTY: &str = "{\"start\":32,\"last_recorded\":null,\"state\":\"empty\"}";

    #[test]
    fn every_differing_number_is_a_difference() {
        let ours = info("appendable", "32", &format!("{CLOSED},{EMPTY}"));
        let said =
            " Disc status:           appendable\n Number of Sessions:    2\n Next Writable Address: 32*2KB\n";
        assert!(by_mediainfo(&ours, said).is_empty());
        assert_eq!(by_mediainfo(&ours, &said.replace("32*", "48*")).len(), 1);
        let said = "\tdisc state         : incomplete (appendable)\n\t\tstart  at         0\n\t\tstart  at         32\n";
        assert!(by_cd_sessions(&ours, said).is_empty());
        assert_eq!(by_cd_sessions(&ours, "").len(), 1);
    }

    #[test]
    fn cd_info_lists_the_tracks_of_closed_sessions() {
        let ours = info("appendable", "32", &format!("{CLOSED},{EMPTY}"));
        assert!(by_cd_info(&ours, "  1: 00:02:00  000000 data   false  no   \n").is_empty());
        assert_eq!(by_cd_info(&ours, "").len(), 1);
    }
}
