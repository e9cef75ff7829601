//! A recorder on a temporary image, and the raw commands that the tests send to it.
#![allow(dead_code, missing_docs)] // each test program uses a part of it

use emulator::{Behaviour, Error, Medium, Recorder};
use mmc::command::{
    CloseTrackSession, InformationAddress, ModeSelect10, ModeSense10, Read10, ReadCapacity,
    ReadDiscInformation, ReadTocPmaAtip, ReadTrackInformation, ReserveTrack, SynchronizeCache, TestUnitReady,
    TocFormat, Write10,
};
use mmc::reply::{DiscInformation, ReadCapacityData, TrackInformation};
use mmc::{
    CloseFunction, Command, Data, Failure, Lba, ModeHeader10, ModePage as _, MultiSession, PageControl,
    Sense, Transport as _, WriteParameters, WriteType,
};
use std::path::PathBuf;
use tempfile::TempDir;
use zerocopy::{FromBytes, IntoBytes as _};

pub const BLOCK: usize = 2048;

pub struct Bench {
    pub directory: TempDir,
    pub image: PathBuf,
    pub recorder: Option<Recorder>,
}

impl Bench {
    pub fn new(medium: Medium, capacity: u32) -> Self {
        Self::with(medium, capacity, Behaviour::default())
    }

    pub fn with(medium: Medium, capacity: u32, behaviour: Behaviour) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let image = directory.path().join("disc.img");
        let recorder = Recorder::create(&image, medium, Some(capacity), behaviour).unwrap();
        let mut bench = Self {
            directory,
            image,
            recorder: Some(recorder),
        };
        if matches!(
            medium,
            Medium::CdR74 | Medium::CdR80 | Medium::DvdR | Medium::DvdRDl
        ) {
            bench.incremental(MultiSession::Allowed);
        }
        bench
    }

    pub fn recorder(&mut self) -> &mut Recorder {
        self.recorder.as_mut().unwrap()
    }

    /// Switches the drive off and on.
    pub fn reopen(&mut self) -> Result<(), Error> {
        self.recorder = None;
        self.recorder = Some(Recorder::open(&self.image)?);
        Ok(())
    }

    pub fn run(&mut self, command: impl Into<Command>, data: Data<'_>) -> Result<usize, Sense> {
        match self.recorder().execute(command.into().as_bytes(), data) {
            Ok(moved) => Ok(moved),
            Err(Failure::Check(sense)) => Err(sense),
            Err(Failure::Transport(error)) => panic!("{error}"),
        }
    }

    pub fn ask<T: FromBytes>(&mut self, command: impl Into<Command>) -> Result<T, Sense> {
        let mut bytes = vec![0; size_of::<T>()];
        self.run(command, Data::In(&mut bytes))?;
        Ok(T::read_from_bytes(&bytes).unwrap())
    }

    pub fn ready(&mut self) -> Result<(), Sense> {
        self.run(TestUnitReady::default(), Data::None).map(drop)
    }

    pub fn write(&mut self, at: u32, count: u16, fill: u8) -> Result<(), Sense> {
        let data = vec![fill; usize::from(count) * BLOCK];
        self.run(Write10::new(Lba(at), count), Data::Out(&data)).map(drop)
    }

    /// The first byte of each of `count` blocks.
    pub fn read(&mut self, at: u32, count: u16) -> Result<Vec<u8>, Sense> {
        let mut data = vec![0xEE; usize::from(count) * BLOCK];
        self.run(Read10::new(Lba(at), count), Data::In(&mut data))?;
        Ok(data.chunks(BLOCK).map(|block| block[0]).collect())
    }

    pub fn synchronize(&mut self) {
        self.run(SynchronizeCache::all(false), Data::None).unwrap();
    }

    /// Synchronizes, and returns any error.
    pub fn try_synchronize(&mut self) -> Result<usize, Failure> {
        let command = Command::from(SynchronizeCache::all(false));
        self.recorder().execute(command.as_bytes(), Data::None)
    }

    pub fn close(&mut self, function: CloseFunction, number: u16) -> Result<(), Sense> {
        self.run(CloseTrackSession::new(function, number, false), Data::None)
            .map(drop)
    }

    pub fn reserve(&mut self, blocks: u32) -> Result<(), Sense> {
        self.run(ReserveTrack::new(blocks), Data::None).map(drop)
    }

    pub fn track(&mut self, number: u32) -> Result<TrackInformation, Sense> {
        self.ask(ReadTrackInformation::new(InformationAddress::Track, number, 48))
    }

    /// The open track.
    pub fn open_track(&mut self) -> TrackInformation {
        self.track(ReadTrackInformation::INVISIBLE_TRACK).unwrap()
    }

    pub fn next(&mut self) -> u32 {
        self.open_track().next_writable().unwrap().0
    }

    pub fn disc(&mut self) -> DiscInformation {
        self.ask(ReadDiscInformation::standard(34)).unwrap()
    }

    pub fn last_address(&mut self) -> u32 {
        self.ask::<ReadCapacityData>(ReadCapacity::default())
            .unwrap()
            .last_logical_block_address
            .get()
    }

    pub fn toc(&mut self, format: TocFormat, number: u8) -> Result<Vec<u8>, Sense> {
        let mut bytes = vec![0; 2048];
        let length = self.run(ReadTocPmaAtip::new(format, number, 2048), Data::In(&mut bytes))?;
        bytes.truncate(length);
        Ok(bytes)
    }

    pub fn write_parameters(&mut self) -> WriteParameters {
        let mut bytes = [0; 64];
        self.run(
            ModeSense10::new(5, PageControl::Current, 64),
            Data::In(&mut bytes),
        )
        .unwrap();
        WriteParameters::find(&bytes[8..]).unwrap()
    }

    pub fn select(&mut self, page: &WriteParameters) -> Result<(), Sense> {
        let list = [ModeHeader10::default().as_bytes(), page.as_bytes()].concat();
        self.run(ModeSelect10::new(60), Data::Out(&list)).map(drop)
    }

    /// Sets mode page 05h for packets on a CD or incremental recording on a DVD-R.
    pub fn incremental(&mut self, multi_session: MultiSession) {
        let mut page = self.write_parameters();
        let dvd = page.fixed_packets();
        page.set_write_type(WriteType::Packet);
        page.set_multi_session(multi_session);
        page.set_track_mode(5);
        page.set_test_write(false);
        page.set_link_size_valid(dvd);
        page.link_size = if dvd { 16 } else { 7 };
        self.select(&page).unwrap();
    }

    pub fn side_file(&self) -> String {
        std::fs::read_to_string(Recorder::side_file(&self.image)).unwrap()
    }

    pub fn image_blocks(&self) -> u64 {
        let length = std::fs::metadata(&self.image).unwrap().len();
        assert_eq!(length % 2048, 0);
        length / 2048
    }
}

/// Asserts the sense with which a command failed.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Sense>, with: Sense) {
    let sense = result.unwrap_err();
    assert!(sense.is(with), "{sense} instead of {with}");
}

/// Asserts the sense with which a command failed, and its block.
pub fn refused_at<T: std::fmt::Debug>(result: Result<T, Sense>, with: Sense, block: u32) {
    let sense = result.unwrap_err();
    assert!(sense.is(with), "{sense} instead of {with}");
    assert_eq!(sense.information, Some(block), "{sense}");
}
