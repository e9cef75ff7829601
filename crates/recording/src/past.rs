//! Bringing back what an earlier generation had, in a new generation. Nodes that were recorded once become
//! current again, so that no file data is recorded a second time.

use ecma167::file::FileCharacteristics;
use ecma167::{LogicalBlock, RecordedAddress, VirtualAddress};
use hashbrown::HashSet;
use volume::{Body, DirectoryEntry, ExtentKind, Node, NodeKind, Vat, Volume};

use crate::Recording;
use crate::attributes::{Attributes, Changes};
use crate::change::CREATE_BLOCKS;
use crate::error::{Error, Unsupported};
use crate::known::{counts_of, root_of};
use crate::tree::{Again, NodeId, OldNode, PendingVat};

/// Directories below each other that are restored.
const DEEPEST: usize = 1024;

/// Bytes that are copied at a time.
const PIECE: usize = 1 << 20;

/// What restoring did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Names of files, links and special files that are there again.
    pub files: u64,
    /// Directories that are there again.
    pub directories: u64,
    /// Files among them whose data was recorded again, because a later version is there under another name.
    pub copied: u64,
    /// Names that were left out because the volume has them.
    pub taken: u64,
    /// Directories, nodes and files of the earlier generation that cannot be read, or not whole.
    pub unreadable: u64,
    /// Files that are there again without their streams, because those have other contents now.
    pub without_streams: u64,
}

impl Restored {
    /// Whether everything that was asked for is on the volume.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unreadable == 0 && self.without_streams == 0
    }
}

/// A directory being restored: its children of the earlier generation.
struct Level {
    directory: NodeId,
    /// The times to give it in the end, if it is new.
    times: Option<Changes>,
    left: Vec<DirectoryEntry>,
}

impl Recording {
    /// Makes the state of an earlier generation current again. The next commit records a VAT and nothing
    /// else: it has the length of the current one, and its later entries become unused, because no address is
    /// used twice. Unique IDs go on.
    ///
    /// What is pending is committed first. Node IDs of before are invalid afterwards.
    ///
    /// # Errors
    /// [`Error::MediumFull`], [`Error::ReadOnly`]; [`Unsupported::OtherRoot`]; any error of reading the
    /// earlier generation. Nothing changes then.
    pub fn roll_back(&mut self, vat: &Vat) -> Result<(), Error> {
        if self.is_dirty() {
            self.commit(self.tree.now())?;
        }
        let form = self.tree.form();
        let root = self.volume.in_generation(vat, |volume| root_of(volume, form))?;
        if NodeId(root) != self.root() {
            return Err(Unsupported::OtherRoot.into());
        }
        let pending = PendingVat::of(vat, &self.volume, form)?;
        let counts = counts_of(&self.volume, vat);
        let (kept, freed) = self.change_of_plain(counts, vat.extra_room());
        let blocks = pending.blocks_to_extend(self.tree.vat_entries());
        self.prepare_freeing(blocks + kept, freed)?;
        let (mut disc, tree) = self.parts();
        tree.roll_back(&mut disc, pending, counts, vat.extra_room())
    }

    /// Restores what a path names in an earlier generation, with everything below it that the volume does not
    /// have now. Directories that lead to it are made again if they are missing. The nodes of files that no
    /// directory names any more become current again as they are; a file that is still there under another
    /// name with the same contents gets one more name.
    ///
    /// # Errors
    /// [`Error::Exists`] if the path names something that is no directory now; [`Error::NotFound`] if that
    /// generation does not have it; [`Error::NotADirectory`]; [`Error::MediumFull`]. What was restored before
    /// an error is pending.
    pub fn restore(&mut self, vat: &Vat, path: &str) -> Result<Restored, Error> {
        let mut restored = Restored::default();
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        let mut old = self.old_root(vat)?;
        let mut parent = self.root();
        let Some((last, leading)) = names.split_last() else {
            self.restore_below(vat, &old, parent, None, &mut restored)?;
            return Ok(restored);
        };
        for name in leading {
            old = self.old_child(vat, &old, name)?.ok_or(Error::NotFound)?.1;
            let (directory, times) = self
                .directory_again(parent, name, &old)?
                .ok_or(Error::NotADirectory)?;
            if let Some(times) = times {
                restored.directories += 1;
                self.set_attributes(directory, &times)?;
            }
            parent = directory;
        }
        let (entry, old) = self.old_child(vat, &old, last)?.ok_or(Error::NotFound)?;
        if old.kind != NodeKind::Directory {
            if self.lookup(parent, last)?.is_some() {
                return Err(Error::Exists);
            }
            self.restore_file(vat, &old, (parent, &entry), &mut restored)?;
            return Ok(restored);
        }
        let (directory, times) = self.directory_again(parent, last, &old)?.ok_or(Error::Exists)?;
        restored.directories += u64::from(times.is_some());
        self.restore_below(vat, &old, directory, times, &mut restored)?;
        Ok(restored)
    }

