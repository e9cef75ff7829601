//! GET CONFIGURATION: the profiles and features of a recorder of CD-R, DVD±R and BD-R.

use crate::data_phase::reply;
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::session_at_once::LONGEST_CUE_SHEET;
use mmc::command::{GetConfiguration, RequestedFeatures};
use mmc::reply::FeatureHeader;
use mmc::{Data, Failure, Feature, FeatureNumber, Profile, ProfileEntry, RandomReadable, Sense};
use zerocopy::IntoBytes as _;

/// Highest first, as drives list them.
const PROFILES: [Profile; 9] = [
    Profile::BdRSequential,
    Profile::BdRom,
    Profile::DvdPlusRDl,
    Profile::DvdPlusR,
    Profile::DvdRDlSequential,
    Profile::DvdR,
    Profile::DvdRom,
    Profile::CdR,
    Profile::CdRom,
];

/// A feature before encoding.
struct Entry {
    number: FeatureNumber,
    version: u8,
    persistent: bool,
    current: bool,
    data: Vec<u8>,
}

impl Entry {
    fn new(number: FeatureNumber, version: u8, current: bool, data: &[u8]) -> Self {
        Self {
            number,
            version,
            persistent: false,
            current,
            data: data.to_vec(),
        }
    }

    fn persistent(number: FeatureNumber, version: u8, data: &[u8]) -> Self {
        Self {
            persistent: true,
            ..Self::new(number, version, true, data)
        }
    }
}

