//! Names in a step: which went and came, and which of them belong together.

use std::collections::{HashMap, HashSet};

use super::entry::{is_directory, site};
use super::{Identity, Leaving, Name, Step, Turn};
use crate::directory_entry::DirectoryEntry;
use crate::error::Error;
use crate::node::NodeKind;
use crate::past::change::ChangeKind;
use crate::past::tree::{DirectoryId, When};

impl Step<'_, '_, '_> {
    pub(super) fn take(&mut self, id: DirectoryId, entry: DirectoryEntry, turn: Turn) -> Result<(), Error> {
        match (turn, is_directory(&entry)) {
            (Turn::Went, true) => self.directory_went(id, &entry),
            (Turn::Went, false) => self.file_went(id, &entry)?,
            (Turn::Came, true) => self.directory_came(id, entry)?,
            (Turn::Came, false) => {
                if self.all_went() {
                    return self.new_name(id, &entry);
                }
                self.waiting.push((id, entry));
            }
        }
        Ok(())
    }

    /// Whether all names that went are known, and directories are where they are now.
    fn all_went(&self) -> bool {
        self.is_following && self.leaving.is_empty() && self.gone.is_empty()
    }

    fn directory_went(&mut self, parent: DirectoryId, entry: &DirectoryEntry) {
        let address = entry.address();
        let Some(id) = self.on.tree.at(address) else {
            return;
        };
        let path = self.path_in(parent, When::Before, &entry.name);
        self.on.went.insert(address, path.clone());
        let is_gone = self
            .virtual_address(address)
            .is_some_and(|entry| self.on.table.now(entry).is_none());
        if self.read_as_gone.contains(&id) {
            self.missed += 1;
        } else if is_gone {
            self.tell(ChangeKind::Removed, path, NodeKind::Directory, 0, 0);
            self.gone.push(id);
        } else {
            self.leaving.insert(address, Leaving { id, path });
        }
    }

    fn directory_came(&mut self, parent: DirectoryId, entry: DirectoryEntry) -> Result<(), Error> {
        let address = entry.address();
        if let Some(id) = self.on.tree.at(address) {
            self.arriving.push((id, parent, entry.name));
            return Ok(());
        }
        let id = self.on.tree.add(address, Some(parent), &entry.name)?;
        if self.all_went() {
            let path = self.path_in(parent, When::Now, &entry.name);
            self.tell(ChangeKind::Added, path, NodeKind::Directory, 0, 0);
        } else {
            self.added_directories.push(id);
        }
        self.new.push(id);
        Ok(())
    }

    fn file_went(&mut self, id: DirectoryId, entry: &DirectoryEntry) -> Result<(), Error> {
        let address = entry.address();
        if let (Some(node), Some(site)) = (self.virtual_address(address), site(id, entry)) {
            self.on.tree.remove_name(node, site);
        }
        if self.hear.is_none() {
            return Ok(());
        }
        let Some(node) = self.node(address, When::Before)? else {
            return Ok(());
        };
        let path = self.path_in(id, When::Before, &entry.name);
        self.on.went.insert(address, path.clone());
        let name = Name::new(path, &node);
        let at = self.went.len();
        self.went_by_identity.entry(name.identity).or_default().push(at);
        self.went_by_path.insert(name.path.clone(), at);
        self.went.push(name);
        Ok(())
    }

    /// A name that came, when all that went are known.
    pub(super) fn new_name(&mut self, id: DirectoryId, entry: &DirectoryEntry) -> Result<(), Error> {
        let address = entry.address();
        let at = self.virtual_address(address);
        let has_other = at.is_some_and(|at| self.on.tree.name_of(at).is_some());
        if let (Some(at), Some(site)) = (at, site(id, entry)) {
            self.on.tree.add_name(at, site);
        }
        if self.hear.is_none() {
            return Ok(());
        }
        let Some(node) = self.node(address, When::Now)? else {
            return Ok(());
        };
        let path = self.path_in(id, When::Now, &entry.name);
        let mut name = Name::new(path, &node);
        name.is_further = has_other && self.was_there(&name)?;
        let went = self.went_by_identity.get(&name.identity);
        let is_known = went.is_some_and(|went| went.iter().any(|at| self.is_same(&self.went[*at], &name)));
        if is_known || self.went_by_path.contains_key(&name.path) {
            self.came.push(name);
            return Ok(());
        }
        self.tell_new(name);
        Ok(())
    }

    /// Whether a node was there before the step.
    fn was_there(&mut self, name: &Name) -> Result<bool, Error> {
        let Some(at) = self.virtual_address(name.address) else {
            return Ok(false);
        };
        let before = self.on.table.before(at);
        if before.is_none() || before == self.on.table.now(at) {
            return Ok(before.is_some());
        }
        let node = self.node(name.address, When::Before)?;
        Ok(node.is_some_and(|node| Self::identity(&node) == name.identity))
    }

    /// Tells of a name that came and took no other's place.
    fn tell_new(&mut self, name: Name) {
        let is_named = name.links > 1 && !self.named.insert(name.identity);
        let kind = if name.is_further || is_named {
            ChangeKind::Linked
        } else {
            if let Some(at) = self.virtual_address(name.address) {
                self.told.insert(at);
            }
            ChangeKind::Added
        };
        self.tell(kind, name.path, name.kind, 0, name.size);
    }

    /// Matches the names that came with those that went: first at the same path, then of the same node. Then
    /// tells of those that are left.
    pub(super) fn match_names(&mut self) -> Result<(), Error> {
        let mut came = std::mem::take(&mut self.came);
        for name in &mut came {
            let same = self.went_by_path.get(&name.path).copied();
            if let Some(at) = same.filter(|at| self.is_same(&self.went[*at], name)) {
                self.pair(at, name)?;
            }
        }
        for name in came.iter_mut().filter(|name| !name.is_matched) {
            let went = self.went_by_identity.get(&name.identity);
            let mut went = went.into_iter().flatten().copied();
            let free = went.find(|at| !self.went[*at].is_matched && self.is_same(&self.went[*at], name));
            if let Some(at) = free {
                self.pair(at, name)?;
            }
        }
        let left = self.names_left(&came);
        let mut told_gone: HashSet<Identity> = HashSet::new();
        for mut name in came.into_iter().filter(|name| !name.is_matched) {
            name.is_further |= self.named.contains(&name.identity);
            let replaced = self.went_by_path.get(&name.path).copied().filter(|at| {
                let old = &self.went[*at];
                let is_last = left.get(&old.identity).is_none_or(|left| *left <= 0);
                !name.is_further
                    && !old.is_matched
                    && old.kind == name.kind
                    && is_last
                    && !told_gone.contains(&old.identity)
            });
            let Some(at) = replaced else {
                self.tell_new(name);
                continue;
            };
            let old = &mut self.went[at];
            old.is_matched = true;
            told_gone.insert(old.identity);
            let (before, addresses) = (old.size, [old.address, name.address]);
            let told: Vec<u32> = addresses
                .iter()
                .filter_map(|at| self.virtual_address(*at))
                .collect();
            self.told.extend(told);
            if name.links > 1 {
                self.named.insert(name.identity);
            }
            self.tell(ChangeKind::Changed, name.path, name.kind, before, name.size);
        }
        for name in std::mem::take(&mut self.went) {
            if name.is_matched {
                continue;
            }
            let is_last = left.get(&name.identity).is_none_or(|left| *left <= 0);
            let kind = if is_last && told_gone.insert(name.identity) {
                ChangeKind::Removed
            } else {
                ChangeKind::Unlinked
            };
            self.tell(kind, name.path, name.kind, name.size, 0);
        }
        Ok(())
    }

    /// How many names each node has left of which one went.
    fn names_left(&self, came: &[Name]) -> HashMap<Identity, i64> {
        let mut left: HashMap<Identity, i64> = HashMap::new();
        for name in &self.went {
            let is_gone = self
                .virtual_address(name.address)
                .is_some_and(|at| self.on.table.now(at).is_none());
            let names = if is_gone { 0 } else { i64::from(name.links) };
            *left.entry(name.identity).or_insert(names) -= 1;
        }
        for name in came {
            if let Some(left) = left.get_mut(&name.identity) {
                *left += 1;
            }
        }
        left
    }

    /// Tells what became of a name that went and one that came for the same node.
    fn pair(&mut self, at: usize, name: &mut Name) -> Result<(), Error> {
        let old = &mut self.went[at];
        if old.is_matched {
            return Ok(());
        }
        old.is_matched = true;
        name.is_matched = true;
        let (from, address, before) = (old.path.clone(), old.address, old.size);
        let is_first = self.named.insert(name.identity);
        if from != name.path {
            let kind = ChangeKind::Renamed { from };
            self.tell(kind, name.path.clone(), name.kind, before, name.size);
        }
        if let Some(at) = self.virtual_address(name.address) {
            self.told.insert(at);
        }
        // All names of a node tell of its change once.
        if is_first && self.is_changed(address, name.address)? {
            self.tell(
                ChangeKind::Changed,
                name.path.clone(),
                name.kind,
                before,
                name.size,
            );
        }
        Ok(())
    }
}
