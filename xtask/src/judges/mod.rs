//! Readers that we did not write, each asked what it makes of a disc's states.

mod kernel;
mod udfclient;
mod udfinfo;

pub use kernel::judge_by_kernel;
pub use udfclient::judge_by_udfclient;
pub use udfinfo::judge_by_udfinfo;
