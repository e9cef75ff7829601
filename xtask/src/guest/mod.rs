//! A virtual machine with a Linux kernel that knows nothing of us: it mounts images and lists what it sees, or runs a script.

mod boot;
mod change;
mod initramfs;
mod inside;
mod jobs;
mod script;

pub use boot::Guest;
pub use initramfs::{MEMORY_INSIDE, SHARED_INSIDE};
pub use inside::run as run_inside;
pub use jobs::{Job, Outcome, Work};
