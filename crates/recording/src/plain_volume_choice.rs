//! What the caller that closes a disc wants of a plain volume.

/// What closing does about a plain volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlainVolumeChoice {
    /// What the disc was formatted for.
    #[default]
    AsFormatted,
    /// No plain volume: the session is closed like one of a volume with a VAT alone.
    Without,
    /// Adds a plain volume to a disc that was formatted without one: the open session is closed as it began,
    /// and one more session has the plain volume. Only readers that follow sessions open it. Later sessions
    /// have one, too.
    With {
        /// Whether ISO 9660 leads to its files too.
        bridge: bool,
    },
}
