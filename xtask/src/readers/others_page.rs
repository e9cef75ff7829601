//! `docs/proving/reading.md`: which reader reads the volumes of which program.

use std::collections::BTreeSet;
use std::fmt::Write;

/// What a reader showed of a volume of another program.
#[derive(Clone, Debug)]
pub struct OtherSighting {
    pub reader: String,
    /// Who made the volume, and how.
    pub origin: String,
    /// Whether it showed the whole tree.
    pub is_whole: bool,
    /// Whether it found a volume.
    pub is_found: bool,
}

const HEAD: &str = "\
# Volumes of other programs

This table shows which reader reads the UDF volumes of which program. `cargo xtask readers` writes this page: do not
edit it. Every volume has the same tree: some 45 files, the longest of 300,001 bytes, in five directories. The numbers
are revision and bytes of a block.

**yes**: all paths, sizes and SHA-256. **part**: a volume, but not all of that. **no**: no volume. What a reader cannot
do with any disc is in [readers.md](readers.md#limits) and not held against it: libdvdread and GRUB are asked for files
by name, udfclient for one directory, udfinfo for the numbers of files and directories.

";

const TAIL: &str = "
## Not tried

The programs that make these do not run here. oncefs reads what their documentation and the standards say, as tests show
on volumes built byte by byte (`crates/volume/tests`, `crates/cli/tests`): VAT discs of 1.50 whose VAT has no header
(DirectCD, Nero InCD); named streams and access control lists of Windows; resource forks and Finder attributes of macOS;
extended attributes of OS/2; strategy 4096 and metadata partitions with a damaged mirror (NetBSD); sparing tables with
spared packets; partition tables and raw sectors of a CD around a volume.
";

/// The page.
pub fn others_page(sightings: &[OtherSighting]) -> String {
    let mut page = HEAD.to_owned();
    let mut origins: Vec<&str> = Vec::new();
    for one in sightings {
        if !origins.contains(&one.origin.as_str()) {
            origins.push(&one.origin);
        }
    }
    origins.sort_unstable_by_key(|origin| origin.to_lowercase());
    let mut readers: Vec<&str> = sightings.iter().map(|one| one.reader.as_str()).collect();
    readers.sort_unstable_by_key(|reader| (*reader != "oncefs", reader.to_lowercase()));
    readers.dedup();
    page.push_str("| made by |");
    readers.iter().for_each(|reader| {
        let _ = write!(page, " {reader} |");
    });
    let _ = write!(page, "\n|---|{}\n", "---|".repeat(readers.len()));
    for origin in origins {
        let _ = write!(page, "| {origin} |");
        for reader in &readers {
            let _ = write!(page, " {} |", cell(sightings, origin, reader));
        }
        page.push('\n');
    }
    page.push_str(TAIL);
    page
}

/// What a reader showed of all volumes of one origin: several kernels make them.
fn cell(sightings: &[OtherSighting], origin: &str, reader: &str) -> String {
    let these = sightings
        .iter()
        .filter(|one| one.origin == origin && one.reader == reader);
    let words: BTreeSet<&str> = these
        .map(|one| match (one.is_whole, one.is_found) {
            (true, _) => "yes",
            (false, true) => "part",
            (false, false) => "no",
        })
        .collect();
    words.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_a_row_and_each_reader_a_column() {
        let saw = |reader: &str, origin: &str, is_whole, is_found| OtherSighting {
            reader: reader.into(),
            origin: origin.into(),
            is_whole,
            is_found,
        };
        let page = others_page(&[
            saw("GRUB", "b", false, true),
            saw("oncefs", "b", true, true),
            saw("oncefs", "a", true, true),
            saw("GRUB", "a", false, false),
        ]);
        let table = "| made by | oncefs | GRUB |\n|---|---|---|\n| a | yes | no |\n| b | yes | part |\n";
        assert!(page.contains(table), "{page}");
    }
}
