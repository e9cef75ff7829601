//! A bridge with data and nothing else: the structures of `iso9660` in an image without a UDF volume.

mod image;
mod tree;

pub use image::{Bridge, write_bridge};
pub use tree::{HUGE_BYTES, HUGE_NAME};
