//! The discs whose pages are judged.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::program::Program;
use crate::trees::Contents;

/// Names and text that would run a script, load something or end what they are in, if they were markup.
pub const HOSTILE: [&str; 9] = [
    "<script>window.pwned=1<\u{2215}script>",
    "<\u{2215}script><script src=x>",
    "<!--<script>",
    "-->",
    "\"><img src=x onerror='window.pwned=2'>",
    "'onmouseover='window.pwned=3",
    "]]><svg onload=alert(4)>",
    "{{constructor.constructor('window.pwned=5')()}}",
    "\u{202e}\u{2028}&lt;&amp;\\u003cscript>",
];
/// The label of the hostile disc: an end of every element that it is in.
const HOSTILE_LABEL: &str = "</title></h1><script>pwned=6</script>";

/// A disc of three commits in two sessions that is the same in every run but for its times: `/many` of small
/// files, `/large`, which is superseded, `/needle`, and `/gone`.
pub fn ordinary(folder: &Path, program: &Program) -> Result<PathBuf> {
    let disc = folder.join("ordinary.udf");
    let tree = folder.join("tree");
    fs::create_dir_all(tree.join("many"))?;
    let mut contents = Contents::new(20);
    for number in 0..200 {
        contents.write(&tree.join(format!("many/{number}")), 3000 + number * 40)?;
    }
    for (name, bytes) in [("large", 9_000_000), ("needle", 2_000_000), ("gone", 3_000_000)] {
        contents.write(&tree.join(name), bytes)?;
    }
    let image = disc.as_os_str();
    let run = |words: &[&OsStr]| program.run(words).map(drop);
    let word = OsStr::new;
    let format = [
        "--medium",
        "dvd+r",
        "--capacity",
        "60M",
        "--label",
        "Page",
        "--rom",
        "bridge",
    ];
    let format: Vec<&OsStr> = [word("format"), image]
        .into_iter()
        .chain(format.map(word))
        .collect();
    run(&format)?;
    let sources = ["many", "large", "needle", "gone"].map(|name| tree.join(name));
    let added: Vec<&OsStr> = [word("add"), image]
        .into_iter()
        .chain(sources.iter().map(|source| source.as_os_str()))
        .collect();
    run(&added)?;
    contents.write(&tree.join("large"), 4_000_000)?;
    run(&[word("add"), image, sources[1].as_os_str()])?;
    run(&[word("rm"), image, word("/gone")])?;
    run(&[word("close"), image])?;
    contents.write(&tree.join("later"), 1_000_000)?;
    run(&[word("add"), image, tree.join("later").as_os_str()])?;
    Ok(disc)
}

/// A disc whose names and label are hostile: files, directories, a file that is gone.
pub fn hostile(folder: &Path, program: &Program) -> Result<PathBuf> {
    let disc = folder.join("hostile.udf");
    let tree = folder.join("hostile");
    for name in HOSTILE {
        let directory = tree.join(name);
        fs::create_dir_all(&directory)?;
        for inside in HOSTILE {
            fs::write(directory.join(inside), inside.repeat(300))?;
        }
    }
    let word = OsStr::new;
    let label = format!("--label={HOSTILE_LABEL}");
    let format = ["--medium", "bd-r", "--capacity", "60M", &label].map(word);
    let image = disc.as_os_str();
    let format: Vec<&OsStr> = [word("format"), image].into_iter().chain(format).collect();
    program.run(&format)?;
    program.run([word("add"), image, tree.as_os_str()])?;
    let gone = format!("/hostile/{}", HOSTILE[1]);
    program.run([word("rm"), image, word("-r"), word(&gone)])?;
    Ok(disc)
}

/// The page of a disc.
pub fn page(disc: &Path, program: &Program) -> Result<PathBuf> {
    let page = disc.with_extension("html");
    let words = [
        OsStr::new("map"),
        disc.as_os_str(),
        OsStr::new("--html"),
        page.as_os_str(),
    ];
    program.run(words)?;
    page.canonicalize().context("no page")
}
