//! What whoever closes a disc wants of a plain volume.

/// What closing does about a plain volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainWish {
    /// What the disc was formatted for.
    #[default]
    AsFormatted,
    /// No plain volume: the session is closed as one of a volume with a VAT alone.
    Without,
    /// A disc that was formatted without gets one: what is open is closed as it began, and one more session has the plain volume.
    /// Only readers that follow sessions open it. Sessions after it have one, too.
    With {
        /// Whether ISO 9660 leads to its files too.
        bridge: bool,
    },
}
