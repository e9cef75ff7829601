//! The expected contents of a volume, updated with each command.

use std::collections::BTreeMap;

use super::{Entry, Kind, Listing};

/// The expected listing of a volume.
///
/// When a name is added to or removed from a directory, the directory's new time is unknown: it becomes
/// `None`.
#[derive(Clone, Debug)]
pub struct Model {
    listing: Listing,
    next_node: u64,
}

impl Model {
    /// A formatted volume: an empty root about which nothing else is known.
    pub fn formatted() -> Self {
        let mut model = Self {
            listing: Listing::new(),
            next_node: 1,
        };
        model.directory("/");
        model
    }

    /// The expected listing.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Adds a directory of which only the name is known.
    pub fn directory(&mut self, path: &str) {
        self.touch_parent(path);
        let node = self.new_node();
        self.listing
            .insert(path.to_owned(), unknown(Kind::Directory, node));
    }

    /// Adds a walked tree: its contents go into the directory `at`, which takes over the attributes of the
    /// tree's top, as with `add DISC tree/. --into at`.
    pub fn add(&mut self, tree: &Listing, at: &str) {
        self.touch_parent(at);
        let mut renumbered = BTreeMap::new();
        for (path, entry) in tree {
            let mut entry = entry.clone();
            entry.node = entry
                .node
                .map(|node| *renumbered.entry(node).or_insert_with(|| self.new_node()));
            self.listing.insert(
                if path == "/" {
                    at.to_owned()
                } else {
                    join(at, path)
                },
                entry,
            );
        }
        self.count_links();
    }

    /// Removes a name and everything below it.
    pub fn remove(&mut self, path: &str) {
        self.listing.retain(|name, _| !is_at_or_below(name, path));
        self.touch_parent(path);
        self.count_links();
    }

    /// Adds what an earlier state had at a path and below it.
    pub fn restore(&mut self, then: &Self, path: &str) {
        let entries = then.listing.iter().filter(|(name, _)| is_at_or_below(name, path));
        self.listing
            .extend(entries.map(|(name, entry)| (name.clone(), entry.clone())));
        self.touch_parent(path);
        self.count_links();
    }

    /// Renames a node with everything below it; a node that had the new name is gone.
    pub fn rename(&mut self, from: &str, to: &str) {
        self.listing.retain(|name, _| !is_at_or_below(name, to));
        let moved: Vec<String> = self
            .listing
            .keys()
            .filter(|name| is_at_or_below(name, from))
            .cloned()
            .collect();
        for name in moved {
            if let Some(entry) = self.listing.remove(&name) {
                self.listing.insert(format!("{to}{}", &name[from.len()..]), entry);
            }
        }
        self.touch_parent(from);
        self.touch_parent(to);
        self.count_links();
    }

    /// Adds a name for an existing node.
    pub fn link(&mut self, existing: &str, new: &str) {
        if let Some(entry) = self.listing.get(existing).cloned() {
            self.listing.insert(new.to_owned(), entry);
        }
        self.touch_parent(new);
        self.count_links();
    }

    fn touch_parent(&mut self, path: &str) {
        let parent = match path.rfind('/') {
            Some(0) | None => "/",
            Some(at) => &path[..at],
        };
        if let Some(entry) = self.listing.get_mut(parent) {
            entry.mtime = None;
        }
    }

    fn count_links(&mut self) {
        let mut names: BTreeMap<u64, u64> = BTreeMap::new();
        for node in self.listing.values().filter_map(|entry| entry.node) {
            *names.entry(node).or_default() += 1;
        }
        for entry in self
            .listing
            .values_mut()
            .filter(|entry| entry.kind != Some(Kind::Directory))
        {
            entry.links = entry.node.and_then(|node| names.get(&node).copied());
        }
    }

    fn new_node(&mut self) -> u64 {
        self.next_node += 1;
        self.next_node
    }
}

fn unknown(kind: Kind, node: u64) -> Entry {
    Entry {
        kind: Some(kind),
        node: Some(node),
        ..Entry::default()
    }
}

fn join(at: &str, path: &str) -> String {
    format!("{}{path}", at.trim_end_matches('/'))
}

fn is_at_or_below(name: &str, path: &str) -> bool {
    name.strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Listing {
        let mut tree = Listing::new();
        tree.insert("/".to_owned(), unknown(Kind::Directory, 70));
        tree.insert("/a".to_owned(), unknown(Kind::File, 71));
        tree.insert("/b".to_owned(), unknown(Kind::File, 71));
        tree
    }

    fn names(model: &Model) -> Vec<&str> {
        model.listing().keys().map(String::as_str).collect()
    }

    #[test]
    fn an_added_tree_is_below_the_place_where_it_was_added() {
        let mut model = Model::formatted();
        model.add(&tree(), "/d");
        assert_eq!(names(&model), ["/", "/d", "/d/a", "/d/b"]);
        assert_eq!(model.listing()["/d/a"].links, Some(2));
    }

    #[test]
    fn the_same_tree_added_twice_shares_no_nodes() {
        let mut model = Model::formatted();
        model.add(&tree(), "/d");
        model.add(&tree(), "/e");
        assert_ne!(model.listing()["/d/a"].node, model.listing()["/e/a"].node);
    }

    #[test]
    fn removing_a_name_reduces_the_link_count() {
        let mut model = Model::formatted();
        model.add(&tree(), "/d");
        model.remove("/d/a");
        assert_eq!(names(&model), ["/", "/d", "/d/b"]);
        assert_eq!(model.listing()["/d/b"].links, Some(1));
    }

    #[test]
    fn a_directory_is_renamed_with_its_contents_but_not_its_neighbour() {
        let mut model = Model::formatted();
        model.add(&tree(), "/d");
        model.add(&tree(), "/dd");
        model.rename("/d", "/e");
        assert_eq!(
            names(&model),
            ["/", "/dd", "/dd/a", "/dd/b", "/e", "/e/a", "/e/b"]
        );
    }
}
