//! Goes from generation to generation, and tells what each changed.

use std::collections::HashMap;

use super::change::Change;
use super::generation::Generation;
use super::state::State;
use super::step::Step;
use super::table::Table;
use super::tree::Tree;
use crate::error::Error;
use crate::in_force::InForce;
use crate::map::Vat;
use crate::volume::Volume;

/// Compares generations of a volume one after the other, in any order.
///
/// A step costs what differs: the blocks of the VAT and of directories that both generations have in the same
/// place are not read, and neither are nodes without a change, nor data. Meanwhile the volume shows the
/// generation reached last; dropping the comparison puts the one that was in force back.
pub struct Comparison<'v> {
    pub(super) state: State<'v>,
    shown: Option<(InForce, Option<Vat>)>,
    is_begun: bool,
}

impl Volume {
    /// Starts to compare generations, from an empty volume.
    pub fn comparison(&mut self) -> Comparison<'_> {
        let shown = (std::mem::take(&mut self.in_force), self.space.vat().cloned());
        let state = State {
            volume: self,
            other: None,
            table: Table::default(),
            tree: Tree::default(),
            root: None,
            went: HashMap::new(),
        };
        Comparison {
            state,
            shown: Some(shown),
            is_begun: false,
        }
    }
}

impl Comparison<'_> {
    /// Goes to a generation and passes what differs from the one reached before to `hear`, in no particular
    /// order. Returns how many nodes and directories could not be read; changes may be missing then.
    ///
    /// # Errors
    /// A VAT or file set that cannot be read: the comparison stays where it was and can go on to another
    /// generation. [`Error::Unsupported`] if there is more to compare than this crate keeps in memory. After
    /// this and after errors of the drive, the comparison must not be used any more.
    pub fn advance(&mut self, generation: &Generation, hear: &mut dyn FnMut(&Change)) -> Result<u64, Error> {
        self.go(generation, Some(hear))
    }

    /// Goes to a generation without telling what differs. The nodes of files are not read.
    ///
    /// # Errors
    /// As [`Comparison::advance`].
    pub fn begin(&mut self, generation: &Generation) -> Result<u64, Error> {
        self.go(generation, None)
    }

    /// The name of the volume in the generation reached last.
    #[must_use]
    pub fn label(&self) -> String {
        self.state.volume.label()
    }

    fn go(&mut self, generation: &Generation, hear: Option<&mut dyn FnMut(&Change)>) -> Result<u64, Error> {
        let vat = match generation.icb {
            Some(icb) => Some(self.state.volume.vat_at(icb)?),
            None => None,
        };
        let space = &mut self.state.volume.space;
        let entries = match &vat {
            Some(vat) => {
                let old = space.vat().filter(|_| self.is_begun).cloned();
                Some(self.state.table.compare(space, old.as_ref(), vat)?)
            }
            None => None,
        };
        let mut other = vat;
        space.exchange_vat(&mut other);
        self.state.volume.in_force = InForce::default();
        let root = match self.state.volume.root() {
            Ok(root) => root,
            Err(error) => {
                self.state.volume.space.exchange_vat(&mut other);
                self.state.volume.in_force = InForce::default();
                return Err(error);
            }
        };
        self.state.other = other.filter(|_| self.is_begun);
        self.is_begun = true;
        self.state.went.clear();
        if let Some(entries) = entries {
            self.state.table.take(entries);
        }
        let missed = Step::new(&mut self.state, hear).run(root)?;
        self.state.tree.end_step();
        self.state.other = None;
        Ok(missed)
    }
}

impl Drop for Comparison<'_> {
    fn drop(&mut self) {
        if let Some((in_force, mut vat)) = self.shown.take() {
            self.state.volume.space.exchange_vat(&mut vat);
            self.state.volume.in_force = in_force;
        }
    }
}
