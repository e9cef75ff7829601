//! Names that a disc may contain and a directory of the host may not.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::rescue::first_bytes;

/// Longest name on common file systems of the host, in bytes.
const LONGEST: usize = 255;
/// The longest ending that a shorter name keeps.
const LONGEST_ENDING: usize = 32;

/// Refuses a name that is invalid on the host, or that leads out of its directory.
pub fn check(name: &str) -> Outcome {
    if matches!(name, "" | "." | "..") || name.contains(['/', '\0']) {
        let message = "the name leads elsewhere (ECMA-167 4/14.4.8)";
        return Err(Failure::new(Exit::Damaged, FailureKind::Damaged, message));
    }
    if name.len() > LONGEST {
        return Err(Failure::failed(format_args!(
            "the name takes {} bytes here; at most 255 fit",
            name.len()
        )));
    }
    Ok(())
}

/// A shorter name in place of one that is too long here: its beginning, what tells it from others, and its
/// ending. `None` if it is not too long, or invalid anyway.
pub fn shortened(name: &str) -> Option<String> {
    if name.len() <= LONGEST || name.contains(['/', '\0']) {
        return None;
    }
    let ending = name
        .rfind('.')
        .map(|at| &name[at..])
        .filter(|ending| ending.len() <= LONGEST_ENDING);
    let ending = ending.unwrap_or_default();
    let mark = format!("~{:016x}", first_bytes(Sha256::digest(name).as_ref()));
    let room = LONGEST - mark.len() - ending.len();
    Some(format!("{}{mark}{ending}", cut(name, room)))
}

/// A path with shorter names where the host takes none so long.
pub fn shortened_path(path: &str) -> Cow<'_, str> {
    let is_long = |name: &str| name.len() > LONGEST;
    if !path.split('/').any(is_long) {
        return Cow::Borrowed(path);
    }
    let names = path.split('/');
    let names: Vec<String> = names
        .map(|name| shortened(name).unwrap_or_else(|| name.to_owned()))
        .collect();
    Cow::Owned(names.join("/"))
}

/// A name with something after it, for which it loses its end if it must.
pub fn with_end(name: &str, end: &str) -> String {
    format!("{}{end}", cut(name, LONGEST.saturating_sub(end.len())))
}

/// As many first characters as have at most so many bytes.
fn cut(name: &str, room: usize) -> &str {
    let end = (0..=room.min(name.len()))
        .rev()
        .find(|at| name.is_char_boundary(*at));
    &name[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["", ".", "..", "../x", "/etc/passwd", "a\0b"] {
            assert_eq!(
                check(name).map_err(|failure| failure.kind),
                Err(FailureKind::Damaged),
                "{name:?}"
            );
        }
        assert!(check("...").is_ok() && check("a\nb").is_ok());
    }

    #[test]
    fn a_name_that_udf_allows_and_the_host_does_not_is_refused() {
        assert!(check(&"字".repeat(85)).is_ok());
        assert!(check(&"字".repeat(86)).is_err());
    }

    #[test]
    fn a_shorter_name_fits_keeps_its_ending_and_differs_from_others() {
        let names = [
            "字".repeat(86),
            "é".repeat(200) + ".jpeg",
            "é".repeat(201) + ".jpeg",
        ];
        let shorter: Vec<String> = names.iter().filter_map(|name| shortened(name)).collect();
        assert!(shorter.len() == 3 && shorter.iter().all(|name| check(name).is_ok()));
        assert!(shorter[1].ends_with(".jpeg") && shorter[1] != shorter[2]);
        assert_eq!(shortened(&"a".repeat(255)), None);
        assert_eq!(shortened(&"../".repeat(100)), None);
    }
}
