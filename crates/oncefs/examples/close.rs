//! Closes the session of a disc, so that ROM drives can read it, and checks the volume:
//! `cargo run -p oncefs --example close -- DISC`

use std::error::Error;
use std::time::SystemTime;

use oncefs::{OpenOptions, check};

fn main() -> Result<(), Box<dyn Error>> {
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
    match report.interrupted() {
        Some(error) => println!("not judged to the end: {error}"),
        None => println!("{} errors", report.errors()),
    }
    Ok(())
}
