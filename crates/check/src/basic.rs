//! Fields that many structures have: character sets, strings, times, entity identifiers, reserved bytes.

use ecma167::general::{Charspec, EntityIdentifier, Timestamp};
use ecma167::osta::{Revision, cs0};

use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// The expected contents of an entity identifier field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entity {
    /// `*OSTA UDF Compliant` with domain suffix.
    Domain,
    /// This identifier with UDF suffix.
    Udf(&'static str),
    /// The developer of the implementation, with implementation suffix.
    Implementation,
    /// An application, or none.
    Application,
}

/// Highest operating system class (`UDF 2.60 6.3.1`).
const LAST_CLASS: u8 = 9;
/// Highest operating system identifier, that of UNIX (`UDF 2.60 6.3.2`).
const LAST_SYSTEM: u8 = 8;

impl Judge<'_> {
    pub fn charspec(&mut self, place: FindingPlace, clause: &'static str, field: &str, found: &Charspec) {
        if !found.is_osta_compressed_unicode() {
            self.find_by(K::CharacterSet, clause, place, format_args!("{field}"));
        }
    }

    pub fn zeros(&mut self, place: FindingPlace, clause: &'static str, field: &str, bytes: &[u8]) {
        if let Some(at) = bytes.iter().position(|byte| *byte != 0) {
            self.find_by(
                K::Reserved,
                clause,
                place,
                format_args!("{field}: byte {at} is {:#04x}", bytes[at]),
            );
        }
    }

    /// Judges what follows a descriptor of `length` bytes in its block.
    pub fn trailing(&mut self, place: FindingPlace, block: &[u8], length: usize) {
        let rest = block.get(length..).unwrap_or_default();
        if let Some(at) = rest.iter().position(|byte| *byte != 0) {
            self.find(
                K::Trailing,
                place,
                format_args!("byte {} of the block", length + at),
            );
        }
    }

    pub fn dstring(&mut self, place: FindingPlace, clause: &'static str, field: &str, bytes: &[u8]) {
        let Some((length, characters)) = bytes.split_last() else {
            return;
        };
        let length = usize::from(*length);
        let Some((coded, padding)) = characters.split_at_checked(length) else {
            self.find_by(
                K::DString,
                clause,
                place,
                format_args!("{field}: {length} characters in {} bytes", characters.len()),
            );
            return;
        };
        if !coded.is_empty()
            && let Some(fault) = cs0_fault(coded)
        {
            self.find_by(K::DString, clause, place, format_args!("{field}: {fault}"));
        }
        let ends_with_zero = !coded.is_empty() && cs0::decode_lossy(coded).ends_with('\0');
        if padding.iter().any(|byte| *byte != 0) || ends_with_zero {
            self.find(K::DStringPadding, place, format_args!("{field}"));
        }
    }

    pub fn timestamp(&mut self, place: FindingPlace, clause: &'static str, field: &str, found: &Timestamp) {
        let mut fault = |what: &str| {
            self.find_by(
                K::Timestamp,
                clause,
                place,
                format_args!("{field}: {what} in {found:?}"),
            );
        };
        // All zeros means not specified.
        if *found == Timestamp::unspecified() {
            return;
        }
        if found.type_and_time_zone.get() >> 12 != 1 {
            fault("type is not 1 (local time)");
        }
        let whole = Timestamp {
            type_and_time_zone: 0x1000.into(),
            ..*found
        };
        if whole.to_unix().is_none() || found.second > 59 {
            fault("impossible date or time");
        }
        let zone = found.type_and_time_zone.get();
        let offset = (zone << 4).cast_signed() >> 4;
        if offset != Timestamp::UNSPECIFIED_OFFSET && !(-1440..=1440).contains(&offset) {
            fault("offset of more than a day");
        }
        let parts = [
            found.centiseconds,
            found.hundreds_of_microseconds,
            found.microseconds,
        ];
        if parts.iter().any(|part| *part > 99) {
            fault("part of a second above 99");
        }
    }

    pub fn entity(
        &mut self,
        place: FindingPlace,
        clause: &'static str,
        field: &str,
        found: &EntityIdentifier,
        expected: Entity,
    ) {
        if found.flags != 0 {
            self.find_by(
                K::EntityFlags,
                "UDF 2.60 2.1.5.1",
                place,
                format_args!("{field}: {:#04x}", found.flags),
            );
        }
        let name = found.identifier_bytes();
        if name.contains(&0) {
            self.find(K::EntityPadding, place, format_args!("{field}"));
        }
        let shown = String::from_utf8_lossy(name);
        let suffix = &found.identifier_suffix;
        match expected {
            Entity::Domain if !found.is("*OSTA UDF Compliant") => {
                self.find_by(K::Domain, clause, place, format_args!("{field}: {shown:?}"));
            }
            Entity::Domain => {
                self.domain_suffix(place, field, found);
            }
            Entity::Udf(identifier) if !found.is(identifier) => {
                self.find_by(
                    K::EntityIdentifier,
                    clause,
                    place,
                    format_args!("{field}: {shown:?} instead of {identifier:?}"),
                );
            }
            Entity::Udf(_) => {
                let revision = found.revision();
                if !Revision::ALL.contains(&revision) {
                    self.find(
                        K::EntitySuffix,
                        place,
                        format_args!("{field}: revision {:#06x}", revision.0),
                    );
                }
                self.system(place, field, suffix[2], suffix[3]);
                if suffix[4..].iter().any(|byte| *byte != 0) {
                    self.find(K::EntitySuffix, place, format_args!("{field}: {suffix:02x?}"));
                }
            }
            Entity::Implementation | Entity::Application => {
                let none = matches!(expected, Entity::Application) && name.is_empty();
                let is_udf = name.starts_with(b"*UDF ") || name.starts_with(b"*OSTA ");
                let is_text = name.iter().all(|byte| (0x20..0x7F).contains(byte));
                if !none && (name.len() < 2 || name[0] != b'*' || is_udf || !is_text) {
                    self.find_by(
                        K::DeveloperIdentifier,
                        clause,
                        place,
                        format_args!("{field}: {shown:?}"),
                    );
                }
                if matches!(expected, Entity::Implementation) {
                    self.system(place, field, suffix[0], suffix[1]);
                }
            }
        }
    }

    fn domain_suffix(&mut self, place: FindingPlace, field: &str, found: &EntityIdentifier) {
        let suffix = &found.identifier_suffix;
        match suffix[2] {
            0 => {}
            flags @ 1..=3 => {
                self.find(K::WriteProtected, place, format_args!("{field}: flags {flags}"));
            }
            flags => {
                self.find(K::DomainFlags, place, format_args!("{field}: {flags:#04x}"));
            }
        }
        if suffix[3..].iter().any(|byte| *byte != 0) {
            self.find(K::EntitySuffix, place, format_args!("{field}: {suffix:02x?}"));
        }
    }

    fn system(&mut self, place: FindingPlace, field: &str, class: u8, system: u8) {
        if class > LAST_CLASS || system > LAST_SYSTEM {
            self.find(
                K::OperatingSystem,
                place,
                format_args!("{field}: class {class}, identifier {system}"),
            );
        }
    }
}

/// What is wrong with the coded characters of a name that is not deleted.
pub(crate) fn cs0_fault(coded: &[u8]) -> Option<String> {
    match coded.first() {
        Some(&cs0::BYTES | &cs0::UNITS) => {}
        Some(other) => return Some(format!("compression ID {other}")),
        None => return Some("no compression ID".to_owned()),
    }
    match cs0::decode(coded) {
        Ok(text) => text
            .chars()
            .find(|character| !cs0::is_recordable(*character))
            .map(|character| format!("character U+{:04X}", u32::from(character))),
        Err(fault) => Some(fault.to_string()),
    }
}
