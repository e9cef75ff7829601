//! A quick look at a drive: what it records and what is in it, without waiting.

use std::time::Duration;

use mmc::command::{GetConfiguration, RequestedFeatures};
use mmc::reply::FeatureHeader;
use mmc::{Data, FeatureNumber, Features, Profile, Transport};
use zerocopy::FromBytes as _;

use crate::error::DriveError;
use crate::initiator::Initiator;
use crate::medium::Medium;
use crate::policy::says_unknown;
use crate::wait::Wait;

/// The profiles of the media that this project records.
pub const RECORDED_PROFILES: [Profile; 6] = [
    Profile::CdR,
    Profile::DvdR,
    Profile::DvdRDlSequential,
    Profile::DvdPlusR,
    Profile::DvdPlusRDl,
    Profile::BdRSequential,
];

/// The result of a quick look at a drive.
#[derive(Debug)]
pub struct Look {
    /// The profiles that the drive supports, in its own order (`MMC-6 5.3.1`).
    pub profiles: Vec<Profile>,
    /// The medium in it; [`DriveError::NoMedium`] if there is none, [`DriveError::NotReady`] if the drive is
    /// still examining it.
    pub medium: Result<Medium, DriveError>,
}

/// Does not wait.
pub(crate) struct AtOnce;

impl Wait for AtOnce {
    fn wait(&mut self, _: Duration) {}
}

impl Look {
    /// Queries a drive and its medium, only with commands that change nothing.
    ///
    /// # Errors
    /// The error of GET CONFIGURATION.
    pub fn at(transport: Box<dyn Transport>) -> Result<Self, DriveError> {
        let mut recorder = Initiator::new(transport, Box::new(AtOnce));
        let profiles = recorder.profiles()?;
        let medium = recorder.become_ready().and_then(|()| recorder.snapshot());
        Ok(Self { profiles, medium })
    }
}

impl Initiator {
    /// The profiles that the drive supports, whatever its medium.
    fn profiles(&mut self) -> Result<Vec<Profile>, DriveError> {
        let mut reply = vec![0; 512];
        let list = FeatureNumber::PROFILE_LIST;
        let command = GetConfiguration::new(RequestedFeatures::One, list.0, 512);
        match self.control(command, Data::In(&mut reply)) {
            Err(error) if says_unknown(&error) => return Ok(Vec::new()),
            answered => answered?,
        };
        let Ok((header, features)) = FeatureHeader::read_from_prefix(&reply) else {
            return Ok(Vec::new());
        };
        let found = Features::new(header.of(features)).find(|feature| feature.number() == list);
        Ok(found
            .map(|feature| feature.profiles().map(|(profile, _)| profile).collect())
            .unwrap_or_default())
    }
}
