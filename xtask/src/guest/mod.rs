//! A virtual machine with a Linux kernel that contains nothing of ours: it mounts images and lists what it
//! sees, or runs a script. Another one has only the UEFI shell.

mod boot;
mod change;
mod initramfs;
mod inside;
mod jobs;
mod script;
mod uefi;

pub use boot::Guest;
pub use initramfs::{MEMORY_INSIDE, SHARED_INSIDE};
pub use inside::run as run_inside;
pub use jobs::{Job, Outcome, Work};
pub use uefi::{DISCS_A_BOOT, FIRST_SLOT, run_in_uefi_shell};
