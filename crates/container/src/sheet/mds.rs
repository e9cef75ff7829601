//! Images of Alcohol 120%: a descriptor beside a file of sectors.

use super::description::{LONGEST, Sheet, SheetTrack, TRACKS, with_suffix};
use crate::bytes::{Bytes, Fields as _, read_up_to};

/// The bytes of a session and of a track.
const SESSION: usize = 24;
const TRACK: usize = 80;
/// The first kind of medium that is a DVD.
const DVD: u16 = 0x10;
/// The low bits of the mode of a track with sound.
const AUDIO: u8 = 1;

pub(super) fn read(bytes: &dyn Bytes, own_name: &str) -> Option<Sheet> {
    let raw = read_up_to(bytes, 0, LONGEST)?;
    if !raw.starts_with(b"MEDIA DESCRIPTOR") || raw.get(16) != Some(&1) {
        return None;
    }
    let is_dvd = raw.le16(18)? >= DVD;
    let sessions = usize::from(raw.le16(20)?).min(TRACKS);
    let first = offset(raw.le32(80)?);
    let mut tracks = Vec::new();
    let mut name = None;
    for session in (0..sessions).map_while(|number| part(&raw, first, number, SESSION)) {
        let count = session[10];
        let first = offset(session.le32(20)?);
        for track in (0..usize::from(count)).map_while(|number| part(&raw, first, number, TRACK)) {
            let point = track[4];
            if !(1..=99).contains(&point) || tracks.len() >= TRACKS {
                continue;
            }
            name = name.or_else(|| file_name(&raw, track));
            let stride = u32::from(track.le16(16)?);
            let extra = track.le32(12)?;
            let sectors = if is_dvd {
                Some(extra).filter(|sectors| *sectors > 0)
            } else {
                raw.le32(offset(extra).checked_add(4)?)
            };
            tracks.push(SheetTrack {
                number: point.into(),
                file: 0,
                start: track.le64(40)?,
                length: sectors.map(|sectors| u64::from(sectors) * u64::from(stride)),
                stride,
                is_data: is_dvd || track[0] & 7 != AUDIO,
                address: track.le32(36)?,
                gap: 0,
            });
        }
    }
    let name = name.unwrap_or_else(|| "*.mdf".to_owned());
    let name = match name.strip_prefix("*.") {
        Some(suffix) => with_suffix(own_name, suffix),
        None => name.rsplit(['/', '\\']).next().unwrap_or(&name).to_owned(),
    };
    Some(Sheet {
        container: "an Alcohol 120% descriptor",
        names: vec![name],
        tracks,
        by_file: false,
    })
}

/// The name of the file of a track: one byte for each character, or two.
fn file_name(raw: &[u8], track: &[u8]) -> Option<String> {
    let footer = raw
        .get(offset(track.le32(52)?)..)
        .filter(|_| track.le32(52) != Some(0))?;
    let text = raw.get(offset(footer.le32(0)?)..)?;
    let name = if footer.le32(4)? == 0 {
        let end = text.iter().position(|byte| *byte == 0)?;
        String::from_utf8_lossy(text.get(..end.min(255))?).into_owned()
    } else {
        let units = text
            .chunks_exact(2)
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).take(255).collect();
        String::from_utf16_lossy(&units)
    };
    (!name.is_empty()).then_some(name)
}

/// Structure `number` among structures of `size` bytes from byte `first` on.
fn part(raw: &[u8], first: usize, number: usize, size: usize) -> Option<&[u8]> {
    let at = first.checked_add(number.checked_mul(size)?)?;
    raw.get(at..at.checked_add(size)?)
}

fn offset(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
