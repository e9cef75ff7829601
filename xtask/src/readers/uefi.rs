//! The UEFI shell: it lists the discs of a whole machine at once.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::sight::{Names, Sight, Volume};
use crate::guest::{FIRST_SLOT, run_in_uefi_shell};
use crate::listing::{Entry, Kind, Listing};

pub const NAME: &str = "UEFI shell";

pub const SIGHT: Sight = Sight {
    names: Names::Ascii,
    ..Sight::of(Volume::Udf)
};

pub const LIMITS: &str = "only names (ASCII) and sizes; no ISO 9660";

/// Time limit for all discs of one machine.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// The firmware's name for a disk of the machine, up to its PCI slot.
const DEVICE: &str = "PciRoot(0x0)/Pci(0x";
/// The suffix for the volume on a disc with UDF, after the device.
const UDF: &str = "/VenMedia(C5BD4D42-1A76-4996-8956-73CDA326CD0A)";

/// The state that it must show of an image: it searches for the anchor at the end, and finds the newest
/// closed session or none.
pub fn shows(state: &str) -> Option<&str> {
    Some(state).filter(|state| !matches!(*state, "open" | "second session open"))
}

/// What it lists of each disc; empty if it finds no volume.
pub fn look(discs: &[&Path], folder: &Path) -> Result<Vec<Listing>> {
    let mut script = "connect -r\r\nmap -r\r\n".to_owned();
    // One more for the script's own disk.
    for number in 0..=discs.len() {
        let _ = write!(script, "ls -r fs{number}:\\\r\n");
    }
    script.push_str("reset -s\r\n");
    let said = run_in_uefi_shell(&script, discs, folder, LIMIT)?;
    understood(&said, discs.len()).with_context(|| format!("the console in {}", folder.display()))
}

/// The listings of a console.
fn understood(said: &str, discs: usize) -> Result<Vec<Listing>> {
    let said = without_escapes(said);
    let mut listings = vec![Listing::new(); discs];
    // The number of each file system, and its disc.
    let mut mapped: Vec<(usize, usize)> = Vec::new();
    let mut named = None;
    let mut here: Option<(usize, String)> = None;
    for line in said.lines() {
        let words = line.trim();
        if let Some(number) = file_system(words).filter(|_| words.contains("Alias(s):")) {
            named = Some(number);
        } else if let Some(number) = named.take() {
            mapped.extend(disc_of(words).map(|disc| (number, disc)));
        } else if let Some(directory) = words.strip_prefix("Directory of: ") {
            let disc = mapped
                .iter()
                .find(|(number, _)| Some(*number) == file_system(directory));
            let path = directory.split_once(':').map_or("", |(_, path)| path);
            here = disc.map(|(_, disc)| (*disc, path.replace('\\', "/")));
        } else if words.starts_with("Shell>") {
            here = None;
        } else if let Some((disc, directory)) = &here
            && let Some((name, entry)) = entry(line)
        {
            let listing = listings.get_mut(*disc).context("a disc that does not exist")?;
            listing.insert(format!("{directory}{name}"), entry);
        }
    }
    Ok(listings)
}

/// The number of a file system, as in `FS3:`, in any case.
fn file_system(words: &str) -> Option<usize> {
    let (name, _) = words.split_once(':')?;
    name.to_ascii_lowercase().strip_prefix("fs")?.parse().ok()
}

/// The number of the disc with a UDF volume of this name.
fn disc_of(device: &str) -> Option<usize> {
    let slot = device.strip_prefix(DEVICE)?.split(',').next()?;
    let slot = usize::from_str_radix(slot, 16).ok()?;
    slot.checked_sub(FIRST_SLOT).filter(|_| device.ends_with(UDF))
}

/// A line such as `11/29/2026  20:51       r   5,000,001  large`; a directory has `<DIR>` before the
/// attribute.
fn entry(line: &str) -> Option<(String, Entry)> {
    let is_date = |word: &str| word.len() == 10 && word.split('/').count() == 3;
    let (date, rest) = line.split_once(' ')?;
    let (_, rest) = rest.trim_start().split_once(' ').filter(|_| is_date(date))?;
    let rest = rest.trim_start();
    let (kind, rest) = match rest.strip_prefix("<DIR>") {
        Some(rest) => (Kind::Directory, rest.trim_start()),
        None => (Kind::File, rest),
    };
    let rest = rest.strip_prefix("r ").unwrap_or(rest).trim_start();
    let (size, name) = rest.split_once("  ")?;
    let size = size.replace(',', "").parse::<u64>().ok()?;
    // In place of a character that the console lacks.
    let name = name.replace('?', "\u{FFFD}");
    let entry = Entry {
        kind: Some(kind),
        size: (kind == Kind::File).then_some(size),
        ..Entry::default()
    };
    Some((name, entry))
}

/// The console output without colours and cursor positions.
fn without_escapes(said: &str) -> String {
    let mut plain = String::new();
    let mut pieces = said.split("\u{1B}[");
    plain.extend(pieces.next());
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic());
        plain.extend(end.and_then(|end| piece.get(end + 1..)));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\u{1B}[2J\u{1B}[01;01HMapping table\r
\u{1B}[1m     FS0:\u{1B}[0m Alias(s):F0a0:;BLK1:\r
          PciRoot(0x0)/Pci(0x2,0x0)/HD(1,MBR,0xBE1AFDFA,0x3F,0xFBFC1)\r
      FS1: Alias(s):F1a0:;BLK3:\r
          PciRoot(0x0)/Pci(0x4,0x0)/Scsi(0x0,0x0)/VenMedia(C5BD4D42-1A76-4996-8956-73CDA326CD0A)\r
     BLK0: Alias(s):\r
          PciRoot(0x0)/Pci(0x3,0x0)/Scsi(0x0,0x0)\r
Shell> ls -r fs0:\\\r
Directory of: fs0:\\\r
11/29/2026  20:51                  56  startup.nsh\r
Shell> ls -r fs1:\\\r
\u{1B}[25;01HDirectory of: fs1:\\\r
11/29/2026  20:53 <DIR> r          40  \u{1B}[1mempty\u{1B}[0m\r
11/29/2026  20:51       r   5,000,001  a  file\r
          1 File(s)   5,000,001 bytes\r
Directory of: FS1:\\empty\\\r
11/29/2026  20:51       r         700  Gr??e\r
Shell> ls -r fs2:\\\r
ls: File Not Found - 'fs2:\\'\r
";

    #[test]
    fn each_disc_has_the_listing_of_the_file_system_on_it() {
        let listings = understood(SAID, 2).unwrap();
        assert!(listings[0].is_empty());
        let size = |path: &str| listings[1].get(path).map(|entry| entry.size);
        assert_eq!(size("/empty"), Some(None));
        assert_eq!(size("/a  file"), Some(Some(5_000_001)));
        assert_eq!(size("/empty/Gr\u{FFFD}\u{FFFD}e"), Some(Some(700)));
        assert_eq!(listings[1].len(), 3);
    }
}
