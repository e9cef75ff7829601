//! After a cut: the disc must match the model, recover, take more data, be closed, and pass the judge.

use check::{Finding, FindingKind, FindingPlace, Options, Severity, check};
use drive::Status;
use ecma167::LogicalSector;
use emulator::{FaultScript, Keep, Recorder};
use mmc::Transport;
use recording::{CloseDisc, NoPlainVolume, PlainVolume, Recording};
use volume::Volume;

use crate::broken::Broken;
use crate::course::{Comparing, Course, Progress, Witness, require};
use crate::disc::{MemoryDisc, time};
use crate::life::{End, Life};
use crate::listing::{differences, listing};
use crate::model::Model;
use crate::operation::Operation;
use crate::plain::{require_plain, require_plain_among};
use crate::sequel::Sequel;

/// The points after a cut at which a disc can be examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Recovered, but not changed apart from names for whole files.
    Recovered,
    /// Closed, and continued before if the [`Sequel`] says so.
    Closed,
}

/// Examines a disc at a stage, together with its expected contents.
pub type Look<'a> = dyn FnMut(Stage, &MemoryDisc, &Model) -> Result<(), Broken> + 'a;

/// The findings of a further session that begins with links.
const START_OF_SESSION: [FindingKind; 7] = [
    FindingKind::AnchorMissing,
    FindingKind::SessionRecognition,
    FindingKind::SessionAnchor,
    FindingKind::RecognitionBegin,
    FindingKind::RecognitionNsr,
    FindingKind::RecognitionEnd,
    FindingKind::AnchorOfOpenSession,
];

/// The place of such a finding; `None` for any other.
fn start_of_further_session(finding: &Finding) -> Option<u32> {
    const START_OF_FIRST: u32 = 256;
    match finding.place {
        FindingPlace::Sector(LogicalSector(at)) if START_OF_SESSION.contains(&finding.kind) => {
            Some(at).filter(|at| *at > START_OF_FIRST)
        }
        _ => None,
    }
}

/// A disc left by a cut.
pub(crate) struct Aftermath<'a> {
    pub disc: &'a MemoryDisc,
    pub life: &'a Life,
    /// Varies what happens next.
    pub number: usize,
    /// Whether the judge can be expected to pass it.
    pub judged: bool,
    pub look: &'a mut Look<'a>,
    /// The state of the session that was closed last.
    pub closed: Option<Model>,
    /// Whether a write may have failed.
    pub write_failed: bool,
    /// What is done with the disc.
    pub sequel: Sequel,
}

/// Finds which of the allowed states is on the disc; returns its index.
fn find(disc: &MemoryDisc, allowed: &[Option<Model>]) -> Result<usize, Broken> {
    let unformatted = allowed.iter().position(Option::is_none);
    let mut volume = match (Volume::open(disc.drive()?), unformatted) {
        (Ok(volume), _) => volume,
        (Err(_), Some(position)) => return Ok(position),
        (Err(failed), None) => return Err(failed.into()),
    };
    let found = listing(&mut volume)?;
    let mut mismatches = Vec::new();
    for (position, model) in allowed.iter().enumerate() {
        let Some(model) = model else { continue };
        let different = differences(&model.listing(), &found);
        if different.is_empty() {
            return Ok(position);
        }
        mismatches.push(different.join("; "));
    }
    Err(Broken::Contradiction(format!(
        "no allowed state was found: {}",
        mismatches.join(" | ")
    )))
}

