//! Bringing back what an earlier generation had.

use ::recording::Restored;
use ::volume::{Generation, Vat};

use crate::at::At;
use crate::error::{AtPath as _, Error, ErrorKind, Result};
use crate::recording::Recording;

impl Recording {
    /// Makes the state of an earlier generation the current one, with the next commit. That commit records a
    /// VAT and nothing else; the generations after the earlier one stay in the past of the disc.
    ///
    /// Commits pending changes first.
    ///
    /// # Errors
    /// Fails with an error of the drive or of reading that generation, or with:
    ///
    /// - [`ErrorKind::NotFound`] if there is no such generation.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space for the change.
    pub fn roll_back(&mut self, to: At) -> Result<Generation> {
        let (generation, vat) = self.generation(to)?;
        self.inner()?.roll_back(&vat)?;
        Ok(generation)
    }

    /// Restores what `path` names in an earlier generation, with everything below it that the volume does not
    /// have now; without a generation, in the newest one that has it. Returns what was restored, and from
    /// which generation.
    ///
    /// The nodes of files that were removed become current again as they are, so no data is recorded again.
    /// The data of a file is copied only if a later version of it is on the volume under another name. Files
    /// that exist are left as they are.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # let mut options = oncefs::FormatOptions::new();
    /// # let mut disc = options.capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
    /// disc.write("/letter.txt", "Dear reader")?;
    /// disc.commit()?;
    /// disc.remove_file("/letter.txt")?;
    /// disc.commit()?;
    /// disc.undelete("/letter.txt", None)?;
    /// disc.commit()?;
    /// assert!(disc.exists("/letter.txt")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails with an error of the drive or of reading that generation, or with:
    ///
    /// - [`ErrorKind::NotFound`] if no generation, or not that one, has `path`.
    /// - [`ErrorKind::AlreadyExists`] if `path` exists and is not a directory, or no generation is given.
    /// - [`ErrorKind::NotADirectory`] if a directory on `path` is something else now.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space. What was restored is pending.
    pub fn undelete(&mut self, path: &str, at: Option<At>) -> Result<(Restored, Generation)> {
        let (generation, vat) = match at {
            Some(at) => self.generation(at)?,
            None if self.exists(path)? => {
                let message = "exists; to restore more of a directory, say from which generation";
                return Err(Error::new(ErrorKind::AlreadyExists, message).at(path));
            }
            None => self.newest_with(path)?,
        };
        let restored = self.inner()?.restore(&vat, path).at(path)?;
        Ok((restored, generation))
    }

    fn generation(&mut self, at: At) -> Result<(Generation, Vat)> {
        let volume = self.inner()?.volume();
        let past = volume.past()?;
        let generation = *at.find(&past)?;
        let icb = generation.icb.ok_or_else(no_vat)?;
        Ok((generation, volume.vat_at(icb)?))
    }

    /// The newest generation that has a path.
    fn newest_with(&mut self, path: &str) -> Result<(Generation, Vat)> {
        let volume = self.inner()?.volume();
        let past = volume.past()?;
        for generation in past.generations().iter().rev() {
            let vat = match volume.vat_at(generation.icb.ok_or_else(no_vat)?) {
                Err(error) if error.is_damage() => continue,
                vat => vat?,
            };
            match volume.in_generation(&vat, |volume| volume.lookup_path(path)) {
                Ok(_) => return Ok((*generation, vat)),
                Err(::volume::Error::NotFound | ::volume::Error::NotADirectory) => {}
                // It may have the path, but cannot give it back.
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::new(ErrorKind::NotFound, "no generation has it").at(path))
    }
}

fn no_vat() -> Error {
    Error::new(ErrorKind::ReadOnly, "the volume has no VAT, so it has no past")
}
