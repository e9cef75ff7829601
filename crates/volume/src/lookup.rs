//! Paths: from the root to a node, and the targets of symbolic links.

use ecma167::RecordedAddress;
use ecma167::file::path_component;

use crate::body::Body;
use crate::error::{CorruptKind, Error, Unsupported};
use crate::node::{Node, NodeKind};
use crate::read::is_numbered;
use crate::space::Space;
use crate::volume::Volume;

/// Maximum levels of a path.
const LEVELS: usize = 1 << 16;
/// Maximum bytes of path components in a symbolic link; by `UDF 2.60 2.3.13` no host has a longer target.
pub const TARGET_BYTES: u64 = 64 * 1024;

impl Volume {
    /// The node at a path from the root. `/` separates names; empty names and `.` are skipped, and `..` goes
    /// back along the path. Symbolic links are not followed.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotADirectory`], or errors from reading the volume.
    pub fn lookup_path(&mut self, path: &str) -> Result<Node, Error> {
        let root = self.root()?;
        let mut above: Vec<RecordedAddress> = Vec::new();
        let mut node = self.node(root)?;
        for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
            if node.kind != NodeKind::Directory {
                return Err(Error::NotADirectory);
            }
            if name == ".." {
                node = self.node(above.pop().unwrap_or(root))?;
                continue;
            }
            let address = self.lookup(&node, name)?.ok_or(Error::NotFound)?;
            if above.len() == LEVELS {
                return Err(Unsupported::Depth.into());
            }
            above.push(node.address);
            node = self.node(address)?;
        }
        Ok(node)
    }

    /// The address that a directory has for a name as [`DirectoryEntry`](crate::DirectoryEntry) shows it;
    /// `None` if it has no such name.
    ///
    /// # Errors
    /// [`Error::NotADirectory`], or errors from reading the volume. Damage elsewhere in the directory hides
    /// no name; a name that is not found may be among the lost entries, and the damage is then the error.
    pub fn lookup(&mut self, directory: &Node, name: &str) -> Result<Option<RecordedAddress>, Error> {
        let mut directory = self.directory(directory)?;
        let mut damage = None;
        let is_numbered = is_numbered(name);
        loop {
            let next = if is_numbered {
                directory.next_in(&mut self.space)
            } else {
                // The first entry that has the name shows it.
                directory.next_recorded(&mut self.space)
            };
            match next {
                Ok(Some(entry)) if entry.name == name && entry.is_live() => {
                    return Ok(Some(entry.address()));
                }
                Ok(Some(_)) => {}
                Ok(None) => return damage.map_or(Ok(None), Err),
                Err(error) if error.is_damage() => drop(damage.get_or_insert(error)),
                Err(error) => return Err(error),
            }
        }
    }

    /// The target path of a symbolic link (`ECMA-167 4/14.16`).
    ///
    /// # Errors
    /// [`Error::NotASymbolicLink`], path components that do not decode, or errors from reading the volume.
    pub fn symlink_target(&mut self, node: &Node) -> Result<String, Error> {
        if node.kind != NodeKind::SymbolicLink {
            return Err(Error::NotASymbolicLink);
        }
        let body = self.body(node)?;
        self.space.link_target(node, &body)
    }
}

impl Space {
    /// The target path of a symbolic link with this body.
    pub(crate) fn link_target(&mut self, node: &Node, body: &Body) -> Result<String, Error> {
        let length = usize::try_from(node.size().min(TARGET_BYTES + 1)).unwrap_or(usize::MAX);
        if length as u64 > TARGET_BYTES {
            return Err(Error::corrupt(CorruptKind::Name, node.address));
        }
        let mut components = vec![0; length];
        let moved = self.read(body, 0, &mut components)?;
        path_component::decode(&components[..moved]).map_err(|fault| Error::corrupt(fault, node.address))
    }
}