    fn old_root(&mut self, vat: &Vat) -> Result<Node, Error> {
        Ok(self.volume.in_generation(vat, |volume| {
            let root = volume.root()?;
            volume.node(root)
        })?)
    }

    /// A name of a directory of the earlier generation, and its node.
    fn old_child(
        &mut self,
        vat: &Vat,
        directory: &Node,
        name: &str,
    ) -> Result<Option<(DirectoryEntry, Node)>, Error> {
        Ok(self.volume.in_generation(vat, |volume| {
            let mut entries = volume.directory(directory)?;
            while let Some(entry) = entries.next_live(volume)? {
                if entry.name == name {
                    let node = volume.node(entry.address())?;
                    return Ok(Some((entry, node)));
                }
            }
            Ok::<_, volume::Error>(None)
        })?)
    }

    /// The directory of a name, made again with the attributes of the old one if it is missing. The times are
    /// those to give it once it is filled, if it is new. `None` if the name is no directory.
    fn directory_again(
        &mut self,
        parent: NodeId,
        name: &str,
        old: &Node,
    ) -> Result<Option<(NodeId, Option<Changes>)>, Error> {
        if old.kind != NodeKind::Directory {
            return Ok(None);
        }
        if let Some(existing) = self.lookup(parent, name)? {
            let is_directory = self.is_directory(existing)?;
            return Ok(is_directory.then_some((existing, None)));
        }
        let attributes = Attributes::of(&old.entry);
        let directory = self.create(parent, name, NodeKind::Directory, &attributes)?;
        Ok(Some((directory, Some(Changes::times_of(&attributes)))))
    }

    /// Restores everything below a directory of the earlier generation.
    fn restore_below(
        &mut self,
        vat: &Vat,
        old: &Node,
        directory: NodeId,
        times: Option<Changes>,
        restored: &mut Restored,
    ) -> Result<(), Error> {
        let mut entered: HashSet<RecordedAddress> = HashSet::new();
        entered.insert(old.address);
        let mut levels = Vec::new();
        levels.extend(self.level(vat, old, (directory, times), restored)?);
        while let Some(level) = levels.last_mut() {
            let directory = level.directory;
            let Some(entry) = level.left.pop() else {
                if let Some(times) = level.times {
                    self.set_attributes(directory, &times)?;
                }
                levels.pop();
                continue;
            };
            let node = self
                .volume
                .in_generation(vat, |volume| volume.node(entry.address()));
            let Some(node) = readable(node, restored)? else {
                continue;
            };
            if node.kind != NodeKind::Directory {
                match self.lookup(directory, &entry.name)? {
                    Some(_) => restored.taken += 1,
                    None => self.restore_file(vat, &node, (directory, &entry), restored)?,
                }
                continue;
            }
            if levels.len() == DEEPEST || !entered.insert(node.address) {
                restored.unreadable += 1;
                continue;
            }
            match self.directory_again(directory, &entry.name, &node)? {
                Some((below, times)) => {
                    restored.directories += u64::from(times.is_some());
                    levels.extend(self.level(vat, &node, (below, times), restored)?);
                }
                None => restored.taken += 1,
            }
        }
        Ok(())
    }

    fn level(
        &mut self,
        vat: &Vat,
        old: &Node,
        (directory, times): (NodeId, Option<Changes>),
        restored: &mut Restored,
    ) -> Result<Option<Level>, Error> {
        let listed = self.volume.in_generation(vat, |volume| {
            let mut entries = volume.directory(old)?;
            let mut left = Vec::new();
            while let Some(entry) = entries.next_live(volume)? {
                left.push(entry);
            }
            // They are taken from the end.
            left.reverse();
            Ok(left)
        });
        let left = readable(listed, restored)?;
        Ok(left.map(|left| Level {
            directory,
            times,
            left,
        }))
    }

