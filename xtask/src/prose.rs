//! Checks the layout of text: the length of comments, of Markdown lines and of test names, and that links
//! lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use walkdir::WalkDir;

use crate::place::Place;

/// Maximum columns of a line with a comment.
const COMMENT: usize = 110;
/// Maximum columns of a line of Markdown, except in tables and code.
const MARKDOWN: usize = 120;
/// Maximum characters of the name of a test.
const TEST_NAME: usize = 70;

/// Reports every line that is too long and every link that leads nowhere.
pub fn run(place: &Place) -> Result<()> {
    let top = place.shell()?.current_dir();
    let mut faults = Vec::new();
    let mut documents = BTreeMap::new();
    for folder in ["crates", "xtask", "fuzz", "docs", "."] {
        let depth = if folder == "." { 1 } else { usize::MAX };
        let files = WalkDir::new(top.join(folder))
            .max_depth(depth)
            .sort_by_file_name();
        let wanted = files
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "target");
        for entry in wanted {
            let path = entry?.into_path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            let Some(extension @ ("rs" | "md")) = extension else {
                continue;
            };
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let name = path.strip_prefix(&top)?.display().to_string();
            if extension == "rs" {
                faults.extend(in_source(&text).map(|fault| format!("{name}:{fault}")));
            } else {
                faults.extend(in_markdown(&text).map(|fault| format!("{name}:{fault}")));
                documents.insert(path, text);
            }
        }
    }
    faults.extend(lost_links(&top, &documents));
    ensure!(
        faults.is_empty(),
        "{}\n{} places in the text",
        faults.join("\n"),
        faults.len()
    );
    println!("prose: every line and name is short enough, every link leads somewhere");
    Ok(())
}

/// The faults in a source file, with their line numbers.
fn in_source(text: &str) -> impl Iterator<Item = String> {
    let mut is_code = false;
    let mut is_test = false;
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        let trimmed = line.trim_start();
        if trimmed.starts_with("//") {
            let words = trimmed.trim_start_matches(['/', '!']).trim();
            is_code ^= words.starts_with("```");
            let is_kept = is_code || words.starts_with('|');
            return (!is_kept && line.chars().count() > COMMENT)
                .then(|| format!("{number}: a comment of more than {COMMENT} columns"));
        }
        is_code = false;
        if trimmed.starts_with("#[") {
            is_test |= trimmed == "#[test]";
            return None;
        }
        let name = trimmed
            .strip_prefix("fn ")
            .and_then(|rest| rest.split('(').next());
        let is_long = std::mem::take(&mut is_test) && name.is_some_and(|name| name.len() > TEST_NAME);
        is_long.then(|| format!("{number}: the name of a test has more than {TEST_NAME} characters"))
    })
}

/// Lines of Markdown outside code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

fn in_markdown(text: &str) -> impl Iterator<Item = String> {
    prose(text)
        .filter(|(_, line)| !line.trim_start().starts_with('|') && line.chars().count() > MARKDOWN)
        .map(|(number, _)| format!("{number}: a line of more than {MARKDOWN} columns"))
}

/// Links from a document to a file or heading that does not exist.
fn lost_links(top: &Path, documents: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let headings: BTreeMap<&PathBuf, BTreeSet<String>> = documents
        .iter()
        .map(|(path, text)| (path, anchors(text)))
        .collect();
    let mut lost = Vec::new();
    for (path, text) in documents {
        let name = path.strip_prefix(top).unwrap_or(path).display();
        for (number, line) in prose(text) {
            for target in targets(line) {
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let folder = path.parent().unwrap_or(top);
                let found = if file.is_empty() {
                    Ok(path.clone())
                } else {
                    folder.join(file).canonicalize()
                };
                let is_there = found.is_ok_and(|found| {
                    let headings = headings.get(&found);
                    anchor.is_empty() || headings.is_none_or(|headings| headings.contains(anchor))
                });
                if !is_there {
                    lost.push(format!("{name}:{number}: the link to {target} leads nowhere"));
                }
            }
        }
    }
    lost
}

/// What a line links to in this repository.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

/// The anchors of the headings of a document, as forges generate them: lower case, no punctuation, a hyphen
/// for each space.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in prose(text) {
        let Some(heading) = line
            .strip_prefix('#')
            .map(|rest| rest.trim_start_matches('#').trim())
        else {
            continue;
        };
        let anchor: String = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let further = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone())
            .chain(further)
            .find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_comment_is_a_fault_and_a_long_table_is_not() {
        let long = "x".repeat(COMMENT);
        let text = format!("/// {long}\n//! | {long} |\n/// ```\n/// {long}\n/// ```\nlet {long};\n");
        assert_eq!(in_source(&text).count(), 1);
    }

    #[test]
    fn the_name_of_a_test_is_a_short_sentence() {
        let long = "x".repeat(TEST_NAME + 1);
        assert_eq!(
            in_source(&format!(
                "#[test]\n#[should_panic]\nfn {long}() {{}}\nfn {long}() {{}}"
            ))
            .count(),
            1
        );
    }

    #[test]
    fn headings_with_the_same_text_have_different_anchors() {
        let anchors = anchors("# `check`: what it says\n## Again\n## Again\n```\n# code\n```\n");
        let wanted = ["again", "again-1", "check-what-it-says"].map(String::from);
        assert_eq!(anchors, BTreeSet::from(wanted));
    }

    #[test]
    fn links_to_other_hosts_are_not_followed() {
        let line = "[a](b.md#c), [d](https://example.org/), ![e](f.svg)";
        assert_eq!(targets(line).collect::<Vec<_>>(), ["b.md#c", "f.svg"]);
    }
}
