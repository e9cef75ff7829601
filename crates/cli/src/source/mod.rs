//! Files of the host that are to be added.

mod ahead;
mod argument;
mod batch;
mod exclude;
mod found;
mod holes;
mod limits;
mod names;
mod record;
mod survey;
mod walk;

pub use argument::Source;
pub use exclude::Exclude;
pub use record::{Target, record};
pub use survey::{Survey, Totals};
pub use walk::walk;
