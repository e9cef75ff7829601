//! The origin of a side file, and what it means for recording with it.

use disc::Error;
use emulator::{Error as ImageError, Misfit};

/// The facts about a disc when its side file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The disc that it belongs to.
    pub disc: usize,
    /// Length of the image in bytes.
    pub length: u64,
    /// The number of acknowledged commits, and the number of states begun at the last of them.
    pub commits: u32,
    pub settled: u32,
    /// Whether it has the mark of a recording.
    pub marked: bool,
    /// Whether the image was replaced since by one from before this.
    pub foreign: bool,
}

/// What is in the place of the side file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Of(Origin),
    /// A truncated text.
    Cut,
    Missing,
}

/// The expected result of opening an image to record on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Opens,
    /// It opens, or a later generation is found that was never acknowledged.
    OpensOrLater,
    Later,
    Longer,
    Unproven,
    /// It was copied during a recording that is now gone, possibly before its first block.
    Anything,
    NotText,
    MediumUnknown,
}

impl Side {
    /// The expected result for the image of `disc`, with this many bytes and commits, on which `begun` states
    /// were begun.
    pub fn expected(self, disc: usize, length: u64, commits: u32, begun: u32) -> Expected {
        let origin = match self {
            Self::Missing => return Expected::MediumUnknown,
            Self::Cut => return Expected::NotText,
            Self::Of(origin) => origin,
        };
        if origin.disc == disc && origin.foreign && origin.marked {
            Expected::Anything
        } else if origin.disc != disc || origin.foreign {
            Expected::Unproven
        } else if !origin.marked && length > origin.length {
            Expected::Longer
        } else if !origin.marked {
            Expected::Opens
        } else if commits > origin.commits {
            Expected::Later
        } else if begun > origin.settled {
            Expected::OpensOrLater
        } else {
            Expected::Opens
        }
    }
}

impl Expected {
    pub fn holds(self, opened: Result<(), &Error>) -> bool {
        let later = matches!(opened, Err(Error::LaterGeneration { .. }));
        let misfit = match opened {
            Err(Error::Image(ImageError::Unproven { misfit, .. })) => Some(misfit),
            _ => None,
        };
        // What was recorded through another name may be in a place where this side file has no track.
        let otherwise = matches!(misfit, Some(Misfit::OtherDisc { .. }));
        match self {
            Self::Anything => true,
            Self::Opens => opened.is_ok(),
            Self::OpensOrLater => opened.is_ok() || later,
            Self::Later => later || otherwise,
            Self::Longer => otherwise || matches!(misfit, Some(Misfit::Longer { .. })),
            Self::Unproven => misfit.is_some(),
            Self::NotText => matches!(opened, Err(Error::Image(ImageError::SideFile { .. }))),
            Self::MediumUnknown => matches!(opened, Err(Error::MediumUnknown(_))),
        }
    }
}
