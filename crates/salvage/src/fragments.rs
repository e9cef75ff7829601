//! Names without a directory: the entry of their directory is lost, but not its body.

use std::collections::{BTreeMap, HashMap, HashSet};

use ecma167::file::{
    AllocationForm, FileCharacteristics, FileEntry, FileType, IcbFlags, IcbTag, LongAd, Permissions,
};
use ecma167::general::{EntityIdentifier, Timestamp};
use ecma167::{PartitionReference, RecordedAddress};
use volume::{Error, Node, NodeKind, Volume};

use crate::index::{Index, NameSeen};
use crate::reach::{Reach, is_passed};

/// The most bytes of names that a directory gets.
const MOST_BYTES: usize = 16 << 20;
/// The most pieces of directories that are kept.
const MOST_FRAGMENTS: usize = 1 << 16;
/// No volume has a partition of this reference: that of directories whose address is unknown.
const NOWHERE: PartitionReference = PartitionReference(u16::MAX);

/// A directory made of names that were found.
pub(crate) struct Made {
    pub node: Node,
    /// The first byte of its first name on the disc.
    pub byte: u64,
    /// Whether its address is known, so that a name may lead to it.
    pub is_placed: bool,
}

/// Names one after the other on the disc.
struct Fragment {
    /// Indexes of names.
    first: usize,
    end: usize,
    /// The partition that the first name leads to.
    partition: PartitionReference,
    /// The address of the directory above, if the first name says it.
    parent: Option<RecordedAddress>,
}

/// The directories whose entries are lost, made of the names that no directory covers and that lead to
/// something that was not reached. `nodes` is the partition of directories.
pub(crate) fn directories(
    volume: &mut Volume,
    index: &Index,
    reach: &Reach<'_>,
    nodes: PartitionReference,
    root: Option<RecordedAddress>,
) -> Result<Vec<Made>, Error> {
    let mut placed: BTreeMap<(u16, u32), Vec<Fragment>> = BTreeMap::new();
    let mut others = Vec::new();
    for fragment in fragments(index, reach) {
        // Another volume of the disc names other addresses.
        if reach.is_stopped() {
            break;
        }
        if fragment.partition != nodes || !leads_somewhere(volume, index, reach, &fragment) {
            continue;
        }
        match by_children(volume, index, &fragment)? {
            Some(at) => placed
                .entry((at.partition.0, at.block))
                .or_default()
                .push(fragment),
            None => others.push(fragment),
        }
    }
    place_by_parents(volume, reach, root, &mut placed, &mut others);
    let mut made = Vec::new();
    for ((partition, block), fragments) in placed {
        let address = RecordedAddress {
            partition: PartitionReference(partition),
            block,
        };
        made.extend(make(volume, index, address, &fragments, true)?);
    }
    for (number, fragment) in (0..).zip(others) {
        let address = RecordedAddress {
            partition: NOWHERE,
            block: number,
        };
        made.extend(make(volume, index, address, &[fragment], false)?);
    }
    Ok(made)
}

/// Names that follow each other and that no directory covers.
fn fragments(index: &Index, reach: &Reach<'_>) -> Vec<Fragment> {
    let mut all: Vec<Fragment> = Vec::new();
    let mut end = 0;
    for (at, name) in index.names.iter().enumerate() {
        let number = u32::try_from(at).unwrap_or(u32::MAX);
        if reach.covered.has(number) || index.used_names.has(number) {
            end = 0;
            continue;
        }
        let continues = name.byte() == end && !name.is_parent();
        end = name.byte() + name.length() as u64;
        let is_full = all.len() == MOST_FRAGMENTS;
        match all.last_mut() {
            Some(last) if continues && last.end == at => last.end = at + 1,
            _ if is_full => break,
            _ => all.push(Fragment {
                first: at,
                end: at + 1,
                partition: PartitionReference(name.partition),
                parent: name.is_parent().then(|| address(name)),
            }),
        }
    }
    all
}

fn address(name: &NameSeen) -> RecordedAddress {
    RecordedAddress {
        partition: PartitionReference(name.partition),
        block: name.block,
    }
}

/// Whether a name leads to an entry that no other name leads to.
fn leads_somewhere(volume: &mut Volume, index: &Index, reach: &Reach<'_>, fragment: &Fragment) -> bool {
    let mut names = index.names[fragment.first..fragment.end]
        .iter()
        .filter(|name| name.is_live());
    names.any(|name| {
        let at = reach.index_of(volume, index, address(name));
        at.is_some_and(|at| !reach.reached.has(at))
    })
}

/// The address of the directory that has these names, by what the directories among them call their parent.
fn by_children(
    volume: &mut Volume,
    index: &Index,
    fragment: &Fragment,
) -> Result<Option<RecordedAddress>, Error> {
    let is_directory =
        |name: &&NameSeen| name.is_live() && name.characteristics().contains(FileCharacteristics::DIRECTORY);
    for name in index.names[fragment.first..fragment.end]
        .iter()
        .filter(is_directory)
        .take(64)
    {
        if let Some(parent) = parent_of(volume, address(name))?
            && volume.node(parent).is_err()
        {
            return Ok(Some(parent));
        }
    }
    Ok(None)
}

