//! What each reader cannot do with any disc, for people.

use super::asked::READERS;
use super::uefi;

/// The limits of a reader by its name on the page; for Linux, by how it mounts.
pub fn limits(reader: &str) -> &'static str {
    if reader == uefi::NAME {
        return uefi::LIMITS;
    }
    let asked = READERS.iter().find(|known| known.name == reader);
    asked.map_or_else(|| of_linux(reader), |known| known.limits)
}

fn of_linux(reader: &str) -> &'static str {
    let has = |word: &str| reader.contains(word);
    let is_given = has("session=") || has("sbsector=");
    match (has("isofs"), is_given) {
        (true, true) => "S is given; no hard links",
        (true, false) => "no sessions of images; no hard links",
        (false, true) => "S is given",
        (false, false) if has("novrs") => "skips the recognition sequence",
        (false, false) if has("own choice") => "none",
        (false, false) => "no sessions of images",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_has_its_own_limits() {
        assert_eq!(limits("bsdtar"), "no UDF");
        assert_eq!(limits("Linux 6.1, isofs"), "no sessions of images; no hard links");
        assert_eq!(limits("Linux 6.1, udf,novrs"), "skips the recognition sequence");
        assert_eq!(limits("Linux 6.1, own choice"), "none");
    }
}
