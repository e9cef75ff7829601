//! The loopback fabric, which makes a backstore a SCSI device of this same kernel.

use crate::backstore::{Backstore, gone, set};
use crate::error::{Error, at};
use std::io;
use std::path::{Path, PathBuf};

/// A SCSI host of the kernel that has one unit. It exists until [`Loopback::remove`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loopback {
    /// The directory of its address in the fabric.
    path: PathBuf,
}

/// The names below `/dev` of an optical drive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// The block device `srN`, if the kernel has made it.
    pub block: Option<String>,
    /// The generic SCSI device `sgN`, if the kernel has made it.
    pub generic: Option<String>,
}

const GROUP: &str = "tpgt_1";
const UNIT: &str = "lun/lun_0";

impl Loopback {
    /// Makes a SCSI host of the backstore below `target`. The kernel queries the unit before this returns, so
    /// another thread or process must already answer its commands. `number` is its address in the fabric,
    /// which must be unused.
    ///
    /// # Errors
    /// [`Error::NoTarget`] if the fabric cannot be made; [`Error::Kernel`].
    pub fn create(target: &Path, backstore: &Backstore, number: u32) -> Result<Self, Error> {
        let fabric = target.join("loopback");
        // This makes the kernel load the module.
        if let Err(error) = std::fs::create_dir(&fabric)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(Error::NoTarget(fabric));
        }
        let path = fabric.join(format!("naa.60014050ce{number:08x}00000000000000"));
        std::fs::create_dir(&path).map_err(at(&path))?;
        let loopback = Self { path };
        if let Err(error) = loopback.link(backstore, number) {
            let _ = loopback.remove();
            return Err(error);
        }
        Ok(loopback)
    }

    fn link(&self, backstore: &Backstore, number: u32) -> Result<(), Error> {
        let group = self.path.join(GROUP);
        std::fs::create_dir(&group).map_err(at(&group))?;
        let initiator = format!("naa.60014050ce{number:08x}00000000000001");
        set(&group.join("nexus"), &initiator)?;
        let unit = group.join(UNIT);
        std::fs::create_dir(&unit).map_err(at(&unit))?;
        let link = unit.join("backstore");
        std::os::unix::fs::symlink(backstore.path(), &link).map_err(at(&link))
    }

    /// The loopback at a path of the fabric, if it is linked to `backstore`.
    pub(crate) fn leading_to(path: PathBuf, backstore: &Path) -> Option<Self> {
        let loopback = Self { path };
        let leads = loopback
            .links()
            .iter()
            .any(|link| std::fs::canonicalize(link).is_ok_and(|to| to == backstore));
        leads.then_some(loopback)
    }

    fn links(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.path.join(GROUP).join(UNIT)) else {
            return Vec::new();
        };
        entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
            .map(|entry| entry.path())
            .collect()
    }

    /// The devices that the kernel has made of the unit so far.
    #[must_use]
    pub fn nodes(&self) -> Nodes {
        let Ok(address) = std::fs::read_to_string(self.path.join(GROUP).join("address")) else {
            return Nodes::default();
        };
        let unit = Path::new("/sys/bus/scsi/devices").join(format!("{}:0", address.trim()));
        Nodes {
            block: first_in(&unit.join("block")),
            generic: first_in(&unit.join("scsi_generic")),
        }
    }

    /// Removes the unit from the kernel. Commands in flight still need answers.
    ///
    /// # Errors
    /// [`Error::Kernel`].
    pub fn remove(&self) -> Result<(), Error> {
        for link in self.links() {
            std::fs::remove_file(&link).map_err(at(&link))?;
        }
        let group = self.path.join(GROUP);
        gone(&group.join(UNIT))?;
        gone(&group)?;
        gone(&self.path)
    }
}

fn first_in(folder: &Path) -> Option<String> {
    let entry = std::fs::read_dir(folder).ok()?.find_map(Result::ok)?;
    entry.file_name().into_string().ok()
}
