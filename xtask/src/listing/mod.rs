//! What a tree holds: one entry a name, with all that two readers of the same tree have to agree on.

mod compare;
mod entry;
mod handle;
mod model;
mod walk;

pub use compare::differences;
pub use entry::{Entry, Kind, Listing, to_json_lines};
pub use model::Model;
pub use walk::{LargeDirectories, walk};
