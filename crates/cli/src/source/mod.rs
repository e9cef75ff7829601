//! The files of the host to add.

mod ahead;
mod argument;
mod batch;
mod collisions;
mod exclude;
mod found;
mod limits;
mod names;
mod own;
mod read;
mod record;
mod roll;
mod selection;
mod sizes;
mod standing;
mod state;
mod status;
mod survey;
mod unkept;
mod walk;
mod windows;

pub use argument::Source;
pub use exclude::Exclude;
pub use own::{Own, OwnFiles};
pub use record::{Commits, Target, record};
pub use selection::{Options, Selection, WindowsNames};
pub use survey::{Start, Surveyed, Totals, survey};
pub use windows::{Folded, MEETS, fault as windows_fault};

use unkept::Unkept;
use walk::walk;
