//! Images of CloneCD: a text of sections beside a file of raw sectors.

use super::description::{Sheet, SheetTrack, TRACKS, text, with_suffix};
use crate::bytes::Bytes;

/// The bytes of a sector in the file.
const STRIDE: u32 = 2352;
/// The point of an entry that says where the lead-out of its session begins.
const LEAD_OUT: i64 = 0xA2;
/// The bit of a track with data.
const DATA: i64 = 4;

/// An entry of the table of contents.
#[derive(Clone, Copy, Default)]
struct Entry {
    session: i64,
    point: i64,
    control: i64,
    address: i64,
}

pub(super) fn read(bytes: &dyn Bytes, own_name: &str) -> Option<Sheet> {
    let text = text(bytes)?;
    if !text.trim_start().starts_with("[CloneCD]") {
        return None;
    }
    Some(Sheet {
        container: "a CloneCD sheet",
        names: vec![with_suffix(own_name, "img")],
        tracks: tracks(&entries(&text))?,
        by_file: false,
    })
}

fn entries(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.to_ascii_lowercase().starts_with("[entry") && entries.len() < 4 * TRACKS;
            if inside {
                entries.push(Entry::default());
            }
            continue;
        }
        let (Some(entry), Some((key, value))) = (entries.last_mut(), line.split_once('=')) else {
            continue;
        };
        let Some(value) = number(value.trim()).filter(|_| inside) else {
            continue;
        };
        match &*key.trim().to_ascii_lowercase() {
            "session" => entry.session = value,
            "point" => entry.point = value,
            "control" => entry.control = value,
            "plba" => entry.address = value,
            _ => {}
        }
    }
    entries
}

fn number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// The tracks in order. The sectors between two sessions are not in the file.
fn tracks(entries: &[Entry]) -> Option<Vec<SheetTrack>> {
    let mut of_tracks: Vec<&Entry> = entries
        .iter()
        .filter(|entry| (1..=99).contains(&entry.point))
        .collect();
    of_tracks.sort_by_key(|entry| entry.point);
    let mut tracks = Vec::new();
    let mut start = 0_u64;
    for (at, entry) in of_tracks.iter().enumerate() {
        let next = of_tracks.get(at + 1).filter(|next| next.session == entry.session);
        let lead_out = entries
            .iter()
            .find(|other| other.point == LEAD_OUT && other.session == entry.session);
        let end = next
            .map(|next| next.address)
            .or(lead_out.map(|lead_out| lead_out.address));
        let sectors = u64::try_from(end?.checked_sub(entry.address)?).ok()?;
        let length = sectors.checked_mul(STRIDE.into())?;
        tracks.push(SheetTrack {
            number: u32::try_from(entry.point).ok()?,
            file: 0,
            start,
            length: Some(length),
            stride: STRIDE,
            is_data: entry.control & DATA != 0,
            address: u32::try_from(entry.address).ok()?,
            gap: 0,
        });
        start = start.checked_add(length)?;
    }
    Some(tracks)
}
