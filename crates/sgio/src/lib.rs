//! A drive of this host at `/dev/srN` or `/dev/sgN`: a [`Transport`](mmc::Transport) over SG_IO of Linux.
//!
//! Owns: the structure of the ioctl, the time limits of commands, the status of host and driver, the transfer
//! limit of a command. Imports: mmc for the trait and the sense. Never touches: the meaning of a command or
//! of sense.
//!
//! Buffers go to the kernel unchanged. It maps those that suit the host adapter and copies the others itself.
//!
//! The kernel lets an unprivileged process send the commands on its list. All commands of this project are on
//! it, provided that the node is open for writing if the command changes anything. So anyone who may write to
//! the node may record.

mod attention;
mod device;
mod fault;
mod header;
mod limit;
mod timeout;

pub use device::{Access, SgDevice};
pub use fault::Fault;
