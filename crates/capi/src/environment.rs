//! Environment variables. A set-ID program ignores them.

use std::env;
use std::ffi::{OsString, c_ulong};

/// `AT_SECURE` of `getauxval(3)`: the program has rights that its user lacks.
const AT_SECURE: c_ulong = 23;

unsafe extern "C" {
    /// A value that the kernel passed to the process at its start; 0 if it did not.
    safe fn getauxval(kind: c_ulong) -> c_ulong;
}

/// Whether the program has rights that its user lacks. If so, the user's environment and files are ignored,
/// because they would decide what is opened with those rights.
pub(crate) fn is_secure() -> bool {
    getauxval(AT_SECURE) != 0
}

/// A variable, as `secure_getenv(3)` returns it.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|_| !is_secure())
}

/// Whether changes may continue from an earlier state if the newest cannot be read: `ONCEFS_ACCEPT_LOSSES=1`.
pub(crate) fn accepts_losses() -> bool {
    is_set("ONCEFS_ACCEPT_LOSSES")
}

/// Whether an image that does not fit its side file is taken as the truth: `ONCEFS_ACCEPT_IMAGE=1`.
pub(crate) fn accepts_image() -> bool {
    is_set("ONCEFS_ACCEPT_IMAGE")
}

fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| value == "1")
}
