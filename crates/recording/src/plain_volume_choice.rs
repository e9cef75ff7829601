//! The kinds of plain volumes, and what the caller that closes a disc wants of one.

/// What closing records next to the volume with the VAT, for readers that do not support a VAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlainVolumeKind {
    /// A plain UDF volume over the same data.
    Udf,
    /// A plain UDF volume, and ISO 9660 with Joliet and Rock Ridge.
    Bridge,
}

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
    With(PlainVolumeKind),
}
