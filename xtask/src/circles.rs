//! Circles of files: files of a crate that name each other, directly or through others. `imports.rs` says
//! what counts.
//!
//! A circle is one idea in several files, or something misplaced. A circle that remains is named at the head
//! of its crate, with the reason: ``//! Circle of files: `a`, `b`; why``.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::imports::{self, Source};

/// What precedes the files of a circle at the head of a crate.
const HEAD: &str = "Circle of files:";
/// Maximum number of re-exports followed for one name, which also ends circles of them.
const PASSES: usize = 16;

/// The files of a circle, as paths below `src` without `.rs`.
pub type Circle = BTreeSet<String>;

/// The source files of a crate by module.
#[derive(Default)]
pub struct Files {
    sources: BTreeMap<imports::Path, Source>,
    /// The name of the root file.
    root: String,
    /// The documentation of the root file.
    head: String,
}

impl Files {
    /// Reads the crate with this root file.
    pub fn read(root: &Path) -> Result<Self> {
        let folder = root.parent().context("a root file without a folder")?;
        let mut files = Self::default();
        for found in WalkDir::new(folder) {
            let path = found?.into_path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let below = path.strip_prefix(folder)?.with_extension("");
                let name = below.to_string_lossy();
                files
                    .add(&name, &text)
                    .with_context(|| format!("cannot parse {}", path.display()))?;
            }
        }
        Ok(files)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<()> {
        let mut module: imports::Path = name.split('/').map(str::to_owned).collect();
        if ["lib", "main"].contains(&name) {
            self.root = name.to_owned();
            self.head = head(text);
            module.clear();
        } else if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        let source = Source::read(module.clone(), text)?;
        self.sources.insert(module, source);
        Ok(())
    }

    /// The types that the files declare, with the file of each.
    pub fn types(&self) -> impl Iterator<Item = (&str, String)> {
        let all = self.sources.iter();
        all.flat_map(|(module, source)| source.types.iter().map(|name| (name.as_str(), self.name(module))))
    }

    /// The circles, ordered by their first files.
    pub fn circles(&self) -> Vec<Circle> {
        let edges: BTreeMap<_, _> = self
            .sources
            .iter()
            .map(|(module, source)| (module, self.edges(module, source)))
            .collect();
        let reached: BTreeMap<_, _> = edges
            .keys()
            .map(|module| (*module, reach(&edges, module)))
            .collect();
        let mut circles: Vec<Circle> = Vec::new();
        let mut seen = BTreeSet::new();
        for (&module, from_here) in &reached {
            if !from_here.contains(module) || seen.contains(module) {
                continue;
            }
            let circle = from_here.iter().filter(|other| reached[*other].contains(module));
            let circle: Vec<_> = circle.copied().collect();
            seen.extend(circle.iter().copied());
            circles.push(circle.into_iter().map(|module| self.name(module)).collect());
        }
        circles
    }

    /// The circles that the head of the crate names.
    pub fn named_in_head(&self) -> Vec<Circle> {
        let said = self.head.split(HEAD).skip(1);
        said.map(|rest| {
            let files = rest.split(';').next().unwrap_or_default();
            files.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        })
        .collect()
    }

    /// The other files that a file names.
    fn edges<'a>(&'a self, module: &imports::Path, source: &Source) -> BTreeSet<&'a imports::Path> {
        let named = source.named.iter().filter_map(|path| self.file_of(path, PASSES));
        named.filter(|file| *file != module).collect()
    }

    /// The file that a path finally leads to.
    fn file_of(&self, path: &[String], passes: usize) -> Option<&imports::Path> {
        let length = (0..=path.len())
            .rev()
            .find(|length| self.sources.contains_key(&path[..*length]))?;
        let (module, source) = self.sources.get_key_value(&path[..length])?;
        let Some((name, rest)) = path[length..].split_first() else {
            return Some(module);
        };
        let Some(passes) = passes.checked_sub(1).filter(|_| !source.items.contains(name)) else {
            return Some(module);
        };
        if let Some(from) = source.imported.get(name) {
            return self.file_of(&[from.as_slice(), rest].concat(), passes);
        }
        let has = |file: &imports::Path| self.sources[file].items.contains(name);
        let mut from = source.globs.iter().filter_map(|glob| {
            let path = [glob.as_slice(), std::slice::from_ref(name)].concat();
            self.file_of(&path, passes).filter(|file| has(file))
        });
        from.next().or(Some(module))
    }

    fn name(&self, module: &imports::Path) -> String {
        if module.is_empty() {
            return self.root.clone();
        }
        module.join("/")
    }
}

/// Everything reachable from a file; itself only through a circle.
fn reach<'a>(
    edges: &BTreeMap<&'a imports::Path, BTreeSet<&'a imports::Path>>,
    from: &imports::Path,
) -> BTreeSet<&'a imports::Path> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&imports::Path> = edges[from].iter().copied().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(edges[file].iter().copied());
        }
    }
    reached
}

/// The documentation at the start of a root file, as one line.
fn head(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        let mut all = Files::default();
        for (name, text) in files {
            all.add(name, text).expect("Rust");
        }
        all
    }

    fn circles(named: &[(&str, &str)]) -> Vec<String> {
        let circles = files(named).circles().into_iter();
        circles
            .map(|circle| circle.into_iter().collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn files_that_name_each_other_through_a_third_are_a_circle() {
        let all = [
            ("lib", "mod a; mod b; mod c; mod d;"),
            ("a", "use crate::b::B;"),
            ("b", "pub struct B; use crate::c::C;"),
            ("c", "pub struct C; fn f() { crate::a::g() }"),
            ("d", "use crate::a::A;"),
        ];
        assert_eq!(circles(&all), ["a b c"]);
    }

    #[test]
    fn files_named_in_one_direction_are_no_circle() {
        let all = [
            ("lib", "mod a; mod b;"),
            ("a", "use crate::b::B;"),
            ("b", "pub struct B;"),
        ];
        assert!(circles(&all).is_empty());
    }

    #[test]
    fn a_reexported_name_counts_for_the_file_that_declares_it() {
        let all = [
            ("lib", "mod a; mod b; pub use a::A; pub use b::*;"),
            ("a", "pub struct A; use crate::B;"),
            ("b", "pub struct B; use crate::A;"),
        ];
        assert_eq!(circles(&all), ["a b"]);
    }

    #[test]
    fn a_folder_that_only_reexports_its_files_is_in_no_circle() {
        let all = [
            ("lib", "mod a;"),
            ("a/mod", "mod b; mod c; pub use b::B;"),
            ("a/b", "pub struct B;"),
            ("a/c", "use super::B;"),
        ];
        assert!(circles(&all).is_empty());
    }

    #[test]
    fn a_head_names_its_circles() {
        let all = files(&[(
            "lib",
            "//! Words.\n//!\n//! Circle of files: `a`,\n//! `b/c`; why `d`.\n//! Circle of files: `e`; f.\nmod a;",
        )]);
        let named = all.named_in_head();
        let expected = [
            BTreeSet::from(["a".into(), "b/c".into()]),
            BTreeSet::from(["e".into()]),
        ];
        assert_eq!(named, expected);
    }
}
