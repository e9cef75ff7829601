//! `oncefs cat`

use std::io::{self, Write};

use oncefs::Volume;

use super::{Tools, read};
use crate::arguments::Cat;
use crate::failure::Outcome;
use crate::output::written;

/// Bytes per read from the disc.
const CHUNK: usize = 1 << 20;

/// Writes files to standard output, one after another.
pub fn run(tools: &Tools, arguments: &Cat) -> Outcome {
    let volume = read::open(tools, &arguments.disc, arguments.view)?;
    let mut buffer = vec![0; CHUNK];
    for path in &arguments.paths {
        one(&volume, path, arguments.stream.as_deref(), &mut buffer).map_err(|failure| {
            match failure.is_broken_pipe() {
                true => failure,
                false => failure.at(path),
            }
        })?;
    }
    io::stdout().flush().map_err(written)?;
    read::require_newest(tools.output, &volume)
}

fn one(volume: &Volume, path: &str, stream: Option<&str>, buffer: &mut [u8]) -> Outcome {
    let file = match stream {
        Some(name) => volume.open_stream(path, name)?,
        None => volume.open(path)?,
    };
    let mut out = io::stdout().lock();
    let mut at = 0;
    loop {
        let got = file.read_at(at, buffer)?;
        if got == 0 {
            return Ok(());
        }
        out.write_all(&buffer[..got]).map_err(written)?;
        at += got as u64;
    }
}
