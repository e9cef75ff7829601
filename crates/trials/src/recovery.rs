//! What `oncefs recover` leaves after an interruption: the state that was acknowledged, with names for whole
//! files in every other disc, and a closed session.

use emulator::{FaultScript, Keep};
use recording::{Attributes, CloseDisc, LOST_AND_FOUND, Plan, Recording};
use volume::{NodeKind, Volume};

use crate::aftermath::{Aftermath, Cutting, Stage};
use crate::broken::Broken;
use crate::course::{Witness as _, require};
use crate::disc::time;
use crate::listing::{Listing, Seen, listing};
use crate::model::{Model, Node};

/// When the names in `lost+found` are recorded, in seconds from the beginning of the lives.
const RECOVERED: i64 = 1000;

/// The states between which a recovery leads.
struct Between<'m> {
    /// The state that a reader finds.
    found: &'m Model,
    /// What was begun and not acknowledged: whole files can only come from there.
    begun: Option<&'m Model>,
}

impl Aftermath<'_> {
    /// Recovers the disc, names whole files, and closes it. Returns whether it could be closed: after some
    /// cuts a medium has no room for that.
    pub(crate) fn recover_and_close(&mut self, found: &Model, begun: Option<&Model>) -> Result<bool, Broken> {
        match self.recovered_and_closed(&Between { found, begun }) {
            Err(broken) if broken.is_medium_full() && self.is_full()? => Ok(false),
            done => done.map(|()| true),
        }
    }

    fn recovered_and_closed(&mut self, states: &Between) -> Result<(), Broken> {
        let whole_files = self.look_after_newest()?;
        let mut model = states.found.clone();
        let mut named = 0;
        if self.number % 3 == 2 {
            self.cut_recovery()?;
            (model, named) = self.require_named(states.begun, model, &[0, whole_files])?;
        }
        self.look_after_newest()?;
        let is_closing = Plan::of(&self.disc.volume()?).closing_interrupted;
        self.recover_in(self.disc.drive()?)?;
        // A recovery that was cut leaves further entries of the same files, which get no names of their own.
        let left = if self.names_files() && !is_closing {
            whole_files - named
        } else {
            0
        };
        let (model, _) = self.require_named(states.begun, model, &[left])?;
        if !self.disc.volume()?.clean() {
            return Err(Broken::Contradiction(
                "not clean when it was recovered".to_owned(),
            ));
        }
        self.judge("recovered")?;
        (self.look)(Stage::Recovered, self.disc, &model)?;
        self.close(&model)
    }

    /// Whether this disc gets names for whole files.
    fn names_files(&self) -> bool {
        self.number.is_multiple_of(2)
    }

    /// Counts the whole files that no generation names. Looking must change nothing.
    fn look_after_newest(&self) -> Result<usize, Broken> {
        let before = self.disc.bytes()?;
        let found = self.disc.volume()?.after_newest()?;
        if self.disc.bytes()? != before {
            return Err(Broken::Contradiction(
                "looking after the newest generation changed it".to_owned(),
            ));
        }
        Ok(found.whole_files().count())
    }

    fn recover_in(&self, drive: drive::Drive) -> Result<(), Broken> {
        let mut recording = Recording::open(drive, time(RECOVERED))?;
        if self.names_files() {
            recording.recover_lost_and_found(&Attributes::at(0o755, time(RECOVERED)))?;
        } else {
            recording.recover()?;
        }
        recording.commit(time(RECOVERED))?;
        Ok(())
    }

    /// Cuts the power while the disc is recovered.
    fn cut_recovery(&self) -> Result<(), Broken> {
        let blocks = 1 + self.number as u64 * 37 % 97;
        let keep = [Keep::All, Keep::None, Keep::Units(1)][self.number / 3 % 3];
        let mut cutting = Cutting(FaultScript::new().cut_after_blocks(blocks, keep));
        let transport = cutting.transport(self.disc.recorder()?);
        match self.recover_in(self.disc.drive_over(transport)?) {
            // The cut is what breaks it; it may also come too late.
            Ok(()) | Err(Broken::Recording(_)) => Ok(()),
            Err(broken) => Err(broken),
        }
    }

    /// Checks that a reader finds a state, and beside it so many more names of whole files, all of files that
    /// were begun. Returns the state with these names, and their number.
    fn require_named(
        &self,
        begun: Option<&Model>,
        before: Model,
        counts: &[usize],
    ) -> Result<(Model, usize), Broken> {
        let mut volume = self.disc.volume()?;
        let (model, named) = with_names(before, begun, &listing(&mut volume)?)?;
        require(&model, &mut volume)?;
        if counts.contains(&named) {
            return Ok((model, named));
        }
        Err(Broken::Contradiction(format!(
            "{named} whole files have names, of {counts:?}"
        )))
    }

    fn close(&mut self, model: &Model) -> Result<(), Broken> {
        if self.disc.drive()?.medium().status == drive::Status::Finalized {
            return Ok(());
        }
        let mut recording = Recording::open(self.disc.drive()?, time(RECOVERED + 1))?;
        let closed = recording.close(CloseDisc::No, time(RECOVERED + 2))?;
        drop(recording);
        let drive = self.disc.drive()?;
        let mut sessions = drive.medium().sessions.iter();
        if sessions.any(|session| session.state == drive::SessionState::Open) {
            return Err(Broken::Contradiction("the session was not closed".to_owned()));
        }
        require(model, &mut Volume::open(drive)?)?;
        self.judge("recovered and closed")?;
        self.require_plain(Some(closed.plain), model)?;
        (self.look)(Stage::Closed, self.disc, model)
    }
}

