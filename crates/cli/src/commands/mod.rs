//! What each command does.

mod add;
mod burn;
mod cat;
mod change;
mod check;
mod close;
mod drives;
mod eject;
mod extract;
mod format;
mod fsctl;
mod generate;
mod info;
mod link;
mod list;
mod make_directory;
mod read;
mod recorder;
mod remove;
mod rename;
mod write;

pub use read::generation_lost;

use crate::arguments::{Arguments, Command};
use crate::discs::Discs;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use crate::progress::Progress;

/// What every command has at hand.
pub struct Tools {
    /// Opens discs.
    pub discs: Discs,
    /// Shows results.
    pub output: Output,
    /// Shows progress.
    pub progress: Progress,
}

/// Runs what the command line says.
pub fn run(arguments: Arguments) -> Outcome {
    let Arguments {
        json,
        trace,
        speed,
        eject,
        faults,
        command,
    } = arguments;
    if speed.is_some() && !command.has_speed() {
        return Err(Failure::usage("--speed is for commands that record"));
    }
    let ejected = if eject { Some(eject::disc(&command)?) } else { None };
    let tools = Tools {
        discs: Discs { trace, faults, speed },
        output: Output { json },
        progress: Progress::new(json),
    };
    carry_out(&tools, command)?;
    ejected.map_or(Ok(()), |disc| eject::run(&tools, &disc))
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
        Command::Ls(list) => list::run(tools, &list),
        Command::Cat(cat) => cat::run(tools, &cat),
        Command::Extract(extract) => extract::run(tools, &extract),
        Command::Info(info) => info::run(tools, &info),
        Command::Check(check) => check::run(tools, &check),
        Command::Close(close) => close::run(tools, &close),
        Command::Fsctl(fsctl) => fsctl::run(tools, &fsctl),
        Command::Drives => drives::run(tools),
        Command::Recorder(recorder) => recorder::run(tools, &recorder),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { out } => generate::manual(tools, out.as_deref()),
    }
}
