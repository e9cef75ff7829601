//! An image together with its side file: commands of a recorder, and between them changes to either file.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;

use emulator::{Behaviour, Error, FaultScript, Keep, Medium, Recorder};
use mmc::command::{
    CloseTrackSession, InformationAddress, ModeSelect10, ModeSense10, Read10, ReadTrackInformation,
    ReserveTrack, SynchronizeCache, Write10,
};
use mmc::{
    CloseFunction, Command, Data, Failure, Lba, ModeHeader10, ModePage as _, MultiSession, PageControl,
    Transport as _, WriteParameters, WriteType,
};
use zerocopy::IntoBytes as _;

use crate::bench::Bench;
use crate::recipe::Input;

/// Blocks of the disc.
const CAPACITY: u32 = 1_008;
/// Maximum number of operations.
const OPERATIONS: usize = 96;
/// Maximum number of copies kept.
const COPIES: usize = 3;
const BLOCK: u64 = mmc::BLOCK_SIZE as u64;

/// Blocks by address, each filled with one byte.
type Blocks = BTreeMap<u32, u8>;

/// The contents of the two files.
#[derive(Clone, PartialEq, Eq)]
struct Files {
    image: Vec<u8>,
    side: Option<Vec<u8>>,
}

/// A disc with its files controlled by the input.
struct Driven {
    bench: Bench,
    medium: Medium,
    recorder: Option<Recorder>,
    read_only: bool,
    /// The open recorder has another image than the one at its path, or a truncated one.
    astray: bool,
    /// As a result, blocks that it accepted are lost.
    lost: bool,
    /// Recorded blocks, which must not change any more.
    recorded: Blocks,
    /// Blocks sent since the last SYNCHRONIZE CACHE.
    sent: Blocks,
    fill: u8,
    /// Length of the image in bytes, which must not shrink.
    length: u64,
    copies: [Option<(Files, Blocks)>; COPIES],
}

/// Sends commands to the recorder; copies, restores, edits and truncates its files; opens it in every way. No
/// recorded block changes except by the input's own action, the image never gets shorter, and a request that
/// is refused or only reads changes nothing.
pub fn side_files(input: &[u8]) {
    let mut input = Input(input);
    let Some(first) = input.byte() else { return };
    let medium = Medium::ALL[usize::from(first) % Medium::ALL.len()];
    let behaviour = Behaviour {
        session_gap: Some(32),
        ..Behaviour::default()
    };
    let bench = Bench::new();
    let recorder = Recorder::create(&bench.path(), medium, Some(CAPACITY), behaviour).expect("a blank disc");
    let mut driven = Driven {
        bench,
        medium,
        recorder: None,
        read_only: false,
        astray: false,
        lost: false,
        recorded: Blocks::new(),
        sent: Blocks::new(),
        fill: 0,
        length: 0,
        copies: [const { None }; COPIES],
    };
    driven.put_in(recorder, false);
    for _ in 0..OPERATIONS {
        if driven.step(&mut input).is_none() {
            break;
        }
        driven.check();
    }
    driven.switch_off();
    driven.check();
    driven.open(true, Recorder::open_read_only);
}

impl Driven {
    /// Does one operation; `None` at the end of the input.
    fn step(&mut self, input: &mut Input<'_>) -> Option<()> {
        match input.byte()? & 0x1F {
            0..=7 => {
                let (track, count) = (input.byte()?, input.byte()?);
                if let Some(at) = self.next(track) {
                    self.write(at, 1 + u16::from(count & 0x1F));
                }
            }
            8 => {
                let at = input.half()?;
                self.write(u32::from(at) % CAPACITY, 16);
            }
            9..=11 => drop(self.keeping(SynchronizeCache::all(false))),
            12 => {
                let (function, number) = (input.byte()?, input.byte()?);
                let function = [
                    CloseFunction::Track,
                    CloseFunction::Session,
                    CloseFunction::Finalize,
                ][usize::from(function) % 3];
                let _ = self.keeping(CloseTrackSession::new(function, number.into(), false));
            }
            13 => {
                let blocks = input.half()?;
                let _ = self.keeping(ReserveTrack::new(u32::from(blocks) % CAPACITY));
            }
            14 => self.read(u32::from(input.half()?) % CAPACITY),
            15 => self.switch_off(),
            16 => self.kill(),
            17 => {
                let step = u64::from(input.byte()? & 0x0F);
                if let Some(recorder) = &mut self.recorder {
                    recorder.set_faults(FaultScript::new().cut_at_side_file(step));
                }
            }
            18 => self.cut_power(u32::from(input.byte()? & 7)),
            19 => {
                let copy = usize::from(input.byte()?) % COPIES;
                let recorded = self.recorded.clone();
                self.copies[copy] = Some((self.files(), recorded));
            }
            20 | 21 => self.bring_side_back(usize::from(input.byte()?) % COPIES),
            22 => self.bring_image_back(input.byte()?),
            23 => {
                let (at, byte) = (input.half()?, input.byte()?);
                if let Some(mut side) = self.files().side.filter(|side| !side.is_empty()) {
                    let at = usize::from(at) % side.len();
                    side[at] = byte;
                    self.write_side(Some(&side));
                }
            }
            24 => self.edit_image(input.half()?, input.byte()?),
            25 => {
                let (blocks, bytes) = (input.half()?, input.byte()?);
                self.cut_image(u64::from(blocks) % 1_100 * BLOCK + u64::from(bytes));
            }
            26 => self.tear(usize::from(input.half()?)),
            27 => self.open(false, Recorder::open),
            28 => self.open(false, Recorder::open_accepting),
            29 => self.open(true, Recorder::open_read_only),
            30 => {
                let medium = self.medium;
                self.open(false, |path| Recorder::adopt(path, medium, Some(CAPACITY)));
            }
            _ => self.write_side(None),
        }
        Some(())
    }

