//! Copies a file of a disc to the host: `cargo run -p oncefs --example extract -- DISC PATH FILE`

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [disc, path, to] = words.as_slice() else {
        return Err("extract DISC PATH FILE".into());
    };
    let volume = oncefs::open(disc)?;
    let mut from = volume.open(path)?;
    let to = std::fs::File::create_new(to)?;
    let bytes = from.copy_to_file(&to)?;
    if let Some(modified) = from.metadata().modified() {
        to.set_modified(modified)?;
    }
    println!("{bytes} bytes");
    Ok(())
}
