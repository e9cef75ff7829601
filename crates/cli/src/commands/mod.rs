//! The commands.

mod add;
mod burn;
mod cat;
mod change;
mod check;
mod close;
mod diff;
#[cfg(feature = "drives")]
mod drives;
mod extract;
mod format;
mod fsctl;
mod generate;
mod info;
mod link;
mod list;
mod log;
mod make_directory;
mod map;
#[cfg(feature = "mount")]
mod mount;
mod read;
#[cfg(feature = "recorder")]
mod recorder;
mod recover;
mod remove;
mod rename;
mod rollback;
mod salvage;
mod tools;
mod tray;
mod undelete;
#[cfg(feature = "mount")]
mod unmount;
mod write;

use std::path::Path;

use tools::Tools;

use crate::arguments::{Arguments, Command};
use crate::discs::Discs;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use crate::progress::Progress;

/// Runs the command line.
pub fn run(arguments: Arguments) -> Outcome {
    let Arguments {
        json,
        trace,
        speed,
        tray,
        faults,
        command,
    } = arguments;
    if speed.is_some() && !command.has_speed() {
        return Err(Failure::usage("--speed is for commands that record"));
    }
    let moved = match tray.wanted() {
        Some(tray) => Some((tray::disc(&command, tray)?, tray)),
        None => None,
    };
    let recorded = command.disc().filter(|_| command.has_speed()).map(Path::to_owned);
    let output = Output { json };
    let tools = Tools {
        discs: Discs {
            trace,
            faults,
            speed,
            output,
        },
        output,
        progress: Progress::new(json),
    };
    carry_out(&tools, command)?;
    match (moved, recorded) {
        (Some((disc, tray)), _) => tray::run(&tools, &disc, tray),
        (None, Some(disc)) => {
            tray::note_size(&tools, &disc);
            Ok(())
        }
        (None, None) => Ok(()),
    }
}

fn carry_out(tools: &Tools, command: Command) -> Outcome {
    match command {
        Command::Format(format) => format::run(tools, &format),
        Command::Burn(burn) => burn::run(tools, &burn),
        Command::Add(add) => add::run(tools, &add),
        Command::Rm(remove) => remove::run(tools, &remove),
        Command::Mkdir(make) => make_directory::run(tools, &make),
        Command::Mv(rename) => rename::run(tools, &rename),
        Command::Ln(link) => link::run(tools, &link),
        Command::Recover(recover) => recover::run(tools, &recover),
        Command::Ls(list) => list::run(tools, &list),
        Command::Cat(cat) => cat::run(tools, &cat),
        Command::Extract(extract) => extract::run(tools, &extract),
        Command::Salvage(salvage) => salvage::run(tools, &salvage),
        #[cfg(feature = "mount")]
        Command::Mount(mount) => mount::run(tools, &mount),
        #[cfg(feature = "mount")]
        Command::Unmount(unmount) => unmount::run(tools, &unmount),
        Command::Info(info) => info::run(tools, &info),
        Command::Log(log) => log::run(tools, &log),
        Command::Undelete(undelete) => undelete::run(tools, &undelete),
        Command::Rollback(rollback) => rollback::run(tools, &rollback),
        Command::Diff(diff) => diff::run(tools, &diff),
        Command::Check(check) => check::run(tools, &check),
        Command::Map(map) => map::run(tools, &map),
        Command::Close(close) => close::run(tools, &close),
        Command::Fsctl(fsctl) => fsctl::run(tools, &fsctl),
        #[cfg(feature = "drives")]
        Command::Drives(arguments) => drives::run(tools, &arguments),
        #[cfg(feature = "recorder")]
        Command::Recorder(recorder) => recorder::run(tools, &recorder),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { out } => generate::manual(tools, out.as_deref()),
    }
}
