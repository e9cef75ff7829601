//! What a reader can show of any disc, and which state of a disc it shows.

use std::fmt;

use crate::listing::{Entry, Kind, Listing, differences};

/// The volume that a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    /// UDF with a VAT: everything recorded.
    Vat,
    /// The plain UDF volume: no links, no special files, names of 127 units.
    Udf,
    /// ISO 9660 with Rock Ridge: names of at most 160 bytes.
    RockRidge,
    /// Only the numbers of files and directories in the plain UDF volume.
    Counts,
    /// The same of the volume with the VAT.
    VatCounts,
    /// Only that there is a volume.
    Type,
}

/// The names that a reader can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    All,
    Ascii,
    /// All except those that UDF records in 8 bits although they are not ASCII.
    NotLatin1,
}

impl Names {
    fn has(self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Ascii => path.is_ascii(),
            Self::NotLatin1 => path.is_ascii() || path.chars().any(|c| u32::from(c) > 0xFF),
        }
    }
}

/// What a reader can show of any disc.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    pub volume: Volume,
    /// Microseconds that its times are rounded down to; `None` if it shows no times.
    pub time: Option<i64>,
    /// Whether it shows modes and owners.
    pub owners: bool,
    /// Whether it shows which names belong to one file.
    pub nodes: bool,
    /// Whether it is asked for files by name, and shows no directories.
    pub files_only: bool,
    /// Whether it reads files of several extents; if it does not and is asked by name, it reads no empty
    /// files either.
    pub extents: bool,
    /// The names that it can find.
    pub names: Names,
    /// The only folder that it is asked for, if it cannot handle all.
    pub below: &'static str,
}

impl Sight {
    /// Everything that a copied file has: its name, size and contents.
    pub const fn of(volume: Volume) -> Self {
        Self {
            volume,
            time: None,
            owners: false,
            nodes: false,
            files_only: false,
            extents: true,
            names: Names::All,
            below: "/",
        }
    }

    /// Maximum units of a name; longer ones are cut.
    pub const fn longest_name(&self) -> usize {
        match self.volume {
            Volume::Udf => 127,
            Volume::RockRidge => 160,
            Volume::Vat | Volume::Counts | Volume::VatCounts | Volume::Type => usize::MAX,
        }
    }

    /// What it must show of a tree.
    pub fn expected(&self, tree: &Listing) -> Listing {
        match self.volume {
            Volume::Counts => return counts(tree, false),
            Volume::VatCounts => return counts(tree, true),
            Volume::Type => return found(),
            Volume::Vat | Volume::Udf | Volume::RockRidge => {}
        }
        let mut expected = tree.clone();
        expected.retain(|path, entry| self.has(path, entry));
        for entry in expected.values_mut() {
            self.reduce(entry);
        }
        expected
    }

    /// The part of its output that is compared.
    pub fn compared(&self, seen: &Listing) -> Listing {
        let mut compared = seen.clone();
        compared.retain(|path, _| self.finds(path));
        if self.volume == Volume::RockRidge || self.volume == Volume::Udf {
            compared.remove("/");
        }
        for entry in compared.values_mut() {
            self.reduce(entry);
        }
        compared
    }

    fn has(&self, path: &str, entry: &Entry) -> bool {
        let is_plain = matches!(entry.kind, Some(Kind::File | Kind::Directory));
        (self.volume != Volume::Udf || is_plain)
            && (self.volume == Volume::Vat || path != "/")
            && (!self.files_only || entry.kind == Some(Kind::File))
            && (!self.files_only || self.extents || entry.size != Some(0))
            && self.finds(path)
    }

    /// Whether a path is compared at all.
    fn finds(&self, path: &str) -> bool {
        (self.extents || !path.starts_with("/holes/"))
            && self.names.has(path)
            && (path.starts_with(self.below) || self.below.trim_end_matches('/') == path)
    }

    fn reduce(&self, entry: &mut Entry) {
        let time = |time: i64| Some(time.div_euclid(self.time?) * self.time?);
        entry.mtime = entry.mtime.and_then(time);
        if !self.owners {
            (entry.mode, entry.uid, entry.gid) = (None, None, None);
        }
        if !self.nodes {
            (entry.links, entry.node) = (None, None);
        }
        if entry.kind == Some(Kind::Symlink) {
            // The size of a link is that of its target; some report 0.
            entry.size = None;
        }
    }
}

fn counts(tree: &Listing, with_links: bool) -> Listing {
    let is_file = |kind| kind == Kind::File || with_links && kind != Kind::Directory;
    let of = |is: &dyn Fn(Kind) -> bool| {
        let entries = tree.values();
        entries.filter(|entry| entry.kind.is_some_and(is)).count()
    };
    let entry = |number: usize| Entry {
        size: Some(number as u64),
        ..Entry::default()
    };
    Listing::from([
        ("/files".to_owned(), entry(of(&is_file))),
        (
            "/directories".to_owned(),
            entry(of(&|kind| kind == Kind::Directory)),
        ),
    ])
}

