//! Which state of a volume something is of.

/// The state of the volume that a node is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The newest that can be read, or the only one.
    Newest,
    /// An older one: the entry in the newest is lost.
    Older,
    /// A later one, of which no VAT is left.
    Later,
    /// No VAT is left; it is the version that was recorded last.
    Unknown,
}
