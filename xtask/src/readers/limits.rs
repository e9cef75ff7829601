//! What each reader cannot do with any disc, for people.

use super::asked::READERS;
use super::uefi;

/// The limits of a reader by its name on the page; for Linux, by how it mounts.
pub fn limits(reader: &str, on_a_drive: bool) -> &'static str {
    if reader == uefi::NAME {
        return uefi::LIMITS;
    }
    let asked = READERS.iter().find(|known| known.name == reader);
    asked.map_or_else(|| of_linux(reader, on_a_drive), |known| known.limits)
}

/// A drive reports where its sessions begin; an image does not.
fn of_linux(reader: &str, on_a_drive: bool) -> &'static str {
    let is_isofs = reader.contains("isofs");
    let is_told = ["session=", "sbsector=", "novrs"];
    let is_told = is_told.iter().any(|option| reader.contains(option));
    match (is_isofs, is_told, on_a_drive) {
        (_, true, true) => "skips the recognition sequence",
        (false, true, false) => "S is given",
        (true, true, false) => "S is given; no hard links",
        (false, false, false) => "no sessions of images",
        (true, false, false) => "no sessions of images; no hard links",
        (false, false, true) => "none",
        (true, false, true) => "no hard links",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_has_its_own_limits() {
        assert_eq!(limits("bsdtar", false), "no UDF");
        assert_eq!(
            limits("Linux 6.1, isofs", false),
            "no sessions of images; no hard links"
        );
        assert_eq!(limits("Linux 6.1, udf", true), "none");
    }
}
