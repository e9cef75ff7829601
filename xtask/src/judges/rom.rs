//! Readers that know no VAT, on every state of discs with a plain volume.

use std::path::Path;

use anyhow::Result;
use xshell::Shell;

use crate::findings::Findings;
use crate::listing::Listing;
use crate::parallel::in_parallel;
use crate::place::Place;
use crate::readers::{Asked, READERS, Reader, Show, Sighting, programs, shown};
use crate::scenarios::{RomState, files_to_ask};
use crate::setup;

/// udfclient sleeps for most of its time: so many at once keep two processors busy.
const AT_ONCE: usize = 6;

/// Ask them all; each has to show the state that it can find.
pub fn judge_rom(place: &Place, states: &[RomState], folder: &Path, findings: &Findings) -> Result<()> {
    let built = setup::built_readers(place)?;
    let mut work = Vec::new();
    for (number, state) in states.iter().enumerate() {
        let to = folder.join(number.to_string());
        std::fs::create_dir_all(&to)?;
        work.extend(READERS.iter().map(|reader| (state, reader, to.join(reader.name))));
    }
    in_parallel(AT_ONCE, work, |(state, reader, to): (&RomState, &Reader, _)| {
        let seen = place
            .shell()
            .and_then(|shell| look(&shell, &built, state, reader, &to));
        let name = format!(
            "rom {} {}, {}: by {}",
            state.mode, state.medium, state.state, reader.name
        );
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => return findings.judged(&name, &[format!("{error:#}")]),
        };
        let expected = reader
            .shows(state.mode, state.state)
            .map_or(Show::Nothing, |state| Show::State(state.to_owned()));
        let found = match &seen {
            seen if *seen == expected => Vec::new(),
            Show::Other(found) => found.clone(),
            seen => vec![format!("it shows {seen:?}, and not {expected:?}")],
        };
        findings.judged(&name, &found);
        findings.saw(Sighting {
            reader: reader.name.to_owned(),
            mode: state.mode,
            medium: state.medium,
            state: state.state,
            on_a_drive: false,
            shown: seen,
        });
    });
    Ok(())
}

fn look(
    shell: &Shell,
    built: &programs::Built,
    state: &RomState,
    reader: &Reader,
    to: &Path,
) -> Result<Show> {
    shell.set_var("LC_ALL", "C.UTF-8");
    shell.set_var("TZ", "UTC");
    let files = files_to_ask(&state.trees);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let seen = reader.look(&Asked {
        shell,
        built,
        image: &state.image,
        to,
        files: &files,
    })?;
    let trees: Vec<(&str, Listing)> = state
        .trees
        .iter()
        .map(|(name, tree)| {
            let mut tree = Listing::clone(tree);
            if reader.sight.files_only {
                tree.retain(|path, _| files.contains(&path.as_str()));
            }
            (*name, tree)
        })
        .collect();
    Ok(shown(
        &reader.sight,
        &seen,
        trees.iter().map(|(name, tree)| (*name, tree)),
    ))
}
