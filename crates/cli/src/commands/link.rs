//! `oncefs ln`

use super::Tools;
use super::change::Changed;
use super::write::change;
use crate::arguments::Link;
use crate::disc_path::DiscPath;
use crate::failure::{Context, Failure, Outcome};

/// Gives a file another name, or makes a symbolic link.
pub fn run(tools: &Tools, arguments: &Link) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let mut link = DiscPath::new(&arguments.link);
        if change.is_directory(&link)? {
            let target = DiscPath::new(&arguments.target);
            let (_, name) = target
                .split()
                .ok_or_else(|| Failure::usage("the link needs a name"))?;
            link = link.join(name);
        }
        let (parent, name) = change.place(&link)?;
        if arguments.symbolic {
            let attributes = change.attributes(0o777);
            change
                .recording
                .symlink(parent, name, &arguments.target, &attributes)
                .at(&link)?;
        } else {
            let node = change.get(&DiscPath::new(&arguments.target))?;
            change.recording.link(node, parent, name).at(&link)?;
        }
        change.note_windows_name(tools.output, parent, name, &link)?;
        Ok(Changed {
            changed: vec![link.to_string()],
        })
    })
}
