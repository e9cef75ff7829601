//! Generations: the VATs of a volume, each with all that it reaches, and how a recording puts a new one in force.

use ecma167::LogicalBlock;

use crate::error::{CorruptKind, Error};
use crate::map::Vat;
use crate::volume::Volume;

/// The most generations that are counted.
const COUNTED: u32 = 1 << 20;

impl Volume {
    /// How many generations the volume has had, this one with them, as far as the chain of previous VAT ICBs leads back:
    /// 1 where there is none, and where there is no VAT 0. Counted the first time it is asked for.
    ///
    /// # Errors
    /// What the drive met. A chain that is broken ends there.
    pub fn generation(&mut self) -> Result<u32, Error> {
        if let Some(known) = self.in_force.number() {
            return Ok(known);
        }
        let mut count = 0;
        let mut vat = self.space.vat().cloned();
        while let Some(current) = vat {
            count += 1;
            if count == COUNTED {
                break;
            }
            vat = self.space.previous_vat(&current)?;
        }
        self.in_force.set_number(count);
        Ok(count)
    }

    /// The VAT before another, as far as the chain leads to one: previous VAT ICBs that lead forward or to something else
    /// end it.
    ///
    /// # Errors
    /// What the drive met.
    pub fn previous_vat(&mut self, vat: &Vat) -> Result<Option<Vat>, Error> {
        self.space.previous_vat(vat)
    }

    /// The VAT whose ICB is a block of the partition below the virtual one.
    ///
    /// # Errors
    /// [`CorruptKind::NotAVat`], or what reading it met.
    pub fn vat_at(&mut self, icb: LogicalBlock) -> Result<Vat, Error> {
        match self.space.maps().ground() {
            Some(ground) => self.space.vat_at(ground, icb),
            None => Err(Error::corrupt(CorruptKind::NoVat, icb)),
        }
    }

    /// Puts the VAT in force that was recorded with its ICB in this block: the volume shows its generation from now on.
    ///
    /// # Errors
    /// As [`Volume::vat_at`]; then the VAT that was in force stays so.
    pub fn reload_vat(&mut self, icb: LogicalBlock) -> Result<&Vat, Error> {
        let vat = self.vat_at(icb)?;
        Ok(self.set_vat(vat))
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
