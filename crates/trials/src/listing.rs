//! What a reader finds in a volume, in a form that can be compared.

use std::collections::BTreeMap;

use volume::{NodeKind, Volume};

use crate::broken::Broken;

/// The node at each path; the root is the empty path, the others begin with `/`.
pub type Listing = BTreeMap<String, Seen>;

/// A name and its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its kind, with the numbers of a device.
    pub kind: NodeKind,
    /// Permissions with the set-user-ID, set-group-ID and sticky bits.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u32, u32),
    /// Last modification, in seconds and nanoseconds since 1970.
    pub modified: (i64, u32),
    /// Number of names of the node; 1 for a directory.
    pub names: u64,
    /// The first path of this node: the same for all its names.
    pub node: String,
    /// Contents of a file, target of a symbolic link.
    pub bytes: Vec<u8>,
}

/// Reads a whole volume.
///
/// # Errors
/// Errors from reading, and [`Broken::Contradiction`] if a body ends before its length.
pub fn listing(volume: &mut Volume) -> Result<Listing, Broken> {
    let mut found = BTreeMap::new();
    let mut left = vec![(String::new(), volume.root()?)];
    while let Some((path, address)) = left.pop() {
        let node = volume.node(address)?;
        let mut bytes = Vec::new();
        match node.kind {
            NodeKind::Directory => {
                let mut directory = volume.directory(&node)?;
                while let Some(entry) = directory.next_live(volume)? {
                    left.push((format!("{path}/{}", entry.name), entry.address()));
                }
            }
            NodeKind::SymbolicLink => bytes = volume.symlink_target(&node)?.into_bytes(),
            _ => {
                let body = volume.body(&node)?;
                bytes.resize(usize::try_from(body.len()).unwrap_or(usize::MAX), 0);
                if volume.read(&body, 0, &mut bytes)? != bytes.len() {
                    return Err(Broken::Contradiction(format!("{path} ends before its length")));
                }
            }
        }
        let directory = node.kind == NodeKind::Directory;
        let seen = Seen {
            kind: node.kind,
            mode: node.mode() & 0o7777,
            owner: (node.entry.uid, node.entry.gid),
            modified: node.entry.modification_time.to_unix().unwrap_or_default(),
            names: if directory {
                1
            } else {
                u64::from(node.entry.file_link_count)
            },
            node: String::new(),
            bytes,
        };
        if found
            .insert(path.clone(), ((address.partition, address.block), seen))
            .is_some()
        {
            return Err(Broken::Contradiction(format!("{path} occurs twice")));
        }
    }
    Ok(with_first_names(found))
}

/// Makes a listing from paths whose nodes are identified by a number.
pub(crate) fn with_first_names<N: Ord + Copy>(found: BTreeMap<String, (N, Seen)>) -> Listing {
    let mut first: BTreeMap<N, String> = BTreeMap::new();
    found
        .into_iter()
        .map(|(path, (number, mut seen))| {
            seen.node
                .clone_from(first.entry(number).or_insert_with(|| path.clone()));
            (path, seen)
        })
        .collect()
}

/// The first differences in words; empty if the listings are equal.
#[must_use]
pub fn differences(expected: &Listing, found: &Listing) -> Vec<String> {
    const TOLD: usize = 5;
    let missing = expected
        .iter()
        .filter(|(path, _)| !found.contains_key(*path))
        .map(|(path, _)| format!("{path:?} is missing"));
    let others = found.iter().filter_map(|(path, seen)| match expected.get(path) {
        None => Some(format!("{path:?} should not be there")),
        Some(wanted) if wanted != seen => Some(format!("{path:?}: {}", difference(wanted, seen))),
        Some(_) => None,
    });
    missing.chain(others).take(TOLD).collect()
}

fn difference(expected: &Seen, found: &Seen) -> String {
    if expected.bytes == found.bytes {
        let short = |seen: &Seen| {
            format!(
                "{:?} {:o} {:?} {:?} {} names of {:?}",
                seen.kind, seen.mode, seen.owner, seen.modified, seen.names, seen.node
            )
        };
        return format!("{} expected, {} found", short(expected), short(found));
    }
    let pairs = expected.bytes.iter().zip(&found.bytes);
    let first = pairs.take_while(|(one, other)| one == other).count();
    format!(
        "{} bytes expected, {} found, equal up to byte {first}",
        expected.bytes.len(),
        found.bytes.len()
    )
}
