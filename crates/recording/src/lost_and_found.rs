//! Names for whole files and directories that an interrupted recording left on the disc. Their data is not
//! recorded again.

use std::collections::HashMap;

use volume::{AfterNewest, GivenOut, LostNames, NodeKind, UnnamedEntry, UnnamedKind, Wholeness};

use crate::Recording;
use crate::attributes::{Attributes, Changes};
use crate::change::CREATE_BLOCKS;
use crate::error::Error;
use crate::tree::{NodeId, require_name};

/// The directory that gets the names, in the root.
pub const LOST_AND_FOUND: &str = "lost+found";

/// Allocation descriptors in an allocation extent descriptor, at least.
const DESCRIPTORS_A_BLOCK: u64 = 100;

/// What naming files again did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// What followed the newest generation.
    pub found: AfterNewest,
    /// Files, links and special files that have a name now.
    pub files: u64,
    /// Those among them whose own name was found.
    pub with_own_name: u64,
    /// Directories that were made again under their own names.
    pub directories: u64,
    /// Those files that had streams, which are left out.
    pub without_streams: u64,
    /// Those left out because the medium has no room for their names.
    pub no_room: u64,
    /// The directory: [`LOST_AND_FOUND`], or another name if that is a file; empty if there is none.
    pub directory: String,
}

/// What naming files again needs to know.
struct Finding<'a> {
    /// `lost+found`.
    top: NodeId,
    /// For directories whose own attributes are unknown.
    attributes: &'a Attributes,
    names: LostNames,
    /// New directories that are whole, by path.
    new_directories: HashMap<String, Attributes>,
    /// The file that got each path below `lost+found`, and its node.
    named: HashMap<String, (UnnamedEntry, NodeId)>,
    /// Those that were made again, with the times to give them at the end.
    made: Vec<(NodeId, Changes)>,
    linked: Linked,
}

impl Recording {
    /// Recovers as [`Recording::recover`] does, and gives the whole files that no generation names a name
    /// each in the directory `lost+found` of the root: their path, if the directories on it were recorded, or
    /// `#` and the block of the medium with the entry. New directories that are whole are made again. Only
    /// nodes and directories are recorded, with the next commit. Records nothing, and makes no directory, if
    /// there is nothing to name.
    ///
    /// An interrupted closing is completed. What it left has names already.
    ///
    /// # Errors
    /// As [`Recording::recover`]; [`Error::NotADirectory`] if files take all names of the directory. The disc
    /// then still has what an interruption left.
    pub fn recover_lost_and_found(&mut self, attributes: &Attributes) -> Result<Linked, Error> {
        if self.is_closing_begun() {
            self.recover()?;
            return Ok(Linked::default());
        }
        let found = self.volume.after_newest()?;
        let names = self.volume.lost_names(&found)?;
        let new_directories = self.new_directories(&found, &names)?;
        if found.whole_files().next().is_none() && new_directories.is_empty() {
            self.recover()?;
            let linked = Linked {
                found,
                ..Linked::default()
            };
            return Ok(linked);
        }
        let was_interrupted = self.interrupted;
        if was_interrupted {
            self.track.mend_session(self.volume.drive_mut())?;
            // One commit records the names and the VAT. A VAT alone would put these files out of reach.
            self.interrupted = false;
        }
        let named = self.name_all(&found, names, new_directories, attributes);
        self.interrupted = was_interrupted && !(named.is_ok() && self.is_dirty());
        if self.interrupted && named.is_ok() {
            self.recover()?;
        }
        Ok(Linked { found, ..named? })
    }

