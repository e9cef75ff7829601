//! Cue sheets (CDRWIN).

use super::description::{FILES, Sheet, SheetTrack, TRACKS, text};
use crate::bytes::Bytes;

/// Frames, which are sectors, of a second.
const FRAMES: u32 = 75;

/// A track while its indexes are read.
#[derive(Default)]
struct Open {
    track: SheetTrack,
    /// The frames of its first index, and of index 1.
    begins: Option<u32>,
    plays: Option<u32>,
}

pub(super) fn read(bytes: &dyn Bytes) -> Option<Sheet> {
    parse(&text(bytes)?)
}

fn parse(text: &str) -> Option<Sheet> {
    let mut names: Vec<String> = Vec::new();
    let mut is_binary = false;
    let mut open: Vec<Open> = Vec::new();
    for line in text.lines() {
        let (word, rest) = split(line.trim());
        match &*word.to_ascii_uppercase() {
            "FILE" if names.len() < FILES => {
                let (name, kind) = quoted(rest)?;
                // A path of the system that made the image; only its own directory counts.
                let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
                names.push(name.to_owned());
                is_binary = kind.eq_ignore_ascii_case("BINARY") || kind.eq_ignore_ascii_case("MOTOROLA");
            }
            "TRACK" if open.len() < TRACKS => {
                let (number, mode) = split(rest);
                let (stride, is_data) = mode_of(mode.trim())?;
                open.push(Open {
                    track: SheetTrack {
                        number: number.parse().ok()?,
                        file: names.len().checked_sub(1)?,
                        stride,
                        is_data: is_data && is_binary,
                        ..SheetTrack::default()
                    },
                    ..Open::default()
                });
            }
            "INDEX" => {
                let (number, time) = split(rest);
                let frames = frames(time.trim())?;
                let track = open.last_mut()?;
                track.begins.get_or_insert(frames);
                if number.parse::<u32>().ok()? == 1 {
                    track.plays.get_or_insert(frames);
                }
            }
            "FILE" | "TRACK" => return None,
            _ => {}
        }
    }
    if names.is_empty() {
        return None;
    }
    Some(Sheet {
        container: "a cue sheet",
        tracks: placed(open)?,
        names,
        by_file: true,
    })
}

/// The tracks by byte. Tracks of one file follow each other, each with sectors of its own size.
fn placed(open: Vec<Open>) -> Option<Vec<SheetTrack>> {
    let mut tracks: Vec<SheetTrack> = Vec::new();
    let mut before: Option<(usize, u32, u64, u32)> = None;
    for Open { track, begins, plays } in open {
        let plays = plays.or(begins)?;
        let begins = begins?;
        let (begin_byte, stride) = match before {
            Some((file, frame, byte, stride)) if file == track.file => {
                let frames = begins.checked_sub(frame)?;
                (
                    byte.checked_add(u64::from(frames) * u64::from(stride))?,
                    track.stride,
                )
            }
            _ => (u64::from(begins) * u64::from(track.stride), track.stride),
        };
        if let Some(last) = tracks.last_mut().filter(|last| last.file == track.file) {
            last.length = Some(begin_byte.saturating_sub(last.start));
        }
        let pregap = u64::from(plays.checked_sub(begins)?) * u64::from(stride);
        before = Some((track.file, begins, begin_byte, stride));
        tracks.push(SheetTrack {
            start: begin_byte.checked_add(pregap)?,
            address: plays,
            ..track
        });
    }
    Some(tracks)
}

/// Bytes of a sector, and whether it is data.
fn mode_of(mode: &str) -> Option<(u32, bool)> {
    let mode = mode.to_ascii_uppercase();
    match &*mode {
        "AUDIO" => return Some((2352, false)),
        "CDG" => return Some((2448, false)),
        _ => {}
    }
    let (_, size) = mode.split_once('/')?;
    let size = size.parse().ok()?;
    (2048..=4096).contains(&size).then_some((size, true))
}

fn frames(time: &str) -> Option<u32> {
    let mut parts = time.split(':').map(|part| part.parse::<u32>().ok());
    let (minutes, seconds, frames) = (parts.next()??, parts.next()??, parts.next()??);
    minutes
        .checked_mul(60)?
        .checked_add(seconds)?
        .checked_mul(FRAMES)?
        .checked_add(frames)
}

fn split(line: &str) -> (&str, &str) {
    line.split_once(char::is_whitespace)
        .map_or((line, ""), |(word, rest)| (word, rest.trim_start()))
}

/// A name, in quotation marks or up to the last space, and the word after it.
fn quoted(rest: &str) -> Option<(&str, &str)> {
    if let Some(inner) = rest.strip_prefix('"') {
        let (name, kind) = inner.rsplit_once('"')?;
        return Some((name, kind.trim()));
    }
    let (name, kind) = rest.rsplit_once(char::is_whitespace)?;
    Some((name.trim(), kind.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_begins_after_the_sectors_of_the_tracks_before_it() {
        let sheet = parse(
            "REM made by hand\nFILE \"C:\\discs\\a b.bin\" BINARY\n  TRACK 01 MODE1/2048\n    INDEX 01 00:00:00\n  \
             TRACK 02 AUDIO\n    INDEX 00 00:02:00\n    INDEX 01 00:04:00\n  TRACK 03 MODE2/2352\n    INDEX 01 00:06:10\n",
        )
        .expect("a sheet");
        assert_eq!(sheet.names, ["a b.bin"]);
        let places: Vec<_> = sheet
            .tracks
            .iter()
            .map(|track| (track.start, track.length, track.address))
            .collect();
        let second = 150 * 2048;
        let third = second + (460 - 150) * 2352;
        assert_eq!(
            places,
            [
                (0, Some(second), 0),
                (second + 150 * 2352, Some(third - second - 150 * 2352), 300),
                (third, None, 460),
            ]
        );
        assert_eq!(
            sheet.tracks.iter().map(|track| track.is_data).collect::<Vec<_>>(),
            [true, false, true]
        );
    }

    #[test]
    fn other_text_is_no_cue_sheet() {
        for text in [
            "",
            "FILE",
            "TRACK 01 AUDIO",
            "FILE a BINARY\nTRACK x AUDIO",
            "Dear reader\nFILE that away",
            "FILE a BINARY\nINDEX 01 00:00:00",
        ] {
            let sheet = parse(text);
            assert!(sheet.is_none_or(|sheet| sheet.tracks.is_empty()), "{text}");
        }
    }

    #[test]
    fn times_beyond_any_number_are_refused() {
        let sheet = "FILE a BINARY\nTRACK 1 MODE1/2352\nINDEX 01 4294967295:00:00";
        assert_eq!(parse(sheet), None);
        let backwards =
            "FILE a BINARY\nTRACK 1 MODE1/2352\nINDEX 01 00:09:00\nTRACK 2 AUDIO\nINDEX 01 00:01:00";
        assert_eq!(parse(backwards), None);
    }
}