impl Recorder {
    pub(super) fn configuration(&self, command: &GetConfiguration, data: Data<'_>) -> Result<usize, Failure> {
        let from = command.starting_feature.get();
        let requested = command.requested_features();
        let wanted = |entry: &Entry| match requested {
            RequestedFeatures::All => entry.number.0 >= from,
            RequestedFeatures::Current => entry.number.0 >= from && entry.current,
            RequestedFeatures::One | RequestedFeatures::Reserved(_) => entry.number.0 == from,
        };
        if let RequestedFeatures::Reserved(_) = requested {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let mut features = Vec::new();
        for entry in self.features().iter().filter(|entry| wanted(entry)) {
            Feature::encode(
                entry.number,
                entry.version,
                entry.persistent,
                entry.current,
                &entry.data,
                &mut features,
            );
        }
        let header = FeatureHeader {
            data_length: u32::try_from(features.len() + 4).unwrap_or(u32::MAX).into(),
            current_profile: self.profile().number().into(),
            ..FeatureHeader::default()
        };
        let allocation = usize::from(command.allocation_length.get());
        reply(data, allocation, &[header.as_bytes(), &features].concat())
    }

    fn profile(&self) -> Profile {
        if self.unit.is_loaded() {
            self.disc.medium().profile()
        } else {
            Profile::None
        }
    }

    /// All features, by number.
    fn features(&self) -> Vec<Entry> {
        let mut features = self.features_of_the_drive();
        features.extend(self.features_of_reading());
        features.extend(self.features_of_recording());
        features.sort_by_key(|entry| entry.number);
        features
    }

    fn holds(&self, family: Family) -> bool {
        self.unit.is_loaded() && self.disc.medium().family() == family
    }

    fn records(&self, family: Family) -> bool {
        self.holds(family) && self.check_recordable().is_ok()
    }

    fn features_of_the_drive(&self) -> Vec<Entry> {
        use FeatureNumber as F;
        vec![
            Entry::persistent(F::PROFILE_LIST, 0, &profile_list(self.profile())),
            // SCSI family, DBE.
            Entry::persistent(F::CORE, 2, &[0, 0, 0, 1, 1, 0, 0, 0]),
            // OCEvent.
            Entry::persistent(F::MORPHING, 1, &[0b10, 0, 0, 0]),
            // Tray, eject, can lock.
            Entry::persistent(F::REMOVABLE_MEDIUM, 2, &[0x29, 0, 0, 0]),
            Entry::persistent(F::POWER_MANAGEMENT, 0, &[]),
            // RBCB, SCS, WSPD.
            Entry::new(F::REAL_TIME_STREAMING, 4, self.unit.is_loaded(), &[0x1A, 0, 0, 0]),
            Entry::persistent(F::DRIVE_SERIAL_NUMBER, 0, b"ONCEFS000001"),
        ]
    }

    fn features_of_reading(&self) -> Vec<Entry> {
        use FeatureNumber as F;
        let readable = RandomReadable {
            logical_block_size: 2048.into(),
            blocking: u16::try_from(self.disc.medium().write_unit()).unwrap_or(1).into(),
            page_present: 0,
            reserved: 0,
        };
        let dvd = self.holds(Family::DvdR) || self.holds(Family::DvdPlusR);
        vec![
            Entry::new(F::RANDOM_READABLE, 0, self.unit.is_loaded(), readable.as_bytes()),
            Entry::new(F::MULTI_READ, 0, self.holds(Family::Cd), &[]),
            Entry::new(F::CD_READ, 2, self.holds(Family::Cd), &[0, 0, 0, 0]),
            // MULTI110, dual layer DVD-R.
            Entry::new(F::DVD_READ, 2, dvd, &[1, 0, 1, 0]),
            Entry::new(F::BD_READ, 0, self.holds(Family::BdR), &bd_classes(true)),
        ]
    }

    fn features_of_recording(&self) -> Vec<Entry> {
        use FeatureNumber as F;
        let protects = u8::from(self.behaviour.buffer_underrun_protection);
        let packets = self.records(Family::Cd) && self.behaviour.packets;
        let incremental = packets || self.records(Family::DvdR);
        let link_size = if self.holds(Family::DvdR) { 16 } else { 7 };
        let [cue_high, cue_low] = LONGEST_CUE_SHEET.to_be_bytes();
        let plus = self.holds(Family::DvdPlusR);
        let dual = self.profile() == Profile::DvdPlusRDl;
        // The two features of DVD+R have a bit for whether the drive can record, instead of being current.
        let plus_writes = u8::from(!plus || self.records(Family::DvdPlusR));
        vec![
            // Data block types 8 and 10, BUF, one link size.
            Entry::new(
                F::INCREMENTAL_STREAMING_WRITABLE,
                1,
                incremental,
                &[0x05, 0x00, protects, 1, link_size, 0, 0, 0],
            ),
            Entry::new(F::DVD_PLUS_R, 0, plus && !dual, &[plus_writes, 0, 0, 0]),
            // BUF, test write; data block types 8 and 10.
            Entry::new(
                F::CD_TRACK_AT_ONCE,
                2,
                self.records(Family::Cd),
                &[protects << 6 | 0x04, 0, 0x05, 0x00],
            ),
            // BUF, SAO, test write; bytes of a cue sheet.
            Entry::new(
                F::CD_MASTERING,
                2,
                self.records(Family::Cd),
                &[protects << 6 | 0x24, 0, cue_high, cue_low],
            ),
            // BUF, dual layer, test write.
            Entry::new(
                F::DVD_R_RW_WRITE,
                2,
                self.records(Family::DvdR),
                &[protects << 6 | 0x0C, 0, 0, 0],
            ),
            Entry::new(F::DVD_PLUS_R_DUAL_LAYER, 0, dual, &[plus_writes, 0, 0, 0]),
            Entry::new(F::BD_WRITE, 0, self.records(Family::BdR), &bd_classes(false)),
        ]
    }
}

fn profile_list(current: Profile) -> Vec<u8> {
    let entry = |profile: Profile| ProfileEntry {
        profile: profile.number().into(),
        current: u8::from(profile == current),
        reserved: 0,
    };
    PROFILES
        .into_iter()
        .flat_map(|profile| entry(profile).as_bytes().to_vec())
        .collect()
}

/// Four reserved bytes, then two bytes of version bits per class 0-3 of BD-RE, of BD-R and, for reading, of
/// BD-ROM. Here: BD-R versions 1-3 of classes 0 and 1, BD-ROM version 1 of class 0.
fn bd_classes(reads: bool) -> Vec<u8> {
    let mut data = vec![0; if reads { 28 } else { 24 }];
    data[13] = 0b0000_1110;
    data[15] = 0b0000_1110;
    if reads {
        data[21] = 0b0000_0010;
    }
    data
}