fn found() -> Listing {
    Listing::from([("/udf".to_owned(), Entry::default())])
}

/// What a reader shows of a disc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// It finds no volume.
    Nothing,
    /// The state of that name, whole.
    State(String),
    /// Something else: its differences from the current state of the disc.
    Other(Vec<String>),
}

impl fmt::Display for Show {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => out.write_str("no"),
            Self::State(name) => out.write_str(name),
            Self::Other(_) => out.write_str("other"),
        }
    }
}

/// Which of the states, the current one first, a reader shows that reported `seen`.
pub fn shown<'a>(
    sight: &Sight,
    seen: &Listing,
    states: impl IntoIterator<Item = (&'a str, &'a Listing)>,
) -> Show {
    if seen.is_empty() {
        return Show::Nothing;
    }
    let compared = sight.compared(seen);
    let mut other = None;
    for (name, tree) in states {
        let expected = with_cut_names(sight.expected(tree), &compared, sight.longest_name());
        let found = differences(&expected, &compared);
        if found.is_empty() {
            return Show::State(name.to_owned());
        }
        other = other.or(Some(found));
    }
    Show::Other(other.unwrap_or_default())
}

/// Characters that a cut name always keeps.
const KEPT: usize = 40;

/// The listing with each name that is too long replaced by the reader's: one that begins the same, is not too
/// long, and belongs to no other node.
fn with_cut_names(expected: Listing, seen: &Listing, longest: usize) -> Listing {
    let (long, mut expected): (Listing, Listing) = expected
        .into_iter()
        .partition(|(path, _)| name_of(path).chars().count() > longest);
    for (path, entry) in long {
        let kept: String = name_of(&path).chars().take(KEPT).collect();
        let begin = format!("{}{kept}", &path[..path.len() - name_of(&path).len()]);
        let cut = seen.keys().find(|seen| {
            seen.starts_with(&begin)
                && name_of(seen).chars().count() <= longest
                && !expected.contains_key(*seen)
        });
        expected.insert(cut.cloned().unwrap_or(format!("{begin}, cut")), entry);
    }
    expected
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[(&str, u64)]) -> Listing {
        let entry = |size: u64| Entry {
            kind: Some(Kind::File),
            size: Some(size),
            ..Entry::default()
        };
        names
            .iter()
            .map(|(name, size)| ((*name).to_owned(), entry(*size)))
            .collect()
    }

    const UDF: Sight = Sight::of(Volume::Udf);

    #[test]
    fn a_reader_that_shows_the_tree_of_an_earlier_state_shows_that_state() {
        let (now, then) = (tree(&[("/a", 2)]), tree(&[("/a", 1)]));
        let states = [("now", &now), ("then", &then)];
        assert_eq!(shown(&UDF, &now, states), Show::State("now".into()));
        assert_eq!(shown(&UDF, &then, states), Show::State("then".into()));
        assert_eq!(shown(&UDF, &Listing::new(), states), Show::Nothing);
        let other = tree(&[("/a", 3)]);
        assert!(matches!(shown(&UDF, &other, states), Show::Other(found) if found.len() == 1));
    }

    #[test]
    fn a_name_that_is_too_long_has_to_be_there_cut() {
        let whole = tree(&[(&format!("/{}", "n".repeat(200)), 5)]);
        let cut = tree(&[(&format!("/{}~1", "n".repeat(120)), 5)]);
        assert_eq!(shown(&UDF, &cut, [("now", &whole)]), Show::State("now".into()));
        assert!(matches!(shown(&UDF, &whole, [("now", &whole)]), Show::Other(_)));
    }

    #[test]
    fn a_name_that_a_reader_cannot_find_is_not_compared() {
        let sight = Sight {
            names: Names::NotLatin1,
            ..UDF
        };
        let whole = tree(&[("/Größe", 1), ("/日本語", 2), ("/a", 3)]);
        let seen = tree(&[("/日本語", 2), ("/a", 3)]);
        assert_eq!(shown(&sight, &seen, [("now", &whole)]), Show::State("now".into()));
        assert!(matches!(shown(&UDF, &seen, [("now", &whole)]), Show::Other(_)));
    }

    #[test]
    fn what_a_volume_leaves_out_must_not_be_there() {
        let mut links = tree(&[("/a", 1), ("/link", 0)]);
        links.entry("/link".to_owned()).or_default().kind = Some(Kind::Symlink);
        assert_eq!(
            shown(&UDF, &tree(&[("/a", 1)]), [("now", &links)]),
            Show::State("now".into())
        );
        assert!(matches!(shown(&UDF, &links, [("now", &links)]), Show::Other(_)));
    }
}
