//! The tracks that a sheet describes, and which of them contain the volume.

use drive::{ImageExtent, ImageOrigin};
use ecma167::volume::ANCHOR_SECTOR;

use crate::bytes::Bytes;
use crate::form::{Form, has_sync, raw_forms};
use crate::place::{Found, found};
use crate::udf::{Region, location_of_anchor};

/// A data track in an open file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    pub number: u32,
    /// Index of its file.
    pub file: usize,
    /// The byte of its first sector.
    pub start: u64,
    /// The byte after its last sector.
    pub end: u64,
    /// The forms that its sectors may have.
    pub forms: Vec<Form>,
    /// The address of its first block on the disc.
    pub address: u32,
}

/// How many blocks a computed address may be off: a sheet does not say whether a file has the run-out blocks
/// or the pregap of a track.
const UNCERTAIN: u32 = 150;
/// Blocks after the data of a CD track.
const RUN_OUT: u64 = 2;

/// A data track whose form is known.
struct Formed<'a> {
    track: &'a Track,
    region: Region<'a>,
    /// The address of its first block on the disc.
    address: u32,
}

/// The volume in the data tracks: one that spans the disc and uses its addresses, or one that begins with its
/// track.
pub(crate) fn volume_in(files: &[&dyn Bytes], tracks: &[Track], container: &str) -> Option<Found> {
    let formed: Vec<Formed<'_>> = tracks.iter().filter_map(|track| form_of(files, track)).collect();
    let of_disc = formed.iter().rev().find(|track| track.is_addressed_by_disc());
    if let Some(track) = of_disc {
        return Some(spanning(&formed, track, container));
    }
    let own = formed.iter().find(|track| track.region.has_udf())?;
    let mut found = found(&own.region, Some(container.to_owned()), Some(own.label()), 0);
    found
        .extents
        .iter_mut()
        .for_each(|extent| extent.file = own.track.file);
    Some(found)
}

impl Formed<'_> {
    /// Whether an anchor at its start states its address on the disc.
    fn is_addressed_by_disc(&self) -> bool {
        let anchor = self.region.block(ANCHOR_SECTOR.into());
        let location = anchor.and_then(|block| location_of_anchor(&block));
        let expected = self.address.checked_add(ANCHOR_SECTOR);
        location.is_some() && location == expected || self.address == 0 && self.region.has_udf()
    }

    fn label(&self) -> String {
        format!("track {}", self.track.number)
    }
}

/// All data tracks at their addresses on the disc. If two overlap, the later one counts.
fn spanning(formed: &[Formed<'_>], anchor: &Formed<'_>, container: &str) -> Found {
    let mut extents: Vec<ImageExtent> = formed
        .iter()
        .map(|formed| {
            let first = formed.address;
            let most = u32::MAX - first;
            ImageExtent {
                first,
                blocks: u32::try_from(formed.region.blocks()).unwrap_or(most).min(most),
                file: formed.track.file,
                offset: formed.region.base,
                stride: formed.region.form.stride,
                header: formed.region.form.header,
            }
        })
        .collect();
    extents.sort_by_key(|extent| extent.first);
    for at in 1..extents.len() {
        let next = extents[at].first;
        let before = &mut extents[at - 1];
        before.blocks = before.blocks.min(next - before.first);
    }
    extents.retain(|extent| extent.blocks > 0);
    let container = [Some(container.to_owned()), anchor.region.form.words()];
    let container: Vec<String> = container.into_iter().flatten().collect();
    let numbers: Vec<String> = formed
        .iter()
        .map(|formed| formed.track.number.to_string())
        .collect();
    let part = match &numbers[..] {
        [one] => format!("track {one}"),
        all => format!("tracks {}", all.join(", ")),
    };
    let first = extents.first();
    Found {
        origin: ImageOrigin {
            container: Some(container.join(", ")),
            part: Some(part),
            offset: first.map_or(0, |extent| extent.offset),
            first_block: first.map_or(0, |extent| extent.first),
        },
        extents,
        rest: 0,
    }
}

/// A track with its form: the one in which it has a volume, or the one that its first sector shows.
fn form_of<'a>(files: &[&'a dyn Bytes], track: &'a Track) -> Option<Formed<'a>> {
    let bytes = *files.get(track.file)?;
    let region = |form| Region {
        bytes,
        base: track.start,
        end: track.end,
        form,
    };
    let synced = if has_sync(bytes, track.start) {
        raw_forms(bytes, track.start)
    } else {
        Vec::new()
    };
    let possible = || {
        track
            .forms
            .iter()
            .filter(|form| synced.is_empty() || synced.contains(form))
    };
    let form = possible()
        .find(|form| region(**form).has_udf())
        // Some sheets state a wrong sector size.
        .or_else(|| Form::ALL.iter().find(|form| region(**form).has_udf()))
        .or_else(|| possible().next());
    let region = region(*form.or_else(|| track.forms.first())?);
    (region.blocks() > 0).then(|| Formed {
        track,
        region,
        address: corrected(track.address, &region),
    })
}

/// The address of a track according to an anchor in it, if that nearly agrees with the sheet.
fn corrected(address: u32, region: &Region<'_>) -> u32 {
    if address == 0 {
        return address;
    }
    let of_anchor = u64::from(ANCHOR_SECTOR);
    let last = region.blocks().saturating_sub(1);
    let ends = [last.checked_sub(RUN_OUT), Some(last)].into_iter().flatten();
    let places = ends.flat_map(|end| [Some(end), end.checked_sub(of_anchor)]);
    let places = std::iter::once(Some(of_anchor)).chain(places).flatten();
    let mut stated = places.filter_map(|place| {
        let location = location_of_anchor(&region.block(place)?)?;
        location.checked_sub(u32::try_from(place).ok()?)
    });
    stated
        .find(|stated| stated.abs_diff(address) <= UNCERTAIN)
        .unwrap_or(address)
}
