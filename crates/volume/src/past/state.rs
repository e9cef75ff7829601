//! What a comparison knows of the generation that it has reached.

use std::collections::HashMap;

use ecma167::RecordedAddress;

use super::table::Table;
use super::tree::{DirectoryId, Tree};
use crate::map::Vat;
use crate::volume::Volume;

/// The generation that was reached last; the volume shows it.
pub(super) struct State<'v> {
    pub(super) volume: &'v mut Volume,
    /// During a step, the VAT of the generation before.
    pub(super) other: Option<Vat>,
    pub(super) table: Table,
    pub(super) tree: Tree,
    pub(super) root: Option<DirectoryId>,
    /// The names that went in the last step that told what differs.
    pub(super) went: HashMap<RecordedAddress, String>,
}
