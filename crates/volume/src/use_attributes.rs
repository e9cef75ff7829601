//! Implementation and application use attributes: what a system or program keeps about a node
//! (`ECMA-167 4/14.10.8`, `4/14.10.9`, `UDF 2.60 3.3.4.5`, `3.3.4.6`).

use ecma167::file::extended_attribute::{self, Attribute};

use crate::error::{CorruptKind, Error};
use crate::node::Node;
use crate::volume::Volume;

/// The bytes that are read of attributes in a file of their own; a longer space does not decode.
const MOST_BYTES: u64 = 1 << 20;

/// An implementation or application use attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseAttribute {
    /// Who defined it, or as what.
    pub identifier: String,
    /// Its content; if UDF defines the attribute, the first two bytes are the header checksum.
    pub content: Vec<u8>,
}

impl Volume {
    /// The use attributes of a node: those in its entry, then those in a file of their own
    /// (`ECMA-167 4/9.1`).
    ///
    /// # Errors
    /// As [`Volume::node`] and [`Volume::read`]; attributes that do not decode.
    pub fn use_attributes(&mut self, node: &Node) -> Result<Vec<UseAttribute>, Error> {
        let corrupt = |fault| Error::corrupt(CorruptKind::Malformed(fault), node.address);
        let decode = |space: &[u8]| extended_attribute::decode(space, None).map_err(corrupt);
        let mut attributes = decode(&node.entry.extended_attributes)?;
        let icb = node.entry.extended_attribute_icb;
        if icb.length().bytes() > 0 {
            let file = self.node(icb.address())?;
            let body = self.body(&file)?;
            let mut space = vec![0; usize::try_from(file.size().min(MOST_BYTES)).unwrap_or(0)];
            let read = self.read(&body, 0, &mut space)?;
            space.truncate(read);
            attributes.extend(decode(&space)?);
        }
        Ok(attributes.into_iter().filter_map(of_use).collect())
    }
}

fn of_use(attribute: Attribute) -> Option<UseAttribute> {
    match attribute {
        Attribute::ImplementationUse { identifier, content }
        | Attribute::ApplicationUse { identifier, content } => Some(UseAttribute {
            identifier: String::from_utf8_lossy(identifier.identifier_bytes()).into_owned(),
            content,
        }),
        _ => None,
    }
}
