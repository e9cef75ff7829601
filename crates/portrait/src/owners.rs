//! The files and directories that blocks belong to, as a tree of names.

use ecma167::general::Timestamp;

/// The most owners that are kept, in some 150 MB. Further files count for their directory.
const MOST: usize = 1 << 21;

/// A file or directory by its number in [`Owners`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId(u32);

/// What an owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// A directory of the state shown.
    Directory,
    /// A file of the state shown, or anything else that is no directory.
    File,
    /// A further name of another owner.
    Link(OwnerId),
    /// A node that only earlier generations have; its name is a path.
    Former,
}

/// A file or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The directory with its name; `None` for the root and for former nodes.
    pub parent: Option<OwnerId>,
    /// Its name; that of the root is empty.
    pub name: Box<str>,
    /// What it is.
    pub kind: OwnerKind,
    /// Bytes of a file.
    pub bytes: u64,
    /// Whether it is a regular file.
    pub is_regular: bool,
    /// When it was modified.
    pub modified: Timestamp,
}

/// All owners; each directory comes before what is in it, and the root is the first.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    all: Vec<Owner>,
    left_out: u64,
}

impl OwnerId {
    /// The number as a place in a list.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Owners {
    /// Adds an owner; `None` if no more are kept.
    pub(crate) fn add(&mut self, owner: Owner) -> Option<OwnerId> {
        let id = u32::try_from(self.all.len())
            .ok()
            .filter(|_| self.all.len() < MOST);
        let Some(id) = id else {
            self.left_out += 1;
            return None;
        };
        self.all.push(owner);
        Some(OwnerId(id))
    }

    /// The owners by number.
    #[must_use]
    pub fn all(&self) -> &[Owner] {
        &self.all
    }

    /// All owners with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (OwnerId, &Owner)> {
        (0..).map(OwnerId).zip(&self.all)
    }

    /// An owner.
    #[must_use]
    pub fn get(&self, id: OwnerId) -> Option<&Owner> {
        self.all.get(id.index())
    }

    /// How many files are not kept; their blocks belong to their directories.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The path of an owner: `/` for the root.
    #[must_use]
    pub fn path(&self, id: OwnerId) -> String {
        let mut names: Vec<&str> = Vec::new();
        let mut next = Some(id);
        // A parent has a lower number than what is in it, so this ends.
        while let Some(owner) = next.and_then(|id| self.get(id)) {
            if owner.kind == OwnerKind::Former {
                return owner.name.to_string();
            }
            if owner.parent.is_some() {
                names.push(&owner.name);
            }
            next = owner.parent;
        }
        if names.is_empty() {
            return "/".to_owned();
        }
        let mut path = String::with_capacity(names.iter().map(|name| name.len() + 1).sum());
        for name in names.iter().rev() {
            path.push('/');
            path.push_str(name);
        }
        path
    }
}
