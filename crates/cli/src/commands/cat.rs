//! `oncefs cat`

use std::io::{self, Write};

use volume::{NodeKind, Volume};

use super::{Tools, read};
use crate::arguments::Cat;
use crate::failure::{Failure, Outcome};
use crate::output::written;

/// Bytes per read from the disc.
const CHUNK: usize = 1 << 20;

/// Writes files to standard output, one after another.
pub fn run(tools: &Tools, arguments: &Cat) -> Outcome {
    let mut volume = read::open(tools, &arguments.disc, arguments.view)?;
    let mut buffer = vec![0; CHUNK];
    for path in &arguments.paths {
        one(&mut volume, path, arguments.stream.as_deref(), &mut buffer).map_err(|failure| match failure
            .is_broken_pipe()
        {
            true => failure,
            false => failure.at(path),
        })?;
    }
    io::stdout().flush().map_err(written)?;
    read::require_newest(tools.output, &volume)
}

fn one(volume: &mut Volume, path: &str, stream: Option<&str>, buffer: &mut [u8]) -> Outcome {
    let mut node = volume.lookup_path(path)?;
    if let Some(name) = stream {
        let found = volume.lookup_stream(&node, name)?;
        let address = found.ok_or_else(|| Failure::failed(format_args!("no stream {name:?}")))?;
        node = volume.stream(address)?;
    }
    match node.kind {
        NodeKind::File => {}
        NodeKind::Directory => return Err(Failure::failed("is a directory")),
        _ => return Err(Failure::failed("not a regular file")),
    }
    let body = volume.body(&node)?;
    let mut out = io::stdout().lock();
    let mut at = 0;
    loop {
        let got = volume.read(&body, at, buffer)?;
        if got == 0 {
            return Ok(());
        }
        out.write_all(&buffer[..got]).map_err(written)?;
        at += got as u64;
    }
}