    fn name_all(
        &mut self,
        found: &AfterNewest,
        names: LostNames,
        new_directories: HashMap<String, Attributes>,
        attributes: &Attributes,
    ) -> Result<Linked, Error> {
        let top = self
            .leave_out(names.given_out())
            .and_then(|()| self.lost_and_found(attributes));
        let (top, directory) = match top {
            Ok(made) => made,
            Err(Error::MediumFull { .. }) => {
                let no_room = found.whole_files().count() as u64;
                return Ok(Linked {
                    no_room,
                    ..Linked::default()
                });
            }
            Err(error) => return Err(error),
        };
        let mut finding = Finding {
            top,
            attributes,
            names,
            new_directories,
            named: HashMap::new(),
            made: Vec::new(),
            linked: Linked {
                directory,
                ..Linked::default()
            },
        };
        for entry in found.whole_files() {
            match self.name_found(&mut finding, entry) {
                Err(Error::MediumFull { .. }) => finding.linked.no_room += 1,
                named => named?,
            }
        }
        let mut paths: Vec<String> = finding.new_directories.keys().cloned().collect();
        paths.sort_unstable();
        for path in &paths {
            match self.directory_at(&mut finding, path) {
                Err(Error::MediumFull { .. }) => {}
                made => drop(made?),
            }
        }
        for (directory, times) in std::mem::take(&mut finding.made) {
            match self.set_attributes(directory, &times) {
                Err(Error::MediumFull { .. }) => {}
                set => set?,
            }
        }
        Ok(finding.linked)
    }

