//! `oncefs mkdir`

use recording::NodeKind;

use super::Tools;
use super::change::Changed;
use super::write::change;
use crate::arguments::MakeDirectory;
use crate::disc_path::DiscPath;
use crate::failure::{Context, Outcome};

/// Makes directories, all or none.
pub fn run(tools: &Tools, arguments: &MakeDirectory) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let mut changed = Changed::default();
        for path in arguments.paths.iter().map(|path| DiscPath::new(path)) {
            if arguments.parents {
                change.make_directories(&path, |change, parent, name| {
                    change.note_windows_name(tools.output, parent, name, &path)
                })?;
            } else {
                let (parent, name) = change.place(&path)?;
                let attributes = change.attributes(0o755);
                change
                    .recording
                    .create(parent, name, NodeKind::Directory, &attributes)
                    .at(&path)?;
                change.note_windows_name(tools.output, parent, name, &path)?;
            }
            changed.changed.push(path.to_string());
        }
        Ok(changed)
    })
}