impl Aftermath<'_> {
    /// Proves everything that must hold; returns which of the allowed states was found, and whether the disc
    /// could be closed.
    pub fn prove(mut self, allowed: &[Option<Model>]) -> Result<(usize, bool), Broken> {
        let position = find(self.disc, allowed)?;
        let mut found = allowed[position].clone();
        let of_plain = [self.closed.clone()].into_iter().chain(allowed.iter().cloned());
        let of_plain: Vec<Model> = of_plain.flatten().collect();
        let is_closing =
            self.life.rom.is_some() && require_plain_among(self.disc, &of_plain, self.may_break_off())?;
        if self.disc.drive()?.medium().status == Status::Finalized {
            self.judge("finalized when the power was cut")?;
            return Ok((position, true));
        }
        if let (Sequel::Recover, Some(model)) = (self.sequel, &found) {
            let begun = allowed.get(position + 1).and_then(Option::as_ref);
            return Ok((position, self.recover_and_close(model, begun)?));
        }
        if self.number % 3 == 2 {
            found = self.cut_again(found, of_plain)?;
        } else if let Some(model) = found.as_ref().filter(|_| is_closing) {
            self.complete_closing(model)?;
        }
        if let Some(model) = &found
            && self.disc.drive()?.medium().status != Status::Finalized
        {
            match self.recover(model) {
                // A track at once that the cut left open is closed first, and no further one may fit.
                Err(broken) if broken.is_medium_full() && self.is_full()? => return Ok((position, false)),
                recovered => recovered?,
            }
        }
        Ok((position, self.go_on(found)?))
    }

    /// Continues, and cuts that too.
    fn cut_again(&self, found: Option<Model>, mut of_plain: Vec<Model>) -> Result<Option<Model>, Broken> {
        let blocks = 1 + self.number as u64 * 37 % 331;
        let keep = [Keep::All, Keep::None, Keep::Units(1)][self.number / 3 % 3];
        let mut witness = Cutting(FaultScript::new().cut_after_blocks(blocks, keep));
        let life = self.further_life();
        let mut course = self.course(&life, found, &mut witness);
        match course.run() {
            // The cut is what breaks it; if it comes too late, the life ends normally.
            Ok(()) | Err(Broken::Recording(_)) => {}
            Err(broken) => return Err(broken),
        }
        let allowed = course.progress().allowed();
        let position = find(self.disc, &allowed)?;
        if self.life.rom.is_some() {
            of_plain.extend(allowed.iter().flatten().cloned());
            require_plain_among(self.disc, &of_plain, self.may_break_off())?;
        }
        Ok(allowed[position].clone())
    }

    /// If the plain volume of the open session can already be found, whatever is recorded next completes the
    /// closing first.
    fn complete_closing(&self, model: &Model) -> Result<(), Broken> {
        let mut recording = Recording::open(self.disc.drive()?, time(1000))?;
        if self.number.is_multiple_of(2) {
            recording.close(CloseDisc::No, time(1001))?;
        } else {
            recording.recover()?;
        }
        drop(recording);
        let sessions = self.disc.drive()?.medium().sessions.clone();
        if sessions
            .iter()
            .any(|session| session.state == drive::SessionState::Open)
        {
            return Err(Broken::Contradiction("the closing was not completed".to_owned()));
        }
        require(model, &mut self.disc.volume()?)?;
        require_plain(self.disc, model)
    }

    fn course<'c>(
        &'c self,
        life: &'c Life,
        found: Option<Model>,
        witness: &'c mut dyn Witness,
    ) -> Course<'c> {
        match found {
            Some(model) => Course::resume(self.disc, life, model, witness),
            None => Course::new(self.disc, life, witness),
        }
    }

    /// Opening must record nothing, and recovering must make the disc whole again.
    fn recover(&mut self, model: &Model) -> Result<(), Broken> {
        let before = self.disc.bytes()?;
        let mut recording = Recording::open(self.disc.drive()?, time(1000))?;
        if self.disc.bytes()? != before {
            return Err(Broken::Contradiction("opening for changes changed it".to_owned()));
        }
        recording.recover()?;
        recording.volume().drive_mut().refresh()?;
        if !recording.volume().clean() {
            return Err(Broken::Contradiction(
                "not clean when it was recovered".to_owned(),
            ));
        }
        require(model, recording.volume())?;
        drop(recording);
        self.judge("recovered")?;
        (self.look)(Stage::Recovered, self.disc, model)
    }

    /// Returns whether the disc could be closed in the end: after some cuts a medium has no room for that.
    fn go_on(&mut self, found: Option<Model>) -> Result<bool, Broken> {
        if self.disc.drive()?.medium().status == Status::Finalized {
            self.judge("finalized when the power was cut again")?;
            return Ok(true);
        }
        let life = self.further_life();
        let mut witness = Comparing;
        let mut course = self.course(&life, found, &mut witness);
        let closed = match course.run() {
            Ok(()) => true,
            Err(broken) if broken.is_medium_full() && self.is_full()? => false,
            Err(broken) => return Err(broken),
        };
        let Progress {
            acknowledged: last,
            plain,
            ..
        } = course.progress().clone();
        let Some(last) = last else {
            return Err(Broken::Contradiction("nothing was acknowledged".to_owned()));
        };
        require(&last, &mut self.disc.volume()?)?;
        // If a broken-off track at once was the last that fits, there can be no VAT ICB at the end any more.
        if closed || self.life.behaviour.packets {
            self.judge(if closed { "continued and closed" } else { "full" })?;
        }
        if closed {
            self.require_plain(plain, &last)?;
            (self.look)(Stage::Closed, self.disc, &last)?;
        }
        Ok(closed)
    }

    /// Whether the file set may be missing after an anchor.
    fn may_break_off(&self) -> bool {
        self.disc.is_cd() || self.write_failed
    }

    /// A closed session must have a plain volume, or closing must have reported a valid reason for having
    /// none.
    pub(crate) fn require_plain(&self, plain: Option<PlainVolume>, model: &Model) -> Result<(), Broken> {
        let Some(plain) = plain.filter(|_| self.life.rom.is_some()) else {
            return Ok(());
        };
        let has_reason = match plain {
            PlainVolume::Recorded => return require_plain(self.disc, model),
            // Nothing was recorded: the previous session shows this state.
            PlainVolume::None => {
                return require_plain_among(self.disc, std::slice::from_ref(model), false).map(drop);
            }
            PlainVolume::LeftOut(NoPlainVolume::NoReservedTrack) => {
                self.disc.is_cd() || !self.life.has_plain_volumes()
            }
            PlainVolume::LeftOut(NoPlainVolume::NoRoom) => self.is_full()?,
            PlainVolume::LeftOut(_) => false,
        };
        if has_reason {
            return Ok(());
        }
        Err(Broken::Contradiction(format!(
            "closed without a plain volume: {plain:?}"
        )))
    }

    /// Whether the medium has no room left for the end of a session. Every cut costs room that could not be
    /// reserved: up to a unit or the shortest track, what was recorded in vain, and a VAT ICB after it.
    pub(crate) fn is_full(&self) -> Result<bool, Broken> {
        const END_OF_SESSION: u32 = 257;
        const SHORTEST_TRACK: u32 = 300 + 150;
        let drive = self.disc.drive()?;
        let medium = drive.medium();
        Ok(medium.free_blocks < 2 * END_OF_SESSION + 2 * SHORTEST_TRACK + 4 * medium.write_unit)
    }

    /// A file, a commit, some more of the operations of this life, and a close.
    fn further_life(&self) -> Life {
        let mut operations = vec![
            Operation::Create {
                parent: self.number,
                name: self.number % 12,
                length: self.number * 577 % 7000,
            },
            Operation::Commit,
        ];
        let more = self.life.operations.iter().cycle();
        operations.extend(more.skip(self.number).take(self.number % 5).cloned());
        let end = if self.number % 4 == 1 {
            End::Finalize
        } else {
            End::Close
        };
        Life {
            operations,
            end,
            ..self.life.clone()
        }
    }

    /// The judge, which shares no code with what recorded the disc, must find no error.
    pub(crate) fn judge(&self, when: &str) -> Result<(), Broken> {
        if !self.judged || self.life.rom.is_some() {
            return Ok(());
        }
        let report = check(&mut self.disc.drive()?, &Options::default());
        // Links on the start of a further session are abandoned for another session, if there is room for
        // one.
        let is_kept = |finding: &Finding| {
            start_of_further_session(finding).is_some_and(|at| self.life.keeps_damaged_session(at))
        };
        let errors = report.findings().iter();
        let errors: Vec<String> = errors
            .filter(|finding| finding.severity == Severity::Error)
            .filter(|finding| !is_kept(finding))
            .take(3)
            .map(ToString::to_string)
            .collect();
        if let Some(error) = report.interrupted() {
            return Err(Broken::Contradiction(format!("{when}, judged: {error}")));
        }
        if let Some(unjudged) = report.unjudged() {
            return Err(Broken::Contradiction(format!("{when}, judged: {unjudged:?}")));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Broken::Contradiction(format!(
                "{when}, judged: {}",
                errors.join("; ")
            )))
        }
    }
}

/// A recorder with its power cut.
pub(crate) struct Cutting(pub FaultScript);

impl Witness for Cutting {
    fn transport(&mut self, mut recorder: Recorder) -> Box<dyn Transport> {
        recorder.set_faults(self.0.clone());
        Box::new(recorder)
    }
}
