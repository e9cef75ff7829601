//! Closes the session of a disc, so that ROM drives can read it, and checks the volume:
//! `cargo run -p oncefs --example close -- DISC`

use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use oncefs::{OpenOptions, check};

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let reason = cause.to_string();
        // Most messages have that of their cause.
        if !message.contains(&reason) {
            message = format!("{message}: {reason}");
        }
        source = cause.source();
    }
    eprintln!("{message}");
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    let disc = std::env::args().nth(1).ok_or("close DISC")?;
    let options = OpenOptions::new();
    let mut recording = options.record(&disc, SystemTime::now())?;
    println!("plan: {}", recording.plan());
    let closed = recording.close()?;
    drop(recording);
    match closed.vat_icb {
        Some(block) => println!("closed with block {block}; finalized: {}", closed.finalized),
        None => println!("no session was open"),
    }
    let report = options.check(&disc, &check::Options::default())?;
    for finding in report.findings() {
        println!("{finding}");
    }
    match (report.interrupted(), report.errors()) {
        (Some(error), _) => Err(format!("not judged to the end: {error}").into()),
        (None, 0) => Ok(()),
        (None, errors) => Err(format!("{errors} errors").into()),
    }
}
