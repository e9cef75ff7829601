//! The children of one directory, looked up by the contents of directory records.

use std::hash::{BuildHasher, RandomState};

use ecma167::RecordedAddress;
use iso9660::Section;
use iso9660::rock_ridge::MAX_TARGET_BYTES;

use crate::bridge_names::{Form, Shown, Tree, forms_of_name};
use crate::facts::Facts;

/// A child of a directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Child {
    pub vat: RecordedAddress,
    /// Its address in the plain volume, if it is there.
    pub plain: Option<RecordedAddress>,
    is_directory: bool,
    is_special: bool,
    /// A symbolic link with a target too long for Rock Ridge.
    is_too_long: bool,
    /// For a directory: its extents in the two trees.
    pub sections: [Section; 2],
    seen: [bool; 2],
    /// Digest of the times that a record may leave out.
    times: u64,
}

/// A form of a name and the facts about its child, as digests of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    form: u64,
    print: u64,
    child: u32,
    /// In the first of several equal keys: how many of them were found.
    used: u32,
}

// `MEMORY_BOUND` assumes these sizes.
const _: () = assert!(size_of::<Child>() <= 64 && size_of::<Key>() <= 24);

pub(crate) struct Children {
    bridge: bool,
    most: usize,
    hasher: RandomState,
    all: Vec<Child>,
    keys: [Vec<Key>; 2],
}

/// What a record leads to.
pub(crate) enum Met {
    Child(u32),
    /// A child that another record also led to.
    Again,
    /// Not decided until all names without a mark are found.
    Later,
    /// Found earlier.
    Earlier,
    /// A child that the record describes differently.
    Other(RecordedAddress, Option<RecordedAddress>),
    Nothing,
}

impl Child {
    pub fn new(
        vat: RecordedAddress,
        plain: Option<RecordedAddress>,
        is_directory: bool,
        is_special: bool,
    ) -> Self {
        Self {
            vat,
            plain,
            is_directory,
            is_special,
            is_too_long: false,
            sections: [Section::default(); 2],
            seen: [false; 2],
            times: 0,
        }
    }

    /// The first block of its extent in the primary tree, once that is read.
    fn in_primary(&self) -> u32 {
        self.sections[Tree::Primary as usize].block
    }
}

impl Children {
    /// Children of a directory, at most `most`; without a bridge only directories are added.
    pub fn new(hasher: Option<&RandomState>, most: usize) -> Self {
        Self {
            bridge: hasher.is_some(),
            most,
            hasher: hasher.cloned().unwrap_or_default(),
            all: Vec::new(),
            keys: [Vec::new(), Vec::new()],
        }
    }

    pub fn print(&self, facts: &Facts) -> u64 {
        self.hasher.hash_one(facts)
    }

    /// A digest of the times of access and of attribute change.
    pub fn times(&self, times: &[[u8; 7]; 2]) -> u64 {
        self.hasher.hash_one(times)
    }