    fn files(&self) -> Files {
        let path = self.bench.path();
        Files {
            image: fs::read(&path).expect("an image in memory"),
            side: fs::read(Recorder::side_file(&path)).ok(),
        }
    }

    /// Checks that every recorded block is unchanged, and the image no shorter.
    fn check(&mut self) {
        let image = fs::File::open(self.bench.path()).expect("an image in memory");
        let length = image.metadata().expect("an image in memory").len();
        assert!(
            length >= self.length,
            "the image had {} bytes and has {length}",
            self.length
        );
        self.length = length;
        let mut block = [0; mmc::BLOCK_SIZE];
        for (at, fill) in &self.recorded {
            image
                .read_exact_at(&mut block, u64::from(*at) * BLOCK)
                .expect("a recorded block");
            assert!(
                block.iter().all(|byte| byte == fill),
                "block {at} is not what was recorded"
            );
        }
    }

    /// Inserts the disc; neither success nor refusal may change anything.
    fn open(&mut self, read_only: bool, open: impl FnOnce(&std::path::Path) -> Result<Recorder, Error>) {
        self.switch_off();
        self.check();
        let before = self.files();
        let opened = open(&self.bench.path());
        assert!(self.files() == before, "opening changed something");
        if let Ok(recorder) = opened {
            self.put_in(recorder, read_only);
        }
    }

    /// Some media are recorded in packets only on request.
    fn put_in(&mut self, recorder: Recorder, read_only: bool) {
        self.recorder = Some(recorder);
        self.read_only = read_only;
        let mut bytes = [0; 60];
        if self
            .send(
                ModeSense10::new(5, PageControl::Current, 60),
                Data::In(&mut bytes),
            )
            .is_err()
        {
            return;
        }
        let Some(mut page) = WriteParameters::find(&bytes[8..]) else {
            return;
        };
        let dvd = page.fixed_packets();
        page.set_write_type(WriteType::Packet);
        page.set_multi_session(MultiSession::Allowed);
        page.set_track_mode(5);
        page.set_link_size_valid(dvd);
        page.link_size = if dvd { 16 } else { 7 };
        let list = [ModeHeader10::default().as_bytes(), page.as_bytes()].concat();
        let length = u16::try_from(list.len()).unwrap_or_default();
        let _ = self.send(ModeSelect10::new(length), Data::Out(&list));
    }

    fn send(&mut self, command: impl Into<Command>, data: Data<'_>) -> Result<usize, Failure> {
        let before = self.read_only.then(|| self.files());
        let Some(recorder) = &mut self.recorder else {
            return Err(std::io::Error::from(std::io::ErrorKind::NotFound).into());
        };
        let result = recorder.execute(command.into().as_bytes(), data);
        if let Some(before) = before {
            assert!(self.files() == before, "a drive for reading changed something");
        }
        result
    }

    /// A next writable address: that of the open track, or of one of the first.
    fn next(&mut self, track: u8) -> Option<u32> {
        let number = match track & 3 {
            0 | 3 => ReadTrackInformation::INVISIBLE_TRACK,
            first => u32::from(first),
        };
        let mut track = [0; 48];
        let ask = ReadTrackInformation::new(InformationAddress::Track, number, 48);
        self.send(ask, Data::In(&mut track)).ok()?;
        let [.., a, b, c, d] = *track.first_chunk::<16>()?;
        Some(u32::from_be_bytes([a, b, c, d]))
    }

