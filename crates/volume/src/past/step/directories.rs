//! Directories in a step: those that differ, went, came or moved.

use std::collections::HashMap;

use ecma167::RecordedAddress;

use super::entry::{is_directory, site};
use super::{Leaving, Step, Turn};
use crate::directory_entry::DirectoryEntry;
use crate::error::Error;
use crate::node::{Node, NodeKind};
use crate::past::change::ChangeKind;
use crate::past::difference::differing;
use crate::past::names::{Both, Starts};
use crate::past::tree::{DirectoryId, When};

impl Step<'_, '_, '_> {
    /// Finds the names that differ in a directory that both generations have.
    pub(super) fn compare_directory(
        &mut self,
        id: DirectoryId,
        address: RecordedAddress,
    ) -> Result<(), Error> {
        let (Some(old), Some(new)) = (self.node(address, When::Before)?, self.node(address, When::Now)?)
        else {
            return Ok(());
        };
        if old.kind != NodeKind::Directory || new.kind != NodeKind::Directory {
            self.missed += 1;
            return Ok(());
        }
        let owner = |node: &Node| (node.mode(), node.entry.uid, node.entry.gid);
        if owner(&old) != owner(&new) {
            self.changed_directories.push(id);
        }
        let mut starts = self.on.tree.take_starts(id);
        let found = match self.differing_entries(&old, &new, &mut starts) {
            Ok(found) => {
                self.on.tree.keep_starts(id, starts);
                found
            }
            Err(error) if error.is_damage() => {
                let mut lists = (Vec::new(), Vec::new());
                let mut starts = Starts::default();
                self.list(&old, When::Before, &mut starts, |_, entry| {
                    lists.0.push(entry);
                    Ok(())
                })?;
                let mut starts = Starts::default();
                self.list(&new, When::Now, &mut starts, |_, entry| {
                    lists.1.push(entry);
                    Ok(())
                })?;
                lists
            }
            Err(error) => return Err(error),
        };
        self.sort_out(id, found)
    }

    fn differing_entries(
        &mut self,
        old: &Node,
        new: &Node,
        starts: &mut Starts,
    ) -> Result<(Vec<DirectoryEntry>, Vec<DirectoryEntry>), Error> {
        let (one, other) = (
            self.in_generation(When::Before, |step| step.on.volume.body(old))?,
            self.on.volume.body(new)?,
        );
        let is_old = !self.on.volume.revision().is_third_edition();
        let has_system_file = is_old && self.on.volume.root()? == new.address;
        let space = &mut self.on.volume.space;
        let both = Both {
            node: new.address,
            ranges: differing(space.maps(), space.block_size(), &one, &other),
            old: &one,
            new: &other,
            most: space.recorded_bytes(),
        };
        let found = both.entries(space, &mut self.on.other, starts)?;
        let live = |mut entries: Vec<DirectoryEntry>| {
            entries.retain_mut(|entry| {
                entry.mark_system(has_system_file);
                entry.is_live()
            });
            entries
        };
        Ok((live(found.old), live(found.new)))
    }

    /// Leaves out the entries that both generations have.
    fn sort_out(
        &mut self,
        id: DirectoryId,
        (old, new): (Vec<DirectoryEntry>, Vec<DirectoryEntry>),
    ) -> Result<(), Error> {
        let mut by_name: HashMap<(String, RecordedAddress), Vec<DirectoryEntry>> = HashMap::new();
        for entry in old {
            by_name
                .entry((entry.name.clone(), entry.address()))
                .or_default()
                .push(entry);
        }
        let mut came = Vec::new();
        for entry in new {
            let same = by_name.get_mut(&(entry.name.clone(), entry.address()));
            match same.and_then(|same| same.pop_if(|one| is_directory(one) == is_directory(&entry))) {
                Some(old) => self.note_offset(id, &old, &entry),
                None => came.push(entry),
            }
        }
        let mut went: Vec<DirectoryEntry> = by_name.into_values().flatten().collect();
        went.sort_unstable_by_key(|entry| entry.offset);
        for entry in went {
            self.take(id, entry, Turn::Went)?;
        }
        for entry in came {
            self.take(id, entry, Turn::Came)?;
        }
        Ok(())
    }

    /// A name that is elsewhere in its directory now.
    fn note_offset(&mut self, id: DirectoryId, old: &DirectoryEntry, new: &DirectoryEntry) {
        if is_directory(new) || old.offset == new.offset {
            return;
        }
        if let Some(entry) = self.virtual_address(new.address()) {
            if let Some(site) = site(id, old) {
                self.on.tree.remove_name(entry, site);
            }
            if let Some(site) = site(id, new) {
                self.on.tree.add_name(entry, site);
            }
        }
    }

    /// Reads all entries of a directory. What is damaged is counted.
    fn list(
        &mut self,
        node: &Node,
        when: When,
        starts: &mut Starts,
        mut each: impl FnMut(&mut Self, DirectoryEntry) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let cursor = self.in_generation(when, |step| step.on.volume.directory(node));
        let Some(mut cursor) = self.readable(cursor)? else {
            return Ok(false);
        };
        let missed = self.missed;
        loop {
            match self.in_generation(when, |step| cursor.next(step.on.volume)) {
                Ok(Some(entry)) => {
                    starts.note(entry.offset);
                    if entry.is_live() {
                        each(self, entry)?;
                    }
                }
                Ok(None) => break,
                Err(error) => drop(self.readable::<()>(Err(error))?),
            }
        }
        Ok(self.missed == missed)
    }

    /// Reads directories that went and came until none is left.
    pub(super) fn follow_directories(&mut self) -> Result<(), Error> {
        self.is_following = true;
        loop {
            if let Some(id) = self.gone.pop() {
                self.read_gone(id)?;
            } else if self.leaving.is_empty() && !self.waiting.is_empty() {
                for (id, entry) in std::mem::take(&mut self.waiting) {
                    self.new_name(id, &entry)?;
                }
            } else if let Some(id) = self.new.pop() {
                self.read_new(id)?;
            } else if !self.match_directories()? {
                return Ok(());
            }
        }
    }

    fn read_gone(&mut self, id: DirectoryId) -> Result<(), Error> {
        // A directory in itself, or with two names, is read once.
        if !self.read_as_gone.insert(id) {
            self.missed += 1;
            return Ok(());
        }
        let Some(address) = self.on.tree.address(id) else {
            return Ok(());
        };
        if let Some(node) = self.node(address, When::Before)? {
            self.list(&node, When::Before, &mut Starts::default(), |step, entry| {
                step.take(id, entry, Turn::Went)
            })?;
        }
        Ok(())
    }

    fn read_new(&mut self, id: DirectoryId) -> Result<(), Error> {
        let Some(address) = self.on.tree.address(id) else {
            return Ok(());
        };
        if let Some(node) = self.node(address, When::Now)? {
            let mut starts = Starts::default();
            let is_whole = self.list(&node, When::Now, &mut starts, |step, entry| {
                step.take(id, entry, Turn::Came)
            })?;
            if is_whole {
                self.on.tree.keep_starts(id, starts);
            }
        }
        Ok(())
    }

    /// Matches directories that left with those that arrived. Returns whether there is more to do.
    fn match_directories(&mut self) -> Result<bool, Error> {
        if self.leaving.is_empty() && self.arriving.is_empty() {
            return Ok(false);
        }
        let mut has_matched = false;
        for (id, parent, name) in std::mem::take(&mut self.arriving) {
            let leaving = self.on.tree.address(id).and_then(|at| self.leaving.remove(&at));
            match leaving {
                Some(leaving) => {
                    self.move_directory(leaving, parent, &name)?;
                    has_matched = true;
                }
                None => self.arriving.push((id, parent, name)),
            }
        }
        if self.leaving.is_empty() {
            // A second name of a directory, which the standard does not allow (`ECMA-167 4/8.8`).
            self.missed += self.arriving.len() as u64;
            self.arriving.clear();
        } else if !has_matched {
            let lost = self.leaving.keys().next().copied();
            if let Some(leaving) = lost.and_then(|at| self.leaving.remove(&at)) {
                self.tell(ChangeKind::Removed, leaving.path, NodeKind::Directory, 0, 0);
                self.gone.push(leaving.id);
            }
        }
        Ok(true)
    }

    fn move_directory(&mut self, leaving: Leaving, parent: DirectoryId, name: &str) -> Result<(), Error> {
        let Leaving { id, path: from } = leaving;
        self.on.tree.rename(id, parent, name);
        self.path = None;
        let Some(address) = self.on.tree.address(id) else {
            return Ok(());
        };
        let (before, now) = (self.node(address, When::Before)?, self.node(address, When::Now)?);
        let is_other = before.is_some_and(|old| now.is_some_and(|new| old.unique_id() != new.unique_id()));
        self.moved_directories.push((id, from, is_other));
        Ok(())
    }

    /// Tells of the directories that moved, once all have.
    pub(super) fn tell_moved(&mut self) {
        for (id, from, is_other) in std::mem::take(&mut self.moved_directories) {
            let path = self.on.tree.path(id, When::Now);
            if from == path {
                continue;
            }
            if is_other {
                // Another directory took its virtual address.
                self.tell(ChangeKind::Removed, from, NodeKind::Directory, 0, 0);
                self.tell(ChangeKind::Added, path, NodeKind::Directory, 0, 0);
            } else {
                self.tell(ChangeKind::Renamed { from }, path, NodeKind::Directory, 0, 0);
            }
        }
    }
}