    /// Adds a child; returns `false` the first time that there is no room for it.
    pub fn add(&mut self, child: Child, name: &str, facts: &Facts, times: &[[u8; 7]; 2]) -> bool {
        if self.all.len() >= self.most {
            let first = self.all.len() == self.most && self.bridge;
            self.bridge = false;
            return !first;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let times = if self.bridge { self.times(times) } else { 0 };
        let target = facts.posix.as_ref().and_then(|posix| posix.target.as_ref());
        let is_too_long = target.is_some_and(|target| target.len() > MAX_TARGET_BYTES);
        self.all.push(Child {
            times,
            is_too_long,
            ..child
        });
        if !self.bridge {
            return true;
        }
        for tree in Tree::ALL {
            let print = match tree {
                Tree::Primary => self.print(facts),
                Tree::Joliet if child.is_special => continue,
                Tree::Joliet => self.print(&facts.without_posix()),
            };
            for form in forms_of_name(tree, name, child.is_special) {
                let form = self.hasher.hash_one(&form);
                self.keys[tree as usize].push(Key {
                    form,
                    print,
                    child: number,
                    used: 0,
                });
            }
        }
        true
    }

    /// Whether all children that the bridge should have were added.
    pub fn is_whole(&self) -> bool {
        self.bridge
    }

    /// Sorts the keys of a tree once all children are added and the trees before it are read, so that they
    /// can be found.
    pub fn sort(&mut self, tree: Tree) {
        let Self { all, keys, .. } = self;
        keys[tree as usize].sort_unstable_by_key(|key| {
            let child = all.get(key.child as usize);
            (key.form, key.print, child.map(Child::in_primary), key.child)
        });
    }

    pub fn get(&self, number: u32) -> Option<&Child> {
        self.all.get(usize::try_from(number).ok()?)
    }

    pub fn get_mut(&mut self, number: u32) -> Option<&mut Child> {
        self.all.get_mut(usize::try_from(number).ok()?)
    }

    /// The child with one of these forms, tried without a mark first, and with these facts; `extent` is that
    /// of the record.
    ///
    /// Names with marks wait until all others are found: a mark may replace the rest of any name with the
    /// same beginning.
    pub fn find(
        &mut self,
        tree: Tree,
        forms: &[Form],
        (facts, extent): (&Facts, Section),
        marked: bool,
    ) -> Met {
        let print = self.print(facts);
        // In Joliet, two directories may have the same facts.
        let extent = (tree == Tree::Joliet && facts.is_directory).then_some(extent);
        let digest = |form: &Form| self.hasher.hash_one(form);
        let digests: Vec<u64> = forms.iter().map(digest).collect();
        let unmarked = forms.partition_point(|form| form.shown != Shown::Marked);
        let (plain, with_mark) = digests.split_at(unmarked);
        if let Some(form) = plain.iter().find(|form| self.has(tree, **form, print)) {
            return if marked {
                Met::Earlier
            } else {
                self.take(tree, (*form, print), extent)
            };
        }
        if !marked && !with_mark.is_empty() {
            return Met::Later;
        }
        if let Some(form) = with_mark.iter().find(|form| self.has(tree, **form, print)) {
            return self.take(tree, (*form, print), extent);
        }
        let keys = &self.keys[tree as usize];
        let named = digests.iter().find_map(|form| {
            let first = keys.partition_point(|key| key.form < *form);
            let key = keys.get(first).filter(|key| key.form == *form)?;
            self.get(key.child)
        });
        named.map_or(Met::Nothing, |child| Met::Other(child.vat, child.plain))
    }

    fn first(&self, tree: Tree, form: u64, print: u64) -> usize {
        self.keys[tree as usize].partition_point(|key| (key.form, key.print) < (form, print))
    }

    fn has(&self, tree: Tree, form: u64, print: u64) -> bool {
        let first = self.keys[tree as usize].get(self.first(tree, form, print));
        first.is_some_and(|key| (key.form, key.print) == (form, print))
    }

    /// One of the children with this form and digest: for an extent, the last directory whose extent in the
    /// primary tree is before it, because the two are recorded together; else the next child that is not
    /// found yet.
    fn take(&mut self, tree: Tree, (form, print): (u64, u64), extent: Option<Section>) -> Met {
        let first = self.first(tree, form, print);
        let keys = &self.keys[tree as usize];
        if let Some(extent) = extent {
            let before = keys.partition_point(|key| {
                let block = self.get(key.child).map(Child::in_primary);
                (key.form, key.print, block) <= (form, print, Some(extent.block))
            });
            let key = keys.get(before.saturating_sub(1).max(first));
            let child = key.map(|key| key.child);
            return child.map_or(Met::Nothing, |child| self.meet(tree, child));
        }
        loop {
            let keys = &mut self.keys[tree as usize];
            let at = first + keys[first].used as usize;
            let key = keys.get(at).filter(|key| (key.form, key.print) == (form, print));
            let Some(child) = key.map(|key| key.child) else {
                return Met::Again;
            };
            keys[first].used += 1;
            if let Met::Child(child) = self.meet(tree, child) {
                return Met::Child(child);
            }
        }
    }

    fn meet(&mut self, tree: Tree, number: u32) -> Met {
        let seen = self.get_mut(number).map(|child| &mut child.seen[tree as usize]);
        match seen.map(|seen| std::mem::replace(seen, true)) {
            Some(false) => Met::Child(number),
            _ => Met::Again,
        }
    }

    /// Whether a child has these times.
    pub fn has_times(&self, number: u32, times: &[[u8; 7]; 2]) -> bool {
        self.get(number)
            .is_none_or(|child| child.times == self.times(times))
    }

    /// The children that no record of a tree led to.
    pub fn unseen(&self, tree: Tree) -> impl Iterator<Item = &Child> {
        let has_it = move |child: &&Child| match tree {
            Tree::Primary => !child.is_too_long,
            Tree::Joliet => !child.is_special,
        };
        let unseen = move |child: &&Child| !child.seen[tree as usize];
        self.all.iter().filter(has_it).filter(unseen)
    }

    /// The directories among the children.
    pub fn directories(&self) -> impl Iterator<Item = &Child> {
        let in_both = |child: &&Child| child.is_directory && child.plain.is_some();
        self.all.iter().filter(in_both)
    }
}
