//! `oncefs completions` and `oncefs man`: files that packages install beside the program.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use serde::Serialize;

use super::Tools;
use crate::among_devices::require_directory_elsewhere;
use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome};
use crate::output::written;

/// Prints the script for a shell.
pub fn completions(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "oncefs", &mut script);
    io::stdout().write_all(&script).map_err(written)
}

/// Prints the page of the program, or writes one page per command.
pub fn manual(tools: &Tools, directory: Option<&Path>) -> Outcome {
    let command = Arguments::command();
    let Some(directory) = directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(written)?;
        return io::stdout().write_all(&page).map_err(written);
    };
    require_directory_elsewhere(directory)?;
    let host = |error| Failure::host(directory, error);
    std::fs::create_dir_all(directory).map_err(host)?;
    clap_mangen::generate_to(command, directory).map_err(host)?;
    tools.output.result(&Pages {
        directory: directory.display().to_string(),
    })
}

#[derive(Serialize)]
struct Pages {
    directory: String,
}

impl std::fmt::Display for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "manual pages written to {}", self.directory)
    }
}
