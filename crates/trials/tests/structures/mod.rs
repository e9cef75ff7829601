//! Discs with all kinds of structures, the places of those, and what can be read from a disc that has lost
//! some.

use std::collections::{BTreeMap, BTreeSet};

use ecma167::general::{Descriptor, Tag, TagIdentifier};
use ecma167::osta::Revision;
use ecma167::recognition::recognise;
use ecma167::volume::AnchorVolumeDescriptorPointer;
use ecma167::{BLOCK_SIZE, RecordedAddress};
use emulator::{Behaviour, FaultScript, Medium};
use recording::{Attributes, CloseDisc, NodeKind, Recording};
use trials::{End, Life, MemoryDisc, time};
use volume::{Body, Error, ExtentKind, Volume};

/// A medium of each family, with the revision used for it here.
pub const FAMILIES: [(Medium, Revision); 5] = [
    (Medium::CdR80, Revision::V1_50),
    (Medium::DvdR, Revision::V2_00),
    (Medium::DvdRDl, Revision::V2_50),
    (Medium::DvdPlusR, Revision::V2_01),
    (Medium::BdR, Revision::V2_60),
];

/// The state of the disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its first session is open.
    Open,
    /// Its session is closed.
    Closed,
    /// Its second session is open.
    Continued,
    /// It is finalized.
    Finalized,
}

pub const STATES: [State; 4] = [State::Open, State::Closed, State::Continued, State::Finalized];

/// The structure in a block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// A descriptor of the recognition sequence of the newest session, or of an earlier one.
    Recognition { newest: bool },
    /// The anchor at S+256 of the newest session, through which the volume is found.
    FirstAnchor,
    /// Another anchor.
    OtherAnchor,
    /// The main sequence that the first anchor names.
    Main,
    /// Its reserve sequence.
    Reserve,
    /// Sequences of earlier sessions.
    OldSequence,
    /// The integrity sequence.
    Integrity,
    /// The file set descriptor.
    FileSet,
    /// The VAT ICB in force.
    VatIcb,
    /// A copy of it, or one of an earlier generation.
    OtherVatIcb,
    /// The first block of the VAT; in UDF 1.50 also the last.
    VatHead,
    /// Another block of the VAT.
    Vat,
    /// The node of a path.
    Node(String),
    /// A block of the body of a directory.
    Directory(String),
    /// A continuation of the allocation descriptors of a path.
    Continuation(String),
}

/// What can be read from a volume.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Files with their bytes, directories without.
    pub found: BTreeMap<String, Option<Vec<u8>>>,
    /// Paths that lost something, and the place of the loss.
    pub lost: BTreeMap<String, String>,
}

/// A disc in this state, with what the commit before the last left on it.
pub struct Sample {
    pub disc: MemoryDisc,
    pub before: Left,
    pub now: Left,
}

pub fn life(medium: Medium, revision: Revision) -> Life {
    Life {
        medium,
        capacity: 60_000,
        behaviour: Behaviour::default(),
        transfer_limit: None,
        revision,
        rom: None,
        operations: Vec::new(),
        end: End::Commit,
    }
}

/// Creates a disc of a few commits; `names` files in one directory make its VAT long.
pub fn sample(medium: Medium, revision: Revision, state: State, names: usize) -> Sample {
    let disc = MemoryDisc::blank(&life(medium, revision)).unwrap();
    recording::format(disc.drive().unwrap(), &disc.options()).unwrap();
    let mut recording = disc.recording().unwrap();
    fill(&mut recording, names);
    recording.commit(time(2)).unwrap();
    if state == State::Continued {
        recording.close(CloseDisc::No, time(3)).unwrap();
    }
    drop(recording);
    let before = read_all(&mut disc.volume().unwrap()).unwrap();
    let mut recording = disc.recording().unwrap();
    file(&mut recording, "/", "newest", b"only in the newest generation");
    recording.commit(time(4)).unwrap();
    match state {
        State::Open | State::Continued => {}
        State::Closed => drop(recording.close(CloseDisc::No, time(5)).unwrap()),
        State::Finalized => drop(recording.close(CloseDisc::Yes, time(5)).unwrap()),
    }
    drop(recording);
    let now = read_all(&mut disc.volume().unwrap()).unwrap();
    assert!(now.lost.is_empty());
    Sample { disc, before, now }
}

