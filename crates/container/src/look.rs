//! Finds out what an image is: a volume from its first block on, a volume that begins elsewhere in it, or
//! something else.

use crate::bytes::Bytes;
use crate::contents::{Contents, Kind, signed, unsigned};
use crate::directory::Beside;
use crate::form::{Form, has_sync, raw_forms};
use crate::place::{Found, found, whole};
use crate::scan::{Elsewhere, Scanned, later_session, scan};
use crate::sheet;
use crate::sheet::description::SheetFault;
use crate::{table, track};

/// What an image is.
#[derive(Debug)]
pub enum Seen {
    /// Blocks of a volume from the first byte on, or unknown contents.
    Plain,
    /// A volume elsewhere in the image or its files.
    Volume(Found),
    /// No volume that can be read.
    Other(Other),
}

/// What an image is if it has no readable volume.
#[derive(Debug)]
pub enum Other {
    /// A part of a volume that needs the blocks before it.
    Elsewhere(Elsewhere),
    /// Something without UDF.
    NotUdf(Contents),
    /// A sheet whose files cannot be opened.
    Sheet(SheetFault),
}

impl From<Elsewhere> for Seen {
    fn from(elsewhere: Elsewhere) -> Self {
        Self::Other(Other::Elsewhere(elsewhere))
    }
}

impl From<Contents> for Seen {
    fn from(contents: Contents) -> Self {
        Self::Other(Other::NotUdf(contents))
    }
}

impl From<SheetFault> for Seen {
    fn from(fault: SheetFault) -> Self {
        Self::Other(Other::Sheet(fault))
    }
}

/// Finds out what an image is. A sheet may name files in its directory (`beside`); returns the opened ones
/// too.
pub fn look<D: Beside>(image: &dyn Bytes, own_name: &str, beside: &D) -> (Seen, Vec<D::File>) {
    let sheet = sheet::read(image, own_name);
    // The first track of a Nero image begins with the file, like a whole volume; the others are elsewhere.
    let has_tracks = sheet
        .as_ref()
        .is_some_and(|sheet| sheet.names.is_empty() && sheet.tracks.len() > 1);
    if !has_tracks && let Some(seen) = whole_volume(image) {
        return (seen, Vec::new());
    }
    if let Some(sheet) = sheet {
        let others = match sheet.open(beside) {
            Ok(others) => others,
            Err(fault) => return (fault.into(), Vec::new()),
        };
        let mut files: Vec<&dyn Bytes> = vec![image];
        files.extend(others.iter().map(|file| file as &dyn Bytes));
        let first = usize::from(!sheet.names.is_empty());
        let tracks = sheet.data_tracks(&files, first);
        if let Some(volume) = track::volume_in(&files, &tracks, sheet.noun()) {
            return (Seen::Volume(volume), others);
        }
        if !sheet.has_data() {
            let name = format!("{} of an audio CD, without a data track", sheet.container);
            return (Contents::new(Kind::Sound, name).into(), others);
        }
        if first > 0 {
            let what = others.first().and_then(|file| signed(file, &raw_forms(file, 0)));
            let what = match what {
                Some(what) => format!("{} of {what}", sheet.container),
                None => format!("{} without a UDF volume in any data track", sheet.container),
            };
            return (Contents::new(Kind::Disk, what).into(), others);
        }
    }
    (without_sheet(image), Vec::new())
}

/// What the image is, if its first blocks are those of a volume or of a later session.
fn whole_volume(image: &dyn Bytes) -> Option<Seen> {
    let region = whole(image, Form::PLAIN);
    if region.has_anchor() {
        return Some(Seen::Plain);
    }
    match later_session(image) {
        Some(Scanned::Volume(volume)) => return Some(Seen::Volume(volume)),
        Some(Scanned::Elsewhere(elsewhere)) => return Some(elsewhere.into()),
        _ => {}
    }
    if region.has_nsr() {
        return Some(Seen::Plain);
    }
    // An anchor at this byte may also be that of a volume in a partition.
    let tables = table::tables(image);
    let volume = table::volume_in(image, &tables).map(Seen::Volume);
    volume.or_else(|| region.has_anchor_of_other_block_size().then_some(Seen::Plain))
}

fn without_sheet(image: &dyn Bytes) -> Seen {
    let forms = raw_forms(image, 0);
    let raw = forms
        .iter()
        .map(|form| whole(image, *form))
        .find(|region| region.has_udf());
    if let Some(region) = raw {
        return Seen::Volume(found(&region, None, None, 0));
    }
    let tables = table::tables(image);
    if let Some(volume) = table::volume_in(image, &tables) {
        return Seen::Volume(volume);
    }
    if let Some(contents) = signed(image, &forms) {
        return contents.into();
    }
    if whole(image, Form::PLAIN).has_descriptor_in_place() {
        return Seen::Plain;
    }
    match scan(image) {
        Scanned::Volume(volume) => return Seen::Volume(volume),
        Scanned::Elsewhere(elsewhere) => return elsewhere.into(),
        Scanned::Zeros => {
            let name = "blank: only zeros where a volume would be";
            return Contents::new(Kind::Zeros, name).into();
        }
        Scanned::Nothing => {}
    }
    if let Some(table) = tables.first() {
        let name = format!("a disk with a partition table ({}) and no UDF volume", table.name);
        return Contents::new(Kind::Disk, name).into();
    }
    if has_sync(image, 0) {
        return Contents::new(Kind::Disk, "CD sectors without a UDF volume").into();
    }
    unsigned(image).map_or(Seen::Plain, Seen::from)
}
