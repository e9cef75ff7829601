//! The kinds of failures.

use serde::Serialize;

/// What kind of failure it is: a word for programs, as `--json` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Without a kind of its own.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// The user stopped it.
    Interrupted,
    /// The host failed at a file.
    Io,
    /// A file of the host changed while it was read.
    Changed,
    /// A file system of the host takes no more.
    NoRoom,
    /// Another process has told it already.
    Told,
    /// Nobody reads the output any more.
    BrokenPipe,
    /// Blocks cannot be read.
    Unreadable,
    /// The drive failed.
    Drive,
    /// The file system that holds the image is full.
    HostFull,
    /// Structures contradict each other, or cannot be read.
    Damaged,
    /// There is no volume on the disc.
    NoVolume,
    /// The volume has something that is not supported.
    Unsupported,
    /// There is no such file on the disc.
    NotFound,
    /// What is there can be no disc.
    NotADisc,
    /// A side file is there without its image.
    NoImage,
    /// The medium has no room for it.
    MediumFull,
    /// Nothing can be recorded.
    ReadOnly,
    /// Something is there already.
    Exists,
    /// The medium is not blank.
    NotBlank,
    /// Another program has the disc.
    InUse,
    /// Image and side file do not fit together.
    Unproven,
    /// A later state of the volume cannot be read.
    GenerationLost,
    /// The host has it mounted.
    Mounted,
    /// The kernel did not make a device.
    #[cfg(feature = "recorder")]
    Kernel,
    /// The user was asked, and does not want it.
    Declined,
    /// The tree is deeper than is followed.
    TooDeep,
    /// There are more streams than are taken.
    TooMany,
    /// The judge found errors.
    ErrorsFound,
    /// It is refused.
    Refused,
    /// Something is left out.
    Incomplete,
}