/// What a directory calls its parent.
fn parent_of(volume: &mut Volume, at: RecordedAddress) -> Result<Option<RecordedAddress>, Error> {
    let opened = volume.node(at).and_then(|node| match node.kind {
        NodeKind::Directory => volume.directory(&node),
        _ => Err(Error::NotADirectory),
    });
    let first = opened.and_then(|mut directory| directory.next(volume));
    match first {
        Ok(Some(entry)) if entry.characteristics.contains(FileCharacteristics::PARENT) => {
            Ok(Some(entry.address()))
        }
        Ok(_) => Ok(None),
        Err(error) if is_passed(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Places names by what they call the directory above theirs: if it lacks the entry of one directory only,
/// they are of that one.
fn place_by_parents(
    volume: &mut Volume,
    reach: &Reach<'_>,
    root: Option<RecordedAddress>,
    placed: &mut BTreeMap<(u16, u32), Vec<Fragment>>,
    others: &mut Vec<Fragment>,
) {
    let mut lacking: HashMap<RecordedAddress, Vec<RecordedAddress>> = HashMap::new();
    for (gone, parent) in &reach.gone {
        if !placed.contains_key(&(gone.partition.0, gone.block)) {
            lacking.entry(*parent).or_default().push(*gone);
        }
    }
    // The parent of the root is the root.
    if let Some(root) = root.filter(|root| !placed.contains_key(&(root.partition.0, root.block)))
        && volume.node(root).is_err()
    {
        lacking.entry(root).or_default().push(root);
    }
    let mut times: HashMap<RecordedAddress, usize> = HashMap::new();
    for parent in others.iter().filter_map(|fragment| fragment.parent) {
        *times.entry(parent).or_default() += 1;
    }
    for fragment in std::mem::take(others) {
        let of_parent = fragment
            .parent
            .and_then(|parent| Some((parent, lacking.get(&parent)?)));
        match of_parent {
            Some((parent, gone)) if gone.len() == 1 && times.get(&parent) == Some(&1) => {
                let at = gone[0];
                placed
                    .entry((at.partition.0, at.block))
                    .or_default()
                    .push(fragment);
            }
            _ => others.push(fragment),
        }
    }
}

/// A directory with the names of some fragments, each once.
fn make(
    volume: &mut Volume,
    index: &Index,
    address: RecordedAddress,
    fragments: &[Fragment],
    is_placed: bool,
) -> Result<Option<Made>, Error> {
    let mut body = Vec::new();
    let mut known = HashSet::new();
    for fragment in fragments {
        for name in &index.names[fragment.first..fragment.end] {
            if body.len() + name.length() > MOST_BYTES || !name.is_live() {
                continue;
            }
            let mut bytes = vec![0; name.length()];
            match volume
                .drive_mut()
                .read_bytes(name.byte(), &mut bytes)
                .map_err(Error::from)
            {
                // The location in a tag differs where the same name was recorded again.
                Ok(()) if known.insert(bytes[16..].to_vec()) => body.extend(bytes),
                Ok(()) => {}
                Err(error) if is_passed(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    let first = fragments
        .first()
        .and_then(|fragment| index.names.get(fragment.first));
    let Some(first) = first.filter(|_| !body.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(Made {
        node: Node {
            address,
            kind: NodeKind::Directory,
            entry: directory_of(body),
        },
        byte: first.byte(),
        is_placed,
    }))
}

/// The entry of a directory with a body of names, of which nothing else is known.
fn directory_of(body: Vec<u8>) -> FileEntry {
    let flags = IcbFlags::empty().with_form(AllocationForm::Embedded);
    let read = Permissions::OTHER_READ | Permissions::GROUP_READ | Permissions::OWNER_READ;
    let search = Permissions::OTHER_EXECUTE | Permissions::GROUP_EXECUTE | Permissions::OWNER_EXECUTE;
    let time = Timestamp::default();
    FileEntry {
        extended: false,
        icb_tag: IcbTag::new(FileType::DIRECTORY, flags),
        uid: FileEntry::NO_ID,
        gid: FileEntry::NO_ID,
        permissions: read | search | Permissions::OWNER_WRITE,
        file_link_count: 1,
        information_length: body.len() as u64,
        object_size: body.len() as u64,
        logical_blocks_recorded: 0,
        access_time: time,
        modification_time: time,
        creation_time: None,
        attribute_time: time,
        checkpoint: 1,
        extended_attribute_icb: LongAd::default(),
        stream_directory_icb: LongAd::default(),
        implementation_identifier: EntityIdentifier::implementation(),
        unique_id: 0,
        extended_attributes: Vec::new(),
        allocation_descriptors: body,
    }
}
