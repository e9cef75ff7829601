//! The program `oncefs`: command line, messages, progress, exit codes, JSON.
//!
//! Owns: the command line, all output, and files of the host on their way to and from a disc.
//! Imports: oncefs, for every disc; fuse for `mount`; tcmu, emulator and mmc for `recorder`.
//! Never touches: structures on a disc, command blocks.
#![forbid(unsafe_code)]

mod among_devices;
mod arguments;
mod attributes;
#[cfg(feature = "mount")]
mod background;
mod changes;
mod commands;
mod confirm;
mod descent;
mod disc_path;
mod discs;
mod extract;
mod failure;
mod failure_kind;
mod faults;
mod interrupt;
mod listing;
mod missing;
#[cfg(feature = "mount")]
mod mount_helper;
#[cfg(feature = "mount")]
mod mounts;
mod no_disc;
mod not_a_volume;
mod output;
mod progress;
mod rescue;
mod source;
mod streams;
mod terminal;
mod time;
mod trace_file;
mod tree;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use failure::Failure;

fn main() -> ExitCode {
    let words = std::env::args_os();
    #[cfg(feature = "mount")]
    let words = match mount_helper::arguments(words) {
        Ok(Some(words)) => words,
        Ok(None) => return ExitCode::SUCCESS,
        Err(failure) => return failure.report(false),
    };
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let json = arguments.json;
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(json),
    }
}

/// Prints what clap returns: help and version on standard output, mistakes on standard error.
fn usage(error: &clap::Error) -> ExitCode {
    let asks_for_json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && asks_for_json {
        let text = error.render().to_string();
        return Failure::usage(text.trim_start_matches("error: ").trim_end()).report(true);
    }
    // A failure here cannot be reported.
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::from(failure::Exit::Usage as u8)
    } else {
        ExitCode::SUCCESS
    }
}
