//! Recognition sequence, anchors and volume descriptor sequences.

use ecma167::recognition;
use volume::{Prevailing, Volume};

use crate::bases::Focus;
use crate::{recipe, walk};

/// Recognises an image with changed recognition sequence, anchors and volume descriptors.
pub fn recognition(input: &[u8]) {
    let Some(made) = recipe::make(input, Focus::Volume) else {
        return;
    };
    for block in made.image.blocks.range(..64) {
        let _ = recognition::recognise(&block.1[..]);
    }
    let Some(drive) = made.drive() else { return };
    let (drive, found) = Prevailing::find(drive);
    if let Ok(prevailing) = found {
        let _ = format!("{prevailing:?}");
    }
    if let Ok(mut volume) = Volume::open(drive) {
        walk::top(&mut volume);
        let _ = volume.file_set().map(|set| format!("{set:?}"));
    }
}
