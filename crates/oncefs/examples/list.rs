//! Lists the contents of a disc: `cargo run -p oncefs --example list -- DISC`

use std::error::Error;
use std::process::ExitCode;

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
    let disc = std::env::args().nth(1).ok_or("list DISC")?;
    let volume = oncefs::open(&disc)?;
    let info = volume.info()?;
    println!("{}, UDF {}", info.label, info.revision);
    for entry in volume.walk_dir("/")? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        println!("{:o} {:>12} {}", metadata.mode(), metadata.len(), entry.path());
    }
    for loss in volume.losses() {
        eprintln!("{loss}");
    }
    if !volume.is_newest() {
        return Err("files may be missing: a later state of the volume cannot be read".into());
    }
    Ok(())
}
