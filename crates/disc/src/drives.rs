//! The drives of this host.

use std::fs;
use std::path::{Path, PathBuf};

use drive::Look;
use sgio::{Access, SgDevice};

use crate::Error;
use crate::device::{Host, MULTI_MEDIA, read_line};
use crate::error::at;
use crate::lock::{Lock, Mode};

/// A CD, DVD or BD drive of this host, as the kernel describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostDrive {
    /// The node to open: the block device `/dev/srN` if the kernel has created one.
    pub device: PathBuf,
    /// `/dev/sgN`, if the kernel has created it.
    pub generic: Option<PathBuf>,
    /// Its vendor.
    pub vendor: String,
    /// Its model.
    pub model: String,
    /// Its firmware revision.
    pub firmware: String,
}

impl HostDrive {
    /// All drives of this host, ordered by the numbers of their nodes; none if the kernel has no SCSI
    /// devices.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Host::default().drives()
    }

    /// Asks the drive what it can record and which medium is in it. Waits for nothing.
    ///
    /// # Errors
    /// [`Error::InUse`] while another program records on it; [`Error::Host`] if this user may not open it;
    /// [`Error::Drive`].
    pub fn look(&self) -> Result<Look, Error> {
        let _lock = Lock::take(&self.device, Mode::Shared)?;
        let device = SgDevice::open(&self.device, Access::Read).map_err(at(&self.device))?;
        Ok(Look::at(Box::new(device))?)
    }
}

impl Host {
    fn drives(&self) -> Vec<HostDrive> {
        let devices = fs::read_dir(self.sys.join("class/scsi_device"));
        let folders = devices.into_iter().flatten().filter_map(Result::ok);
        let mut drives: Vec<HostDrive> = folders
            .filter_map(|folder| self.drive(&folder.path().join("device")))
            .collect();
        drives.sort_unstable_by_key(|drive| (number_of(&drive.device), drive.device.clone()));
        drives
    }

    /// The drive with this sysfs folder, if it is for CD, DVD or BD and has a node.
    fn drive(&self, folder: &Path) -> Option<HostDrive> {
        let line = |name| read_line(&folder.join(name)).map(|line| line.trim().to_owned());
        if line("type")? != MULTI_MEDIA {
            return None;
        }
        let node = |class| Some(self.dev.join(only_name(&folder.join(class))?));
        let generic = node("scsi_generic");
        Some(HostDrive {
            device: node("block").or_else(|| generic.clone())?,
            generic,
            vendor: line("vendor").unwrap_or_default(),
            model: line("model").unwrap_or_default(),
            firmware: line("rev").unwrap_or_default(),
        })
    }
}

/// The name of the only entry in a folder.
fn only_name(folder: &Path) -> Option<std::ffi::OsString> {
    let mut entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    Some(entries.next()?.file_name())
}

/// The number at the end of a node's name, so that sr10 sorts after sr9.
fn number_of(node: &Path) -> Option<u32> {
    let name = node.to_str()?;
    let letters = name.trim_end_matches(|digit: char| digit.is_ascii_digit());
    name[letters.len()..].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::tests::host;

    /// The files that a kernel shows for a device.
    fn files(address: &str, block: &str, generic: &str, kind: &str) -> Vec<(String, String)> {
        let folder = format!("class/scsi_device/{address}/device");
        [
            ("type", format!("{kind}\n")),
            ("vendor", "ONCEFS  \n".into()),
            ("model", "Emulated BD-R   \n".into()),
            ("rev", "1   \n".into()),
            (&format!("block/{block}/dev"), "11:0\n".into()),
            (&format!("scsi_generic/{generic}/dev"), "21:0\n".into()),
        ]
        .map(|(name, text)| (format!("{folder}/{name}"), text))
        .to_vec()
    }

    fn drives(files: &[(String, String)]) -> Vec<HostDrive> {
        let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let (_folder, host) = host(&files.collect::<Vec<_>>());
        host.drives()
    }

    #[test]
    fn a_drive_has_its_nodes_and_names() {
        let mut all = files("0:0:0:0", "sda", "sg0", "0");
        all.extend(files("1:0:0:0", "sr0", "sg1", "5"));
        let expected = HostDrive {
            device: "/dev/sr0".into(),
            generic: Some("/dev/sg1".into()),
            vendor: "ONCEFS".into(),
            model: "Emulated BD-R".into(),
            firmware: "1".into(),
        };
        assert_eq!(drives(&all), [expected]);
    }

    #[test]
    fn drives_are_sorted_by_their_numbers() {
        let mut all = Vec::new();
        for number in [10, 2, 9] {
            all.extend(files(
                &format!("{number}:0:0:0"),
                &format!("sr{number}"),
                "sg1",
                "5",
            ));
        }
        let nodes: Vec<PathBuf> = drives(&all).into_iter().map(|drive| drive.device).collect();
        assert_eq!(nodes, ["/dev/sr2", "/dev/sr9", "/dev/sr10"].map(PathBuf::from));
    }

    #[test]
    fn a_host_without_scsi_has_no_drives() {
        assert!(drives(&[]).is_empty());
    }
}
