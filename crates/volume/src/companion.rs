//! Two volumes on one disc: the one with the VAT, and the plain one that readers without VAT support open.
//! Each records the fact in its logical volume descriptor.

use ecma167::general::EntityIdentifier;
use ecma167::osta::Revision;
use ecma167::volume::LogicalVolumeDescriptor;

/// The first bytes of our implementation use field in a logical volume descriptor on a disc with two volumes.
const NAME: &[u8; 12] = b"*oncefs ROM\0";

const PLAIN: u8 = 1;
const BRIDGE: u8 = 2;
const LINKS: u8 = 4;

/// What a logical volume descriptor says about the two volumes of its disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Companion {
    /// Whether this is the plain volume rather than the one with the VAT.
    pub is_plain: bool,
    /// Whether ISO 9660 leads to the files of the plain volume.
    pub bridge: bool,
    /// Whether the plain volume has symbolic links and special files.
    pub links: bool,
    /// The revision of the plain volume.
    pub revision: Revision,
}

impl Companion {
    /// What a descriptor says; `None` if the disc has one volume or another program recorded it.
    #[must_use]
    pub fn of(logical: &LogicalVolumeDescriptor) -> Option<Self> {
        if logical.implementation_identifier != EntityIdentifier::implementation() {
            return None;
        }
        let (name, rest) = logical.implementation_use.split_first_chunk()?;
        let &[flags, low, high, ..] = rest else {
            return None;
        };
        (name == NAME).then(|| Self {
            is_plain: flags & PLAIN != 0,
            bridge: flags & BRIDGE != 0,
            links: flags & LINKS != 0,
            revision: Revision(u16::from_le_bytes([low, high])),
        })
    }

    /// The implementation use field that records this.
    #[must_use]
    pub fn implementation_use(&self) -> [u8; 128] {
        let mut bytes = [0; 128];
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let flags = flag(self.is_plain, PLAIN) | flag(self.bridge, BRIDGE) | flag(self.links, LINKS);
        let [low, high] = self.revision.0.to_le_bytes();
        bytes[..NAME.len()].copy_from_slice(NAME);
        bytes[NAME.len()..NAME.len() + 3].copy_from_slice(&[flags, low, high]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use ecma167::file::LongAd;
    use ecma167::general::{Charspec, DString, DomainFlags, ExtentAd};

    use super::*;

    #[test]
    fn what_is_recorded_is_read_back() {
        for (is_plain, bridge, links) in [(true, true, false), (false, false, true), (false, true, false)] {
            let companion = Companion {
                is_plain,
                bridge,
                links,
                revision: Revision::V1_02,
            };
            let mut logical = LogicalVolumeDescriptor {
                volume_descriptor_sequence_number: 0,
                descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
                logical_volume_identifier: DString::truncated("x"),
                logical_block_size: 2048,
                domain_identifier: EntityIdentifier::domain(Revision::V2_01, DomainFlags::empty()),
                logical_volume_contents_use: LongAd::default(),
                implementation_identifier: EntityIdentifier::implementation(),
                implementation_use: companion.implementation_use(),
                integrity_sequence_extent: ExtentAd::default(),
                partition_maps: Vec::new(),
            };
            assert_eq!(Companion::of(&logical), Some(companion));
            logical.implementation_identifier = EntityIdentifier::new("*other", [0; 8]);
            assert_eq!(Companion::of(&logical), None);
        }
    }
}
