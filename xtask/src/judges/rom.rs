//! Readers without VAT support, on every state of discs with a plain volume.

use std::path::Path;

use anyhow::Result;
use xshell::Shell;

use crate::findings::Findings;
use crate::guest::DISCS_A_BOOT;
use crate::listing::Listing;
use crate::parallel::in_parallel;
use crate::place::Place;
use crate::readers::{Asked, READERS, Reader, STATES, Show, Sighting, programs, shown, uefi};
use crate::scenarios::{MEDIA_WITH_ROM, RomState, files_to_ask};
use crate::setup;

/// udfclient sleeps for most of its time: this many at once keep two processors busy.
const AT_ONCE: usize = 6;

/// Asks all readers; each must show the state that it can find.
pub fn judge_rom(
    place: &Place,
    states: &[RomState],
    is_whole: bool,
    folder: &Path,
    findings: &Findings,
) -> Result<()> {
    let built = setup::built_readers(place)?;
    let mut work = Vec::new();
    for (number, state) in states.iter().enumerate() {
        let to = folder.join(number.to_string());
        std::fs::create_dir_all(&to)?;
        let readers = READERS.iter().enumerate();
        let readers = readers.filter(|(reader, _)| is_whole || is_sampled(state, *reader));
        work.extend(readers.map(|(_, reader)| (state, reader, to.join(reader.name))));
    }
    in_parallel(AT_ONCE, work, |(state, reader, to): (&RomState, &Reader, _)| {
        let seen = place
            .shell()
            .and_then(|shell| look(&shell, &built, state, reader, &to));
        let expected = reader.shows(state.mode, state.medium, state.state);
        judge(state, reader.name, expected, seen, findings);
    });
    Ok(())
}

/// The states for the UEFI shell, by machine.
pub fn states_for_uefi(states: &[RomState], is_whole: bool) -> Vec<Vec<RomState>> {
    let asked = states
        .iter()
        .filter(|state| is_whole || is_sampled(state, READERS.len()));
    let asked: Vec<RomState> = asked.cloned().collect();
    asked.chunks(DISCS_A_BOOT).map(<[RomState]>::to_vec).collect()
}

/// Asks the UEFI shell for the states of one machine.
pub fn judge_rom_in_uefi(states: &[RomState], folder: &Path, findings: &Findings) -> Result<()> {
    let discs: Vec<&Path> = states.iter().map(|state| state.image.as_path()).collect();
    let listings = uefi::look(&discs, folder)?;
    for (state, seen) in states.iter().zip(listings) {
        let trees = state.trees.iter().map(|(name, tree)| (*name, tree.as_ref()));
        let seen = shown(&uefi::SIGHT, &seen, trees);
        judge(state, uefi::NAME, uefi::shows(state.state), Ok(seen), findings);
    }
    Ok(())
}

/// Whether a test asks the reader with this number for this state: for each state of a bridge on one medium,
/// the next reader on the next medium; and for one state without a bridge.
fn is_sampled(state: &RomState, reader: usize) -> bool {
    let place = |of: &[&str], word| of.iter().position(|known| *known == word);
    let (number, medium) = (place(STATES, state.state), place(MEDIA_WITH_ROM, state.medium));
    match state.mode {
        "bridge" => number.map(|number| (reader + number) % MEDIA_WITH_ROM.len()) == medium,
        _ => number == Some(reader % STATES.len()),
    }
}

/// Judges what a reader showed: the state that it can find, or none if it can find no volume.
fn judge(state: &RomState, reader: &str, expected: Option<&str>, seen: Result<Show>, findings: &Findings) {
    let name = format!(
        "rom {} {}, {}: by {reader}",
        state.mode, state.medium, state.state
    );
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return findings.judged(&name, &[format!("{error:#}")]),
    };
    let expected = expected.map_or(Show::Nothing, |state| Show::State(state.to_owned()));
    let found = match &seen {
        seen if *seen == expected => Vec::new(),
        Show::Other(found) => found.clone(),
        seen => vec![format!("it shows {seen:?} instead of {expected:?}")],
    };
    findings.judged(&name, &found);
    findings.saw(Sighting {
        reader: reader.to_owned(),
        mode: state.mode,
        medium: state.medium,
        state: state.state,
        on_a_drive: false,
        shown: seen,
    });
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
        block_size: 2048,
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
        &reader.sight(state.mode, state.medium, state.state),
        &seen,
        trees.iter().map(|(name, tree)| (*name, tree)),
    ))
}
