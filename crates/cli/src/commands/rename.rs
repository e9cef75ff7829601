//! `oncefs mv`

use oncefs::RecordingError;

use super::Tools;
use super::change::Changed;
use super::write::{change, name_of};
use crate::arguments::Move;
use crate::disc_path::DiscPath;
use crate::failure::{Failure, Outcome};

/// Moves or renames files, all or none.
pub fn run(tools: &Tools, arguments: &Move) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let target = DiscPath::new(&arguments.target);
        let into = change.is_directory(&target)?;
        if !into && arguments.sources.len() > 1 {
            return Err(Failure::from(RecordingError::NotADirectory).at(&target));
        }
        let mut changed = Changed::default();
        for source in arguments.sources.iter().map(|source| DiscPath::new(source)) {
            let name = name_of(&source)?;
            let path = if into { target.join(name) } else { target.clone() };
            if path.starts_with(&source) && path != source {
                return Err(Failure::from(RecordingError::IntoItself).at(&source));
            }
            name_of(&path)?;
            change.recording.rename(&source.to_string(), &path.to_string())?;
            if source != path {
                change.note_windows_name(tools.output, &path)?;
            }
            changed.changed.push(path.to_string());
        }
        Ok(changed)
    })
}
