//! Hostile images: what the fuzzer and the normal tests do with arbitrary bytes, one function for each
//! target.
//!
//! Owns: the targets, the short form of images that they take, and the repair of tags and CRCs that lets
//! changes reach deep. Imports: check, container, drive, ecma167, emulator, mmc, recording, volume. Never
//! touches: the host beyond files in memory.
#![forbid(unsafe_code)]

pub mod bases;
mod bench;
mod commands;
mod containers;
pub mod craft;
mod directory;
mod image;
pub mod inject;
mod judge;
mod mount;
mod node;
mod recipe;
mod recognition;
mod repair;
mod sheet;
mod side_files;
mod small;
mod vat;
mod walk;

pub use commands::commands;
pub use containers::containers;
pub use directory::directory;
pub use image::{Block, Image};
pub use judge::check;
pub use mount::mount;
pub use node::node;
pub use recognition::recognition;
pub use repair::seal;
pub use side_files::side_files;
pub use vat::vat;

/// Takes arbitrary bytes, and must end.
pub type Target = fn(&[u8]);

/// Every target by name, which is also that of its folder of inputs.
pub const TARGETS: [(&str, Target); 9] = [
    ("recognition", recognition),
    ("vat", vat),
    ("directory", directory),
    ("node", node),
    ("check", check),
    ("mount", mount),
    ("commands", commands),
    ("side_files", side_files),
    ("containers", containers),
];

/// Maximum bytes of memory that a target may use for any input, including what it needs to make the image.
pub const MEMORY_BOUND: usize = 64 << 20;
