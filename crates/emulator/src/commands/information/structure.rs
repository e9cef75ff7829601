//! READ DISC STRUCTURE.

use crate::data_phase::reply;
use crate::medium::{Family, Medium};
use crate::recorder::Recorder;
use mmc::command::ReadDiscStructure;
use mmc::reply::{BdDiscInformationUnit, DiscStructureHeader, DvdPhysicalFormat};
use mmc::{Data, Failure, Sense};
use zerocopy::IntoBytes as _;

/// Physical format information of a DVD, disc information of a BD.
const PHYSICAL: u8 = 0x00;
/// The list of supported formats.
const LIST: u8 = 0xFF;
/// Bytes of the answer after the header.
const DVD_LENGTH: usize = 2048;
const BD_LENGTH: usize = 4096;
/// The first physical sector of a DVD's data area.
const DVD_DATA_START: u32 = 0x03_0000;
const MEDIA_TYPE_BD: u8 = 1;

impl Recorder {
    pub(super) fn disc_structure(
        &self,
        command: &ReadDiscStructure,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        let medium = self.disc.medium();
        let bd = medium.family() == Family::BdR;
        if medium.family() == Family::Cd || (command.media_type & 0x0F == MEDIA_TYPE_BD) != bd {
            return Err(Sense::INCOMPATIBLE_MEDIUM.into());
        }
        if command.layer_number >= medium.layers() {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let body = match (command.format, bd) {
            (PHYSICAL, false) => padded(dvd(medium, self.disc.capacity()).as_bytes(), DVD_LENGTH),
            (PHYSICAL, true) => padded(bd_unit(medium, self.disc.capacity()).as_bytes(), BD_LENGTH),
            (LIST, _) => list(if bd { BD_LENGTH } else { DVD_LENGTH }),
            _ => return Err(Sense::INVALID_FIELD_IN_CDB.into()),
        };
        let data_length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
        let header = DiscStructureHeader {
            data_length: data_length.into(),
            ..DiscStructureHeader::default()
        };
        let allocation = usize::from(command.allocation_length.get());
        reply(data, allocation, &[header.as_bytes(), &body].concat())
    }
}

fn padded(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(length, 0);
    padded
}

/// An entry of the list of formats: the format, RDS, the length of its answer.
fn list(length: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(length + 4).unwrap_or(u16::MAX).to_be_bytes();
    vec![PHYSICAL, 0x40, high, low]
}

fn dvd(medium: Medium, capacity: u32) -> DvdPhysicalFormat {
    let category = match medium {
        Medium::DvdPlusR => 0xA0,
        Medium::DvdPlusRDl => 0xE0,
        _ => 0x20,
    };
    let dual = medium.layers() == 2;
    let layer_0_end = DVD_DATA_START + (capacity / 2).saturating_sub(1);
    DvdPhysicalFormat {
        category_version: category | 0x05,
        size_rate: 0x02,
        // Layers minus 1, opposite track path, a recordable layer.
        layers: if dual { 0x32 } else { 0x02 },
        data_area_start: DVD_DATA_START.into(),
        // On the second layer of an opposite track path, sector numbers are the complement of those on the
        // first.
        data_area_end: if dual {
            !DVD_DATA_START & 0x00FF_FFFF
        } else {
            DVD_DATA_START + capacity.saturating_sub(1)
        }
        .into(),
        layer_0_end: if dual { layer_0_end } else { 0 }.into(),
        ..DvdPhysicalFormat::default()
    }
}

fn bd_unit(medium: Medium, capacity: u32) -> BdDiscInformationUnit {
    let layers = medium.layers();
    BdDiscInformationUnit {
        identifier: *b"DI",
        format: 1,
        units: [1, layers],
        sequence: [0, 98, 0],
        disc_type: *b"BDR",
        size_class_version: 0x01,
        layers: layers << 4 | 0x02,
        // Layer 0 has two address units per block pair of 4 KiB, starting at 020000h.
        last_address_unit: (0x02_0000 + (capacity / u32::from(layers)).saturating_mul(2)).into(),
        ..BdDiscInformationUnit::default()
    }
}
