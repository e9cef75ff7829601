//! A trial: one life, cut everywhere possible.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::aftermath::{Aftermath, Look};
use crate::broken::Broken;
use crate::cut::{Cut, cuts};
use crate::disc::MemoryDisc;
use crate::life::Life;
use crate::sequel::Sequel;
use crate::tape::{State, Tape};

/// A life, its tape, and its cuts.
pub struct Trial {
    life: Life,
    tape: Tape,
    cuts: Vec<Cut>,
    sequel: Sequel,
    /// The discs already proven, by the sessions and tracks in their side files and the length of their
    /// images, and the state of each. All cuts of one tape that leave the same of both leave the same blocks.
    proven: HashMap<String, State>,
}

/// The result of a cut that broke nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The disc was found, and everything that the [`Sequel`] says was done, closing included.
    Proven,
    /// Like `Proven`, except that the medium has no room left to be closed.
    Full,
    /// An earlier cut left the same disc, and its state is allowed here too.
    SeenBefore,
}

impl Trial {
    /// Runs a life once, before cutting it.
    ///
    /// # Errors
    /// Whatever breaks the life before any cut.
    pub fn of(life: Life) -> Result<Self, Broken> {
        let tape = caught(|| Tape::of(&life))?;
        Ok(Self {
            cuts: cuts(&tape, &life),
            life,
            tape,
            sequel: Sequel::default(),
            proven: HashMap::new(),
        })
    }

    /// Sets what is done with the disc after each cut.
    #[must_use]
    pub fn followed_by(self, sequel: Sequel) -> Self {
        Self { sequel, ..self }
    }

    /// The life that is cut.
    #[must_use]
    pub fn life(&self) -> &Life {
        &self.life
    }

    /// Blocks that the life records.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.tape.blocks()
    }

    /// All cuts of the life, numbered from 0.
    #[must_use]
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// Cuts the power, and proves what must hold on the disc that is left.
    ///
    /// # Errors
    /// Whatever does not hold.
    pub fn cut(&mut self, number: usize) -> Result<Outcome, Broken> {
        self.cut_and_look(number, &mut |_, _, _| Ok(()))
    }

    /// Like [`Trial::cut`], but lets the caller examine the disc in between.
    ///
    /// # Errors
    /// Whatever does not hold.
    pub fn cut_and_look<'a>(&mut self, number: usize, look: &'a mut Look<'a>) -> Result<Outcome, Broken> {
        let cut = self.cuts[number];
        caught(|| self.prove(number, cut, look))
    }

    fn prove<'a>(&mut self, number: usize, cut: Cut, look: &'a mut Look<'a>) -> Result<Outcome, Broken> {
        let disc = MemoryDisc::nowhere(&self.life)?;
        cut.leave(&self.tape, &self.life, &disc)?;
        let side = what_is_recorded(&disc)?;
        let allowed = cut.allowed(&self.tape);
        if let Some(state) = self.proven.get(&side) {
            if allowed.iter().any(|other| self.tape.same(*other, *state)) {
                return Ok(Outcome::SeenBefore);
            }
            return Err(Broken::Contradiction(format!(
                "state {state:?} was found, but only {allowed:?} are allowed"
            )));
        }
        let models: Vec<_> = allowed.iter().map(|state| self.tape.model(*state)).collect();
        let aftermath = Aftermath {
            disc: &disc,
            life: &self.life,
            number,
            judged: !self.life.breaks_structures(),
            look,
            closed: self.tape.model(cut.closed(&self.tape)),
            write_failed: false,
            sequel: self.sequel,
        };
        let (position, closed) = aftermath.prove(&models)?;
        self.proven.insert(side, allowed[position]);
        Ok(if closed { Outcome::Proven } else { Outcome::Full })
    }
}

/// The sessions and tracks in the side file of a disc, and the length of the image.
fn what_is_recorded(disc: &MemoryDisc) -> Result<String, Broken> {
    let length = disc.image().metadata()?.len();
    Ok(format!("{length}\n{}", disc.layout()?))
}

/// A panic is a defect like any other, and its place must be reported.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Broken::Contradiction(format!(
            "panic: {}",
            text.unwrap_or("without a text")
        )))
    })
}
