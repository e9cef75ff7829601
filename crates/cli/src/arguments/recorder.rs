//! The emulated recorder as a device of this machine.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use emulator::Behaviour;
use oncefs::Medium;

use super::{Capacity, medium::parse_medium};

/// `oncefs recorder`
#[derive(Args, Debug)]
#[command(after_help = "\
An image becomes a disc in a recorder that any program sees as /dev/srN, through the Linux modules target_core_user and \
tcm_loop. Needs root.

Examples:
  modprobe -a target_core_user tcm_loop sr_mod sg
  oncefs recorder attach disc.udf --medium dvd-r &
  oncefs recorder list
  oncefs recorder detach --all")]
pub struct RecorderArguments {
    /// What to do
    #[command(subcommand)]
    pub command: RecorderCommand,
}

/// What to do with recorders.
#[derive(Debug, Subcommand)]
pub enum RecorderCommand {
    /// Attach an image; it stays attached until the program ends
    Attach(Attach),
    /// List attached recorders
    List,
    /// Detach a recorder, even if its program was killed
    Detach(Detach),
}

/// `oncefs recorder attach`
#[derive(Args, Debug)]
#[command(after_help = "\
Prints the device when it exists (with --json: name, image, block, generic), and answers its commands until SIGINT, \
SIGTERM or SIGHUP. With --trace it writes every command to a file.

Examples:
  oncefs recorder attach photos.udf
  oncefs recorder attach blank.iso --medium cd-r --capacity 40M
  oncefs recorder attach odd.udf --medium dvd+r --behaviour toc_last_session_start=no")]
pub struct Attach {
    /// The image; made if it does not exist
    pub image: PathBuf,
    /// The medium of a new image, or of an image of another program: cd-r-74, cd-r, dvd-r, dvd-r-dl, dvd+r,
    /// dvd+r-dl, bd-r, bd-r-dl, bd-r-tl, bd-r-ql [default of a new image: bd-r]
    #[arg(long, value_name = "MEDIUM", value_parser = parse_medium)]
    pub medium: Option<Medium>,
    /// The capacity of that medium, if not the nominal one: bytes, or with K, M, G, KB, MB, GB, b (blocks)
    #[arg(long, value_name = "SIZE")]
    pub capacity: Option<Capacity>,
    /// If image and side file do not fit together, record after everything in the image
    #[arg(long)]
    pub accept_image: bool,
    /// The name of the recorder [default: oncefs-N]
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    pub name: Option<String>,
    /// A behaviour switch from docs/understanding/media.md for the recorder, as NAME=VALUE; may be repeated
    #[arg(long, value_name = "SWITCH", value_parser = parse_switch)]
    pub behaviour: Vec<(String, String)>,
}

/// `oncefs recorder detach`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs recorder detach oncefs-0
  oncefs recorder detach --all")]
pub struct Detach {
    /// The recorder, by its name in `list`
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub name: Option<String>,
    /// All recorders
    #[arg(long)]
    pub all: bool,
}

fn parse_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if (1..=100).contains(&text.len()) && text.chars().all(fits) && !text.starts_with('.') {
        Ok(text.to_owned())
    } else {
        Err("use up to 100 letters, digits, `-`, `_`, `.`; the first cannot be `.`".into())
    }
}

fn parse_switch(text: &str) -> Result<(String, String), String> {
    let wrong = "a switch of docs/understanding/media.md and its value, as in toc_last_session_start=no";
    let (name, value) = text.split_once('=').ok_or(wrong)?;
    if Behaviour::default().set(name, value) {
        Ok((name.to_owned(), value.to_owned()))
    } else {
        Err(wrong.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_has_a_name_and_a_value_of_its_kind() {
        assert!(parse_switch("session_gap=64").is_ok());
        for text in ["session_gap", "session_gap=wide", "no_switch=1", ""] {
            assert!(parse_switch(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_can_be_that_of_a_directory_of_the_kernel() {
        assert!(parse_name("bench-1").is_ok());
        for text in ["", ".", "..", "a/b", "a,b", "a b"] {
            assert!(parse_name(text).is_err(), "{text}");
        }
    }
}
