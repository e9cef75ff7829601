//! What the user sets in the environment. A set-ID program ignores it.

use std::env;
use std::ffi::{OsString, c_ulong};

/// `AT_SECURE` of `getauxval(3)`: the program has rights that its user has not.
const AT_SECURE: c_ulong = 23;

unsafe extern "C" {
    /// A value that the kernel gave the process when it began; 0 for what it did not.
    safe fn getauxval(kind: c_ulong) -> c_ulong;
}

/// Whether the program has rights that whoever runs it has not: then environment and files of that user are not followed, since they
/// would decide what is opened with those rights.
pub(crate) fn is_secure() -> bool {
    getauxval(AT_SECURE) != 0
}

/// A variable, as `secure_getenv(3)` gives it.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|_| !is_secure())
}

/// Whether changes may go on from an earlier state where the newest cannot be read: `ONCEFS_ACCEPT_LOSSES=1`.
pub(crate) fn accepts_losses() -> bool {
    is_set("ONCEFS_ACCEPT_LOSSES")
}

/// Whether an image is the truth where its side file does not fit it: `ONCEFS_ACCEPT_IMAGE=1`.
pub(crate) fn accepts_image() -> bool {
    is_set("ONCEFS_ACCEPT_IMAGE")
}

fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| value == "1")
}
