//! The volume recognition sequence of each session (`ECMA-167 2/8`, `UDF 2.60 2.1.7`).

use ecma167::recognition::{Nsr, RECOGNITION_SECTOR};
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalSector};

use crate::claims::{Owner, Use};
use crate::disc::Span;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// Maximum number of descriptors in one sequence: no standard defines more.
const MOST: u32 = 64;

/// The contents of a sequence.
#[derive(Default)]
struct Sequence {
    begins: u32,
    nsr: Vec<Nsr>,
    ends: u32,
    /// The position is between BEA01 and TEA01.
    inside: bool,
    /// Number of descriptors.
    length: u32,
}

impl Judge<'_> {
    pub fn recognition(&mut self) {
        for span in self.disc.spans.clone().into_iter().filter(|span| !span.set_aside) {
            if let Some(edition) = self.recognition_of(span) {
                self.edition.get_or_insert(edition);
            }
        }
    }

    /// The sector of byte 32,768 of a session, where its recognition sequence begins with any size of a
    /// sector.
    pub fn recognition_start(&self, span: Span) -> LogicalSector {
        let bytes = RECOGNITION_SECTOR * BLOCK_BYTES;
        LogicalSector(span.first.saturating_add(bytes / self.disc.size().bytes()))
    }

    /// Each descriptor has 2,048 bytes, and a sector of its own if that is longer (`ECMA-167 2/8.3`).
    pub fn sectors_per_descriptor(&self) -> u32 {
        BLOCK_BYTES.div_ceil(self.disc.size().bytes())
    }

    /// The 2,048 bytes of the volume structure descriptor in a sector and those after it.
    pub fn structure_descriptor(&mut self, first: LogicalSector) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for number in 0..self.sectors_per_descriptor() {
            bytes.extend(self.peek(LogicalSector(first.0.checked_add(number)?))?);
        }
        bytes.truncate(BLOCK_SIZE);
        Some(bytes)
    }

    /// The edition of the first NSR descriptor of a session.
    pub fn recognition_of(&mut self, span: Span) -> Option<Nsr> {
        let start = self.recognition_start(span);
        let each = self.sectors_per_descriptor();
        let mut sequence = Sequence::default();
        let mut trailing = None;
        while sequence.length < MOST {
            let sector = LogicalSector(start.0.saturating_add(sequence.length * each));
            let Some(block) = self.structure_descriptor(sector) else {
                break;
            };
            if !self.recognition_descriptor(&mut sequence, &block, FindingPlace::Sector(sector)) {
                trailing = Some((sector, block));
                break;
            }
            sequence.length += 1;
        }
        let place = FindingPlace::Sector(start);
        if sequence.length == 0 {
            let kind = if span.first == 0 {
                K::RecognitionStart
            } else {
                K::SessionRecognition
            };
            self.find(kind, place, format_args!("no volume structure descriptor there"));
            return None;
        }
        self.claim(start.0, sequence.length * each, Owner::Volume, Use::Structure);
        for (kind, count) in [
            (K::RecognitionBegin, sequence.begins),
            (
                K::RecognitionNsr,
                u32::try_from(sequence.nsr.len()).unwrap_or(u32::MAX),
            ),
            (K::RecognitionEnd, sequence.ends),
        ] {
            if count != 1 {
                self.find(kind, place, format_args!("{count} of them"));
            }
        }
        if let Some((sector, block)) = trailing
            && let Some(at) = block.iter().position(|byte| *byte != 0)
        {
            self.find(
                K::RecognitionTrailing,
                FindingPlace::Sector(sector),
                format_args!("byte {at}"),
            );
        }
        sequence.nsr.first().copied()
    }

    /// Adds a block to the sequence; `false` if the sequence ends before it.
    fn recognition_descriptor(&mut self, sequence: &mut Sequence, block: &[u8], place: FindingPlace) -> bool {
        let inside = sequence.inside;
        match &block[1..6] {
            b"BEA01" => {
                sequence.begins += 1;
                sequence.inside = true;
            }
            b"NSR02" | b"NSR03" => {
                let edition = if &block[1..6] == b"NSR02" {
                    Nsr::Nsr02
                } else {
                    Nsr::Nsr03
                };
                sequence.nsr.push(edition);
                if !inside {
                    self.find(
                        K::RecognitionBegin,
                        place,
                        format_args!("an NSR descriptor outside the extended area"),
                    );
                }
            }
            b"TEA01" => {
                sequence.ends += 1;
                sequence.inside = false;
                if !inside {
                    self.find(
                        K::RecognitionBegin,
                        place,
                        format_args!("TEA01 outside the extended area"),
                    );
                }
            }
            // These have types and data of their own.
            b"BOOT2" | b"CD001" | b"CDW02" => return true,
            _ => return false,
        }
        if block[0] != 0 || block[6] != 1 {
            self.find(
                K::RecognitionReserved,
                place,
                format_args!("type {}, version {}", block[0], block[6]),
            );
        } else if let Some(at) = block[7..].iter().position(|byte| *byte != 0) {
            self.find(K::RecognitionReserved, place, format_args!("byte {}", at + 7));
        }
        true
    }
}