    /// The new directories that are whole, by path, with their attributes.
    fn new_directories(
        &mut self,
        found: &AfterNewest,
        names: &LostNames,
    ) -> Result<HashMap<String, Attributes>, Error> {
        let mut directories = HashMap::new();
        let is_new = |entry: &&UnnamedEntry| {
            (entry.kind, entry.wholeness) == (UnnamedKind::Directory, Wholeness::Whole)
        };
        for entry in found.entries.iter().filter(is_new) {
            // A directory has one name (`ECMA-167 4/8.8`).
            let Some(path) = own_paths(names, entry).next() else {
                continue;
            };
            match self.volume.node_at(entry.address, entry.block) {
                Ok(node) => drop(directories.insert(path, Attributes::of(&node.entry))),
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(directories)
    }

    /// Names a file by its own paths, or by its block if none is known or free.
    fn name_found(&mut self, finding: &mut Finding<'_>, entry: &UnnamedEntry) -> Result<(), Error> {
        let paths: Vec<String> = own_paths(&finding.names, entry).collect();
        let named_before = self.named_before(finding, entry, &paths)?;
        let mut node = named_before;
        for path in paths {
            let Some((above, name)) = path.rsplit_once('/') else {
                continue;
            };
            let Some(directory) = self.directory_at(finding, above)? else {
                continue;
            };
            if require_name(name).is_err() {
                continue;
            }
            if self.lookup(directory, name)?.is_some() {
                continue;
            }
            let named = match node {
                Some(node) => {
                    self.link(node, directory, name)?;
                    node
                }
                None => self.link_found(finding, entry, (directory, name))?,
            };
            node = Some(named);
            finding.named.insert(path, (*entry, named));
        }
        if node.is_some() {
            finding.linked.with_own_name += u64::from(named_before.is_none());
            return Ok(());
        }
        let top = finding.top;
        let name = self.free_name(top, &format!("#{}", entry.sector.0))?;
        let named = self.link_found(finding, entry, (top, &name))?;
        finding.named.insert(format!("/{name}"), (*entry, named));
        Ok(())
    }

    /// The node of another entry of the same file that got one of these paths.
    fn named_before(
        &mut self,
        finding: &Finding<'_>,
        entry: &UnnamedEntry,
        paths: &[String],
    ) -> Result<Option<NodeId>, Error> {
        for path in paths {
            if let Some((other, node)) = finding.named.get(path).copied()
                && self.are_same(&other, entry)?
            {
                return Ok(Some(node));
            }
        }
        Ok(None)
    }

    /// Whether an entry is one that a recovery, interrupted too, made of another: all but its address, its
    /// unique ID and its count of names is the same, and so is the data in it.
    fn are_same(&mut self, one: &UnnamedEntry, other: &UnnamedEntry) -> Result<bool, Error> {
        let mut contents = |of: &UnnamedEntry| -> Result<_, Error> {
            let node = self.volume.node_at(of.address, of.block)?;
            Ok((
                node.kind,
                Attributes::of(&node.entry),
                node.entry.allocation_descriptors,
            ))
        };
        Ok(one.extents == 0 && other.extents == 0 && contents(one)? == contents(other)?)
    }

    /// Leaves out the addresses and unique IDs that the interrupted recording gave out. If this recovery is
    /// interrupted too, the next one can tell its nodes from those that it recovered, and its names too.
    fn leave_out(&mut self, given_out: GivenOut) -> Result<(), Error> {
        let entries = self.tree.vat_entries().max(given_out.vat_entries());
        self.prepare_change(self.tree.blocks_to_extend_vat(entries))?;
        let (mut disc, tree) = self.parts();
        tree.leave_out(&mut disc, entries, given_out.next_unique_id())
    }

    /// A name that a directory does not have.
    fn free_name(&mut self, directory: NodeId, name: &str) -> Result<String, Error> {
        let mut free = name.to_owned();
        let mut number = 2;
        while self.lookup(directory, &free)?.is_some() {
            free = format!("{name}~{number}");
            number += 1;
        }
        Ok(free)
    }

    fn link_found(
        &mut self,
        finding: &mut Finding<'_>,
        entry: &UnnamedEntry,
        (directory, name): (NodeId, &str),
    ) -> Result<NodeId, Error> {
        let continuations = u64::from(entry.extents) / DESCRIPTORS_A_BLOCK;
        self.prepare_change(CREATE_BLOCKS + continuations)?;
        let (mut disc, tree) = self.parts();
        let (node, has_all) =
            tree.link_unnamed(&mut disc, (directory, name), (entry.address, entry.block))?;
        finding.linked.files += 1;
        finding.linked.without_streams += u64::from(!has_all);
        Ok(node)
    }

    /// The directory of a path below `lost+found`, made with those above it if it is missing. `None` if a
    /// part of the path cannot be the name of a directory there.
    fn directory_at(&mut self, finding: &mut Finding<'_>, path: &str) -> Result<Option<NodeId>, Error> {
        let mut directory = finding.top;
        let ends = path
            .match_indices('/')
            .skip(1)
            .map(|(at, _)| at)
            .chain([path.len()]);
        for end in ends {
            let (Some((_, name)), above) = (path[..end].rsplit_once('/'), directory) else {
                break;
            };
            if let Some(existing) = self.lookup(above, name)? {
                if !self.is_directory(existing)? {
                    return Ok(None);
                }
                directory = existing;
                continue;
            }
            if require_name(name).is_err() {
                return Ok(None);
            }
            let own = finding.new_directories.get(&path[..end]).copied();
            let attributes = own.unwrap_or(*finding.attributes);
            directory = self.create(above, name, NodeKind::Directory, &attributes)?;
            if own.is_some() {
                finding.linked.directories += 1;
                finding.made.push((directory, Changes::times_of(&attributes)));
            }
        }
        Ok(Some(directory))
    }

    /// The directory for the names, and its name: another one if a file is in its place.
    fn lost_and_found(&mut self, attributes: &Attributes) -> Result<(NodeId, String), Error> {
        let root = self.root();
        let others = (2..100).map(|number| format!("{LOST_AND_FOUND}~{number}"));
        for name in std::iter::once(LOST_AND_FOUND.to_owned()).chain(others) {
            match self.lookup(root, &name)? {
                None => {
                    let made = self.create(root, &name, NodeKind::Directory, attributes)?;
                    return Ok((made, name));
                }
                Some(existing) if self.is_directory(existing)? => return Ok((existing, name)),
                Some(_) => {}
            }
        }
        Err(Error::NotADirectory)
    }
}

/// The paths that an entry had, to be made again below `lost+found`. An earlier recovery that was interrupted
/// too has them there already.
fn own_paths(names: &LostNames, entry: &UnnamedEntry) -> impl Iterator<Item = String> {
    let below = |path: String| match path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(LOST_AND_FOUND))
    {
        Some("") => None,
        Some(below) if below.starts_with('/') => Some(below.to_owned()),
        _ => Some(path),
    };
    names.of(entry).into_iter().filter_map(below)
}
