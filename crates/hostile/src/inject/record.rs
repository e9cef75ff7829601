//! The discs as recorded: one of each medium in each revision.

use drive::Drive;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium, Recorder};
use recording::{Attributes, CloseDisc, FormatOptions, NodeId, NodeKind, Recording, format};
use volume::Volume;

use super::disc::{JudgedDisc, NoWait, folder};

const MEDIA: [(Medium, Revision); 9] = [
    (Medium::CdR80, Revision::V1_50),
    (Medium::CdR80, Revision::V2_01),
    (Medium::DvdR, Revision::V2_00),
    (Medium::DvdRDl, Revision::V1_50),
    (Medium::DvdPlusR, Revision::V2_01),
    (Medium::DvdPlusRDl, Revision::V2_50),
    (Medium::BdR, Revision::V2_60),
    (Medium::BdRDl, Revision::V2_50),
    (Medium::BdRQl, Revision::V2_60),
];

/// A time on the discs.
pub fn time(second: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + second, 0)
}

/// One of each medium in each revision.
pub fn of_each_medium() -> impl Iterator<Item = JudgedDisc> {
    MEDIA
        .iter()
        .map(|(medium, revision)| recorded(*medium, *revision))
}

/// A disc of several generations with a node of each kind; if the medium takes further sessions, it has two.
fn recorded(medium: Medium, revision: Revision) -> JudgedDisc {
    let folder = folder();
    let image = folder.path().join("disc");
    let behaviour = Behaviour {
        session_gap: Some(64),
        ..Behaviour::default()
    };
    Recorder::create(&image, medium, Some(6000), behaviour).expect("a blank disc");
    let open = || {
        let recorder = Recorder::open(&image).expect("an image");
        Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).expect("a drive")
    };
    volume(open(), revision);
    let mut recording = Recording::open(open(), time(1)).expect("a volume");
    content(&mut recording);
    if matches!(medium, Medium::DvdRDl) {
        drop(recording);
    } else {
        recording.close(CloseDisc::No, time(5)).expect("a session");
        drop(recording);
        let mut recording = Recording::open(open(), time(6)).expect("a volume");
        let root = recording.root();
        add(&mut recording, root, "second session", &[7; 5000]);
        recording.commit(time(7)).expect("a commit");
    }
    let opened = Volume::open(open())
        .map_err(|failed| failed.error)
        .expect("a volume");
    let partition = opened.maps()[0].partition().expect("a usable map").start.0;
    drop(opened);
    let recorder = Recorder::open_read_only(&image).expect("an image");
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).expect("a drive");
    JudgedDisc::new(
        format!("{} {revision}", medium.name()),
        folder,
        &image,
        partition,
        drive,
    )
}

/// Records an empty volume on the medium in a drive.
pub fn volume(drive: Drive, revision: Revision) {
    let options = FormatOptions {
        revision,
        label: "Changed".into(),
        unique: 1,
        now: time(0),
        seconds: 1_700_000_000,
        root: Attributes::at(0o755, time(0)),
        rom: None,
    };
    format(drive, &options).expect("a volume");
}

fn add(recording: &mut Recording, parent: NodeId, name: &str, content: &[u8]) -> NodeId {
    let attributes = Attributes::at(0o644, time(1));
    let node = recording
        .create(parent, name, NodeKind::File, &attributes)
        .expect("room");
    recording.write(node, 0, content).expect("room");
    node
}

/// Records a node of each kind, and what only some bodies have: holes, allocation extents, a directory in
/// extents.
pub fn content(recording: &mut Recording) {
    let root = recording.root();
    let attributes = Attributes::at(0o755, time(2));
    let directory = recording
        .create(root, "directory", NodeKind::Directory, &attributes)
        .expect("room");
    let other = recording
        .create(root, "other", NodeKind::Directory, &attributes)
        .expect("room");
    let small = add(recording, directory, "small", b"embedded");
    add(recording, directory, "same", b"embedded");
    recording.commit(time(2)).expect("a commit");
    add(recording, root, "large", &[1; 9000]);
    add(recording, root, "large too", &[2; 9000]);
    recording.link(small, other, "hard link").expect("room");
    let special = [
        ("pipe", NodeKind::Fifo),
        ("socket", NodeKind::Socket),
        ("tty", NodeKind::CharacterDevice { major: 4, minor: 64 }),
    ];
    for (name, kind) in special {
        recording.create(root, name, kind, &attributes).expect("room");
    }
    recording
        .symlink(root, "symlink", "../a/./b", &attributes)
        .expect("room");
    recording.commit(time(3)).expect("a commit");
    let sparse = add(recording, root, "sparse", b"x");
    for number in 0..130 {
        recording.write(sparse, number * 4096, &[7; 2048]).expect("room");
    }
    let many = recording
        .create(root, "many", NodeKind::Directory, &attributes)
        .expect("room");
    for number in 0..50 {
        add(recording, many, &format!("file number {number}"), b"");
    }
    recording.commit(time(4)).expect("a commit");
}
