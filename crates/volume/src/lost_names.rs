//! Names that directories without a generation give to nodes without one.

use std::collections::{HashMap, HashSet};

use ecma167::RecordedAddress;
use ecma167::file::FileCharacteristics;
use ecma167::osta::{Revision, unique_id};

use crate::after_newest::{AfterNewest, UnnamedEntry, UnnamedKind, Wholeness};
use crate::error::Error;
use crate::given_out::GivenOut;
use crate::node::NodeKind;
use crate::volume::Volume;
use crate::walk::{Step, Walk, Why};

/// The most names looked at: directories of a hostile disc may share long bodies.
const MOST_NAMES: usize = 1 << 22;
/// Recoveries in a row, each of them interrupted, through which names are followed.
const MOST_RECOVERIES: u32 = 16;
/// The longest path in bytes (`UDF 2.60 2`).
const LONGEST_PATH: usize = 1023;

/// The paths that an interrupted recording would have given to what it left.
#[derive(Debug, Default)]
pub struct LostNames {
    /// The directory and the name of each name of a node.
    names: HashMap<RecordedAddress, Vec<(RecordedAddress, String)>>,
    /// The nodes that their names mean for certain: later versions of nodes that a generation names, and
    /// those whose unique ID one of their names has. Further names have IDs of their own (`UDF 2.60
    /// 2.3.4.3`).
    certain: HashSet<RecordedAddress>,
    /// The paths of directories and files of the newest generation, with a leading slash.
    paths: HashMap<RecordedAddress, String>,
    /// Earlier entries with the same data, by the address of the later one.
    same_data: HashMap<RecordedAddress, RecordedAddress>,
    given_out: GivenOut,
}

/// What was found at an address.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    entries: u32,
    /// Whether one of them is a new node, and no later version of one that a generation names.
    has_new: bool,
    last: Option<UnnamedEntry>,
}

impl LostNames {
    /// The virtual addresses and unique IDs of the entries found, and of what their directories name.
    #[must_use]
    pub fn given_out(&self) -> GivenOut {
        self.given_out
    }

    /// The paths of an entry, with a leading slash; none if no directory names it. A later version that no
    /// directory names has one that its node has in the newest generation. What a recovery recorded that was
    /// interrupted before its directories has the paths of what it recovered.
    #[must_use]
    pub fn of(&self, entry: &UnnamedEntry) -> Vec<String> {
        let mut address = entry.address;
        for _ in 0..MOST_RECOVERIES {
            match self.same_data.get(&address) {
                Some(earlier) if !self.names.contains_key(&address) => address = *earlier,
                _ => break,
            }
        }
        match self.names.get(&address) {
            Some(names) => {
                let paths = names
                    .iter()
                    .filter_map(|(directory, name)| self.path(*directory, name));
                paths.collect()
            }
            None => self.paths.get(&address).cloned().into_iter().collect(),
        }
    }

    /// The path of a name in a directory; `None` if it is too long, or if directories contain each other.
    fn path(&self, directory: RecordedAddress, name: &str) -> Option<String> {
        let mut names = vec![name];
        let mut length = name.len() + 1;
        let mut directory = directory;
        let top = loop {
            if let Some(path) = self.paths.get(&directory) {
                break path.as_str();
            }
            let (above, name) = self.names.get(&directory)?.first()?;
            length += name.len() + 1;
            if length > LONGEST_PATH {
                return None;
            }
            names.push(name);
            directory = *above;
        };
        names.push(top.trim_end_matches('/'));
        names.reverse();
        let path = names.join("/");
        (path.len() <= LONGEST_PATH).then_some(path)
    }
}

