//! A blank disc in the emulated recorder, and descriptors of a volume.
#![allow(dead_code)] // each test uses some of it

use drive::Drive;
use ecma167::BLOCK_BYTES;
use ecma167::file::LongAd;
use ecma167::general::{Charspec, DString, DomainFlags, EntityIdentifier, TagVersion, Timestamp};
use ecma167::osta::Revision;
use ecma167::volume::{LogicalVolumeDescriptor, PrimaryVolumeDescriptor};
use emulator::{Behaviour, FaultScript, Medium, Recorder};
use track::{Descriptors, Sequences};

pub struct Bench(tempfile::TempDir);

impl Bench {
    pub fn new(medium: Medium, behaviour: Behaviour) -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        Recorder::create(&bench.0.path().join("disc.img"), medium, Some(4000), behaviour).unwrap();
        bench
    }

    fn recorder(&self) -> Recorder {
        Recorder::open(&self.0.path().join("disc.img")).unwrap()
    }

    pub fn drive(&self) -> Drive {
        Drive::open(Box::new(self.recorder())).unwrap()
    }

    pub fn faulty_drive(&self, script: FaultScript) -> Drive {
        let mut recorder = self.recorder();
        recorder.set_faults(script);
        Drive::open(Box::new(recorder)).unwrap()
    }
}

/// Descriptors of a volume without a partition.
pub fn descriptors(sequences: &Sequences) -> Descriptors {
    let revision = Revision::V2_01;
    let name = DString::truncated("Fake");
    let now = Timestamp::from_unix(1_700_000_000, 0);
    Descriptors {
        revision,
        version: TagVersion::of(revision),
        serial: 0,
        primary: PrimaryVolumeDescriptor::new(DString::truncated("Fake"), DString::truncated("Fake"), now),
        implementation_use: None,
        partitions: Vec::new(),
        logical: LogicalVolumeDescriptor {
            volume_descriptor_sequence_number: 1,
            descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            logical_volume_identifier: name,
            logical_block_size: BLOCK_BYTES,
            domain_identifier: EntityIdentifier::domain(revision, DomainFlags::empty()),
            logical_volume_contents_use: LongAd::default(),
            implementation_identifier: EntityIdentifier::implementation(),
            implementation_use: [0; 128],
            integrity_sequence_extent: sequences.integrity_extent(),
            partition_maps: Vec::new(),
        },
        unallocated: None,
        integrity: None,
    }
}
