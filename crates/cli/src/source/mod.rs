//! Files of the host that are to be added.

mod argument;
mod exclude;
mod found;
mod holes;
mod limits;
mod record;
mod survey;
mod walk;

pub use argument::Source;
pub use exclude::Exclude;
pub use record::Recorder;
pub use survey::{Survey, Totals};
pub use walk::walk;
