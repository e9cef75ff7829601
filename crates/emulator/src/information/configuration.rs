//! GET CONFIGURATION: the profiles and features of a recorder of CD-R, DVD±R and BD-R.

use crate::disc::Status;
use crate::execute::reply;
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::unit::Tray;
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

/// A feature before it is encoded.
struct Entry {
    number: FeatureNumber,
    version: u8,
    persistent: bool,
    current: bool,
    data: Vec<u8>,
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
        if self.unit.tray == Tray::Loaded {
            self.disc.medium.profile()
        } else {
            Profile::None
        }
    }

    fn features(&self) -> Vec<Entry> {
        let loaded = self.unit.tray == Tray::Loaded;
        let family = self.disc.medium.family();
        let profile = self.profile();
        let is = |wanted: Family| loaded && family == wanted;
        let records =
            |wanted: Family| is(wanted) && !self.read_only && self.disc.status() != Status::Finalized;
        let protects = u8::from(self.behaviour.buffer_underrun_protection);
        let feature = |number, version, current, data: &[u8]| Entry {
            number,
            version,
            persistent: false,
            current,
            data: data.to_vec(),
        };
        let always = |number, version, data: &[u8]| Entry {
            persistent: true,
            ..feature(number, version, true, data)
        };
        let unit = u16::try_from(self.disc.medium.write_unit()).unwrap_or(1);
        let readable = RandomReadable {
            logical_block_size: 2048.into(),
            blocking: unit.into(),
            page_present: 0,
            reserved: 0,
        };
        let incremental = records(Family::Cd) || records(Family::DvdR);
        let dual_plus = profile == Profile::DvdPlusRDl;
        // These two say by a bit of theirs whether the drive can record, not by being current.
        let plus_writes = u8::from(!is(Family::DvdPlusR) || records(Family::DvdPlusR));
        let dvd = is(Family::DvdR) || is(Family::DvdPlusR);
        use FeatureNumber as F;
        vec![
            always(F::PROFILE_LIST, 0, &profile_list(profile)),
            // SCSI family, DBE.
            always(F::CORE, 2, &[0, 0, 0, 1, 1, 0, 0, 0]),
            always(F::MORPHING, 1, &[0b10, 0, 0, 0]),
            // Tray, ejects, can lock.
            always(F::REMOVABLE_MEDIUM, 2, &[0x29, 0, 0, 0]),
            feature(F::RANDOM_READABLE, 0, loaded, readable.as_bytes()),
            feature(F::MULTI_READ, 0, is(Family::Cd), &[]),
            feature(F::CD_READ, 2, is(Family::Cd), &[0, 0, 0, 0]),
            // Dual layer DVD-R.
            feature(F::DVD_READ, 2, dvd, &[1, 0, 1, 0]),
            // Data block types of packets (modes 1 and 2), then BUF and the link sizes.
            feature(
                F::INCREMENTAL_STREAMING_WRITABLE,
                1,
                incremental,
                &[
                    0x05,
                    0x00,
                    0,
                    protects,
                    1,
                    if is(Family::DvdR) { 16 } else { 7 },
                    0,
                    0,
                ],
            ),
            feature(
                F::DVD_PLUS_R,
                0,
                is(Family::DvdPlusR) && !dual_plus,
                &[1, 0, 0, 0],
            ),
            // BUF, test write.
            feature(
                F::CD_TRACK_AT_ONCE,
                2,
                false,
                &[protects << 6 | 0x04, 0, 0x05, 0x00],
            ),
            // BUF, dual layer, test write.
            feature(
                F::DVD_R_RW_WRITE,
                2,
                records(Family::DvdR),
                &[protects << 6 | 0x0C, 0, 0, 0],
            ),
            feature(F::DVD_PLUS_R_DUAL_LAYER, 0, dual_plus, &[plus_writes, 0, 0, 0]),
            feature(F::BD_READ, 0, is(Family::BdR), &bd_classes(true)),
            feature(F::BD_WRITE, 0, records(Family::BdR), &bd_classes(false)),
            always(F::POWER_MANAGEMENT, 0, &[]),
            // SCS, write speed page.
            feature(F::REAL_TIME_STREAMING, 4, loaded, &[0x08, 0, 0, 0]),
            always(F::DRIVE_SERIAL_NUMBER, 0, b"ONCEFS000001"),
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

/// Bit maps of the BD versions: classes 0-3 of BD-RE, BD-R and, for reading, BD-ROM. Here BD-R versions 1-3.
fn bd_classes(reads: bool) -> Vec<u8> {
    let mut data = vec![0; if reads { 28 } else { 20 }];
    data[12] = 0;
    data[13] = 0b0000_1110;
    if reads {
        data[21] = 0b0000_0010;
    }
    data
}
