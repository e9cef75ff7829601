//! A volume out of ruins: each entry is the newest version that survives.

use drive::Drive;
use ecma167::file::AllocationForm;
use ecma167::{LogicalBlock, LogicalSector, RecordedAddress};
use volume::{Error, Node, OpenError, Volume};

use crate::candidates::layouts;
use crate::explore::{Explored, explore};
use crate::index::Index;
use crate::layout::{Form, Layout};
use crate::lost::{LostNode, Version};
use crate::state::State;
use crate::table::Table;

/// The most layouts that are tried for the next volume.
const MOST_OPENED: usize = 64;

/// A volume whose structures may be lost.
pub struct Salvaged {
    volume: Volume,
    layout: Layout,
    table: Table,
    root: Option<RecordedAddress>,
    lost: Vec<LostNode>,
    /// Directories made of names alone.
    made: u64,
}

/// What is left on a disc to open.
#[derive(Debug)]
pub enum Next {
    /// The volume that explains most of what no volume before it explains.
    Volume(Box<Salvaged>),
    /// Nothing.
    Nothing(Box<Drive>),
    /// Unknown: the caller ended the search.
    Stopped(Box<Drive>),
}

/// What is known of the nodes of a volume.
pub struct View<'s> {
    layout: &'s Layout,
    table: &'s Table,
}

impl View<'_> {
    /// The state that the node at an address is of.
    #[must_use]
    pub fn state(&self, address: RecordedAddress) -> State {
        match self.layout.form() {
            Form::Virtual if address.partition == self.layout.nodes() => self.table.state(address.block),
            _ => State::Newest,
        }
    }

    /// Whether a node is known to have its own data: it has none outside of its entry, or enough tells where
    /// the partition begins.
    #[must_use]
    pub fn is_certain(&self, node: &Node) -> bool {
        let is_inside = node.entry.icb_tag.form() == Some(AllocationForm::Embedded);
        is_inside || node.size() == 0 || self.layout.is_proved()
    }

    /// Versions of the node at an address other than the one there, the last recorded first.
    pub fn other_versions(&self, volume: &mut Volume, address: RecordedAddress) -> Vec<Version> {
        if self.layout.form() != Form::Virtual || address.partition != self.layout.nodes() {
            return Vec::new();
        }
        let start = self.layout.ground().map_or(0, |ground| ground.0);
        let shown = volume.resolve(address).ok();
        let shown = shown.and_then(|sector| sector.0.checked_sub(start));
        let others = self
            .table
            .versions(address.block)
            .filter(|block| Some(*block) != shown);
        others
            .map(|block| Version {
                address,
                block: LogicalBlock(block),
            })
            .collect()
    }
}

impl Salvaged {
    /// Opens the volume that explains most of what no volume before it explains, and notes in `index` what it
    /// explains. Ends early once `stop` returns `true`; then nothing more may be asked of `index`.
    ///
    /// # Errors
    /// Errors of the drive.
    pub fn next(drive: Drive, index: &mut Index, stop: &dyn Fn() -> bool) -> Result<Next, OpenError> {
        let mut drive = drive;
        for layout in layouts(index).into_iter().take(MOST_OPENED) {
            if stop() {
                break;
            }
            let is_first = index.begin_volume();
            let before = index.explained();
            match Self::open(drive, index, layout, stop) {
                Ok(volume) if !stop() && (is_first || index.explained() > before) => {
                    return Ok(Next::Volume(Box::new(volume)));
                }
                // It would be found again and again.
                Ok(volume) => drive = volume.into_drive(),
                Err(failed) if matches!(failed.error, Error::Drive(_)) && !failed.error.is_damage() => {
                    return Err(failed);
                }
                Err(failed) => drive = *failed.drive,
            }
        }
        let drive = Box::new(drive);
        Ok(if stop() {
            Next::Stopped(drive)
        } else {
            Next::Nothing(drive)
        })
    }

    fn open(
        drive: Drive,
        index: &mut Index,
        layout: Layout,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, OpenError> {
        let mut volume = Volume::assemble(drive, layout.assembly())?;
        match explore(&mut volume, index, &layout, stop) {
            Ok(Explored {
                table,
                root,
                lost,
                made,
            }) => Ok(Self {
                volume,
                layout,
                table,
                root,
                lost,
                made,
            }),
            Err(error) => Err(OpenError {
                error,
                losses: volume.losses().to_vec(),
                drive: Box::new(volume.into_drive()),
            }),
        }
    }

    /// The volume. Its addresses lead to the newest versions that survive.
    pub fn volume(&mut self) -> &mut Volume {
        &mut self.volume
    }

    /// What the volume may have been.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The name of the volume, if anything states it.
    #[must_use]
    pub fn label(&self) -> Option<String> {
        let of_vat = self.volume.vat().and_then(|vat| vat.name.clone());
        of_vat
            .or_else(|| self.layout.label())
            .filter(|label| !label.is_empty())
    }

    /// The address of the root directory, if it is known.
    #[must_use]
    pub fn root(&self) -> Option<RecordedAddress> {
        self.root
    }

    /// The nodes that no name leads to: directories first, each with what its own names lead to; in the order
    /// of the disc.
    #[must_use]
    pub fn lost(&self) -> &[LostNode] {
        &self.lost
    }

    /// The number of directories that were made of their names, because their entries are lost.
    #[must_use]
    pub fn directories_made(&self) -> u64 {
        self.made
    }

    /// The sector of the ICB of the newest VAT that can be read.
    #[must_use]
    pub fn vat_icb(&self) -> Option<LogicalSector> {
        let (start, _) = self.layout.ground()?;
        start.checked_add(self.table.vat()?).map(LogicalSector)
    }

    /// The volume, and what is known of its nodes.
    pub fn parts(&mut self) -> (&mut Volume, View<'_>) {
        let view = View {
            layout: &self.layout,
            table: &self.table,
        };
        (&mut self.volume, view)
    }

    /// Closes the volume and returns its drive.
    #[must_use]
    pub fn into_drive(self) -> Drive {
        self.volume.into_drive()
    }
}

impl std::fmt::Debug for Salvaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Salvaged")
            .field("layout", &self.layout)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
