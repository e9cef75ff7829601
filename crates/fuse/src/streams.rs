//! Named streams as extended attributes: a stream `NAME` of a file is its attribute `user.NAME`, within the
//! limits of the system.
//!
//! Only on a read-only mount. Where files change, the kernel would ask for an attribute before each write
//! unless told once that there are none, and no stream is recorded here anyway.

use std::ffi::OsStr;

use ecma167::file::FileCharacteristics;
use fuser::INodeNo;
use volume::{Node, Volume};

use crate::error::Error;
use crate::number::Numbered;
use crate::served::Served;

/// The prefix of user attributes.
const PREFIX: &str = "user.";

/// The longest attribute name in bytes, the longest value, and the longest list of names (`XATTR_NAME_MAX`
/// and so on).
const LONGEST_NAME: usize = 255;
const LONGEST_VALUE: u64 = 1 << 16;
const LONGEST_LIST: usize = 1 << 16;

impl Served {
    /// The names of a node's streams, each with a zero after it; streams for implementations are left out.
    pub fn stream_names(&mut self, number: INodeNo) -> Result<Vec<u8>, Error> {
        let found = self.reading(number, names_of);
        match self.numbers.numbered(number) {
            Numbered::Oncefs | Numbered::At if matches!(found, Err(Error::NoAttribute)) => Ok(Vec::new()),
            _ => found,
        }
    }

    /// The bytes of the stream of an attribute.
    pub fn stream(&mut self, number: INodeNo, name: &OsStr) -> Result<Vec<u8>, Error> {
        let name = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        self.reading(number, |volume, node| bytes_of(volume, node, name))
    }

    /// What `look` finds at a node of a mount for reading.
    fn reading<R>(
        &mut self,
        number: INodeNo,
        look: impl FnOnce(&mut Volume, Node) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let tree = self.tree()?;
        if tree.changing().is_ok() {
            return Err(Error::NoAttributes);
        }
        match self.numbers.numbered(number) {
            Numbered::Now(address) => {
                let volume = self.tree()?.volume();
                let node = volume.node(address)?;
                look(volume, node)
            }
            Numbered::Then(generation, address) => self.then(generation, address, look),
            Numbered::Oncefs | Numbered::At => Err(Error::NoAttribute),
        }
    }
}

fn names_of(volume: &mut Volume, node: Node) -> Result<Vec<u8>, Error> {
    let mut names = Vec::new();
    let Some(directory) = volume.stream_directory(&node)? else {
        return Ok(names);
    };
    let mut streams = volume.directory(&directory)?;
    loop {
        match streams.next_live(volume) {
            Ok(Some(stream)) => {
                let length = PREFIX.len() + stream.name.len();
                let is_ours = stream.characteristics.contains(FileCharacteristics::METADATA);
                if !is_ours && length <= LONGEST_NAME && names.len() + length < LONGEST_LIST {
                    names.extend(PREFIX.bytes().chain(stream.name.bytes()).chain([0]));
                }
            }
            Ok(None) => return Ok(names),
            Err(error) if error.is_damage() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn bytes_of(volume: &mut Volume, node: Node, name: Option<&str>) -> Result<Vec<u8>, Error> {
    let found = name.map_or(Ok(None), |name| volume.lookup_stream(&node, name))?;
    let stream = volume.stream(found.ok_or(Error::NoAttribute)?)?;
    if stream.size() > LONGEST_VALUE {
        return Err(Error::AttributeTooLong);
    }
    let body = volume.body(&stream)?;
    let mut bytes = vec![0; usize::try_from(stream.size()).unwrap_or(0)];
    let read = volume.read(&body, 0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}
