//! Entity identifiers: who defined the data that follows, or who recorded it.

use std::fmt;

use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::osta::Revision;

/// regid, 32 bytes (`ECMA-167 1/7.4`, `UDF 2.60 2.1.5`).
#[derive(Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct EntityIdentifier {
    /// Bit 0 dirty, bit 1 protected; 0 on write-once media.
    pub flags: u8,
    /// The identifier, padded with zeros.
    pub identifier: [u8; 23],
    /// The suffix; its layout depends on the field that contains the identifier (`UDF 2.60 2.1.5.3`).
    pub identifier_suffix: [u8; 8],
}

const _: () = assert!(size_of::<EntityIdentifier>() == 32);

/// The identifiers that ECMA-167 and UDF define.
pub mod identifiers {
    /// Domain of logical volumes and file sets (`UDF 2.60 2.1.5.2`).
    pub const OSTA_UDF_COMPLIANT: &str = "*OSTA UDF Compliant";
    /// Implementation use volume descriptor (`UDF 2.60 2.2.7.1`).
    pub const UDF_LV_INFO: &str = "*UDF LV Info";
    /// Type 2 map of a virtual partition (`UDF 2.60 2.2.8`).
    pub const UDF_VIRTUAL_PARTITION: &str = "*UDF Virtual Partition";
    /// Type 2 map of a sparable partition (`UDF 2.60 2.2.9`).
    pub const UDF_SPARABLE_PARTITION: &str = "*UDF Sparable Partition";
    /// Type 2 map of a metadata partition (`UDF 2.60 2.2.10`).
    pub const UDF_METADATA_PARTITION: &str = "*UDF Metadata Partition";
    /// Sparing table (`UDF 2.60 2.2.12`).
    pub const UDF_SPARING_TABLE: &str = "*UDF Sparing Table";
    /// Tail of the VAT (`UDF 1.50 2.2.10`).
    pub const UDF_VIRTUAL_ALLOC_TBL: &str = "*UDF Virtual Alloc Tbl";
    /// Extended attribute of the VAT ICB (`UDF 1.50 3.3.4.5.1.3`).
    pub const UDF_VAT_LVEXTENSION: &str = "*UDF VAT LVExtension";
    /// Free space among implementation use attributes (`UDF 2.60 3.3.4.5.1.1`).
    pub const UDF_FREE_EA_SPACE: &str = "*UDF FreeEASpace";
    /// Free space among application use attributes (`UDF 2.60 3.3.4.6.1`).
    pub const UDF_FREE_APP_EA_SPACE: &str = "*UDF FreeAppEASpace";
    /// DVD copyright management (`UDF 2.60 3.3.4.5.1.2`).
    pub const UDF_DVD_CGMS_INFO: &str = "*UDF DVD CGMS Info";
    /// Stream with the unique identifiers of a volume (`UDF 2.60 3.3.7.1`).
    pub const UDF_UNIQUE_ID_MAPPING: &str = "*UDF Unique ID Mapping";
    /// Partition contents by ECMA-167 second edition (`ECMA-167 3/10.5.5`).
    pub const NSR02: &str = "+NSR02";
    /// Partition contents by ECMA-167 third edition (`ECMA-167 3/10.5.5`).
    pub const NSR03: &str = "+NSR03";
    /// Developer of this implementation.
    pub const ONCEFS: &str = "*oncefs";
}

bitflags! {
    /// Domain flags of a domain identifier suffix (`UDF 2.60 2.1.5.3`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DomainFlags: u8 {
        /// Hardware protects the whole volume from writing.
        const HARD_WRITE_PROTECT = 1;
        /// By agreement, nobody writes to the volume.
        const SOFT_WRITE_PROTECT = 2;
    }
}

/// Operating system class 4, UNIX (`UDF 2.60 6.3.1`).
const OS_CLASS_UNIX: u8 = 4;
/// Operating system identifier 5 of that class, Linux (`UDF 2.60 6.3.2`).
const OS_LINUX: u8 = 5;

