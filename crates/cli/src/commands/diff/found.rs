//! What a comparison found.

/// The result of a comparison.
#[derive(Default)]
pub struct Found {
    /// How many differences were listed.
    pub differences: u64,
    /// What could not be compared.
    pub unread: u64,
}
