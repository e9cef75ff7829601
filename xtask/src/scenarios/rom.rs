//! Discs formatted with a plain volume: open, closed, in a second session, finalized; and finalized at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};

use super::history::{Bench, History, State, View};
use super::record_all;
use crate::listing::Listing;
use crate::readers::{MODES, Sight, Sighting, Volume, is_recognised_at_once};
use crate::trees;

/// One medium of each kind of drive.
pub const MEDIA_WITH_ROM: &[&str] = &["cd-r", "dvd-r", "dvd+r", "bd-r"];

/// A disc with a plain volume at one moment, as a bare image.
#[derive(Clone)]
pub struct RomState {
    pub medium: &'static str,
    pub mode: &'static str,
    /// One of the states on the page.
    pub state: &'static str,
    pub image: PathBuf,
    /// The trees of all states so far, the current one first.
    pub trees: Vec<(&'static str, Arc<Listing>)>,
}

/// What Linux shows of a plain volume.
const LINUX_UDF: Sight = Sight {
    time: Some(1),
    owners: true,
    nodes: true,
    ..Sight::of(Volume::Udf)
};

/// What Linux shows of a bridge.
const LINUX_ISOFS: Sight = Sight {
    time: Some(1_000_000),
    owners: true,
    ..Sight::of(Volume::RockRidge)
};

/// Records them, each medium with a bridge, and without one all media or a single one; returns the states for
/// kernels, and those for all other readers.
pub fn record_rom_discs(bench: &Bench<'_>, is_whole: bool) -> Result<(Vec<State>, Vec<RomState>)> {
    let trees = [bench.folder.join("tree"), bench.folder.join("second")];
    trees::for_readers(&trees[0])?;
    trees::second_for_readers(&trees[1])?;
    let kept = std::sync::Mutex::new(Vec::new());
    let mut work = Vec::new();
    for medium in MEDIA_WITH_ROM.iter().copied() {
        let is_recorded = |mode: &&&str| is_whole || **mode == "bridge" || medium == "dvd+r";
        work.extend(MODES.iter().filter(is_recorded).map(|mode| (medium, *mode)));
    }
    let states = record_all(work, bench.findings, |(medium, mode)| {
        let mut disc = Disc::format(bench, medium, mode, "")?;
        disc.live(&trees)?;
        let (mut states, mut seen) = disc.end()?;
        let mut disc = Disc::format(bench, medium, mode, " at once")?;
        disc.history.add(&trees[0], "/", &[])?;
        disc.history.command("close", &["--finalize"])?;
        disc.freeze("finalized at once")?;
        let (more_states, more_seen) = disc.end()?;
        states.extend(more_states);
        seen.extend(more_seen);
        if let Ok(mut kept) = kept.lock() {
            kept.extend(seen);
        }
        Ok(states)
    });
    Ok((states, kept.into_inner().unwrap_or_default()))
}

struct Disc<'a> {
    history: History<'a>,
    medium: &'static str,
    mode: &'static str,
    trees: Vec<(&'static str, Arc<Listing>)>,
    /// The first block of each closed session, and the name of its contents.
    closed: Vec<(u32, &'static str)>,
}

impl<'a> Disc<'a> {
    fn format(bench: &'a Bench<'_>, medium: &'static str, mode: &'static str, name: &str) -> Result<Self> {
        let history = History::new(bench, &format!("rom {mode} {medium}{name}"))?;
        history.command(
            "format",
            &["--medium", medium, "--rom", mode, "--label", "Readers"],
        )?;
        Ok(Self {
            history,
            medium,
            mode,
            trees: Vec::new(),
            closed: Vec::new(),
        })
    }

    fn live(&mut self, trees: &[PathBuf; 2]) -> Result<()> {
        self.history.add(&trees[0], "/", &[])?;
        self.freeze("open")?;
        self.history.command::<&str>("close", &[])?;
        self.freeze("closed")?;
        self.history.command("rm", &["/sizes/2049"])?;
        self.history.model.remove("/sizes/2049");
        self.history.add(&trees[1], "/second", &[])?;
        self.freeze("second session open")?;
        self.history.command::<&str>("close", &[])?;
        self.freeze("second session closed")?;
        self.history.command("mv", &["/sizes/2048", "/moved"])?;
        self.history.model.rename("/sizes/2048", "/moved");
        self.history.command("close", &["--finalize"])?;
        self.freeze("finalized")
    }

    fn freeze(&mut self, state: &'static str) -> Result<()> {
        self.history.freeze(state)?;
        self.trees
            .insert(0, (state, Arc::new(self.history.model.listing().clone())));
        let sessions = self.history.sessions();
        let is_closed = sessions.iter().all(|(_, is_closed)| *is_closed);
        let start = sessions.last().context("no session")?.0;
        if is_closed {
            self.closed.push((start, state));
        }
        let views = self.views(state, (!is_closed).then_some(start));
        self.history.set_views(views);
        Ok(())
    }

    /// How kernels mount the image: without options, which shows the first closed state; each closed session
    /// by its first block; and the open one, with `novrs` if its recognition sequence is not there yet.
    fn views(&self, state: &'static str, open: Option<u32>) -> Vec<View> {
        let first = self.closed.first().map(|(_, state)| *state);
        let is_recognised = is_recognised_at_once(self.mode, self.medium);
        let mut of_image = self.view(state, "udf", String::new(), first, LINUX_UDF, "udf");
        if first.is_none() && is_recognised {
            of_image = self.view(state, "udf", String::new(), Some(state), LINUX_UDF, "udf");
            (of_image.sight, of_image.present) = (None, true);
        }
        let mut views = vec![of_image];
        let bridge = first.filter(|_| self.mode == "bridge");
        views.push(self.view(state, "iso9660", String::new(), bridge, LINUX_ISOFS, "isofs"));
        if let Some(start) = open {
            let novrs = if is_recognised { "" } else { ",novrs" };
            let options = format!("session={start}{novrs}");
            let cell = format!("udf, session=S{novrs}");
            let mut view = self.view(state, "udf", options, Some(state), LINUX_UDF, &cell);
            // The volume with the VAT, with all that it has.
            (view.sight, view.present) = (None, true);
            if !is_recognised {
                // The anchor of a closed session is not there yet: a bare image has zeros in its place.
                view.complaints = &["udf_read_tagged: tag version 0x0000"];
            }
            views.push(view);
        } else if let Some((start, newest)) = self.closed.last().filter(|_| self.closed.len() > 1) {
            let udf = format!("session={start}");
            views.push(self.view(state, "udf", udf, Some(newest), LINUX_UDF, "udf, session=S"));
            if self.mode == "bridge" {
                let isofs = format!("sbsector={start}");
                let cell = "isofs, sbsector=S";
                views.push(self.view(state, "iso9660", isofs, Some(newest), LINUX_ISOFS, cell));
            }
        }
        views
    }

    fn view(
        &self,
        state: &'static str,
        filesystem: &'static str,
        options: String,
        shows: Option<&'static str>,
        sight: Sight,
        how: &str,
    ) -> View {
        let tree = shows.and_then(|shows| self.trees.iter().find(|(name, _)| *name == shows));
        View {
            filesystem,
            options,
            expected: tree.map_or_else(Default::default, |(_, tree)| Arc::clone(tree)),
            present: false,
            complaints: &[],
            sight: Some(sight),
            sighting: Some(Sighting {
                reader: format!("Linux, {how}"),
                mode: self.mode,
                medium: self.medium,
                state,
                on_a_drive: false,
                shown: shows.map_or(crate::readers::Show::Nothing, |shows| {
                    crate::readers::Show::State(shows.to_owned())
                }),
            }),
        }
    }

    fn end(self) -> Result<(Vec<State>, Vec<RomState>)> {
        let states = self.history.end()?;
        let count = self.trees.len();
        let seen = states.iter().enumerate().map(|(number, kept)| {
            let trees = self.trees[count - 1 - number..].to_vec();
            RomState {
                medium: self.medium,
                mode: self.mode,
                state: trees[0].0,
                image: kept.image.clone(),
                trees,
            }
        });
        let seen = seen.collect();
        Ok((states, seen))
    }
}

/// Files to ask for if a reader lists nothing: all except most of those that are alike, and including those
/// with names that are cut.
pub fn files_to_ask(trees: &[(&'static str, Arc<Listing>)]) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for (_, tree) in trees {
        for (path, entry) in tree.iter().filter(|(_, entry)| entry.sha256.is_some()) {
            let name = Path::new(path).file_name().unwrap_or_default();
            let is_one_of_many = path.starts_with("/many/") && !path.ends_with("00");
            if entry.size.is_some() && name.len() < 64 && !is_one_of_many && !files.contains(path) {
                files.push(path.clone());
            }
        }
    }
    files.sort();
    files
}
