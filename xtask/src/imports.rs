//! What a source file names in its own crate, read from its tokens.
//!
//! Counted: each path that begins with `crate`, `self`, `super` or a module that the file declares, in `use`
//! declarations, code and macro calls. A name that another file only re-exports (`pub use`) counts for the
//! file that declares it. Not counted: anything below `#[cfg(test)]`, in comments or strings; methods, which
//! no path names; a bare `pub use`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path from the root of the crate: `crate::a::B` is `["a", "B"]`.
pub type Path = Vec<String>;

/// Keywords before the name of a type.
const TYPE_WORDS: [&str; 5] = ["struct", "enum", "union", "trait", "type"];
/// Keywords before the name of another item.
const ITEM_WORDS: [&str; 3] = ["fn", "const", "static"];

/// A source file.
#[derive(Default)]
pub struct Source {
    /// Its module in the crate.
    module: Path,
    /// Modules that have their own files.
    children: BTreeSet<String>,
    /// The paths that it names, except re-exports.
    pub named: Vec<Path>,
    /// The names that it imports with `use`, and their paths.
    pub imported: BTreeMap<String, Path>,
    /// The modules that it imports with `*`.
    pub globs: Vec<Path>,
    /// The names that it re-exports, and their paths.
    passed_on: Vec<(String, Path)>,
    /// Items that it declares.
    pub items: BTreeSet<String>,
    /// Types that it declares at any depth, except in functions and `impl`.
    pub types: BTreeSet<String>,
    /// Words in its code outside `use`.
    words: BTreeSet<String>,
}

impl Source {
    /// Reads the tokens of the file of `module`.
    pub fn read(module: Path, text: &str) -> Result<Self> {
        let tokens: TokenStream = text.parse().map_err(|fault| anyhow!("{fault}"))?;
        let mut source = Self {
            children: children(tokens.clone()),
            module: module.clone(),
            ..Self::default()
        };
        source.walk(tokens, &module, true);
        for (name, path) in std::mem::take(&mut source.passed_on) {
            if source.words.contains(&name) {
                source.named.push(path);
            }
        }
        Ok(source)
    }

    /// `outside` means outside functions, traits and `impl`.
    fn walk(&mut self, tokens: TokenStream, module: &Path, outside: bool) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            if is_test(&trees[at..]) {
                at += item_len(&trees[at..]);
                continue;
            }
            match &trees[at] {
                TokenTree::Group(group) => self.walk(group.stream(), module, false),
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    let next = trees.get(at + 1).and_then(ident);
                    match (word.as_str(), next, trees.get(at + 2)) {
                        ("mod", Some(name), Some(TokenTree::Group(body))) => {
                            let inner = [module.clone(), vec![name]].concat();
                            self.walk(body.stream(), &inner, outside);
                            at += 3;
                            continue;
                        }
                        ("use", _, _) if trees.get(at + 1).is_some_and(|next| !is_punct(next, '<')) => {
                            let end = trees[at..].iter().position(|tree| is_punct(tree, ';'));
                            let end = end.map_or(trees.len(), |end| at + end);
                            let passes_on = is_public(&trees[..at]);
                            let is_top = outside && *module == self.module;
                            self.take_use(&trees[at + 1..end], &[], module, passes_on, is_top);
                            at = end;
                            continue;
                        }
                        (word, Some(name), _) if outside && TYPE_WORDS.contains(&word) => {
                            self.types.insert(name.clone());
                            self.items.insert(name);
                        }
                        (word, Some(name), _) if outside && ITEM_WORDS.contains(&word) => {
                            self.items.insert(name);
                        }
                        _ => {}
                    }
                    if !is_after_colons(&trees[..at]) {
                        let path = path_at(&trees[at..]);
                        if path.len() > 1 {
                            at += 3 * (path.len() - 1);
                            self.named.extend(self.absolute(&path, module));
                        }
                        self.words.extend(path.into_iter().take(1));
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads the tree of a `use` declaration that follows `prefix`.
    fn take_use(
        &mut self,
        trees: &[TokenTree],
        prefix: &[String],
        module: &Path,
        passes_on: bool,
        is_top: bool,
    ) {
        for branch in trees.split(|tree| is_punct(tree, ',')) {
            let mut path = prefix.to_vec();
            let mut alias = None;
            let mut is_leaf = true;
            let mut words = branch.iter().peekable();
            while let Some(tree) = words.next() {
                match tree {
                    TokenTree::Ident(word) if word == "as" => {
                        alias = words.next().and_then(ident);
                    }
                    TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                    TokenTree::Ident(word) => path.push(word.to_string()),
                    TokenTree::Group(group) => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.take_use(&inner, &path, module, passes_on, is_top);
                        is_leaf = false;
                    }
                    TokenTree::Punct(mark) if mark.as_char() == '*' => {
                        if let Some(path) = self.absolute(&path, module) {
                            if !passes_on {
                                self.named.push(path.clone());
                            }
                            self.globs.push(path);
                        }
                        is_leaf = false;
                    }
                    _ => {}
                }
            }
            let Some(name) = alias.or_else(|| path.last().cloned()).filter(|_| is_leaf) else {
                continue;
            };
            let Some(path) = self.absolute(&path, module) else {
                continue;
            };
            if is_top {
                self.imported.insert(name.clone(), path.clone());
            }
            if passes_on {
                self.passed_on.push((name, path));
            } else {
                self.named.push(path);
            }
        }
    }

    /// A path from the root of the crate; `None` if it leads out of the crate, or is not known to lead into
    /// it.
    fn absolute(&self, path: &[String], module: &Path) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let up = path.iter().take_while(|word| *word == "super").count();
                let left = module.len().checked_sub(up)?;
                Some([&module[..left], &path[up..]].concat())
            }
            child if *module == self.module && self.children.contains(child) => {
                Some([module.as_slice(), path].concat())
            }
            _ => None,
        }
    }
}

