//! What a reader should find: a second tree, independent of the engine.

use std::collections::BTreeMap;

use volume::NodeKind;

use crate::listing::{Listing, Seen, with_first_names};

/// Kinds of nodes, with the numbers of devices.
pub type Shape = NodeKind;

/// Paths to nodes, which have numbers so that links share one.
#[derive(Clone, Debug)]
pub struct Model {
    paths: BTreeMap<String, usize>,
    nodes: BTreeMap<usize, Node>,
    next: usize,
}

/// A node of the model.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub shape: Shape,
    pub mode: u32,
    pub owner: (u32, u32),
    pub modified: (i64, u32),
    pub bytes: Vec<u8>,
}

impl Model {
    /// A volume formatted at this time, in seconds and nanoseconds since 1970: an empty root.
    #[must_use]
    pub fn formatted(modified: (i64, u32)) -> Self {
        let root = Node {
            shape: Shape::Directory,
            mode: 0o755,
            owner: (0, 0),
            modified,
            bytes: Vec::new(),
        };
        Self {
            paths: BTreeMap::from([(String::new(), 0)]),
            nodes: BTreeMap::from([(0, root)]),
            next: 1,
        }
    }

    /// What a reader should find.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let mut names: BTreeMap<usize, u64> = BTreeMap::new();
        for number in self.paths.values() {
            *names.entry(*number).or_default() += 1;
        }
        let seen = |number: &usize| {
            let node = &self.nodes[number];
            Seen {
                kind: node.shape,
                mode: node.mode,
                owner: node.owner,
                modified: node.modified,
                names: names[number],
                node: String::new(),
                bytes: node.bytes.clone(),
            }
        };
        let all = self.paths.iter();
        with_first_names(
            all.map(|(path, number)| (path.clone(), (*number, seen(number))))
                .collect(),
        )
    }

    /// The path that an index selects.
    #[must_use]
    pub fn pick(&self, index: usize) -> String {
        self.paths
            .keys()
            .nth(index % self.paths.len())
            .cloned()
            .unwrap_or_default()
    }

    /// The directory that an index selects.
    #[must_use]
    pub fn directory(&self, index: usize) -> String {
        let directories: Vec<_> = self.paths.keys().filter(|path| self.is_directory(path)).collect();
        directories[index % directories.len()].clone()
    }

    /// Whether this path exists.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.paths.contains_key(path)
    }

    /// Whether two paths name one node.
    #[must_use]
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.paths
            .get(one)
            .is_some_and(|number| self.paths.get(other) == Some(number))
    }

    /// Whether this path is that of a directory.
    #[must_use]
    pub fn is_directory(&self, path: &str) -> bool {
        self.node(path).is_some_and(|node| node.shape == Shape::Directory)
    }

    /// Whether this path is that of a regular file.
    #[must_use]
    pub fn is_file(&self, path: &str) -> bool {
        self.node(path).is_some_and(|node| node.shape == Shape::File)
    }

    /// Whether the directory at this path has entries.
    #[must_use]
    pub fn has_children(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        self.paths.keys().any(|other| other.starts_with(&prefix))
    }

    /// Length in bytes of the node at this path.
    #[must_use]
    pub fn length(&self, path: &str) -> usize {
        self.node(path).map_or(0, |node| node.bytes.len())
    }

    /// The bytes of the node at this path.
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        self.node(path).map_or(Vec::new(), |node| node.bytes.clone())
    }

    /// The number of the node at this path, which stays its own when it loses its names.
    pub(crate) fn number(&self, path: &str) -> Option<usize> {
        self.paths.get(path).copied()
    }

    /// The node of a number, with or without names.
    pub(crate) fn numbered(&mut self, number: usize) -> Option<&mut Node> {
        self.nodes.get_mut(&number)
    }

    fn node(&self, path: &str) -> Option<&Node> {
        self.nodes.get(self.paths.get(path)?)
    }

    pub(crate) fn change(&mut self, path: &str, change: impl FnOnce(&mut Node)) {
        let number = self.paths.get(path);
        if let Some(node) = number.and_then(|number| self.nodes.get_mut(number)) {
            change(node);
        }
    }

    pub(crate) fn add(&mut self, path: String, node: Node) {
        self.touch_parent(&path, node.modified);
        self.nodes.insert(self.next, node);
        self.paths.insert(path, self.next);
        self.next += 1;
    }

    pub(crate) fn link(&mut self, existing: &str, new: String, now: (i64, u32)) {
        if let Some(number) = self.paths.get(existing).copied() {
            self.touch_parent(&new, now);
            self.paths.insert(new, number);
        }
    }

    pub(crate) fn remove(&mut self, path: &str, now: (i64, u32)) {
        self.touch_parent(path, now);
        self.paths.remove(path);
    }

    /// Moves a name with everything below it, replacing what has the other name.
    pub(crate) fn rename(&mut self, from: &str, to: &str, now: (i64, u32)) {
        self.touch_parent(from, now);
        self.touch_parent(to, now);
        let prefix = format!("{from}/");
        let below = self.paths.keys().filter(|path| path.starts_with(&prefix));
        let moved: Vec<_> = below.cloned().chain([from.to_owned()]).collect();
        for path in moved {
            if let Some(number) = self.paths.remove(&path) {
                self.paths.insert(format!("{to}{}", &path[from.len()..]), number);
            }
        }
    }

    fn touch_parent(&mut self, path: &str, now: (i64, u32)) {
        let (parent, _) = split(path);
        self.change(&parent, |node| node.modified = now);
    }
}

/// The directory of a path, and the name in it.
pub(crate) fn split(path: &str) -> (String, String) {
    let (parent, name) = path.rsplit_once('/').unwrap_or_default();
    (parent.to_owned(), name.to_owned())
}
