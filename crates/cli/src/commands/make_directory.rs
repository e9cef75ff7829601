//! `oncefs mkdir`

use super::Tools;
use super::change::Changed;
use super::write::{change, name_of};
use crate::arguments::MakeDirectory;
use crate::disc_path::DiscPath;
use crate::failure::Outcome;

/// Makes directories, all or none.
pub fn run(tools: &Tools, arguments: &MakeDirectory) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let mut changed = Changed::default();
        for path in arguments.paths.iter().map(|path| DiscPath::new(path)) {
            if arguments.parents {
                let mut new = Vec::new();
                for path in path.and_above() {
                    if !change.recording.exists(&path.to_string())? {
                        new.push(path);
                    }
                }
                change.recording.create_dir_all(&path.to_string())?;
                for path in &new {
                    change.note_windows_name(tools.output, path)?;
                }
            } else {
                name_of(&path)?;
                change.recording.create_dir(&path.to_string())?;
                change.note_windows_name(tools.output, &path)?;
            }
            changed.changed.push(path.to_string());
        }
        Ok(changed)
    })
}
