//! The volume recognition sequence (`ECMA-167 2/8`, `2/9`, `3/9`).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::BLOCK_SIZE;

/// First sector of the sequence, counted from the start of the session: byte 32,768 (`ECMA-167 2/8.3`).
pub const RECOGNITION_SECTOR: u32 = 16;

/// Volume structure descriptor, 2048 bytes (`ECMA-167 2/9.1`).
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VolumeStructureDescriptor {
    /// 0.
    pub structure_type: u8,
    /// Which descriptor this is.
    pub standard_identifier: [u8; 5],
    /// 1.
    pub structure_version: u8,
    /// Zeros except in a boot descriptor.
    pub structure_data: [u8; 2041],
}

const _: () = assert!(size_of::<VolumeStructureDescriptor>() == BLOCK_SIZE);

/// Edition of ECMA-167 that an NSR descriptor states (`ECMA-167 3/9.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nsr {
    /// Second edition: UDF up to 1.50.
    Nsr02,
    /// Third edition: UDF from 2.00.
    Nsr03,
}

/// A recognised volume structure descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// Beginning extended area descriptor (`ECMA-167 2/9.2`).
    Bea01,
    /// NSR descriptor: the volume follows ECMA-167 (`ECMA-167 3/9.1`).
    Nsr(Nsr),
    /// Terminating extended area descriptor (`ECMA-167 2/9.3`).
    Tea01,
    /// Boot descriptor (`ECMA-167 2/9.4`).
    Boot2,
    /// A descriptor of ISO 9660: the disc is a bridge, or one of its sessions is ISO 9660 (`ECMA-119 8`).
    Cd001,
    /// A descriptor of ECMA-168.
    Cdw02,
}

fn descriptor(standard_identifier: &[u8; 5]) -> [u8; BLOCK_SIZE] {
    let mut block = [0; BLOCK_SIZE];
    block[1..6].copy_from_slice(standard_identifier);
    block[6] = 1;
    block
}

/// Beginning extended area descriptor (`ECMA-167 2/9.2`).
#[must_use]
pub fn bea01() -> [u8; BLOCK_SIZE] {
    descriptor(b"BEA01")
}

/// NSR descriptor (`ECMA-167 3/9.1`).
#[must_use]
pub fn nsr(edition: Nsr) -> [u8; BLOCK_SIZE] {
    match edition {
        Nsr::Nsr02 => descriptor(b"NSR02"),
        Nsr::Nsr03 => descriptor(b"NSR03"),
    }
}

/// Terminating extended area descriptor (`ECMA-167 2/9.3`).
#[must_use]
pub fn tea01() -> [u8; BLOCK_SIZE] {
    descriptor(b"TEA01")
}

/// The descriptor in a block of the sequence; `None` ends the sequence.
///
/// An ISO 9660 descriptor is recognised without its type and version, because ISO 9660 uses several.
#[must_use]
pub fn recognise(block: &[u8]) -> Option<Recognised> {
    let (found, _) = VolumeStructureDescriptor::ref_from_prefix(block).ok()?;
    let recognised = match &found.standard_identifier {
        b"BEA01" => Recognised::Bea01,
        b"NSR02" => Recognised::Nsr(Nsr::Nsr02),
        b"NSR03" => Recognised::Nsr(Nsr::Nsr03),
        b"TEA01" => Recognised::Tea01,
        b"BOOT2" => Recognised::Boot2,
        b"CD001" => return Some(Recognised::Cd001),
        b"CDW02" => Recognised::Cdw02,
        _ => return None,
    };
    (found.structure_type == 0 && found.structure_version == 1).then_some(recognised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_descriptor_written_is_recognised() {
        assert_eq!(recognise(&bea01()), Some(Recognised::Bea01));
        assert_eq!(recognise(&nsr(Nsr::Nsr02)), Some(Recognised::Nsr(Nsr::Nsr02)));
        assert_eq!(recognise(&nsr(Nsr::Nsr03)), Some(Recognised::Nsr(Nsr::Nsr03)));
        assert_eq!(recognise(&tea01()), Some(Recognised::Tea01));
    }

    #[test]
    fn blank_and_short_blocks_end_the_sequence() {
        assert_eq!(recognise(&[0; BLOCK_SIZE]), None);
        assert_eq!(recognise(&bea01()[..BLOCK_SIZE - 1]), None);
    }

    #[test]
    fn a_descriptor_of_another_version_is_not_recognised() {
        let mut block = nsr(Nsr::Nsr03);
        block[6] = 2;
        assert_eq!(recognise(&block), None);
    }
}
