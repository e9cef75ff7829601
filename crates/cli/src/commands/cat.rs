//! `oncefs cat`

use std::io::{self, Write};

use oncefs::{Drive, ErrorKind, Volume};

use super::{Tools, read};
use crate::arguments::Cat;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::missing::{self, Missing};
use crate::output::written;
use crate::rescue::Map;

/// Bytes per read from the disc.
const CHUNK: usize = 1 << 20;

/// Writes files to standard output, one after another.
pub fn run(tools: &Tools, arguments: &Cat) -> Outcome {
    let interrupt = match arguments.rescue.mapfile {
        Some(_) => Interrupt::watch()?,
        None => Interrupt::unwatched(),
    };
    let mut map = Map::of(&arguments.rescue, tools.discs.trace.as_deref(), &arguments.disc)?;
    let rescue = &arguments.rescue;
    let reading = |drive: &Drive| rescue.reading(map.as_ref(), drive, &arguments.disc, &interrupt);
    let mut volume = read::open_reading(tools, &arguments.disc, arguments.view, reading)?;
    let Some(map) = &mut map else {
        return write(tools, arguments, &mut volume, &interrupt);
    };
    map.begin(volume.open_volume().volume())?;
    let written = write(tools, arguments, &mut volume, &interrupt);
    let saved = map.save();
    written.and(saved)
}

fn write(tools: &Tools, arguments: &Cat, volume: &mut Volume, interrupt: &Interrupt) -> Outcome {
    let block = volume.open_volume().volume().block_size().bytes();
    let mut buffer = vec![0; CHUNK];
    let mut last = Ok(());
    for path in &arguments.paths {
        let missing = one(volume, path, arguments, block.into(), &mut buffer, interrupt);
        let missing = missing.map_err(|failure| match failure.is_broken_pipe() {
            true => failure,
            false => failure.at(path),
        })?;
        if let Err(failure) = missing.judge(path) {
            // Of several, the last one ends the command.
            if let Err(before) = std::mem::replace(&mut last, Err(failure.at(path))) {
                Failure::report(&before, tools.output.json);
            }
        }
    }
    io::stdout().flush().map_err(written)?;
    last?;
    // One that has bytes is whole, whatever else the volume lacks.
    let is_empty = |path: &String| volume.metadata(path).is_ok_and(|file| file.len() == 0);
    if arguments.stream.is_none() && arguments.paths.iter().any(is_empty) {
        return read::require_all(tools.output, volume);
    }
    read::require_newest(tools.output, volume)
}

/// Writes a file, and returns what of it is missing.
fn one(
    volume: &Volume,
    path: &str,
    arguments: &Cat,
    block: u64,
    buffer: &mut [u8],
    interrupt: &Interrupt,
) -> Outcome<Missing> {
    let file = match &arguments.stream {
        Some(name) => volume.open_stream(path, name)?,
        None => volume.open(path)?,
    };
    let mut out = io::stdout().lock();
    let length = file.metadata().len();
    let mut missing = Missing::default();
    let fill = arguments.fill || arguments.rescue.mapfile.is_some();
    let mut at = 0;
    loop {
        let pace = missing.pace(buffer.len());
        let read = file.read_at(at, &mut buffer[..pace]);
        interrupt.check()?;
        let got = match read {
            Ok(got) => {
                missing.go_on();
                got
            }
            Err(error) if error.kind() == ErrorKind::Damaged && !fill => {
                return Err(Failure::from(error).hint(missing::HINT));
            }
            Err(error) if error.kind() == ErrorKind::Damaged => {
                let end = missing.add(at, block, length);
                let gap = usize::try_from(end - at)
                    .unwrap_or(buffer.len())
                    .min(buffer.len());
                buffer[..gap].fill(0);
                gap
            }
            Err(error) => return Err(error.into()),
        };
        if got == 0 {
            return Ok(missing);
        }
        out.write_all(&buffer[..got]).map_err(written)?;
        at += got as u64;
    }
}