    fn write(&mut self, at: u32, count: u16) {
        self.fill = self.fill.checked_add(1).unwrap_or(1);
        let data = vec![self.fill; usize::from(count) * mmc::BLOCK_SIZE];
        if self.send(Write10::new(Lba(at), count), Data::Out(&data)).is_err() {
            return;
        }
        if self.astray {
            self.lost = true;
        } else {
            let blocks = at..at + u32::from(count);
            self.sent.extend(blocks.map(|block| (block, self.fill)));
        }
    }

    /// Sends a command after which everything sent so far is kept.
    fn keeping(&mut self, command: impl Into<Command>) -> Result<usize, Failure> {
        let done = self.send(command, Data::None);
        if done.is_ok() && !self.read_only {
            assert!(!self.lost, "lost blocks were acknowledged");
            self.recorded.append(&mut self.sent);
        }
        done
    }

    fn read(&mut self, at: u32) {
        let mut block = [0; mmc::BLOCK_SIZE];
        let read = self.send(Read10::new(Lba(at), 1), Data::In(&mut block));
        if let (Ok(_), Some(fill), false) = (read, self.recorded.get(&at), self.astray) {
            assert!(
                block.iter().all(|byte| byte == fill),
                "block {at} is read with other contents"
            );
        }
    }

    /// What was sent is on the disc, whether the side file records it or not.
    fn switch_off(&mut self) {
        let before = self.astray.then(|| self.files());
        self.recorder = None;
        self.recorded.append(&mut self.sent);
        if let Some(before) = before {
            assert!(self.files() == before, "another image than its own was changed");
        }
        (self.read_only, self.astray, self.lost) = (false, false, false);
    }

    fn kill(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.kill();
        }
        self.switch_off();
    }

    /// The only operation that takes back blocks: those that were not synchronized.
    fn cut_power(&mut self, units: u32) {
        let Some(recorder) = self.recorder.as_mut().filter(|_| !self.astray) else {
            return;
        };
        recorder.cut_power(match units {
            0 => Keep::None,
            7 => Keep::All,
            units => Keep::Units(units),
        });
        if !self.read_only {
            self.sent.clear();
            self.length = 0;
        }
        self.switch_off();
    }

    fn write_side(&self, bytes: Option<&[u8]>) {
        let side = Recorder::side_file(&self.bench.path());
        let _ = fs::remove_file(&side);
        if let Some(bytes) = bytes {
            fs::write(side, bytes).expect("a side file in memory");
        }
    }

    fn bring_side_back(&self, copy: usize) {
        if let Some((files, _)) = &self.copies[copy] {
            self.write_side(files.side.as_deref());
        }
    }

    /// Restores an image, with or without its side file: into the same file, or as another file while a
    /// recorder is open.
    fn bring_image_back(&mut self, how: u8) {
        let Some((files, recorded)) = self.copies[usize::from(how) % COPIES].clone() else {
            return;
        };
        let path = self.bench.path();
        if how & 0x40 == 0 {
            self.switch_off();
            fs::write(&path, &files.image).expect("an image in memory");
        } else {
            let other = path.with_extension("other");
            fs::write(&other, &files.image).expect("an image in memory");
            fs::rename(&other, &path).expect("an image in memory");
            self.astray = self.recorder.is_some();
            self.lost |= !self.sent.is_empty();
            self.sent.clear();
        }
        if how & 0x80 != 0 {
            self.write_side(files.side.as_deref());
        }
        self.recorded = recorded;
        self.length = 0;
    }

    fn edit_image(&mut self, block: u16, byte: u8) {
        self.switch_off();
        let length = self.files().image.len() as u64;
        let at = u64::from(block) * BLOCK + u64::from(byte);
        if at < length {
            let image = OpenOptions::new().write(true).open(self.bench.path());
            let image = image.expect("an image in memory");
            image.write_all_at(&[byte], at).expect("an image in memory");
            self.recorded.remove(&u32::from(block));
        }
    }

    /// Truncates the image, also while a recorder is open.
    fn cut_image(&mut self, length: u64) {
        let image = OpenOptions::new().write(true).open(self.bench.path());
        let image = image.expect("an image in memory");
        if length >= image.metadata().expect("an image in memory").len() {
            return;
        }
        image.set_len(length).expect("an image in memory");
        let end = u32::try_from(length / BLOCK).unwrap_or(u32::MAX);
        self.recorded.retain(|block, _| *block < end);
        self.lost |= self.sent.keys().any(|block| *block >= end);
        self.sent.retain(|block, _| *block < end);
        self.astray = self.recorder.is_some();
        self.length = length;
    }

    /// Appends bytes, as a recording that was interrupted inside a block leaves them.
    fn tear(&mut self, bytes: usize) {
        self.switch_off();
        let mut image = self.files().image;
        image.resize(image.len() + bytes % 5_000, 0x77);
        fs::write(self.bench.path(), image).expect("an image in memory");
    }
}
