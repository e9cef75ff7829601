//! Lists the contents of a disc: `cargo run -p oncefs --example list -- DISC`

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
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
    Ok(())
}
