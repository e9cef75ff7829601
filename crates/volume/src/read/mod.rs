//! What reads tables, files and entries, each as a part of [`Space`](crate::space::Space) but for the cursor over a directory.

mod allocation;
mod directory;
mod entry;
mod metadata_file;
mod sparing_table;
mod vat;
mod versions;

pub use directory::Directory;
