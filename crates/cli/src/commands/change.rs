//! The result of the small commands that change names.

use serde::Serialize;

/// What a command did, one line each.
#[derive(Debug, Default, Serialize)]
pub struct Changed {
    /// The paths that it changed.
    pub changed: Vec<String>,
}

impl std::fmt::Display for Changed {
    /// Silent, like the commands of the host with these names.
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
