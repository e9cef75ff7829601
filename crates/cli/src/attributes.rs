//! The implementation and application use attributes of a file (`ECMA-167 4/14.10.8`, `4/14.10.9`), as JSON
//! shows them.

use oncefs::nodes::{Defined, Node, Volume};
use serde::Serialize;

use crate::failure::{Exit, Failure, Outcome};

/// An attribute.
#[derive(Debug, Serialize)]
pub struct Attribute {
    /// Its identifier; the disc may have anything here.
    pub identifier: String,
    /// Bytes.
    pub size: usize,
    /// What it is, if UDF defines its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<&'static str>,
}

/// The attributes of a file.
pub fn of(volume: &mut Volume, node: &Node) -> Outcome<Vec<Attribute>> {
    let attributes = volume.use_attributes(node).map_err(|error| {
        let failure = Failure::from(error);
        match failure.exit {
            Exit::Damaged => failure.after("extended attributes of this file are lost"),
            _ => failure,
        }
    })?;
    let shown = attributes.into_iter().map(|attribute| Attribute {
        meaning: Defined::by_name(&attribute.identifier).map(|defined| defined.meaning),
        size: attribute.content.len(),
        identifier: attribute.identifier,
    });
    Ok(shown.collect())
}
