//! Sheets: files that describe the tracks of an image.

mod ccd;
mod cue;
pub(crate) mod description;
mod mds;
mod nrg;

use crate::bytes::Bytes;
use description::Sheet;

/// The sheet that the image is or has.
pub(crate) fn read(bytes: &dyn Bytes, own_name: &str) -> Option<Sheet> {
    let sheet = nrg::read(bytes)
        .or_else(|| mds::read(bytes, own_name))
        .or_else(|| ccd::read(bytes, own_name))
        .or_else(|| cue::read(bytes))?;
    (!sheet.tracks.is_empty()).then_some(sheet)
}
