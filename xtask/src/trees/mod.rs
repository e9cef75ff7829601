//! Source trees, generated the same in every run from the code here alone.

mod big;
mod contents;
mod kinds;
mod names;
mod small;

pub use big::{large_file, many_names, repository, small_files, sparse_file};
pub use contents::Contents;
pub use kinds::of_kinds;
pub use names::{long_names_of_cs0, unicode_names};
pub use small::{every_kind, for_readers, plain, second_for_readers, second_round};
