//! The named streams of a file (`ECMA-167 4/9.2`), as `ls` and `extract` name them: `FILE:STREAM`.

use oncefs::nodes::{Node, Volume, defined_stream};
use oncefs::{RecordedAddress, VolumeError};
use serde::Serialize;

use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;

/// Most streams read of one file; a disc may have any number.
const MOST: usize = 10_000;

/// A stream by its name; nothing of it is read yet.
pub struct Stream {
    /// Its name; the disc may have anything here.
    pub name: String,
    /// Whether it is for implementations rather than users (`UDF 2.60 3.3.5.2`).
    pub is_metadata: bool,
    address: RecordedAddress,
}

/// A stream in JSON.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Whether it is for implementations rather than users.
    pub metadata: bool,
    /// What it is, if UDF defines its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<&'static str>,
}

impl Stream {
    /// What it is, if UDF defines its name.
    pub fn meaning(&self) -> Option<&'static str> {
        defined_stream(&self.name).map(|defined| defined.meaning)
    }

    /// Reads its node.
    pub fn node(&self, volume: &mut Volume) -> Outcome<Node> {
        Ok(volume.stream(self.address)?)
    }
}

/// The names of the streams of a file. Damage to its stream directory is returned as failures beside the
/// remaining names.
pub fn of(volume: &mut Volume, node: &Node, path: &str) -> (Vec<Stream>, Vec<Failure>) {
    let directory = volume.stream_directory(node);
    in_directory(volume, directory, path)
}

/// The same for a given stream directory.
pub fn in_directory(
    volume: &mut Volume,
    directory: Result<Option<Node>, VolumeError>,
    path: &str,
) -> (Vec<Stream>, Vec<Failure>) {
    let (mut streams, mut failures) = (Vec::new(), Vec::new());
    let mut fail = |failure: Outcome<()>| failures.extend(failure.at(path).err());
    let opened = match directory {
        Ok(None) => return (streams, failures),
        Ok(Some(node)) => volume.directory(&node),
        Err(error) => Err(error),
    };
    let mut directory = match opened {
        Ok(directory) => directory,
        Err(error) => {
            fail(Err(lost(error)));
            return (streams, failures);
        }
    };
    loop {
        match directory.next_live(volume) {
            Ok(Some(_)) if streams.len() == MOST => {
                let message = format_args!("more than {MOST} streams: the others are left out");
                fail(Err(Failure::new(Exit::Damaged, FailureKind::TooMany, message)));
                break;
            }
            Ok(Some(entry)) => streams.push(Stream {
                is_metadata: entry.is_metadata(),
                address: entry.address(),
                name: entry.name,
            }),
            Ok(None) => break,
            Err(error) => {
                let failure = lost(error);
                let is_end = failure.kind == FailureKind::Drive;
                fail(Err(failure));
                if is_end {
                    break;
                }
            }
        }
    }
    (streams, failures)
}

/// The name of a stream next to its file.
pub fn beside(file: &str, stream: &str) -> String {
    format!("{file}:{stream}")
}

fn lost(error: VolumeError) -> Failure {
    let failure = Failure::from(error);
    match failure.exit {
        Exit::Damaged => failure.after("streams of this file are lost"),
        _ => failure,
    }
}
