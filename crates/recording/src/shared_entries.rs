//! Whether both volumes of a disc share the entries of files.

use drive::Medium;
use ecma167::general::TagVersion;
use rom::{Bridge, Copying, SharedEntries};
use volume::{Companion, Volume};

use crate::tree::Form;

/// How files are recorded so that the plain volume of the disc has their entries too. `None` if the disc gets
/// no plain volume, or one with another generation of descriptors.
pub(crate) fn shared_entries(volume: &Volume, form: Form) -> Option<SharedEntries> {
    let companion = volume.companion().filter(|companion| !companion.is_plain)?;
    let is_alike = TagVersion::of(companion.revision) == form.version;
    is_alike.then(|| {
        SharedEntries::new(
            companion.revision,
            bridge_of(companion),
            form.partition_start,
            form.serial,
        )
    })
}

/// What decides which files the plain volume of a disc has copies of.
pub(crate) fn copying(companion: Companion, medium: &Medium) -> Copying {
    Copying {
        bridge: bridge_of(companion),
        capacity: medium.capacity_blocks,
    }
}

/// Whether the plain volume of a disc has a bridge.
pub(crate) fn bridge_of(companion: Companion) -> Bridge {
    if companion.bridge {
        Bridge::Iso9660
    } else {
        Bridge::No
    }
}
