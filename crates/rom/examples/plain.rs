//! Makes a plain volume of an image: `plain IMAGE OUT [udf]`. What is at its start is replaced, so it is for readers to be tried on.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;

use drive::Drive;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use ecma167::{BLOCK_SIZE, LogicalSector};
use rom::{Bridge, Error, Layout, Links, Options, Placement, RESERVE_SECTORS, START_BLOCKS, Start};
use volume::Volume;

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Rom(#[from] Error),
    #[error(transparent)]
    Volume(#[from] volume::Error),
    #[error(transparent)]
    Host(#[from] std::io::Error),
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, image, out, ..] = arguments.as_slice() else {
        return Err("plain IMAGE OUT [udf]".into());
    };
    let bridge = if arguments.get(3).is_some_and(|word| word == "udf") {
        Bridge::No
    } else {
        Bridge::Iso9660
    };
    std::fs::copy(image, out)?;
    let file = File::options().read(true).write(true).open(out)?;
    let length = file.metadata()?.len() / BLOCK_SIZE as u64;
    let base = LogicalSector(u32::try_from(length)?);
    let mut volume = Volume::open(Drive::open_image(image.as_ref())?).map_err(|failed| failed.error)?;
    let options = Options {
        revision: Revision::V1_02,
        bridge,
        links: Links::LeaveOut,
        partition_start: LogicalSector(257),
        now: Timestamp::from_unix(1_700_000_000, 0),
    };
    let layout = Layout::of(&mut volume, options)?;
    println!("{} blocks, {:?}", layout.blocks(), layout.told());
    let mut sink = |_: &mut Volume, number: u64, blocks: &[u8]| -> Result<(), Failure> {
        file.write_all_at(blocks, (u64::from(base.0) + number) * BLOCK_SIZE as u64)?;
        Ok(())
    };
    layout.record(&mut volume, base, &mut sink)?;
    let end = base.0 + layout.blocks();
    let placement = Placement {
        base,
        reserve: LogicalSector(end),
        last: LogicalSector((end + RESERVE_SECTORS + 257).next_multiple_of(16) - 1),
        now: options.now,
    };
    let start = Start::new(&layout, &mut volume, LogicalSector(0), &placement)?;
    for number in 0..START_BLOCKS {
        let mut slot = [0; BLOCK_SIZE];
        start.encode(number, &mut slot)?;
        file.write_all_at(&slot, u64::from(number) * BLOCK_SIZE as u64)?;
    }
    let mut file = file;
    file.seek(SeekFrom::Start(u64::from(end) * BLOCK_SIZE as u64))?;
    for at in end..=placement.last.0 {
        let mut slot = [0; BLOCK_SIZE];
        if at < end + RESERVE_SECTORS {
            start.reserve(LogicalSector(at), &mut slot)?;
        } else {
            start.anchor(LogicalSector(at), &mut slot);
        }
        file.write_all(&slot)?;
    }
    Ok(())
}