impl Volume {
    /// Reads the names that directories recorded after the newest generation give to what was found there.
    /// Reads these directories, and those of the newest generation as far as a path needs them.
    ///
    /// # Errors
    /// Errors of the drive. What cannot be read has no name.
    pub fn lost_names(&mut self, found: &AfterNewest) -> Result<LostNames, Error> {
        let Some(vat) = self.space.vat() else {
            return Ok(LostNames::default());
        };
        let next_unique_id = vat.next_unique_id();
        let mut lost = LostNames {
            same_data: found.same_data.clone(),
            given_out: GivenOut::after(vat, found.blocks),
            ..LostNames::default()
        };
        let mut addresses: HashMap<RecordedAddress, Found> = HashMap::new();
        for entry in &found.entries {
            self.note_given_out(&mut lost, entry.address, unique_id::low_half(entry.unique_id));
            let at_address = addresses.entry(entry.address).or_default();
            at_address.entries += 1;
            at_address.has_new |= entry.unique_id >= next_unique_id;
            at_address.last = Some(*entry);
        }
        // Only the root may have several versions: a recovery that was interrupted too records it again.
        // Elsewhere an earlier version may be of changes that were abandoned, whose addresses and unique IDs
        // were given out again.
        let root = self.root()?;
        addresses.retain(|address, found| found.entries == 1 || *address == root && !found.has_new);
        let is_directory = |entry: &&UnnamedEntry| {
            entry.kind == UnnamedKind::Directory && entry.wholeness != Wholeness::Incomplete
        };
        let mut left = MOST_NAMES;
        for directory in found.entries.iter().filter(is_directory) {
            match self.names_in(directory, &addresses, &mut lost, &mut left) {
                Err(error) if !error.is_damage() => return Err(error),
                _ => {}
            }
        }
        // Below UDF 2.00, names have no unique ID.
        if self.revision() >= Revision::V2_00 {
            let LostNames { names, certain, .. } = &mut lost;
            names.retain(|address, _| certain.contains(address));
        }
        lost.paths.insert(self.root()?, "/".to_owned());
        let directories = lost.names.values().flatten().map(|(above, _)| *above);
        let is_later = |entry: &&UnnamedEntry| entry.wholeness == Wholeness::LaterVersion;
        let later = found.entries.iter().filter(is_later).map(|entry| entry.address);
        let is_unknown = |address: &RecordedAddress| {
            !lost.names.contains_key(address) && !lost.paths.contains_key(address)
        };
        let unknown: HashSet<_> = directories.chain(later).filter(is_unknown).collect();
        if !unknown.is_empty() {
            self.paths_of(&unknown, &mut lost)?;
        }
        Ok(lost)
    }

    fn names_in(
        &mut self,
        directory: &UnnamedEntry,
        addresses: &HashMap<RecordedAddress, Found>,
        lost: &mut LostNames,
        left: &mut usize,
    ) -> Result<(), Error> {
        let node = self.node_at(directory.address, directory.block)?;
        if node.kind != NodeKind::Directory {
            return Ok(());
        }
        let versions = addresses.get(&directory.address);
        let is_last = versions
            .and_then(|found| found.last)
            .is_some_and(|last| last == *directory);
        // Below UDF 2.00, names have no unique ID.
        let has_unique_ids = self.revision() >= Revision::V2_00;
        let mut names = self.directory(&node)?;
        while *left > 0 {
            *left -= 1;
            let entry = match names.next(self) {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                // It continues after a damaged name.
                Err(error) if error.is_damage() => continue,
                Err(error) => return Err(error),
            };
            let address = entry.address();
            if !entry.is_live() {
                continue;
            }
            self.note_given_out(lost, address, entry.icb.unique_id());
            let Some(found) = addresses.get(&address) else {
                continue;
            };
            let Some(named) = found.last else {
                continue;
            };
            let is_directory = entry.characteristics.contains(FileCharacteristics::DIRECTORY);
            if versions.is_none()
                || address == directory.address
                || is_directory != (named.kind == UnnamedKind::Directory)
            {
                continue;
            }
            let is_of_node = unique_id::low_half(named.unique_id) == entry.icb.unique_id();
            if has_unique_ids && (is_of_node || is_last && !found.has_new) {
                lost.certain.insert(address);
            }
            let name = (directory.address, entry.name);
            lost.names.entry(address).or_default().push(name);
        }
        Ok(())
    }

    fn note_given_out(&self, lost: &mut LostNames, address: RecordedAddress, unique_id: u32) {
        if self.space.maps().virtual_reference() == Some(address.partition) {
            lost.given_out.note_address(address.block);
        }
        lost.given_out.note_unique_id(unique_id);
    }

    /// Finds the paths of directories and files of the newest generation.
    fn paths_of(&mut self, wanted: &HashSet<RecordedAddress>, lost: &mut LostNames) -> Result<(), Error> {
        let root = self.root()?;
        let mut walk = Walk::new(self.node(root)?, "");
        while let Some(step) = walk.step(self) {
            match step {
                Ok(Step::Entry { path, named }) => {
                    if wanted.contains(&named.address) && path.len() <= LONGEST_PATH {
                        lost.paths.entry(named.address).or_insert_with(|| path.clone());
                    }
                    if !named.is_directory {
                        continue;
                    }
                    match self.node(named.address) {
                        Ok(node) if node.kind == NodeKind::Directory => walk.enter(node, &path),
                        Ok(_) => {}
                        Err(error) if error.is_damage() => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(Step::Leave) => {}
                Err(missed) => match missed.why {
                    Why::NotOpened(error) | Why::Names(error) if !error.is_damage() => return Err(error),
                    _ => {}
                },
            }
        }
        Ok(())
    }
}