/// Adds what a reader finds in `lost+found` to a state, and counts its files. Each must be one that was
/// begun: at its own path, or under a number, and none of those twice.
fn with_names(mut model: Model, begun: Option<&Model>, found: &Listing) -> Result<(Model, usize), Broken> {
    let directory = format!("/{LOST_AND_FOUND}");
    let files = begun.map(Model::listing).unwrap_or_default();
    let mut unnamed: Vec<&Seen> = files
        .iter()
        .filter(|(path, seen)| **path == seen.node && seen.kind != NodeKind::Directory)
        .map(|(_, seen)| seen)
        .collect();
    let mut count = 0;
    for (path, seen) in found {
        let Some(own) = path
            .strip_prefix(&directory)
            .filter(|own| own.is_empty() || own.starts_with('/'))
        else {
            continue;
        };
        if model.contains(path) {
            if seen.kind == NodeKind::Directory {
                model.change(path, |node| node.modified = seen.modified);
            }
            continue;
        }
        if seen.kind == NodeKind::Directory {
            let is_known = |model: &Model| model.is_directory(own);
            if !own.is_empty() && !is_known(&model) && !begun.is_some_and(is_known) {
                return Err(Broken::Contradiction(format!(
                    "{path:?} is no directory that was begun"
                )));
            }
        } else {
            let is_same = |other: &&Seen| {
                let content = |seen: &Seen| {
                    (
                        seen.kind,
                        seen.mode,
                        seen.owner,
                        seen.modified,
                        seen.bytes.clone(),
                    )
                };
                content(other) == content(seen)
            };
            let is_number = own.starts_with("/#") && !own[1..].contains('/');
            // A later version that no directory names any more keeps the path that it had.
            let is_at_old_path = || model.contains(own) && files.values().any(|seen| is_same(&seen));
            let one = match files.get(own).filter(is_same) {
                Some(_) => true,
                None if is_at_old_path() => true,
                None if is_number => match unnamed.iter().position(is_same) {
                    Some(one) => {
                        unnamed.swap_remove(one);
                        true
                    }
                    None => false,
                },
                None => false,
            };
            if !one {
                return Err(Broken::Contradiction(format!(
                    "{path:?} is none of the files that were begun: {:?}, {} bytes",
                    seen.kind,
                    seen.bytes.len()
                )));
            }
            if seen.node != *path {
                model.link(&seen.node, path.clone(), seen.modified);
                continue;
            }
            count += 1;
        }
        let node = Node {
            shape: seen.kind,
            mode: seen.mode,
            owner: seen.owner,
            modified: seen.modified,
            bytes: seen.bytes.clone(),
        };
        model.add(path.clone(), node);
    }
    // Each name changed the time of its directory.
    for (path, seen) in found.iter().filter(|(path, _)| path.starts_with(&directory)) {
        if seen.kind == NodeKind::Directory {
            model.change(path, |node| node.modified = seen.modified);
        }
    }
    Ok((model, count))
}
