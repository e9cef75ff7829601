//! A drive of this host behind `/dev/srN` or `/dev/sgN`: a [`Transport`](mmc::Transport) by SG_IO of Linux.
//!
//! Owns: the structure of the ioctl, how long a command may take, what host and driver say beside the drive, how much one
//! command moves. Imports: mmc for the trait and the sense. Never touches: the meaning of a command or of sense.
//!
//! Buffers go to the kernel as they are: it maps those that suit the host adapter, and copies the others by itself.
//!
//! Without privileges the kernel lets those commands pass that are on its list. All that this project sends are, as long as
//! the node is open for writing where a command changes something: who may write to the node may record.

mod attention;
mod device;
mod fault;
mod header;
mod limit;
mod timeout;

pub use device::{Access, SgDevice};
pub use fault::Fault;
