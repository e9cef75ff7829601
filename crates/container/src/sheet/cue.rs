//! Cue sheets (CDRWIN).

use super::description::{FILES, Sheet, SheetTrack, TRACKS, text};
use crate::bytes::Bytes;

/// Frames, which are sectors, of a second.
const FRAMES: u32 = 75;

/// Blocks between two sessions of a CD: the lead-out of the first session or of a later one, and the lead-in
/// and the pregap of the next (docs/understanding/media.md).
const FIRST_LEAD_OUT: u32 = 6750;
const LATER_LEAD_OUT: u32 = 2250;
const LEAD_IN: u32 = 4500;
const PREGAP: u32 = 150;

/// A track whose indexes are still being read.
#[derive(Default)]
struct Open {
    track: SheetTrack,
    /// The frames of its first index, and of index 1.
    begins: Option<u32>,
    plays: Option<u32>,
    /// Frames before and after it that no file has.
    pregap: Option<u32>,
    postgap: u32,
    session: u32,
}

/// The files named so far; the lines of a sheet describe the last one.
#[derive(Default)]
struct Files {
    names: Vec<String>,
    is_binary: bool,
}

impl Files {
    fn add(&mut self, rest: &str) -> Option<()> {
        let (name, kind) = quoted(rest)?;
        // The path is of the system that made the image; only the image's own directory counts.
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        self.names.push(name.to_owned());
        self.is_binary = kind.eq_ignore_ascii_case("BINARY") || kind.eq_ignore_ascii_case("MOTOROLA");
        Some(())
    }

    fn last(&self) -> Option<usize> {
        self.names.len().checked_sub(1)
    }
}

pub(super) fn read(bytes: &dyn Bytes) -> Option<Sheet> {
    parse(&text(bytes)?)
}

fn parse(text: &str) -> Option<Sheet> {
    let mut files = Files::default();
    let mut session = 1;
    let mut open: Vec<Open> = Vec::new();
    for line in text.lines() {
        let (word, rest) = split(line.trim());
        match &*word.to_ascii_uppercase() {
            "FILE" if files.names.len() < FILES => files.add(rest)?,
            "TRACK" if open.len() < TRACKS => {
                let (number, mode) = split(rest);
                let (stride, is_data) = mode_of(mode.trim())?;
                open.push(Open {
                    track: SheetTrack {
                        number: number.parse().ok()?,
                        file: files.last()?,
                        stride,
                        is_data: is_data && files.is_binary,
                        ..SheetTrack::default()
                    },
                    session,
                    ..Open::default()
                });
            }
            "INDEX" => open.last_mut()?.index(rest, &files)?,
            "PREGAP" => open.last_mut()?.pregap = Some(frames(rest.trim())?),
            "POSTGAP" => open.last_mut()?.postgap = frames(rest.trim())?,
            "REM" => session = session_of(rest).unwrap_or(session),
            "FILE" | "TRACK" => return None,
            _ => {}
        }
    }
    if files.names.is_empty() {
        return None;
    }
    Some(Sheet {
        container: "a cue sheet",
        tracks: placed(open)?,
        names: files.names,
        by_file: true,
    })
}

/// The number in a remark `SESSION 02`.
fn session_of(remark: &str) -> Option<u32> {
    let (word, number) = split(remark);
    word.eq_ignore_ascii_case("SESSION")
        .then(|| number.trim().parse().ok())?
}

impl Open {
    fn index(&mut self, rest: &str, files: &Files) -> Option<()> {
        let (number, time) = split(rest);
        let frames = frames(time.trim())?;
        if self.plays.is_none() && files.last()? != self.track.file {
            // The previous file has only the pregap, at its end.
            self.track.file = files.last()?;
            self.track.is_data &= files.is_binary;
            self.begins = None;
        }
        self.begins.get_or_insert(frames);
        if number.parse::<u32>().ok()? == 1 {
            self.plays.get_or_insert(frames);
        }
        Some(())
    }

    /// The blocks of the disc between the previous track and this one that no file has.
    fn gap(&self, before: &Self) -> Option<u32> {
        let gap = before.postgap.checked_add(self.pregap.unwrap_or(0))?;
        if before.session == self.session {
            return Some(gap);
        }
        let lead_out = if before.session == 1 {
            FIRST_LEAD_OUT
        } else {
            LATER_LEAD_OUT
        };
        let is_stated = self.pregap.is_some() || self.plays > self.begins;
        let pregap = if is_stated { 0 } else { PREGAP };
        gap.checked_add(lead_out + LEAD_IN + pregap)
    }
}

