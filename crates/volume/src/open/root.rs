//! Checks that the root directory of the generation in force is readable, and searches for an earlier
//! generation if it is not.

use drive::DriveError;
use ecma167::LogicalSector;
use ecma167::volume::LogicalVolumeDescriptor;

use crate::error::Error;
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::map::Ground;
use crate::space::Space;

/// Maximum number of earlier VATs to try if the newest one's root directory is lost; each may have copies.
const EARLIER_GENERATIONS: usize = 256;

impl Space {
    /// If the root directory of the newest generation is lost, puts an earlier generation in force whose root
    /// is readable, if there is one.
    pub(super) fn require_root(
        &mut self,
        ground: Ground,
        logical: &LogicalVolumeDescriptor,
    ) -> Result<(), Error> {
        let Some(newest) = self.vat().cloned() else {
            return Ok(());
        };
        let mut current = newest.clone();
        let mut lost = None;
        for _ in 0..EARLIER_GENERATIONS {
            match self.root_loss(logical, lost.as_ref())? {
                None => {
                    let sector = current.icb_sector(&ground.partition);
                    let instead = Instead::EarlierGeneration(sector);
                    if let Some(loss) = lost {
                        self.note_loss(Loss { instead, ..loss });
                    }
                    return Ok(());
                }
                Some(loss) => drop(lost.get_or_insert(loss)),
            }
            let Some(before) = self.vat_before(ground, &current)? else {
                break;
            };
            current = self.set_vat(before).clone();
        }
        self.set_vat(newest);
        Ok(())
    }

    /// The loss on the path to the root directory of the generation in force. Does not read a root in the
    /// sector of `known`, the loss of a later generation. Also `None` if the root is unusable for a reason
    /// that is the same in every generation; a request for the root reports that.
    fn root_loss(
        &mut self,
        logical: &LogicalVolumeDescriptor,
        known: Option<&Loss>,
    ) -> Result<Option<Loss>, Error> {
        let file_set = logical.logical_volume_contents_use.address();
        let (at, found) = match self.read_file_set(logical) {
            // Every generation has the same file set, unless the VAT's own block is what is lost.
            Err(_) if self.resolve(file_set).is_ok() => return Ok(None),
            Err(error) => (file_set, Err(error)),
            Ok(file_set) => {
                let root = file_set.root_directory_icb.address();
                match (self.resolve(root), known) {
                    (Ok(sector), Some(known)) if sector == known.sector => return Ok(Some(known.clone())),
                    (Ok(_), _) => (root, self.node(root).map(drop)),
                    (Err(error), _) => (root, Err(error)),
                }
            }
        };
        let error = match found {
            Ok(()) => return Ok(None),
            Err(error) if error.is_damage() => error,
            Err(Error::Drive(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        let sector = match &error {
            Error::Drive(DriveError::Unreadable { at, .. }) => LogicalSector(at.0),
            _ => self.resolve(at).unwrap_or_default(),
        };
        Ok(Damage::of(&error).map(|damage| Loss {
            structure: Structure::Root,
            sector,
            sectors: 1,
            damage,
            instead: Instead::Nothing,
        }))
    }
}
