//! Extended attributes (`ECMA-167 4/9.1`, `4/14.10`, `UDF 2.60 3.3.4`).

use ecma167::file::FileType;
use ecma167::file::extended_attribute::{APPLICATION_USE, DEVICE_SPECIFICATION, IMPLEMENTATION_USE, NONE};
use ecma167::general::{EntityIdentifier, TagIdentifier};
use zerocopy::FromBytes;

use crate::basic::Entity;
use crate::entry::Loaded;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// Length of the extended attribute header descriptor.
const HEADER: usize = 24;
/// Length of what every attribute begins with.
const FRONT: usize = 12;
/// Length of the front, length of use and identifier of an implementation or application use attribute.
const USE_FRONT: usize = 48;
/// Alternate permissions, which must not be recorded.
const ALTERNATE_PERMISSIONS: u32 = 3;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
}

/// The kinds of attributes, in the order in which they are recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Ecma,
    Implementation,
    Application,
}

impl Judge<'_> {
    /// Judges the extended attributes of an entry; `locations` are the valid tag locations of the entry.
    pub fn extended_attributes(&mut self, loaded: &Loaded, locations: &[u32]) {
        let space = &loaded.entry.extended_attributes;
        let place = loaded.place;
        let file_type = loaded.entry.icb_tag.file_type;
        let is_device = matches!(file_type, FileType::BLOCK_DEVICE | FileType::CHARACTER_DEVICE);
        let mut devices = 0;
        if !space.is_empty() {
            devices = self.attribute_space(place, space, locations);
        }
        if is_device && devices != 1 {
            self.find(K::DeviceMissing, place, format_args!("{devices} of them"));
        }
        if !is_device && devices != 0 {
            self.find(K::DeviceUnexpected, place, format_args!("{file_type:?}"));
        }
    }

    /// Judges an attribute space and returns the number of device specifications in it.
    fn attribute_space(&mut self, place: FindingPlace, space: &[u8], locations: &[u32]) -> u32 {
        let identifier = TagIdentifier::EXTENDED_ATTRIBUTE_HEADER_DESCRIPTOR;
        let Some(tag) = self.tag(place, space, identifier, locations) else {
            return 0;
        };
        self.crc_length(place, &tag, &[HEADER]);
        let (Some(implementation), Some(application)) = (word(space, 16), word(space, 20)) else {
            self.find(
                K::AttributeLength,
                place,
                format_args!("a space of {} bytes", space.len()),
            );
            return 0;
        };
        let mut first = [None; 2];
        let mut devices = 0;
        let mut highest = Kind::Ecma;
        let mut at = HEADER;
        while at < space.len() {
            let (kind, length) = match self.attribute(place, &space[at..]) {
                Some((attribute_type, length)) => {
                    devices += u32::from(attribute_type == DEVICE_SPECIFICATION);
                    let kind = match attribute_type {
                        0..IMPLEMENTATION_USE => Kind::Ecma,
                        IMPLEMENTATION_USE..APPLICATION_USE => Kind::Implementation,
                        APPLICATION_USE.. => Kind::Application,
                    };
                    (kind, length)
                }
                None => break,
            };
            if kind < highest {
                self.find(K::AttributeOrder, place, format_args!("attribute at byte {at}"));
            }
            highest = highest.max(kind);
            match kind {
                Kind::Implementation => _ = first[0].get_or_insert(at),
                Kind::Application => _ = first[1].get_or_insert(at),
                Kind::Ecma => {}
            }
            at += length;
        }
        for (stated, found, what) in [
            (implementation, first[0], "implementation"),
            (application, first[1], "application"),
        ] {
            let fits = match found {
                Some(found) => u32::try_from(found) == Ok(stated),
                // Before UDF 2.01 the end of the space meant none, and it does no harm.
                None => stated == NONE || u32::try_from(space.len()) == Ok(stated),
            };
            if !fits {
                self.find(
                    K::AttributeHeader,
                    place,
                    format_args!("{what} attributes at {stated}, found at {found:?}"),
                );
            }
        }
        devices
    }

    /// Type and length of the attribute at the start of `bytes`; `None` if there is none.
    fn attribute(&mut self, place: FindingPlace, bytes: &[u8]) -> Option<(u32, usize)> {
        let attribute_type = word(bytes, 0);
        let length = word(bytes, 8).and_then(|length| usize::try_from(length).ok());
        // Zeros after the last attribute are unused space.
        if bytes.iter().all(|byte| *byte == 0) {
            return None;
        }
        let (Some(attribute_type), Some(length)) = (attribute_type, length) else {
            self.find(
                K::AttributeLength,
                place,
                format_args!("{} bytes after the last attribute", bytes.len()),
            );
            return None;
        };
        let Some(attribute) = bytes.get(..length).filter(|_| length >= FRONT && length % 4 == 0) else {
            self.find(
                K::AttributeLength,
                place,
                format_args!("attribute of type {attribute_type} of {length} bytes"),
            );
            return None;
        };
        if attribute[4] != 1 || attribute[5..8] != [0; 3] {
            self.find(
                K::AttributeReserved,
                place,
                format_args!(
                    "attribute of type {attribute_type}: subtype and reserved {:?}",
                    &attribute[4..8]
                ),
            );
        }
        match attribute_type {
            ALTERNATE_PERMISSIONS => self.find(K::AttributeType, place, format_args!("")),
            DEVICE_SPECIFICATION => self.device(place, attribute),
            IMPLEMENTATION_USE | APPLICATION_USE => self.use_attribute(place, attribute),
            // ECMA-167 4/14.10.1: character set information, file times, information times.
            1 | 5 | 6 => {}
            other => self.find(
                K::NotJudged,
                place,
                format_args!("extended attribute of type {other}"),
            ),
        }
        Some((attribute_type, length))
    }

    fn device(&mut self, place: FindingPlace, attribute: &[u8]) {
        let used = word(attribute, 12).and_then(|used| usize::try_from(used).ok());
        let fits = used.is_some_and(|used| used.checked_add(24).is_some_and(|end| end <= attribute.len()));
        let identifier = attribute
            .get(24..56)
            .and_then(|bytes| EntityIdentifier::read_from_bytes(bytes).ok())
            .filter(|_| used.is_some_and(|used| used >= 32) && fits);
        match identifier {
            Some(identifier) => {
                let field = "device specification";
                self.entity(
                    place,
                    "UDF 2.60 3.3.4.4",
                    field,
                    &identifier,
                    Entity::Implementation,
                );
            }
            None => self.find(K::DeviceUse, place, format_args!("implementation use {used:?}")),
        }
    }

    fn use_attribute(&mut self, place: FindingPlace, attribute: &[u8]) {
        let used = word(attribute, 12).and_then(|used| usize::try_from(used).ok());
        let identifier = attribute
            .get(16..USE_FRONT)
            .and_then(|bytes| EntityIdentifier::read_from_bytes(bytes).ok());
        let content = used.and_then(|used| attribute.get(USE_FRONT..USE_FRONT.checked_add(used)?));
        let (Some(identifier), Some(content)) = (identifier, content) else {
            self.find(K::AttributeLength, place, format_args!("length of use {used:?}"));
            return;
        };
        if !identifier.identifier_bytes().starts_with(b"*UDF ") {
            return;
        }
        let sum = attribute[..USE_FRONT]
            .iter()
            .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        let stated = content
            .get(..2)
            .map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
        if stated != Some(sum) {
            self.find(
                K::AttributeChecksum,
                place,
                format_args!("{stated:?} instead of {sum}"),
            );
        }
        if identifier.flags != 0 {
            self.find(
                K::EntityFlags,
                place,
                format_args!("attribute: {:#04x}", identifier.flags),
            );
        }
    }
}
