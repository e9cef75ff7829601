//! The volume and the recording below the paths: node by node.
//!
//! [`Volume`](crate::Volume) and [`Recording`](crate::Recording) of this crate work on paths, and look each
//! path up from the root. That is right for most programs. Use this module for what paths do not show, or
//! do too slowly:
//!
//! - to walk a large tree and read each directory and each node once: [`Walk`];
//! - to see where the bytes of a file are recorded: in its partition by [`Body`] and [`Extent`], on the
//!   medium by [`Volume::places`];
//! - to copy files to the host with progress, past damage, or both: [`Copying`];
//! - to add many files, each by the [`NodeId`] of its directory and with all its [`Attributes`] at once;
//! - to read deleted entries, the file entry of a node ([`Node::entry`]) or a single block.
//!
//! [`Volume::open_volume`](crate::Volume::open_volume) returns an [`OpenVolume`](crate::OpenVolume), which
//! leads to the [`Volume`] of this module. [`Recording::inner`](crate::Recording::inner) leads to its
//! [`Recording`]. Both are exclusive: no [`File`](crate::File) or [`ReadDir`](crate::ReadDir) is open
//! meanwhile. Afterwards the paths work again, and show what changed.
//!
//! This level checks what it records, as the other does. But it chooses no owner or mode, and keeps a new
//! file that was not written whole. It fails with a [`VolumeError`](crate::VolumeError) or a
//! [`RecordingError`](crate::RecordingError), and [`Error`](crate::Error) takes both.
//!
//! ```
//! use oncefs::nodes::{Body, Step, Walk};
//! # fn main() -> oncefs::Result<()> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("archive.udf");
//! # let now = std::time::SystemTime::now();
//! # let mut new = oncefs::FormatOptions::new().capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
//! # new.create_dir("/letters")?;
//! # new.write("/letters/long.txt", vec![b'x'; 10_000])?;
//! # new.commit()?;
//! # drop(new);
//! # let mut files = 0;
//!
//! // Lists the extents of each file.
//! let mut opened = oncefs::open(&path)?;
//! let volume = opened.open_volume().volume();
//! let root = volume.root()?;
//! let mut walk = Walk::new(volume.node(root)?, "/");
//! while let Some(step) = walk.step(volume) {
//!     let (path, named) = match step {
//!         Ok(Step::Entry { path, named }) => (path, named),
//!         Ok(Step::Leave) => continue,
//!         Err(missed) => {
//!             eprintln!("{}: not read: {:?}", missed.path, missed.why);
//!             continue;
//!         }
//!     };
//!     let node = volume.node(named.address)?;
//!     if named.is_directory {
//!         walk.enter(node, &path);
//!         continue;
//!     }
//!     match volume.body(&node)? {
//!         Body::Embedded(bytes) => println!("{path}: {} bytes in its file entry", bytes.len()),
//!         Body::Extents(extents) => {
//!             for extent in &extents {
//!                 println!("{path}: {} bytes from {}: {:?}", extent.length, extent.offset, extent.kind);
//!             }
//! #           assert_eq!((path.as_str(), extents.len()), ("/letters/long.txt", 1));
//! #           assert_eq!(extents[0].length, 10_000);
//! #           files += 1;
//!         }
//!     }
//! }
//! # assert_eq!(files, 1);
//! # Ok(())
//! # }
//! ```

pub use ecma167::osta::Defined;

pub use ::recording::{
    AttributeFault, Attributes, Entries, Entry, NameFault, NodeId, ReadOnly, Recording, Status,
    Unsupported as RecordingUnsupported, blocks_of_file,
};
pub use ::volume::{
    AbsentPartition, Body, CopyError, Copying, CorruptKind, DEEPEST, Directories, Directory, DirectoryEntry,
    ErrorPlace, Extent, ExtentKind, LONGEST_PATH, Missed, Named, Node, NodeKind, Place, Step,
    Unsupported as VolumeUnsupported, UseAttribute, Volume, Walk, Why, defined_stream,
};
