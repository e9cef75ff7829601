//! The list of files in JSON, written file by file.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::failure::{Failure, Outcome};
use crate::output::written;

/// The list, as far as it is written to standard output.
#[derive(Default)]
pub struct Files {
    has_begun: bool,
    /// Why the rest is not written.
    failed: Option<Failure>,
}

impl Files {
    /// Adds a file. A failure is returned at the end, because copying goes on.
    pub fn add(&mut self, file: &impl Serialize) {
        let before = if self.has_begun { ",\n" } else { "{\"files\": [\n" };
        self.has_begun = true;
        if self.failed.is_none() {
            self.failed = write(before, file).err();
        }
    }

    /// Ends the list, and adds the fields of another object, which has some.
    pub fn finish(&mut self, rest: &impl Serialize) -> Outcome {
        if let Some(failure) = self.failed.take() {
            return Err(failure);
        }
        let rest = serde_json::to_string(rest)
            .map_err(io::Error::from)
            .map_err(written)?;
        let before = if self.has_begun {
            "\n],\n"
        } else {
            "{\"files\": [],\n"
        };
        let mut out = io::stdout().lock();
        let fields = rest.strip_prefix('{').unwrap_or(&rest);
        writeln!(out, "{before}{fields}").map_err(written)?;
        out.flush().map_err(written)
    }
}

fn write(before: &str, value: &impl Serialize) -> Outcome {
    let mut out = io::stdout().lock();
    out.write_all(before.as_bytes()).map_err(written)?;
    serde_json::to_writer(&mut out, value)
        .map_err(io::Error::from)
        .map_err(written)
}
