//! What readers without VAT do not see of a disc.

use std::fmt;

use oncefs::PlainVolumeDifferences;
use serde::Serialize;

use crate::arguments::{RomKind, RomOptions};
use crate::output::count;
use crate::source::Surveyed;

/// What readers do not see in a plain volume, or see differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NotShown {
    /// Symbolic links and special files that only Rock Ridge has.
    links_and_special_files: u64,
    /// Symbolic links whose targets are too long for Rock Ridge.
    long_links: u64,
    /// Names of more than 127 characters, cut in UDF.
    names_cut_in_udf: u64,
    /// Names that Joliet changes.
    names_changed_in_joliet: u64,
    /// Names that Rock Ridge changes.
    names_changed_in_rock_ridge: u64,
    /// Files and directories with named streams.
    streams: u64,
    /// Long files that bsdtar does not read from ISO 9660.
    unread_by_bsdtar: u64,
    /// Files of which Linux' isofs does not read the end.
    cut_in_linux_isofs: u64,
    /// Files that 7-Zip does not read from UDF.
    unread_by_7_zip: u64,
}

impl NotShown {
    /// What a recorded plain volume lacks; `None` if it shows everything.
    pub fn of(differences: &PlainVolumeDifferences) -> Option<Self> {
        let not_shown = Self {
            links_and_special_files: differences.left_out,
            long_links: differences.long_links,
            names_cut_in_udf: differences.cut_in_udf,
            names_changed_in_joliet: differences.changed_in_joliet,
            names_changed_in_rock_ridge: differences.changed_in_rock_ridge,
            streams: differences.streams,
            unread_by_bsdtar: differences.unordered,
            cut_in_linux_isofs: differences.beyond_isofs,
            unread_by_7_zip: differences.in_allocation_extents,
        };
        (not_shown.parts().iter().any(|(count, _)| *count > 0)).then_some(not_shown)
    }

    /// What a plain volume of the surveyed files will lack; `None` if it will show everything.
    pub fn foreseen(surveyed: &Surveyed, asked: RomOptions) -> Option<Self> {
        let differences = PlainVolumeDifferences {
            left_out: if asked.rom_links {
                0
            } else {
                surveyed.totals.others
            },
            ..surveyed.differences
        };
        let foreseen = match asked.rom {
            Some(RomKind::Udf) => differences.without_bridge(),
            _ => differences,
        };
        Self::of(&foreseen)
    }

    /// The number of each, and its words in singular and plural.
    fn parts(&self) -> [(u64, [&'static str; 2]); 9] {
        [
            (
                self.links_and_special_files,
                [
                    "link or special file left out of UDF (`format` and `burn` keep it with --rom-links)",
                    "links and special files left out of UDF (`format` and `burn` keep them with --rom-links)",
                ],
            ),
            (
                self.long_links,
                ["link too long for Rock Ridge", "links too long for Rock Ridge"],
            ),
            (self.names_cut_in_udf, ["name cut in UDF", "names cut in UDF"]),
            (
                self.names_changed_in_joliet,
                ["name changed in Joliet", "names changed in Joliet"],
            ),
            (
                self.names_changed_in_rock_ridge,
                ["name changed in Rock Ridge", "names changed in Rock Ridge"],
            ),
            (
                self.streams,
                [
                    "file with streams, which are left out",
                    "files with streams, which are left out",
                ],
            ),
            (
                self.unread_by_bsdtar,
                [
                    "file with holes or scattered parts, which bsdtar does not read, and it may lose what follows",
                    "files with holes or scattered parts, which bsdtar does not read, and it may lose what follows",
                ],
            ),
            (
                self.cut_in_linux_isofs,
                [
                    "file of more than 100 parts, of which Linux reads 100 from ISO 9660",
                    "files of more than 100 parts, of which Linux reads 100 from ISO 9660",
                ],
            ),
            (
                self.unread_by_7_zip,
                [
                    "file of more than 227 parts, which 7-Zip does not read from UDF",
                    "files of more than 227 parts, which 7-Zip does not read from UDF",
                ],
            ),
        ]
    }
}

impl fmt::Display for NotShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("readers without VAT see it differently: ")?;
        let counted = self.parts().into_iter().filter(|(many, _)| *many > 0);
        for (number, (many, [one, several])) in counted.enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            write!(f, "{comma}{}", count(many, one, several))?;
        }
        Ok(())
    }
}
