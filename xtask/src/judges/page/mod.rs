//! The page of a disc in a real browser: it draws, tells, finds, switches and prints, and nothing on a disc
//! makes it run a script or ask the network.

mod discs;
mod visits;

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use crate::browser::Browser;
use crate::findings::Findings;
use crate::program::Program;

use visits::Visit;

/// The size of the window.
const WINDOW: (u32, u32) = (1280, 900);

type Judge = fn(&mut Visit<'_, '_>) -> Result<()>;

/// What is asked of the page of an ordinary disc.
const VISITS: [(&str, Judge); 9] = [
    ("drawing", |visit| visit.draws()),
    ("pointing", |visit| visit.tells()),
    ("keys", |visit| visit.obeys_keys()),
    ("finding", |visit| visit.finds()),
    ("switching", |visit| visit.switches()),
    ("dark", |visit| visit.is_dark()),
    ("roles", |visit| visit.has_roles()),
    ("printing", |visit| visit.prints()),
    ("without a script", |visit| visit.works_without_script()),
];

/// Judges the pages of an ordinary and of a hostile disc. Pictures of the windows stay in `folder`.
pub fn judge_page(program: &Program, folder: &Path, findings: &Findings) -> Result<()> {
    let ordinary = discs::ordinary(folder, program)?;
    let hostile = discs::hostile(folder, program)?;
    let mut browser = Browser::start(folder)?;
    let (page, map) = made(&ordinary, program)?;
    for (name, visit) in VISITS {
        judge(&mut browser, findings, name, (&page, &map), folder, visit)?;
    }
    let (page, map) = made(&hostile, program)?;
    judge(
        &mut browser,
        findings,
        "hostile",
        (&page, &map),
        folder,
        |visit| visit.is_safe(),
    )
}

/// The page of a disc, and its map as JSON.
fn made(disc: &Path, program: &Program) -> Result<(PathBuf, Value)> {
    let map = program.run(["map".as_ref(), disc.as_os_str(), "--json".as_ref()])?;
    Ok((discs::page(disc, program)?, serde_json::from_str(&map)?))
}

fn judge(
    browser: &mut Browser,
    findings: &Findings,
    name: &str,
    (page, map): (&Path, &Value),
    folder: &Path,
    visit: Judge,
) -> Result<()> {
    let mut at = Visit::new(browser.tab(WINDOW)?, page, map);
    let mut found = Vec::new();
    if let Err(error) = visit(&mut at) {
        found.push(format!("{error:#}"));
    }
    found.append(&mut at.differences);
    at.tab
        .shoot(&folder.join(format!("{}.png", name.replace(' ', "-"))))?;
    findings.judged(&format!("page: {name}"), &found);
    Ok(())
}
