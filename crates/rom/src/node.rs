//! What a directory of the volume has, as a plain volume needs it.

use ecma167::{BLOCK_BYTES, LogicalBlock, RecordedAddress};
use volume::{Node, NodeKind, Volume};

use crate::data::Data;
use crate::directory::identifier_bytes;
use crate::error::Error;
use crate::name::{CutNames, is_too_long};
use crate::options::{Links, Options};
use crate::shared::SharedEntries;

/// A child of a directory.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its name on the volume.
    pub name: String,
    /// Its name in the UDF of the plain volume, where that is another one.
    pub cut: Option<String>,
    /// The unique ID of its name: a further name of a file has one of its own (`UDF 2.60 2.3.4.3`).
    pub unique_id: u32,
    /// What it is.
    pub node: Node,
    /// Where the bytes of a file are.
    pub data: Option<Data>,
    /// The target of a symbolic link.
    pub target: Option<String>,
    /// Where its entry is, if both volumes have that one.
    pub shared: Option<LogicalBlock>,
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

    /// Whether UDF has an entry of it that is recorded with its directory.
    pub fn has_entry(&self, options: &Options) -> bool {
        self.shared.is_none() && self.is_in_udf(options)
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
        let unique_id = match entry.icb.unique_id() {
            0 => low_unique_id(&node),
            unique_id => unique_id,
        };
        let mut child_data = None;
        let mut target = None;
        let mut shared = None;
        match node.kind {
            NodeKind::File => {
                let data = Data::of(volume, &node, options)?;
                shared = shared_entry(volume, &node, &data, options)?;
                child_data = Some(data);
                node.entry.allocation_descriptors = Vec::new();
            }
            NodeKind::SymbolicLink => target = Some(volume.symlink_target(&node)?),
            _ => {}
        }
        children.push(Child {
            name: entry.name,
            cut: None,
            unique_id,
            node,
            data: child_data,
            target,
            shared,
        });
    }
    if children.iter().any(|child| is_too_long(&child.name)) {
        cut_names(&mut children);
    }
    Ok(children)
}

/// Where the entry of a file is, if the plain volume would have the very same one there.
fn shared_entry(
    volume: &mut Volume,
    node: &Node,
    data: &Data,
    options: &Options,
) -> Result<Option<LogicalBlock>, Error> {
    let Data::Shared { runs, .. } = data else {
        return Ok(None);
    };
    if volume.physical_partition() != Some(node.address.partition) {
        return Ok(None);
    }
    let entries = SharedEntries::of(options);
    let at = LogicalBlock(node.address.block);
    if volume.partition_start(node.address.partition)? != options.partition_start
        || !entries.can_have(node, runs)
    {
        return Ok(None);
    }
    let wanted = entries.encode(node, runs, at)?;
    Ok((volume.read_physical(at)? == wanted).then_some(at))
}

/// The lower half of the unique ID of a node.
#[expect(clippy::cast_possible_truncation, reason = "only the lower half is recorded")]
pub(crate) fn low_unique_id(node: &Node) -> u32 {
    node.unique_id() as u32
}

fn cut_names(children: &mut [Child]) {
    let whole = children.iter().map(|child| child.name.as_str());
    let mut names = CutNames::new(whole.filter(|name| !is_too_long(name)));
    for child in children.iter_mut().filter(|child| is_too_long(&child.name)) {
        child.cut = Some(names.cut(&child.name));
    }
}
