//! `oncefs rm`

use oncefs::RecordingError;

use super::Tools;
use super::change::Changed;
use super::write::{Change, change, name_of};
use crate::arguments::Remove;
use crate::disc_path::DiscPath;
use crate::failure::{Failure, Outcome};

/// Removes files, all or none.
pub fn run(tools: &Tools, arguments: &Remove) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let mut changed = Changed::default();
        for path in arguments.paths.iter().map(|path| DiscPath::new(path)) {
            remove(change, &path, arguments.recursive)?;
            changed.changed.push(path.to_string());
        }
        Ok(changed)
    })
}

fn remove(change: &mut Change, path: &DiscPath, recursive: bool) -> Outcome {
    name_of(path)?;
    let recording = &mut change.recording;
    let path = path.to_string();
    if !recording.metadata(&path)?.is_dir() {
        return Ok(recording.remove_file(&path)?);
    }
    if !recursive {
        return Err(Failure::from(RecordingError::IsADirectory)
            .at(path)
            .hint("-r removes directories too"));
    }
    Ok(recording.remove_dir_all(&path)?)
}
