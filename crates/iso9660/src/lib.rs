//! The structures of ISO 9660 (ECMA-119), Joliet, SUSP and Rock Ridge, declared once for reading and writing,
//! and what a bridge needs: a second file system over data that is already on a disc.
//!
//! Owns: the structures, names that fit them, their order and their sizes. Imports: nothing of this project.
//! Never touches: I/O, clocks, where anything is recorded.
//!
//! # How a bridge is made
//!
//! Nothing here stores a tree. The caller walks each directory as often as requested, always in the same
//! order, and numbers its children from 0:
//!
//! 1. [`names::Finder`] finds what makes each identifier unique: it takes the names, and requests further
//!    walks while some clash. [`names::primary`], [`names::joliet`] and [`names::rock_ridge`] then map a name
//!    to its identifier.
//! 2. [`Window`] sorts children into the order of the standard within a given amount of memory, in one walk
//!    or several.
//! 3. [`DirectorySize`] computes the number of blocks of a directory, before any address is known.
//! 4. [`DirectoryEncoder`] encodes the blocks, with the addresses of everything they name.
//! 5. [`PathTableSize`] and [`PathTableEncoder`] do the same for path tables, [`VolumeDescriptor`] for the
//!    start of the volume.
//!
//! Directories stay in their place in the tree, at any depth. ECMA-119 6.8.2.1 allows 8 levels, and Rock
//! Ridge relocates deeper directories (CL, PL, RE); but GRUB 2.06 and libcdio 2.1 do not find relocated ones.
//! These two, bsdtar, xorriso, 7-Zip, isoinfo, pycdlib and Linux read any depth, and Joliet allows it.
//!
//! # What a caller keeps to for some reader's sake
//!
//! - Each directory is recorded after its parent, and the sections of a file one after the other, none twice:
//!   otherwise libarchive leaves out what comes too late.
//! - A file has at most 100 sections: Linux follows no more. GRUB follows those with their records in one
//!   block of the directory, 8 in any case; libcdio 2.1 reads only the first.
//! - Joliet has only files and directories: it cannot describe a symbolic link.
#![forbid(unsafe_code)]

mod block;
mod both_endian;
mod date;
mod directory;
mod directory_record;
mod malformed;
pub mod names;
mod order;
mod path_table;
pub mod rock_ridge;
mod section;
pub mod susp;
mod system_use;
mod text;
mod volume_descriptor;

pub use block::{BLOCK_BYTES, Block};
pub use both_endian::{BothU16, BothU32};
pub use date::{DateTime, RecordDate, VolumeDate};
pub use directory::{Child, Content, DirectoryEncoder, DirectorySize, Own, Part};
pub use directory_record::{DirectoryRecord, FileFlags, records};
pub use malformed::{Malformed, MalformedKind};
pub use order::{Sorted, Window};
pub use path_table::{ByteOrder, PathTableEncoder, PathTableRecord, PathTableSize};
pub use section::{MAX_SECTION_BYTES, Section, TooLarge, sections};
pub use volume_descriptor::{
    DescriptorType, PathTables, VolumeDescriptor, VolumeFacts, VolumeKind, set_terminator,
};
