//! The contents of a tree: one entry per name, with everything that two readers of the same tree must agree
//! on.

mod compare;
mod entry;
mod handle;
mod model;
mod walk;

pub use compare::differences;
pub use entry::{Entry, Kind, Listing, to_json_lines};
pub use model::Model;
pub use walk::{LargeDirectories, walk};
