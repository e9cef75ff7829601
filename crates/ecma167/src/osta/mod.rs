//! What OSTA UDF adds to ECMA-167.

pub mod cs0;
mod defined;
mod revision;
pub mod sparing;
pub mod unique_id;
pub mod vat;

pub use defined::Defined;
pub use revision::{ParseRevisionError, Revision};
