//! Symbolic links: path components (`ECMA-167 4/8.7`, `4/14.16`, `UDF 2.60 2.3.12`).

use crate::basic::cs0_fault;
use crate::body::Body;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::Layout;
use crate::rules::FindingKind as K;

/// Maximum bytes of a path that are judged: no system accepts longer ones.
const MOST: usize = 1 << 16;

impl Judge<'_> {
    pub fn symbolic_link(&mut self, layout: &Layout, place: FindingPlace, body: &Body) {
        let mut bytes = Vec::new();
        let mut reader = body.reader();
        while bytes.len() < MOST {
            match reader.next(self, layout) {
                Some(Some(chunk)) => bytes.extend_from_slice(chunk.bytes()),
                Some(None) => {
                    if self.report.interrupted().is_none() {
                        self.find(K::Unreadable, place, format_args!("path of a symbolic link"));
                    }
                    return;
                }
                None => break,
            }
        }
        if bytes.is_empty() {
            self.find(K::PathEmpty, place, format_args!(""));
        }
        let mut at = 0;
        while at < bytes.len() {
            let here = place.byte(at as u64);
            let component = bytes.get(at..at + 4).and_then(|front| {
                let identifier = bytes.get(at + 4..at + 4 + usize::from(front[1]))?;
                Some((front[0], u16::from_le_bytes([front[2], front[3]]), identifier))
            });
            let Some((kind, version, identifier)) = component else {
                self.find(K::PathComponent, here, format_args!("it exceeds the body"));
                return;
            };
            at += 4 + identifier.len();
            self.path_component(here, kind, version, identifier);
        }
    }

    fn path_component(&mut self, place: FindingPlace, kind: u8, version: u16, identifier: &[u8]) {
        if version != 0 {
            self.find(K::PathComponentVersion, place, format_args!("{version}"));
        }
        let length = identifier.len();
        match kind {
            // A root agreed between the parties may have an identifier.
            1 => {}
            2..=4 if length == 0 => {}
            5 if length > 0 => {
                if let Some(fault) = cs0_fault(identifier) {
                    self.find(K::PathComponentName, place, format_args!("{fault}"));
                } else if length == 1 {
                    self.find(K::PathComponentLength, place, format_args!("an empty name"));
                }
            }
            2..=5 => self.find(
                K::PathComponentLength,
                place,
                format_args!("type {kind} with an identifier of {length} bytes"),
            ),
            other => self.find(K::PathComponent, place, format_args!("type {other}")),
        }
    }
}
