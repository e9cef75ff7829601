//! What a directory of the volume has, as a plain volume needs it.

use ecma167::{BLOCK_BYTES, RecordedAddress};
use volume::{Node, NodeKind, Volume};

use crate::data::Data;
use crate::directory::identifier_bytes;
use crate::error::Error;
use crate::name::{CutNames, is_too_long};
use crate::options::{Links, Options};

/// A child of a directory.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its name on the volume.
    pub name: String,
    /// Its name in the UDF of the plain volume, where that is another one.
    pub cut: Option<String>,
    /// What it is.
    pub node: Node,
    /// Where the bytes of a file are.
    pub data: Option<Data>,
    /// The target of a symbolic link.
    pub target: Option<String>,
}

impl Child {
    /// Its name in UDF.
    pub fn udf_name(&self) -> &str {
        self.cut.as_deref().unwrap_or(&self.name)
    }

    /// Whether UDF has it.
    pub fn is_in_udf(&self, options: &Options) -> bool {
        self.data.is_some() || self.node.kind == NodeKind::Directory || options.links == Links::Keep
    }

    /// Where it is, if it may have further names.
    pub fn several_names(&self) -> Option<RecordedAddress> {
        let is_directory = self.node.kind == NodeKind::Directory;
        (!is_directory && self.node.entry.file_link_count > 1).then_some(self.node.address)
    }
}

/// All children of a directory, in the order in which it has them.
pub(crate) fn children(
    volume: &mut Volume,
    directory: &Node,
    options: &Options,
) -> Result<Vec<Child>, Error> {
    let mut listing = volume.directory(directory)?;
    let mut children = Vec::new();
    // Entries that say the same blocks again and again: no directory is longer than its disc.
    let most = u64::from(volume.drive().medium().capacity_blocks) * u64::from(BLOCK_BYTES);
    let mut bytes = 0;
    while let Some(entry) = listing.next_live(volume)? {
        bytes += identifier_bytes(Some(&entry.name));
        if bytes > most {
            return Err(Error::TooManyBlocks);
        }
        let mut node = volume.node(entry.address())?;
        let mut child_data = None;
        let mut target = None;
        match node.kind {
            NodeKind::File => {
                child_data = Some(Data::of(volume, &node, options)?);
                node.entry.allocation_descriptors = Vec::new();
            }
            NodeKind::SymbolicLink => target = Some(volume.symlink_target(&node)?),
            _ => {}
        }
        children.push(Child {
            name: entry.name,
            cut: None,
            node,
            data: child_data,
            target,
        });
    }
    if children.iter().any(|child| is_too_long(&child.name)) {
        cut_names(&mut children);
    }
    Ok(children)
}

fn cut_names(children: &mut [Child]) {
    let whole = children.iter().map(|child| child.name.as_str());
    let mut names = CutNames::new(whole.filter(|name| !is_too_long(name)));
    for child in children.iter_mut().filter(|child| is_too_long(&child.name)) {
        child.cut = Some(names.cut(&child.name));
    }
}
