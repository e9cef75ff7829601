//! Copies files of a disc to a directory of the host.
//!
//! A disc may come from anywhere. Names are resolved one by one below a directory that is held open, links
//! are never followed, and a name that would lead elsewhere is refused.

mod attributes;
mod conflicts;
mod copy;
mod host;
mod left;
mod names;
mod witness;

pub use conflicts::{Conflict, Search};
pub use copy::{Copied, Copier};
pub use host::{enter, kind, room, target_directory};
pub use names::shortened_path;
pub use witness::{Beside, Done, From, Witness};
