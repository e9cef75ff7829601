//! The differences between two listings, in words.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::{Entry, Listing};

/// Maximum number of differences listed.
const TOLD: usize = 20;

/// How `seen` differs from `expected`; empty if they agree in everything that both know.
pub fn differences(expected: &Listing, seen: &Listing) -> Vec<String> {
    let mut found = Vec::new();
    let expected_nodes = first_names(expected);
    let seen_nodes = first_names(seen);
    for (path, entry) in expected {
        match seen.get(path) {
            None => found.push(format!("{path:?}: missing")),
            Some(other) => {
                compare_entries(path, entry, other, &mut found);
                let nodes = expected_nodes
                    .get(path.as_str())
                    .zip(seen_nodes.get(path.as_str()));
                if let Some((expected, seen)) = nodes.filter(|(expected, seen)| expected != seen) {
                    found.push(format!(
                        "{path:?}: one node with {expected:?} expected, with {seen:?} seen"
                    ));
                }
            }
        }
    }
    found.extend(
        seen.keys()
            .filter(|path| !expected.contains_key(*path))
            .map(|path| format!("{path:?}: not expected")),
    );
    if found.len() > TOLD {
        let more = found.len() - TOLD;
        found.truncate(TOLD);
        found.push(format!("and {more} more"));
    }
    found
}

fn compare_entries(path: &str, expected: &Entry, seen: &Entry, found: &mut Vec<String>) {
    let mut differ = |what: &str, expected: &dyn Debug, seen: &dyn Debug| {
        found.push(format!("{path:?}: {what} {expected:?} expected, {seen:?} seen"));
    };
    if let (Some(expected), Some(seen)) = (expected.kind, seen.kind)
        && expected != seen
    {
        return differ("kind", &expected, &seen);
    }
    macro_rules! compare {
        ($($field:ident),*) => {$(
            if let (Some(expected), Some(seen)) = (&expected.$field, &seen.$field) && expected != seen {
                differ(stringify!($field), expected, seen);
            }
        )*};
    }
    compare!(size, uid, gid, mtime, links, target, device, sha256);
    if let (Some(expected), Some(seen)) = (expected.mode, seen.mode)
        && expected != seen
    {
        differ(
            "mode",
            &format_args!("{expected:04o}"),
            &format_args!("{seen:04o}"),
        );
    }
}

/// For each path with a known node, the first path of the same node, which is comparable between listings.
fn first_names(listing: &Listing) -> BTreeMap<&str, &str> {
    let mut first: BTreeMap<u64, &str> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for (path, entry) in listing {
        if let Some(node) = entry.node {
            names.insert(path.as_str(), *first.entry(node).or_insert(path));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn file(node: u64) -> Entry {
        Entry {
            kind: Some(Kind::File),
            size: Some(1),
            mode: Some(0o644),
            uid: Some(0),
            gid: None,
            mtime: Some(5),
            links: Some(1),
            node: Some(node),
            target: None,
            device: None,
            sha256: None,
        }
    }

    fn listing(entries: &[(&str, Entry)]) -> Listing {
        entries
            .iter()
            .map(|(path, entry)| ((*path).to_owned(), entry.clone()))
            .collect()
    }

    #[test]
    fn equal_trees_with_other_node_numbers_do_not_differ() {
        let one = listing(&[("/a", file(1)), ("/b", file(1)), ("/c", file(2))]);
        let other = listing(&[("/a", file(8)), ("/b", file(8)), ("/c", file(7))]);
        assert!(differences(&one, &other).is_empty());
    }

    #[test]
    fn a_hard_link_that_became_a_separate_file_is_reported() {
        let one = listing(&[("/a", file(1)), ("/b", file(1))]);
        let other = listing(&[("/a", file(1)), ("/b", file(2))]);
        assert_eq!(differences(&one, &other).len(), 1);
    }

    #[test]
    fn what_one_side_does_not_know_is_not_compared() {
        let one = listing(&[("/a", file(1))]);
        let other = listing(&[(
            "/a",
            Entry {
                size: None,
                gid: Some(9),
                ..file(1)
            },
        )]);
        assert!(differences(&one, &other).is_empty());
    }

    #[test]
    fn missing_and_unexpected_names_and_differing_fields_are_reported() {
        let one = listing(&[("/a", file(1)), ("/b", file(2))]);
        let other = listing(&[
            (
                "/b",
                Entry {
                    mode: Some(0o4755),
                    mtime: Some(6),
                    ..file(2)
                },
            ),
            ("/c", file(3)),
        ]);
        let found = differences(&one, &other);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[2].contains("mode 0644 expected, 4755 seen"), "{found:?}");
    }
}
