//! The result of the small commands that change names.

use serde::Serialize;

/// What a command did, a line each.
#[derive(Debug, Default, Serialize)]
pub struct Changed {
    /// The paths that it concerned.
    pub changed: Vec<String>,
}

impl std::fmt::Display for Changed {
    /// Silent, as the commands of the host with these names are.
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
