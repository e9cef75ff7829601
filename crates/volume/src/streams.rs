//! Named streams: what a node has besides its body (`ECMA-167 4/9.2`, `UDF 2.60 3.3.5`).
//!
//! The streams of a node are files in its stream directory. Streams have no streams, and a stream directory
//! contains no directory.

use ecma167::RecordedAddress;
use ecma167::file::LongAd;

use crate::error::{CorruptKind, Error};
use crate::name::replacements;
use crate::node::{Node, NodeKind};
use crate::volume::Volume;

impl Volume {
    /// The stream directory of a node, to be read like any directory: its entries are the streams. Those with
    /// the metadata bit are for implementations, not for users (`UDF 2.60 3.3.5.2`). `None` if the node has
    /// none.
    ///
    /// # Errors
    /// As [`Volume::node`]; [`crate::CorruptKind::NotAStreamDirectory`].
    pub fn stream_directory(&mut self, node: &Node) -> Result<Option<Node>, Error> {
        self.stream_directory_at(node.entry.stream_directory_icb)
    }

    /// The stream directory of the file set, which describes the volume itself (`UDF 2.60 3.3.5`); there is
    /// none below UDF 2.00.
    ///
    /// # Errors
    /// As [`Volume::file_set`] and [`Volume::stream_directory`].
    pub fn system_stream_directory(&mut self) -> Result<Option<Node>, Error> {
        if !self.revision().is_third_edition() {
            return Ok(None);
        }
        let icb = self.file_set()?.system_stream_directory_icb;
        self.stream_directory_at(icb)
    }

    /// The address of the stream of a node that is shown with this name, or recorded with it.
    ///
    /// # Errors
    /// As [`Volume::stream_directory`] and [`Volume::lookup`].
    pub fn lookup_stream(&mut self, node: &Node, name: &str) -> Result<Option<RecordedAddress>, Error> {
        let Some(directory) = self.stream_directory(node)? else {
            return Ok(None);
        };
        for shown in replacements(name) {
            if let Some(stream) = self.lookup(&directory, &shown)? {
                return Ok(Some(stream));
            }
        }
        self.lookup(&directory, name)
    }

    /// The stream at an address from a stream directory.
    ///
    /// # Errors
    /// As [`Volume::node`]; [`crate::CorruptKind::NotAStream`] if it is not a file.
    pub fn stream(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        let node = self.node(address)?;
        match node.kind {
            NodeKind::File => Ok(node),
            _ => Err(Error::corrupt(CorruptKind::NotAStream, address)),
        }
    }

    fn stream_directory_at(&mut self, icb: LongAd) -> Result<Option<Node>, Error> {
        if icb.length().bytes() == 0 {
            return Ok(None);
        }
        self.space.stream_directory(icb.address()).map(Some)
    }
}
