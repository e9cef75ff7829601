//! Images that are something else than a disc, in words, with what to do next.

use oncefs::{DiscError, ImageContentsKind as Kind};

use crate::failure::{Exit, Failure};
use crate::failure_kind::FailureKind;

const COPY: &str = "copy the disc from block 0: the volume needs what was recorded before";

/// The failure of an image that has no volume to read, or one that is only read; `None` for other errors.
pub fn failure(error: &DiscError) -> Option<Failure> {
    let (exit, kind, path, hint) = match error {
        DiscError::NotUdf { path, contents } => {
            (Exit::Failed, FailureKind::NoVolume, path, next(contents.kind))
        }
        DiscError::Elsewhere { path, .. } => (Exit::Failed, FailureKind::NoVolume, path, COPY),
        DiscError::Sheet { path, .. } => {
            let hint =
                "put the file beside the sheet under that name; links and other directories are not followed";
            (Exit::Failed, FailureKind::Io, path, hint)
        }
        DiscError::OnlyRead { path, .. } => {
            let hint = "`oncefs extract` copies the files; `oncefs burn` records them on another disc";
            (Exit::ReadOnly, FailureKind::ReadOnly, path, hint)
        }
        _ => return None,
    };
    Some(Failure::new(exit, kind, error).naming(path.display()).hint(hint))
}

/// What to do with an image without UDF.
fn next(kind: Kind) -> &'static str {
    match kind {
        Kind::FileSystem => "oncefs reads UDF only: mount it with the driver of that file system",
        Kind::Compressed => "decompress it, and name the image that is in it",
        Kind::Archive => "unpack or convert it, and name the image that is in it",
        Kind::Encrypted => "unlock it, and name the unlocked device",
        Kind::DvdVideo => "name the image of the whole disc",
        Kind::Sound => "oncefs reads UDF only",
        Kind::Zeros => {
            "`oncefs format` makes a volume on a blank disc in a drive, or in a new image at another path"
        }
        _ => "name the image of a disc with UDF, or a drive",
    }
}
