//! Discs after a power cut: as recovered, and as continued and closed, or closed at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use sha2::{Digest as _, Sha256};
use trials::{Life, MemoryDisc, Model, Outcome, REVISIONS, Seen, Sequel, Shape, Size, Stage, Trial};

use super::history::{Bench, State, View, copy_image};
use crate::listing::{Entry, Kind, Listing, differences};

/// Discs cut per medium and revision.
const DISCS: u64 = 2;

/// Lives tried per disc: some have no block after the format.
const TRIES: u64 = 20;

/// Records lives on every medium in every revision, each cut at one place, and keeps the results.
pub fn record_cut_discs(bench: &Bench<'_>) -> Result<Vec<State>> {
    let rounds = (0..DISCS).flat_map(|round| {
        let lives = Life::everywhere(1000 * round, Size::SMALL);
        lives
            .enumerate()
            .map(move |(number, life)| (round, number as u64, life))
    });
    let mut states = Vec::new();
    // One after the other: a process that another thread is about to start briefly has all files of this one,
    // and with them the lock of its disc.
    for (round, number, life) in rounds {
        match cut_disc(bench, round, number, &life) {
            Ok(of_disc) => states.extend(of_disc),
            Err(error) => bench.findings.judged("recording", &[format!("{error:#}")]),
        }
    }
    Ok(states)
}

/// The thousand from which the seeds of recovered discs count up.
const RECOVERED_FROM: u64 = 50;

/// Cuts tried per life until one leaves a whole file without a name.
const CUTS: usize = 60;

/// Records a life on each medium, cut so that a whole file is left without a name, and keeps what recovering
/// it with a name for the file leaves, open and closed.
pub fn record_recovered_discs(bench: &Bench<'_>) -> Vec<State> {
    let lives = Life::everywhere(1000 * RECOVERED_FROM, Size::SMALL).enumerate();
    // Each medium in one of the revisions.
    let revisions = REVISIONS.len();
    let lives = lives.filter(|(number, _)| number % revisions == number / revisions % revisions);
    let mut states = Vec::new();
    for (number, life) in lives {
        match recovered_disc(bench, number as u64, &life) {
            Ok(of_disc) => states.extend(of_disc),
            Err(error) => bench.findings.judged("recording", &[format!("{error:#}")]),
        }
    }
    states
}

fn recovered_disc(bench: &Bench<'_>, number: u64, drawn: &Life) -> Result<Vec<State>> {
    for attempt in 0..TRIES {
        let life = Life {
            medium: drawn.medium,
            revision: drawn.revision,
            ..Life::of_seed(1000 * RECOVERED_FROM + number + 100_000 * attempt, Size::SMALL)
        };
        if life.breaks_structures() {
            continue;
        }
        let name = format!("recovered disc, {} {}", life.medium, life.revision);
        let mut trial = Trial::of(life)
            .with_context(|| name.clone())?
            .followed_by(Sequel::Recover);
        let all = trial.cuts().len();
        // Only discs of even cuts get names.
        let step = 2 * all.div_ceil(2 * CUTS).max(1);
        for cut in (0..all).step_by(step) {
            let mut states = Vec::new();
            let outcome = trial.cut_and_look(cut, &mut |stage, disc, model| {
                if model.contains("/lost+found") {
                    let name = format!("{name}, {stage:?}");
                    let state = state(bench, &name, stage, disc, model);
                    states.push(state.map_err(|error| anyhow!("{name}: {error:#}")));
                }
                Ok(())
            });
            outcome.with_context(|| format!("{name}, cut {cut}"))?;
            if states.len() == 2 {
                return states.into_iter().collect();
            }
        }
    }
    Err(anyhow!(
        "no cut on {} in {} leaves a whole file without a name",
        drawn.medium,
        drawn.revision
    ))
}

