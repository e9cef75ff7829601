//! The judge, applied to a whole image.

use check::Options;

use crate::bases::Focus;
use crate::recipe;

/// Judges a changed image.
pub fn check(input: &[u8]) {
    let Some(made) = recipe::make(input, Focus::All) else {
        return;
    };
    let Some(mut drive) = made.drive() else {
        return;
    };
    let report = check::check(&mut drive, &options());
    for finding in report.findings() {
        let _ = finding.to_string();
    }
}

/// As many nodes and names as an image of a few hundred blocks can have, so that the limits are reached too.
pub(crate) fn options() -> Options {
    Options {
        nodes: 1 << 12,
        extents: 1 << 12,
        names: 1 << 10,
        runs: 1 << 12,
        read_data: true,
    }
}
