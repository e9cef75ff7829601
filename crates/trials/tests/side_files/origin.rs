//! Where a side file comes from, and what follows from that for recording beside it.

use disc::Error;
use emulator::{Error as ImageError, Misfit};

/// What was true of a disc when its side file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Of which disc it is.
    pub disc: usize,
    /// Bytes of the image.
    pub length: u64,
    /// What was acknowledged, and how often something had been begun when that last happened.
    pub commits: u32,
    pub settled: u32,
    /// Whether it has the mark of a recording.
    pub marked: bool,
    /// The image was replaced since by one from before this.
    pub foreign: bool,
}

/// What stands in the place of the side file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Of(Origin),
    /// A text that ends early.
    Cut,
    Missing,
}

/// What has to come of opening an image to record on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Opens,
    /// Or a later generation is found that was never acknowledged.
    OpensOrLater,
    Later,
    Longer,
    Unproven,
    /// It was copied while something was recorded that is gone: perhaps before the first block of that.
    Anything,
    NotText,
    MediumUnknown,
}

impl Side {
    /// Beside the image of `disc` with so many bytes and commits, on which something was begun so often.
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
        // What was recorded by another name may lie where this side file has no track.
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
