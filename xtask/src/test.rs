//! The test command: runs everything, with the cheapest checks first.

use anyhow::Result;
use clap::ValueEnum;
use xshell::cmd;

use crate::dependencies;
use crate::judging::{Breadth, Scenario, judge};
use crate::layers;
use crate::place::Place;
use crate::prose;
use crate::readers;
use crate::setup;
use crate::timing::Timing;

/// Runs everything and prints the duration of each part, even if one fails.
pub fn run(place: &Place) -> Result<()> {
    timed(|timing| {
        timing.part("set-up", || {
            let _lock = place.lock_judges()?;
            setup::run(place).map(drop)
        })?;
        checks(place, timing)?;
        judge(place, timing, Scenario::value_variants(), Breadth::Test).map(drop)
    })
}

/// Runs only the judges, on all scenarios or on those named.
pub fn run_judges(place: &Place, named: &[Scenario]) -> Result<()> {
    let chosen = if named.is_empty() {
        Scenario::value_variants()
    } else {
        named
    };
    timed(|timing| judge(place, timing, chosen, Breadth::Test)).map(drop)
}

/// Asks the readers of volumes, and writes down on these pages, or on all, what they showed.
pub fn write_pages_of_readers(place: &Place, pages: &[Page]) -> Result<()> {
    let pages = if pages.is_empty() {
        Page::value_variants()
    } else {
        pages
    };
    let scenarios: Vec<Scenario> = pages.iter().map(|page| page.scenario()).collect();
    let seen = timed(|timing| judge(place, timing, &scenarios, Breadth::All))?;
    let folder = place.shell()?.current_dir().join("docs/proving");
    for page in pages {
        let (name, text) = match page {
            Page::Plain => ("readers.md", readers::page(&seen.plain)),
            Page::Others => ("reading.md", readers::others_page(&seen.others)),
        };
        let path = folder.join(name);
        std::fs::write(&path, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// A page about readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Page {
    /// docs/proving/readers.md: plain volumes
    Plain,
    /// docs/proving/reading.md: volumes of other programs
    Others,
}

impl Page {
    fn scenario(self) -> Scenario {
        match self {
            Self::Plain => Scenario::Rom,
            Self::Others => Scenario::Others,
        }
    }
}

fn timed<T>(run: impl FnOnce(&mut Timing) -> Result<T>) -> Result<T> {
    let mut timing = Timing::default();
    let result = run(&mut timing);
    println!("\n{}", timing.table());
    result
}

fn checks(place: &Place, timing: &mut Timing) -> Result<()> {
    let shell = &place.shell()?;
    timing.part("formatting", || {
        Ok(cmd!(shell, "cargo fmt --all --check").quiet().run()?)
    })?;
    timing.part("layers", || layers::run(place))?;
    timing.part("prose", || prose::run(place))?;
    timing.part("dependencies", || dependencies::run(place))?;
    timing.part("lints", || {
        Ok(cmd!(
            shell,
            "cargo clippy --quiet --workspace --all-targets -- -D warnings"
        )
        .quiet()
        .run()?)
    })?;
    timing.part("lints without features", || {
        let clippy = cmd!(
            shell,
            "cargo clippy --quiet -p oncefs-cli --no-default-features -- -D warnings"
        );
        Ok(clippy.quiet().run()?)
    })?;
    timing.part("documentation", || {
        let doc = cmd!(
            shell,
            "cargo doc --quiet --workspace --no-deps --document-private-items"
        );
        Ok(doc.env("RUSTDOCFLAGS", "-D warnings").quiet().run()?)
    })?;
    timing.part("tests", || {
        Ok(cmd!(shell, "cargo test --workspace --no-fail-fast")
            .quiet()
            .run()?)
    })
}