fn fill(recording: &mut Recording, names: usize) {
    file(recording, "/", "embedded", b"few bytes");
    file(recording, "/", "extent", &[7; 5000]);
    directory(recording, "/", "small");
    file(recording, "/small", "inside", b"more bytes");
    directory(recording, "/", "long");
    for number in 0..names {
        let name = format!("{number:04} {}", "a long name ".repeat(6));
        file(recording, "/long", &name, b"x");
    }
    let node = file(recording, "/", "scattered", b"");
    for number in 0..260 {
        recording
            .write(node, number * 2 * BLOCK_SIZE as u64, &[1; BLOCK_SIZE])
            .unwrap();
    }
}

fn directory(recording: &mut Recording, parent: &str, name: &str) {
    let parent = recording.lookup_path(parent).unwrap();
    recording
        .create(parent, name, NodeKind::Directory, &Attributes::at(0o755, time(1)))
        .unwrap();
}

pub fn file(recording: &mut Recording, parent: &str, name: &str, bytes: &[u8]) -> recording::NodeId {
    let parent = recording.lookup_path(parent).unwrap();
    let node = recording
        .create(parent, name, NodeKind::File, &Attributes::at(0o644, time(1)))
        .unwrap();
    recording.write(node, 0, bytes).unwrap();
    node
}

/// A drive that cannot read these blocks.
pub fn unreadable(disc: &MemoryDisc, sectors: &[u32]) -> drive::Drive {
    let script = sectors
        .iter()
        .fold(FaultScript::new(), |script, at| script.unreadable(*at..*at + 1));
    disc.faulty_drive(script).unwrap()
}

/// Reads everything readable, and collects what is lost.
pub fn read_all(volume: &mut Volume) -> Result<Left, Error> {
    let mut left = Left::default();
    let mut paths = vec![(String::new(), volume.root()?)];
    while let Some((path, address)) = paths.pop() {
        match read_one(volume, &path, address, &mut paths, &mut left) {
            Ok(bytes) => drop(left.found.insert(path, bytes)),
            Err(error) => drop(left.lost.insert(path, error.to_string())),
        }
    }
    Ok(left)
}

fn read_one(
    volume: &mut Volume,
    path: &str,
    address: RecordedAddress,
    paths: &mut Vec<(String, RecordedAddress)>,
    left: &mut Left,
) -> Result<Option<Vec<u8>>, Error> {
    let node = volume.node(address)?;
    if node.kind != NodeKind::Directory {
        let body = volume.body(&node)?;
        let mut bytes = vec![0; usize::try_from(body.len()).unwrap()];
        volume.read(&body, 0, &mut bytes)?;
        return Ok(Some(bytes));
    }
    let mut directory = volume.directory(&node)?;
    loop {
        match directory.next_live(volume) {
            Ok(Some(entry)) => paths.push((format!("{path}/{}", entry.name), entry.address())),
            Ok(None) => return Ok(None),
            Err(error) => drop(left.lost.insert(path.to_owned(), error.to_string())),
        }
    }
}

/// Every structure on the disc, by sector.
pub fn structures(disc: &MemoryDisc) -> BTreeMap<u32, Block> {
    let mut volume = disc.volume().unwrap();
    let mut blocks = found_by_their_tags(disc, &mut volume);
    let start = volume
        .partition_start(volume.physical_partition().unwrap())
        .unwrap()
        .0;
    let vat = volume.vat().unwrap().clone();
    let body: Vec<u32> = sectors(&mut volume, &vat.body);
    let heads = match vat.form {
        volume::VatForm::V150 => [body[0], *body.last().unwrap()],
        volume::VatForm::V200 => [body[0]; 2],
    };
    for at in body {
        let block = if heads.contains(&at) {
            Block::VatHead
        } else {
            Block::Vat
        };
        blocks.insert(at, block);
    }
    blocks.insert(start + vat.icb.0, Block::VatIcb);
    let file_set = volume.descriptors().logical.logical_volume_contents_use.address();
    blocks.insert(volume.resolve(file_set).unwrap().0, Block::FileSet);
    let mut paths = vec![(String::new(), volume.root().unwrap())];
    while let Some((path, address)) = paths.pop() {
        let node = volume.node(address).unwrap();
        blocks.insert(volume.resolve(address).unwrap().0, Block::Node(path.clone()));
        for at in continuations(&mut volume, &node) {
            blocks.insert(at, Block::Continuation(path.clone()));
        }
        if node.kind == NodeKind::Directory {
            let body = volume.body(&node).unwrap();
            for at in sectors(&mut volume, &body) {
                blocks.insert(at, Block::Directory(path.clone()));
            }
            let mut directory = volume.directory(&node).unwrap();
            while let Some(entry) = directory.next_live(&mut volume).unwrap() {
                paths.push((format!("{path}/{}", entry.name), entry.address()));
            }
        }
    }
    blocks
}