    fn restore_file(
        &mut self,
        vat: &Vat,
        old: &Node,
        (parent, entry): (NodeId, &DirectoryEntry),
        restored: &mut Restored,
    ) -> Result<(), Error> {
        let form = self.tree.form();
        if form.shared.is_some() || old.address.partition == form.physical {
            self.know_all()?;
        }
        let found = self.volume.in_generation(vat, |volume| old_node(volume, old));
        let Some(found) = readable(found, restored)? else {
            return Ok(());
        };
        self.prepare_change(CREATE_BLOCKS + found.streams.len() as u64)?;
        let hidden = entry.characteristics & FileCharacteristics::EXISTENCE;
        let (mut disc, tree) = self.parts();
        let again = tree.restore(&mut disc, (parent, &entry.name), hidden, &found)?;
        restored.files += 1;
        match again {
            Again::Whole => {}
            Again::WithoutStreams => restored.without_streams += 1,
            Again::Empty { node, has_all } => {
                restored.without_streams += u64::from(!has_all);
                restored.copied += 1;
                let is_whole = self.copy_old(&found.node, node)?;
                restored.unreadable += u64::from(!is_whole);
            }
        }
        Ok(())
    }

    /// Copies the data of a file of an earlier generation into a new one, with its times. Returns whether all
    /// of it can be read.
    fn copy_old(&mut self, old: &Node, new: NodeId) -> Result<bool, Error> {
        let body = self.volume.body(old)?;
        let Body::Extents(extents) = &body else {
            return Ok(true);
        };
        let mut buffer = vec![0; PIECE];
        let mut is_whole = true;
        for extent in extents
            .iter()
            .filter(|extent| extent.kind != ExtentKind::NotRecorded)
        {
            let end = extent.offset + extent.length;
            let mut at = extent.offset;
            while at < end {
                let want = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
                match self.volume.read(&body, at, &mut buffer[..want]) {
                    Ok(read) => self.write(new, at, &buffer[..read]).map(drop)?,
                    Err(error) if error.is_damage() => is_whole = false,
                    Err(error) => return Err(error.into()),
                }
                at += want as u64;
            }
        }
        self.truncate(new, body.len())?;
        let attributes = Attributes::of(&old.entry);
        self.set_attributes(new, &Changes::times_of(&attributes))?;
        Ok(is_whole)
    }

    /// Meets all nodes that directories name now: one outside the virtual partition has no address that tells
    /// whether it is in use.
    fn know_all(&mut self) -> Result<(), Error> {
        if self.tree.knows_all() {
            return Ok(());
        }
        let mut entered = HashSet::new();
        let mut unique_ids = HashSet::new();
        let mut next = vec![self.root()];
        while let Some(directory) = next.pop() {
            if !entered.insert(directory) {
                continue;
            }
            self.trim_clean();
            let (mut disc, tree) = self.parts();
            next.extend(tree.meet_all_in(&mut disc, directory, &mut unique_ids)?);
        }
        self.tree.note_all(unique_ids);
        Ok(())
    }
}

/// What a reading found; `None`, and one more unreadable, if there is damage.
fn readable<T>(found: Result<T, volume::Error>, restored: &mut Restored) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_damage() => {
            restored.unreadable += 1;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Where a node and its streams are recorded in the generation in force.
fn old_node(volume: &mut Volume, node: &Node) -> Result<OldNode, volume::Error> {
    let placed = |volume: &mut Volume, address: RecordedAddress| -> Result<_, volume::Error> {
        let address = VirtualAddress(address.block);
        Ok((address, volume.virtual_entry(address)?))
    };
    let is_virtual = Some(node.address.partition) == volume.virtual_partition();
    let at = if is_virtual {
        placed(volume, node.address)?.1
    } else {
        LogicalBlock(node.address.block)
    };
    let mut streams = Vec::new();
    if let Some(directory) = volume.stream_directory(node)? {
        streams.push(placed(volume, directory.address)?);
        let mut entries = volume.directory(&directory)?;
        while let Some(entry) = entries.next_live(volume)? {
            streams.push(placed(volume, entry.address())?);
        }
    }
    Ok(OldNode {
        node: node.clone(),
        at,
        streams,
    })
}
