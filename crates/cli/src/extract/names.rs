//! Names that a disc may contain and a directory of the host may not.

use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;

/// Longest name on common file systems of the host, in bytes.
const LONGEST: usize = 255;

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
}
