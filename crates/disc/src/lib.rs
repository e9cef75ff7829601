//! From the path of a disc to a drive with that disc in it.
//!
//! Owns: which drive a path leads to (a recorder of the host for `/dev/srN` and `/dev/sgN`, the emulated one
//! for an image with a side file, otherwise a bare image), who may record there, the lock that excludes
//! others, whether an image is newer than its side file or longer than its volume, where its sessions begin,
//! and which file systems of the host are on a network. Imports: container for what an image is, volume for
//! generations, drive, emulator, sgio, mmc. Never touches: structures on the disc.
#![forbid(unsafe_code)]

mod after;
mod bare;
mod device;
mod disc;
#[cfg(feature = "drives")]
mod drives;
mod error;
mod identity;
mod later;
mod lock;
mod network;
mod new_image;
mod remainder;
mod sessions;
mod traced;

pub use disc::{Disc, Hear, Stated, Until};
#[cfg(feature = "drives")]
pub use drives::HostDrive;
pub use error::Error;
pub use identity::DiscIdentity;
pub use network::{NETWORK_FILE_SYSTEMS, is_network_type, is_on_network};
pub use new_image::NewImage;
pub use traced::Sink;
