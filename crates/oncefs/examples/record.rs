//! Adds a directory of the host to a disc; creates an image if `DISC` does not exist:
//! `cargo run -p oncefs --example record -- DISC DIRECTORY`

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use oncefs::{FormatOptions, Medium, OpenOptions};

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
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [disc, directory] = words.as_slice() else {
        return Err("record DISC DIRECTORY".into());
    };
    let now = SystemTime::now();
    let mut recording = if Path::new(disc).exists() {
        OpenOptions::new().record(disc, now)?
    } else {
        FormatOptions::new()
            .label("Archive")
            .create(disc, Medium::BdR, now)?
    };
    let name = Path::new(directory).file_name().and_then(|name| name.to_str());
    let added = recording.add_dir_all(directory, name.unwrap_or("added"));
    if let Err(error) = added {
        recording.abandon()?;
        return Err(error.into());
    }
    let commit = recording.commit()?;
    println!("{} blocks recorded", commit.blocks);
    Ok(())
}
