//! The children of a directory of the volume, as a plain volume needs them.

use compact_str::CompactString;
use ecma167::osta::unique_id;
use ecma167::{BLOCK_BYTES, LogicalBlock, RecordedAddress};
use iso9660::rock_ridge::Attributes;
use volume::{Node, NodeKind, Volume};

use crate::attributes::attributes;
use crate::data::Data;
use crate::directory::identifier_bytes;
use crate::entry;
use crate::error::Error;
use crate::name::{CutNames, is_too_long};
use crate::options::{Links, Options};
use crate::shared::SharedEntries;

/// A child of a directory. It has only what the parts of a plain volume need, because a directory may have a
/// million.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its name on the volume.
    pub name: CompactString,
    /// The unique ID of its name; each further name of a file has its own (`UDF 2.60 2.3.4.3`).
    pub unique_id: u32,
    /// The address of its file entry on the volume.
    pub address: RecordedAddress,
    /// Its kind.
    pub kind: NodeKind,
    /// What Rock Ridge states about it.
    pub attributes: Attributes,
    /// The unique ID of the node.
    pub node_unique_id: u64,
    /// Whether it has named streams.
    pub has_streams: bool,
    /// Where the bytes of a file are, or those of a symbolic link or special file that its entry in UDF
    /// cannot hold; `None` for other nodes.
    pub data: Option<Data>,
    /// Whether both volumes share its file entry.
    pub is_shared: bool,
    /// What only few children have.
    rare: Option<Box<Rare>>,
}

#[derive(Debug, Default)]
struct Rare {
    /// Its name in the UDF of the plain volume, if that differs.
    cut: Option<String>,
    /// The target of a symbolic link.
    target: Option<String>,
}

impl Child {
    /// Its name in UDF.
    pub fn udf_name(&self) -> &str {
        let cut = self.rare.as_ref().and_then(|rare| rare.cut.as_deref());
        cut.unwrap_or(&self.name)
    }

    /// Whether its name in UDF differs.
    pub fn is_cut(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.cut.is_some())
    }

    /// The target of a symbolic link.
    pub fn target(&self) -> Option<&str> {
        self.rare.as_ref()?.target.as_deref()
    }

    /// Where the bytes of a file are; `None` for other kinds.
    pub fn file_data(&self) -> Option<&Data> {
        self.data.as_ref().filter(|_| self.kind == NodeKind::File)
    }

    /// Whether UDF contains it.
    pub fn is_in_udf(&self, options: &Options) -> bool {
        self.data.is_some() || self.kind == NodeKind::Directory || options.links == Links::Keep
    }

    /// Whether UDF has a file entry of it that is recorded with its directory.
    pub fn has_entry(&self, options: &Options) -> bool {
        !self.is_shared && self.is_in_udf(options)
    }

    /// The block of its file entry in the physical partition, if both volumes share it.
    pub fn shared_entry(&self) -> Option<LogicalBlock> {
        self.is_shared.then_some(LogicalBlock(self.address.block))
    }

    /// Its address, if it may have further names.
    pub fn several_names(&self) -> Option<RecordedAddress> {
        (self.kind != NodeKind::Directory && self.attributes.links > 1).then_some(self.address)
    }

    /// Approximate memory in bytes.
    pub fn weight(&self) -> usize {
        let runs = match &self.data {
            Some(Data::Shared { runs, .. }) if runs.spilled() => size_of_val(runs.as_slice()) + 16,
            _ => 0,
        };
        let name = if self.name.is_heap_allocated() {
            self.name.len() + 16
        } else {
            0
        };
        let rare = self.rare.as_ref().map_or(0, |rare| {
            let texts = [&rare.cut, &rare.target].map(|text| text.as_ref().map_or(0, String::len));
            size_of::<Rare>() + texts.into_iter().sum::<usize>()
        });
        size_of::<Self>() + name + runs + rare
    }
}

/// All children of a directory, in its order.
pub(crate) fn children(
    volume: &mut Volume,
    directory: &Node,
    options: &Options,
) -> Result<Vec<Child>, Error> {
    let mut listing = volume.directory(directory)?;
    let mut children = Vec::new();
    // Entries may state the same blocks again and again, but no directory is longer than its disc.
    let most = u64::from(volume.drive().medium().capacity_blocks) * u64::from(BLOCK_BYTES);
    let mut bytes = 0;
    while let Some(entry) = listing.next_live(volume)? {
        bytes += identifier_bytes(Some(&entry.name));
        if bytes > most {
            return Err(Error::TooManyBlocks);
        }
        let node = volume.node(entry.address())?;
        let unique_id = match entry.icb.unique_id() {
            0 => unique_id::low_half(node.unique_id()),
            unique_id => unique_id,
        };
        let mut child = Child {
            name: entry.name.into(),
            unique_id,
            address: node.address,
            kind: node.kind,
            attributes: attributes(&node),
            node_unique_id: node.unique_id(),
            has_streams: node.entry.stream_directory_icb.length().bytes() > 0,
            data: None,
            is_shared: false,
            rare: None,
        };
        match node.kind {
            NodeKind::File => {
                let data = Data::of(volume, &node, options)?;
                child.is_shared = is_shared(volume, &node, &data, options)?;
                child.data = Some(data);
            }
            NodeKind::SymbolicLink => {
                child.rare.get_or_insert_default().target = Some(volume.symlink_target(&node)?);
            }
            _ => {}
        }
        let is_special = !matches!(node.kind, NodeKind::File | NodeKind::Directory);
        if is_special && options.links == Links::Keep && !entry::can_embed(&node, options.tags())? {
            child.data = Some(Data::of(volume, &node, options)?);
        }
        children.push(child);
    }
    if children.iter().any(|child| is_too_long(&child.name)) {
        cut_names(&mut children);
    }
    Ok(children)
}

/// Whether the plain volume would record exactly the entry that a file has.
fn is_shared(volume: &mut Volume, node: &Node, data: &Data, options: &Options) -> Result<bool, Error> {
    let Data::Shared { runs, .. } = data else {
        return Ok(false);
    };
    if volume.physical_partition() != Some(node.address.partition)
        || volume.partition_start(node.address.partition)? != options.partition_start
    {
        return Ok(false);
    }
    let at = LogicalBlock(node.address.block);
    match SharedEntries::of(options).encode(node, runs.clone(), at)? {
        Some(wanted) => Ok(volume.read_physical(at)? == wanted),
        None => Ok(false),
    }
}

fn cut_names(children: &mut [Child]) {
    let whole = children.iter().map(|child| &*child.name);
    let mut names = CutNames::new(whole.filter(|name| !is_too_long(name)));
    for child in children.iter_mut().filter(|child| is_too_long(&child.name)) {
        child.rare.get_or_insert_default().cut = Some(names.cut(&child.name));
    }
}
