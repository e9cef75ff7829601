//! `oncefs mv`

use super::Tools;
use super::change::Changed;
use super::write::change;
use crate::arguments::Move;
use crate::disc_path::DiscPath;
use crate::failure::{Context, Failure, Outcome};

/// Moves or renames files, all or none.
pub fn run(tools: &Tools, arguments: &Move) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let target = DiscPath::new(&arguments.target);
        let into = change.is_directory(&target)?;
        if !into && arguments.sources.len() > 1 {
            return Err(Failure::from(recording::Error::NotADirectory).at(&target));
        }
        let mut changed = Changed::default();
        for source in arguments.sources.iter().map(|source| DiscPath::new(source)) {
            let (from, name) = change.place(&source)?;
            let path = if into { target.join(name) } else { target.clone() };
            if path.starts_with(&source) && path != source {
                return Err(Failure::from(recording::Error::IntoItself).at(&source));
            }
            let (to, new_name) = change.place(&path)?;
            change.recording.rename(from, name, to, new_name).at(&source)?;
            if (from, name) != (to, new_name) {
                change.note_windows_name(tools.output, to, new_name, &path)?;
            }
            changed.changed.push(path.to_string());
        }
        Ok(changed)
    })
}