/// The modules that a file declares and that have their own files.
fn children(tokens: TokenStream) -> BTreeSet<String> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let declared = trees.windows(3).filter_map(|three| {
        let is_one = ident(&three[0]).as_deref() == Some("mod") && is_punct(&three[2], ';');
        ident(&three[1]).filter(|_| is_one)
    });
    declared.collect()
}

/// The words of a path that begins here.
fn path_at(trees: &[TokenTree]) -> Path {
    let mut path: Path = trees.first().and_then(ident).into_iter().collect();
    let mut rest = trees.get(1..).unwrap_or_default();
    while let [one, other, name, after @ ..] = rest
        && is_punct(one, ':')
        && is_punct(other, ':')
        && let Some(name) = ident(name)
    {
        path.push(name);
        rest = after;
    }
    path
}

fn is_after_colons(trees: &[TokenTree]) -> bool {
    matches!(trees, [.., one, other] if is_punct(one, ':') && is_punct(other, ':'))
}

/// Whether the item after these tokens is `pub` with any scope.
fn is_public(before: &[TokenTree]) -> bool {
    let is_pub = |tree: &TokenTree| ident(tree).as_deref() == Some("pub");
    match before {
        [.., word, TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => is_pub(word),
        [.., word] => is_pub(word),
        [] => false,
    }
}

/// Whether a test-only item begins here.
fn is_test(trees: &[TokenTree]) -> bool {
    matches!(trees, [hash, TokenTree::Group(group), ..]
        if is_punct(hash, '#') && group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// The number of tokens in an item, up to its body or semicolon.
fn item_len(trees: &[TokenTree]) -> usize {
    let is_end = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is_punct(other, ';'),
    };
    trees.iter().position(is_end).map_or(trees.len(), |at| at + 1)
}

fn ident(tree: &TokenTree) -> Option<String> {
    match tree {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

fn is_punct(tree: &TokenTree, mark: char) -> bool {
    matches!(tree, TokenTree::Punct(found) if found.as_char() == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let source = Source::read(vec!["a".into(), "b".into()], text).expect("Rust");
        source.named.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn a_use_tree_names_each_of_its_leaves() {
        assert_eq!(
            named("use crate::{c::{self, D}, e::F as G};"),
            ["c", "c::D", "e::F"]
        );
    }

    #[test]
    fn paths_in_code_and_in_macro_calls_are_named() {
        assert_eq!(
            named("fn f() { crate::c::g(); assert!(super::h::i()); self::j() }"),
            ["c::g", "a::h::i", "a::b::j"]
        );
    }

    #[test]
    fn comments_strings_tests_and_other_crates_name_nothing() {
        let text = "use std::fmt; // crate::c\nconst S: &str = \"crate::d\";
            #[cfg(test)] mod tests { use crate::e; } #[cfg(test)] use crate::f;";
        assert!(named(text).is_empty());
    }

    #[test]
    fn what_is_only_reexported_is_not_named() {
        assert!(named("mod c; pub use c::D; pub(crate) use c::E;").is_empty());
        assert_eq!(named("mod c; pub use c::D; fn f(d: D) {}"), ["a::b::c::D"]);
    }

    #[test]
    fn a_module_inside_the_file_leads_up_to_the_file() {
        assert_eq!(
            named("mod inner { use super::X; use super::super::y::Z; }"),
            ["a::b::X", "a::y::Z"]
        );
    }

    #[test]
    fn types_in_functions_and_impls_are_not_those_of_the_file() {
        let text = "pub struct A; enum B {} fn f() { struct C; } impl T for A { type Err = u8; }";
        let source = Source::read(Vec::new(), text).expect("Rust");
        assert_eq!(source.types.into_iter().collect::<Vec<_>>(), ["A", "B"]);
    }
}
