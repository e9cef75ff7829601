//! Generations: the VATs of a volume, each with everything it reaches, and how a recording puts a new one in
//! force.

use std::ops::Range;

use drive::Drive;
use ecma167::general::Descriptor;
use ecma167::volume::AnchorVolumeDescriptorPointer;
use ecma167::{LogicalBlock, LogicalSector};
use mmc::Lba;

use crate::error::{CorruptKind, Error};
use crate::map::Vat;
use crate::open::RESERVED_TRACK_ANCHOR;
use crate::volume::Volume;

impl Volume {
    /// The number of the generation in force, as [`Volume::past`] lists it: 0 if there is no VAT. Counted on
    /// the first call.
    ///
    /// # Errors
    /// Errors from the drive.
    pub fn generation(&mut self) -> Result<u32, Error> {
        if let Some(known) = self.in_force.number() {
            return Ok(known);
        }
        let number = match self.vat() {
            Some(_) => u32::try_from(self.past()?.generations().len()).unwrap_or(u32::MAX),
            None => 0,
        };
        self.in_force.set_number(number);
        Ok(number)
    }

    /// Closes the volume and returns its drive, which shows the disc as it was when the VAT ICB in this block
    /// was the newest one. The reserved track of a disc with a plain volume is blank until its session is
    /// closed.
    ///
    /// # Errors
    /// Errors from the drive.
    pub fn rewind(mut self, icb: LogicalSector) -> Result<Drive, Error> {
        let start = self.reserved_start(icb)?;
        let mut drive = self.into_drive();
        drive.end_with(Lba(icb.0));
        if let Some(blocks) = start {
            drive.show_blank(blocks);
        }
        Ok(drive)
    }

    /// The blocks at the start of the session with a VAT ICB that only its closing records.
    fn reserved_start(&mut self, icb: LogicalSector) -> Result<Option<Range<Lba>>, Error> {
        if self.companion().is_none_or(|companion| companion.is_plain) {
            return Ok(None);
        }
        let medium = self.drive().medium();
        let sessions = medium.sessions.iter().rev();
        let Some(start) = sessions
            .map(|session| session.start.0)
            .find(|start| *start <= icb.0)
        else {
            return Ok(None);
        };
        let anchor = start.saturating_add(RESERVED_TRACK_ANCHOR);
        let next = medium.tracks.iter().map(|track| track.start.0);
        let end = next
            .filter(|next| *next > start)
            .min()
            .map_or(anchor, |next| next.min(anchor));
        let is_reserved = match self.read_sector(LogicalSector(anchor)) {
            Ok(block) => AnchorVolumeDescriptorPointer::read(block, Some(anchor)).is_ok(),
            Err(error) if error.is_damage() => false,
            Err(error) => return Err(error),
        };
        Ok((is_reserved && anchor < icb.0).then_some(Lba(start)..Lba(end)))
    }

    /// The VAT before `vat`, if the chain leads to one. A previous VAT ICB that leads forward or to something
    /// else ends the chain.
    ///
    /// # Errors
    /// Errors from the drive.
    pub fn previous_vat(&mut self, vat: &Vat) -> Result<Option<Vat>, Error> {
        self.space.previous_vat(vat)
    }

    /// The VAT whose ICB is this block of the partition below the virtual one.
    ///
    /// # Errors
    /// [`CorruptKind::NotAVat`], or errors from reading it.
    pub fn vat_at(&mut self, icb: LogicalBlock) -> Result<Vat, Error> {
        match self.space.maps().ground() {
            Some(ground) => self.space.vat_at(ground, icb),
            None => Err(Error::corrupt(CorruptKind::NoVat, icb)),
        }
    }

    /// Puts the VAT with its ICB in this block in force: from now on the volume shows its generation.
    ///
    /// # Errors
    /// As [`Volume::vat_at`]; the VAT in force then stays in force.
    pub fn reload_vat(&mut self, icb: LogicalBlock) -> Result<&Vat, Error> {
        let vat = self.vat_at(icb)?;
        Ok(self.set_vat(vat))
    }

    /// What `look` finds in the generation of another VAT. Afterwards the one in force is in force again.
    pub fn in_generation<R>(&mut self, vat: &Vat, look: impl FnOnce(&mut Self) -> R) -> R {
        let in_force = std::mem::take(&mut self.in_force);
        let shown = self.space.vat().cloned();
        self.space.set_vat(vat.clone());
        let found = look(self);
        if let Some(shown) = shown {
            self.space.set_vat(shown);
        }
        self.in_force = in_force;
        found
    }

    /// Puts a VAT in force: a newer one after a commit, or an older one to see an earlier generation.
    pub fn set_vat(&mut self, vat: Vat) -> &Vat {
        let is_next = self
            .space
            .vat()
            .is_some_and(|old| vat.previous == Some(old.icb.0));
        self.in_force.replace(is_next);
        self.space.set_vat(vat)
    }
}
