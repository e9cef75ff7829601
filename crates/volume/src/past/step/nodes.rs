//! Nodes in a step: whether they differ, although their names do not.

use ecma167::RecordedAddress;

use super::Step;
use crate::error::Error;
use crate::node::Node;
use crate::past::change::ChangeKind;
use crate::past::difference::differing;
use crate::past::names::Names;
use crate::past::tree::{Site, When};

impl Step<'_, '_, '_> {
    /// Whether the node at an address before differs from the one at an address now.
    pub(super) fn is_changed(
        &mut self,
        before: RecordedAddress,
        now: RecordedAddress,
    ) -> Result<bool, Error> {
        if before == now {
            match self.virtual_address(now) {
                Some(at) if self.on.table.before(at) != self.on.table.now(at) => {}
                _ => return Ok(false),
            }
        }
        let (Some(old), Some(new)) = (self.node(before, When::Before)?, self.node(now, When::Now)?) else {
            return Ok(false);
        };
        self.differ(&old, &new)
    }

    fn differ(&mut self, old: &Node, new: &Node) -> Result<bool, Error> {
        let stated = |node: &Node| {
            let entry = &node.entry;
            (
                node.kind,
                node.mode(),
                entry.uid,
                entry.gid,
                node.size(),
                entry.modification_time,
            )
        };
        if stated(old) != stated(new) {
            return Ok(true);
        }
        let descriptors = |node: &Node| {
            let entry = &node.entry;
            (
                entry.icb_tag.form(),
                node.address.partition,
                entry.allocation_descriptors.clone(),
            )
        };
        if descriptors(old) == descriptors(new) {
            return Ok(false);
        }
        let before = self.in_generation(When::Before, |step| step.on.volume.body(old));
        let now = self.on.volume.body(new);
        let (Some(before), Some(now)) = (self.readable(before)?, self.readable(now)?) else {
            return Ok(true);
        };
        let space = &self.on.volume.space;
        Ok(!differing(space.maps(), space.block_size(), &before, &now).is_empty())
    }

    /// Tells of nodes that differ, although none of their names does.
    pub(super) fn compare_nodes(&mut self, changed: &[u32]) -> Result<(), Error> {
        let Some(partition) = self.on.volume.virtual_partition() else {
            return Ok(());
        };
        for at in changed {
            if self.told.contains(at) || self.on.table.before(*at).is_none() {
                continue;
            }
            let Some(named) = self.on.tree.name_of(*at) else {
                continue;
            };
            let address = RecordedAddress {
                partition,
                block: *at,
            };
            let Some(old) = self.node(address, When::Before)? else {
                continue;
            };
            let Some(new) = self.node(address, When::Now)? else {
                continue;
            };
            if (old.unique_id() != new.unique_id() || self.differ(&old, &new)?)
                && let Some(path) = self.path_of(named)?
            {
                self.tell(ChangeKind::Changed, path, new.kind, old.size(), new.size());
            }
        }
        Ok(())
    }

    /// The path of a name by its place in the directory.
    fn path_of(&mut self, (id, offset): Site) -> Result<Option<String>, Error> {
        if self.looked_up.as_ref().is_none_or(|(known, _)| *known != id) {
            let Some(address) = self.on.tree.address(id) else {
                return Ok(None);
            };
            let Some(node) = self.node(address, When::Now)? else {
                return Ok(None);
            };
            let body = self.on.volume.body(&node);
            let Some(body) = self.readable(body)? else {
                return Ok(None);
            };
            self.looked_up = Some((id, body));
        }
        let (Some((known, body)), Some(address)) = (self.looked_up.take(), self.on.tree.address(id)) else {
            return Ok(None);
        };
        let space = &mut self.on.volume.space;
        let most = space.recorded_bytes();
        let name = Names::new(address, &body, offset.into(), most).and_then(|mut names| names.next(space));
        self.looked_up = Some((known, body));
        let entry = self.readable(name)?.flatten();
        Ok(entry.map(|entry| self.path_in(id, When::Now, &entry.name)))
    }
}