/// One cut of a life on this medium in this revision.
fn cut_disc(bench: &Bench<'_>, round: u64, number: u64, drawn: &Life) -> Result<Vec<State>> {
    for attempt in 0..TRIES {
        let life = Life {
            medium: drawn.medium,
            revision: drawn.revision,
            ..Life::of_seed(1000 * round + number + 100_000 * attempt, Size::SMALL)
        };
        // Other readers do not understand what the drive did to the structures of such discs.
        if life.breaks_structures() {
            continue;
        }
        let name = format!("cut disc {round}, {} {}", life.medium, life.revision);
        let mut trial = Trial::of(life).with_context(|| name.clone())?;
        let cuts = trial.cuts().iter().enumerate();
        let after_format: Vec<usize> = cuts
            .filter(|(_, cut)| cut.is_after_format())
            .map(|(place, _)| place)
            .collect();
        let place = usize::try_from(number * 7919 + round * 104_729)?;
        let Some(&cut) = after_format.get(place % after_format.len().max(1)) else {
            continue;
        };
        let mut states = Vec::new();
        let place = trial.cuts()[cut];
        let outcome = trial.cut_and_look(cut, &mut |stage, disc, model| {
            let name = format!("{name}, {place}, {stage:?}");
            let state = state(bench, &name, stage, disc, model);
            states.push(state.map_err(|error| anyhow!("{name}: {error:#}")));
            Ok(())
        });
        // A disc that is full, or was finalized before the cut, yields fewer states.
        if outcome.with_context(|| format!("{name}, {place}"))? == Outcome::Proven && states.len() == 2 {
            return states.into_iter().collect();
        }
    }
    Err(anyhow!(
        "no life on {} in {} has a cut",
        drawn.medium,
        drawn.revision
    ))
}

fn state(bench: &Bench<'_>, name: &str, stage: Stage, disc: &MemoryDisc, model: &Model) -> Result<State> {
    let (program, image) = (bench.program, disc.image());
    let expected = Arc::new(listing(model));
    let mut ours = program.list(&image)?;
    bench.findings.judged(
        &format!("{name}: listed by oncefs"),
        &differences(&expected, &ours),
    );
    for link in ours
        .values_mut()
        .filter(|entry| entry.kind == Some(Kind::Symlink))
    {
        link.mode = None;
    }
    let info = program.info(&image)?;
    let mut views = vec![View::whole(String::new(), Arc::clone(&expected), true)];
    if stage == Stage::Closed {
        // As a drive reports it: the last session, from S to N.
        let closed = info.sessions.iter().rfind(|session| session.state == "closed");
        let closed = closed.context("no session is closed")?;
        let last = closed
            .last_recorded
            .context("a closed session with nothing in it")?;
        let options = format!("session={},lastblock={last}", closed.start);
        views.push(View::whole(options, Arc::clone(&expected), true));
    }
    let copy = bench.folder.join(format!("{}.img", file_name(name)));
    copy_image(&image, &copy)?;
    Ok(State {
        name: name.to_owned(),
        image: copy,
        expected,
        info,
        ours: Arc::new(ours),
        views,
    })
}

fn file_name(name: &str) -> String {
    name.replace([' ', ','], "_")
}

/// What readers must see of a model.
fn listing(model: &Model) -> Listing {
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    let entries = model.listing();
    for seen in entries.values() {
        let next = numbers.len() as u64;
        numbers.entry(seen.node.clone()).or_insert(next);
    }
    entries
        .iter()
        .map(|(path, seen)| {
            let path = if path.is_empty() { "/" } else { path };
            (path.to_owned(), entry(seen, numbers.get(&seen.node).copied()))
        })
        .collect()
}

fn entry(seen: &Seen, node: Option<u64>) -> Entry {
    let (kind, device) = match seen.kind {
        Shape::Directory => (Kind::Directory, None),
        Shape::File => (Kind::File, None),
        Shape::SymbolicLink => (Kind::Symlink, None),
        Shape::CharacterDevice { major, minor } => (Kind::CharDevice, Some((major, minor))),
        Shape::BlockDevice { major, minor } => (Kind::BlockDevice, Some((major, minor))),
        Shape::Fifo => (Kind::Fifo, None),
        Shape::Socket => (Kind::Socket, None),
    };
    let text = (kind == Kind::Symlink).then(|| String::from_utf8_lossy(&seen.bytes).into_owned());
    Entry {
        kind: Some(kind),
        size: matches!(kind, Kind::File | Kind::Symlink).then_some(seen.bytes.len() as u64),
        // Linux has one mode for all symbolic links.
        mode: (kind != Kind::Symlink).then_some(seen.mode),
        uid: Some(seen.owner.0),
        gid: Some(seen.owner.1),
        mtime: Some(seen.modified.0 * 1_000_000 + i64::from(seen.modified.1 / 1000)),
        links: (kind != Kind::Directory).then_some(seen.names),
        node,
        target: text,
        device,
        sha256: (kind == Kind::File).then(|| hash(&seen.bytes)),
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