/// The tracks by byte. Tracks of one file follow each other, each with sectors of its own size.
fn placed(open: Vec<Open>) -> Option<Vec<SheetTrack>> {
    let mut tracks: Vec<SheetTrack> = Vec::new();
    let mut before: Option<(Open, u64)> = None;
    for this in open {
        let plays = this.plays.or(this.begins)?;
        let begins = this.begins?;
        let stride = u64::from(this.track.stride);
        let begin_byte = match &before {
            Some((before, byte)) if before.track.file == this.track.file => {
                let frames = begins.checked_sub(before.begins?)?;
                byte.checked_add(u64::from(frames) * u64::from(before.track.stride))?
            }
            _ => u64::from(begins) * stride,
        };
        if let Some(last) = tracks.last_mut().filter(|last| last.file == this.track.file) {
            last.length = Some(begin_byte.saturating_sub(last.start));
        }
        let gap = before.as_ref().map_or(Some(0), |(before, _)| this.gap(before))?;
        let pregap = u64::from(plays.checked_sub(begins)?) * stride;
        tracks.push(SheetTrack {
            start: begin_byte.checked_add(pregap)?,
            address: plays,
            gap,
            ..this.track.clone()
        });
        before = Some((this, begin_byte));
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

    /// The addresses of the tracks of a sheet whose first file has 1,000 sectors and the others 500.
    fn addresses(text: &str) -> Vec<u32> {
        let mut sheet = parse(text).expect("a sheet");
        sheet.tracks.iter_mut().for_each(|track| track.is_data = true);
        let files: Vec<Vec<u8>> = (0..sheet.names.len())
            .map(|file| vec![0; if file == 0 { 1000 } else { 500 } * 2352])
            .collect();
        let files: Vec<&dyn Bytes> = files.iter().map(|file| file as &dyn Bytes).collect();
        let tracks = sheet.data_tracks(&files, 0);
        tracks.iter().map(|track| track.address).collect()
    }

    #[test]
    fn gaps_that_are_in_no_file_count_on_the_disc() {
        let sheet = "FILE a BINARY\nTRACK 01 MODE1/2352\nPREGAP 00:02:00\nINDEX 01 00:00:00\nPOSTGAP 00:01:00\n\
                     TRACK 02 MODE1/2352\nPREGAP 00:02:00\nINDEX 01 00:10:00\n\
                     FILE b BINARY\nTRACK 03 MODE1/2352\nINDEX 00 00:00:00\nINDEX 01 00:02:00\n";
        assert_eq!(addresses(sheet), [0, 75 + 150 + 750, 75 + 150 + 1000 + 150]);
    }

    #[test]
    fn a_later_session_begins_after_the_gaps_of_a_cd() {
        let track =
            |file, number| format!("FILE {file} BINARY\nTRACK {number} MODE2/2352\nINDEX 01 00:00:00\n");
        let sheet = ["a", "b", "c"].map(|file| track(file, "01"));
        let sheet = format!(
            "REM SESSION 01\n{}REM SESSION 02\n{}REM SESSION 03\n{}",
            sheet[0], sheet[1], sheet[2]
        );
        let second = 1000 + 11_400;
        assert_eq!(addresses(&sheet), [0, second, second + 500 + 6900]);
    }

    #[test]
    fn a_pregap_of_a_session_that_the_sheet_states_is_not_added_twice() {
        let sheet = |second: &str| {
            format!(
                "FILE a BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\nREM SESSION 02\n\
                 FILE b BINARY\nTRACK 02 MODE1/2352\n{second}"
            )
        };
        let in_file = addresses(&sheet("INDEX 00 00:00:00\nINDEX 01 00:02:00\n"));
        let stated = addresses(&sheet("PREGAP 00:02:00\nINDEX 01 00:00:00\n"));
        assert_eq!((in_file, stated), (vec![0, 12_400], vec![0, 12_400]));
    }

    #[test]
    fn a_pregap_may_be_at_the_end_of_the_file_before() {
        let sheet = "FILE a BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\nTRACK 02 MODE1/2352\n\
                     INDEX 00 00:12:00\nFILE b BINARY\nINDEX 01 00:00:00\n";
        assert_eq!(addresses(sheet), [0, 1000]);
        let tracks = parse(sheet).expect("a sheet").tracks;
        assert_eq!((tracks[1].file, tracks[1].start), (1, 0));
    }

    #[test]
    fn every_mode_of_data_has_the_size_of_its_sectors() {
        let modes = [
            ("MODE1/2048", 2048),
            ("MODE1/2352", 2352),
            ("MODE2/2048", 2048),
            ("MODE2/2336", 2336),
            ("MODE2/2352", 2352),
            ("CDI/2336", 2336),
            ("cdi/2352", 2352),
        ];
        for (mode, size) in modes {
            assert_eq!(mode_of(mode), Some((size, true)), "{mode}");
        }
        assert_eq!(mode_of("AUDIO"), Some((2352, false)));
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