impl EntityIdentifier {
    /// An identifier of at most 23 bytes with its suffix. No identifier is longer; excess bytes are cut off.
    #[must_use]
    pub fn new(identifier: &str, identifier_suffix: [u8; 8]) -> Self {
        let mut entity = Self {
            identifier_suffix,
            ..Self::default()
        };
        for (to, from) in entity.identifier.iter_mut().zip(identifier.bytes()) {
            *to = from;
        }
        entity
    }

    /// The identifier of a domain, with a domain suffix: revision and domain flags (`UDF 2.60 2.1.5.3`).
    #[must_use]
    pub fn domain(revision: Revision, flags: DomainFlags) -> Self {
        let [low, high] = revision.0.to_le_bytes();
        Self::new(
            identifiers::OSTA_UDF_COMPLIANT,
            [low, high, flags.bits(), 0, 0, 0, 0, 0],
        )
    }

    /// An identifier that UDF defines, with a UDF suffix: revision and operating system (`UDF 2.60 2.1.5.3`).
    #[must_use]
    pub fn udf(identifier: &str, revision: Revision) -> Self {
        let [low, high] = revision.0.to_le_bytes();
        Self::new(identifier, [low, high, OS_CLASS_UNIX, OS_LINUX, 0, 0, 0, 0])
    }

    /// The identifier of this implementation, with an implementation suffix: operating system
    /// (`UDF 2.60 2.1.5.3`).
    #[must_use]
    pub fn implementation() -> Self {
        Self::new(identifiers::ONCEFS, [OS_CLASS_UNIX, OS_LINUX, 0, 0, 0, 0, 0, 0])
    }

    /// The partition contents for a revision, with an application suffix of zeros (`ECMA-167 3/10.5.5`).
    #[must_use]
    pub fn partition_contents(revision: Revision) -> Self {
        let contents = if revision.is_third_edition() {
            identifiers::NSR03
        } else {
            identifiers::NSR02
        };
        Self::new(contents, [0; 8])
    }

    /// Whether the identifier is this one, whatever its suffix.
    #[must_use]
    pub fn is(&self, identifier: &str) -> bool {
        self.identifier_bytes() == identifier.as_bytes()
    }

    /// The identifier without its padding.
    #[must_use]
    pub fn identifier_bytes(&self) -> &[u8] {
        let end = self
            .identifier
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        &self.identifier[..end]
    }

    /// The revision in a domain or UDF suffix. The caller must know that the identifier has such a suffix.
    #[must_use]
    pub fn revision(&self) -> Revision {
        Revision(u16::from_le_bytes([
            self.identifier_suffix[0],
            self.identifier_suffix[1],
        ]))
    }

    /// The flags in a domain suffix, including unknown bits.
    #[must_use]
    pub fn domain_flags(&self) -> DomainFlags {
        DomainFlags::from_bits_retain(self.identifier_suffix[2])
    }
}

impl fmt::Debug for EntityIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {:02x?}",
            String::from_utf8_lossy(self.identifier_bytes()),
            self.identifier_suffix
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_have_their_layouts() {
        let domain = EntityIdentifier::domain(Revision::V2_01, DomainFlags::SOFT_WRITE_PROTECT);
        assert_eq!(domain.identifier_suffix, [0x01, 0x02, 2, 0, 0, 0, 0, 0]);
        assert_eq!(domain.revision(), Revision::V2_01);
        assert_eq!(domain.domain_flags(), DomainFlags::SOFT_WRITE_PROTECT);
        let udf = EntityIdentifier::udf(identifiers::UDF_LV_INFO, Revision::V1_50);
        assert_eq!(udf.identifier_suffix, [0x50, 0x01, 4, 5, 0, 0, 0, 0]);
        assert_eq!(
            EntityIdentifier::implementation().identifier_suffix,
            [4, 5, 0, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn every_identifier_fits_and_is_recognised() {
        for name in [
            identifiers::UDF_SPARABLE_PARTITION,
            identifiers::UDF_UNIQUE_ID_MAPPING,
            identifiers::ONCEFS,
        ] {
            let entity = EntityIdentifier::new(name, [0; 8]);
            assert!(entity.is(name), "{name}");
            assert!(!entity.is("*UDF"));
        }
    }
}
