//! Counts and unique IDs, as the VAT states them.

use ecma167::osta::unique_id;

/// Files and directories of the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Files and hard links: every name counts (`UDF 2.60 2.2.6.4`).
    pub files: u32,
    /// Directories, including the root.
    pub directories: u32,
}

/// The counts, and the next unique ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub counts: Counts,
    /// The next unique ID to assign.
    pub unique_id: u64,
}

impl Numbers {
    /// Assigns a unique ID (`UDF 2.60 3.2.1.1`).
    pub fn next_unique_id(&mut self) -> u64 {
        let unique_id = self.unique_id;
        self.unique_id = unique_id::next(unique_id);
        unique_id
    }

    pub fn add_file(&mut self) {
        self.counts.files = self.counts.files.saturating_add(1);
    }

    pub fn remove_file(&mut self) {
        self.counts.files = self.counts.files.saturating_sub(1);
    }

    pub fn add_directory(&mut self) {
        self.counts.directories = self.counts.directories.saturating_add(1);
    }

    pub fn remove_directory(&mut self) {
        self.counts.directories = self.counts.directories.saturating_sub(1);
    }
}
