//! Reads tables, files and entries, as parts of [`Space`](crate::space::Space) except for the cursor over a
//! directory.

mod allocation;
mod directory;
mod entry;
mod metadata_file;
mod shown_names;
mod sparing_table;
mod vat;
mod versions;

pub use directory::Directory;
pub use shown_names::ShownNames;
pub(crate) use shown_names::is_numbered;
