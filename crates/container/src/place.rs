//! A volume found in one region of a file.

use drive::{ImageExtent, ImageOrigin};
use ecma167::BLOCK_SIZE;

use crate::bytes::Bytes;
use crate::form::{Form, has_sync, raw_forms};
use crate::udf::Region;

/// Where a volume is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its blocks. File 0 is the image itself, the others those that its sheet names, in order.
    pub extents: Vec<ImageExtent>,
    /// What it was taken from.
    pub origin: ImageOrigin,
    /// The bytes after the last block, fewer than a block: the end of a volume with smaller blocks, or a part
    /// of a block.
    pub rest: u32,
}

impl Found {
    /// Whether its blocks are not those of the image, counted from its first byte.
    #[must_use]
    pub fn has_own_blocks(&self) -> bool {
        let [one] = &self.extents[..] else { return true };
        let is_plain = (one.stride, one.header) == (Form::PLAIN.stride, Form::PLAIN.header);
        one.file != 0 || !is_plain || !one.offset.is_multiple_of(BLOCK_SIZE as u64)
    }
}

/// The volume in a region, whose first sector is block `first_block`.
pub(crate) fn found(
    region: &Region<'_>,
    container: Option<String>,
    part: Option<String>,
    first: u32,
) -> Found {
    let most = u32::MAX - first;
    let blocks = u32::try_from(region.blocks()).unwrap_or(most).min(most);
    let rest = match region.form {
        Form::PLAIN => region.length() % BLOCK_SIZE as u64,
        _ => 0,
    };
    let container = [container, region.form.words()];
    let container: Vec<String> = container.into_iter().flatten().collect();
    Found {
        extents: vec![ImageExtent {
            first,
            blocks,
            file: 0,
            offset: region.base,
            stride: region.form.stride,
            header: region.form.header,
        }],
        origin: ImageOrigin {
            container: (!container.is_empty()).then(|| container.join(", ")),
            part,
            offset: region.base,
            first_block: first,
        },
        rest: u32::try_from(rest).unwrap_or(0),
    }
}

/// The blocks in the CD sectors of an image, whatever they contain; `None` if it does not begin with such a
/// sector.
#[must_use]
pub fn raw_sectors(image: &dyn Bytes) -> Option<Found> {
    let form = raw_forms(image, 0).into_iter().next()?;
    has_sync(image, 0).then(|| found(&whole(image, form), None, None, 0))
}

/// The sectors of a file from its first byte to its last.
pub(crate) fn whole(bytes: &dyn Bytes, form: Form) -> Region<'_> {
    Region {
        bytes,
        base: 0,
        end: bytes.length(),
        form,
    }
}
