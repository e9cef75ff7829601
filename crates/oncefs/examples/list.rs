//! Lists what is on a disc: `cargo run -p oncefs --example list -- DISC`

use std::error::Error;

use oncefs::Volume;

fn main() -> Result<(), Box<dyn Error>> {
    let disc = std::env::args().nth(1).ok_or("list DISC")?;
    let volume = oncefs::open(&disc)?;
    let info = volume.info()?;
    println!("{}, UDF {}", info.label, info.revision);
    list(&volume, "/")?;
    for loss in volume.losses() {
        eprintln!("{loss}");
    }
    Ok(())
}

/// Lists a directory and those below it.
fn list(volume: &Volume, top: &str) -> oncefs::Result<()> {
    let mut waiting = vec![top.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in volume.read_dir(&directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            println!("{:o} {:>12} {}", metadata.mode(), metadata.len(), entry.path());
            if metadata.is_dir() {
                waiting.push(entry.path().to_owned());
            }
        }
    }
    Ok(())
}