/// The structures at the start and end of sessions.
fn found_by_their_tags(disc: &MemoryDisc, volume: &mut Volume) -> BTreeMap<u32, Block> {
    let image = std::fs::read(disc.image()).unwrap();
    let starts: BTreeSet<u32> = {
        let sessions = volume.drive().medium().sessions.iter();
        sessions
            .filter(|session| session.last_recorded.is_some())
            .map(|session| session.start.0)
            .collect()
    };
    let newest = *starts.last().unwrap();
    let first = &image[(newest as usize + 256) * BLOCK_SIZE..][..BLOCK_SIZE];
    let anchor = AnchorVolumeDescriptorPointer::read(first, Some(newest + 256)).unwrap();
    let main = anchor.main_volume_descriptor_sequence_extent;
    let reserve = anchor.reserve_volume_descriptor_sequence_extent;
    let start = volume
        .partition_start(volume.physical_partition().unwrap())
        .unwrap()
        .0;
    let mut blocks = BTreeMap::new();
    for (at, block) in (0..).zip(image.chunks_exact(BLOCK_SIZE)) {
        let within = |first: u32, sectors: u32| (first..first + sectors).contains(&at);
        let is_start = starts.iter().any(|start| within(start + 16, 3));
        let kind = match Tag::peek(block).map(|tag| (tag.identifier(), tag.tag_location.get())) {
            None if is_start && recognise(block).is_some() => Block::Recognition { newest: at > newest },
            Some((TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER, location)) if location == at => {
                if at == newest + 256 {
                    Block::FirstAnchor
                } else {
                    Block::OtherAnchor
                }
            }
            Some((identifier, location)) if location == at && identifier.0 <= 9 => {
                let integrity = volume.descriptors().logical.integrity_sequence_extent;
                if within(integrity.location().0, integrity.sectors()) {
                    Block::Integrity
                } else if within(main.location().0, main.sectors()) {
                    Block::Main
                } else if within(reserve.location().0, reserve.sectors()) {
                    Block::Reserve
                } else {
                    Block::OldSequence
                }
            }
            Some((TagIdentifier::FILE_ENTRY | TagIdentifier::EXTENDED_FILE_ENTRY, location))
                if at.checked_sub(start) == Some(location) =>
            {
                Block::OtherVatIcb
            }
            _ => continue,
        };
        blocks.insert(at, kind);
    }
    blocks
}

fn sectors(volume: &mut Volume, body: &Body) -> Vec<u32> {
    let Body::Extents(extents) = body else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for extent in extents {
        if let ExtentKind::Recorded(address) = extent.kind {
            let first = volume.resolve(address).unwrap().0;
            let blocks = u32::try_from(extent.length.div_ceil(BLOCK_SIZE as u64)).unwrap();
            all.extend(first..first + blocks);
        }
    }
    all
}

/// The allocation extents of a node.
fn continuations(volume: &mut Volume, node: &volume::Node) -> Vec<u32> {
    use ecma167::file::{AllocationExtent, ExtentType, allocation_descriptor};
    let form = node.entry.icb_tag.form().unwrap();
    let mut descriptors = node.entry.allocation_descriptors.clone();
    let mut all = Vec::new();
    if form == ecma167::file::AllocationForm::Embedded {
        return all;
    }
    loop {
        let next = allocation_descriptor::parse(form, node.address.partition, &descriptors)
            .map(Result::unwrap)
            .find(|descriptor| descriptor.extent_type == ExtentType::Continuation);
        let Some(next) = next else { return all };
        let at = volume.resolve(next.address).unwrap();
        all.push(at.0);
        let block = volume.read_sector(at).unwrap();
        descriptors = AllocationExtent::decode(block, None)
            .unwrap()
            .allocation_descriptors;
    }
}
