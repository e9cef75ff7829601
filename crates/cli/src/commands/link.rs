//! `oncefs ln`

use super::Tools;
use super::change::Changed;
use super::write::{change, name_of};
use crate::arguments::Link;
use crate::disc_path::DiscPath;
use crate::failure::{Failure, Outcome};

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
        name_of(&link)?;
        let path = link.to_string();
        if arguments.symbolic {
            change.recording.symlink(&arguments.target, &path)?;
        } else {
            let target = DiscPath::new(&arguments.target);
            change.recording.hard_link(&target.to_string(), &path)?;
        }
        change.note_windows_name(tools.output, &link)?;
        Ok(Changed {
            changed: vec![link.to_string()],
        })
    })
}
