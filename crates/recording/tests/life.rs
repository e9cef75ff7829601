//! The life of a disc: format, commits, close, a further session, finalize; every state is read back.

mod common;

use common::{Disc, add_directory, add_file, content, time};
use drive::{SessionState, Status};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, CloseDisc, Error, NodeKind};

const REVISIONS: [Revision; 5] = [
    Revision::V1_50,
    Revision::V2_00,
    Revision::V2_01,
    Revision::V2_50,
    Revision::V2_60,
];

#[test]
fn every_formatted_disc_is_an_empty_clean_volume() {
    for medium in Medium::ALL {
        for revision in REVISIONS {
            let disc = Disc::formatted(medium, 4000, revision);
            let mut volume = disc.volume();
            assert_eq!(
                (volume.revision(), volume.label().as_str(), volume.clean()),
                (revision, "Archive", true)
            );
            assert_eq!(common::listing(&mut volume).len(), 1, "{medium} {revision}");
        }
    }
}

#[test]
fn every_kind_of_node_is_read_back_after_a_commit() {
    for revision in REVISIONS {
        let disc = Disc::formatted(Medium::CdR80, 20_000, revision);
        let mut recording = disc.recording();
        let root = recording.root();
        add_file(&mut recording, root, "empty", b"");
        add_file(&mut recording, root, "small", &content(1800, 1));
        add_file(&mut recording, root, "large", &content(3_000_001, 2));
        let directory = add_directory(&mut recording, root, "Verzeichnis mit Umlaut ä");
        let inner = add_file(&mut recording, directory, "😀 beyond", b"inner");
        recording.link(inner, root, "link").unwrap();
        let attributes = Attributes::at(0o4755, time(3));
        let special = [
            ("pipe", NodeKind::Fifo),
            ("socket", NodeKind::Socket),
            ("tty", NodeKind::CharacterDevice { major: 4, minor: 64 }),
            ("sda", NodeKind::BlockDevice { major: 8, minor: 1 }),
        ];
        for (name, kind) in special {
            recording.create(root, name, kind, &attributes).unwrap();
        }
        recording
            .symlink(root, "symlink", "../a/./b", &attributes)
            .unwrap();
        recording.commit(time(4)).unwrap();
        drop(recording);
        let listing = disc.listing();
        assert_eq!(listing["/large"].2, content(3_000_001, 2));
        assert_eq!(listing["/small"].2, content(1800, 1));
        assert_eq!(listing["/link"].2, b"inner");
        assert_eq!(listing["/Verzeichnis mit Umlaut ä/😀 beyond"].2, b"inner");
        assert_eq!(listing["/symlink"].2, b"../a/./b");
        assert_eq!(listing["/tty"].1, 0o4755);
        assert!(listing["/sda"].0.contains("major: 8"), "{}", listing["/sda"].0);
        assert_eq!(listing.len(), 12);
    }
}

#[test]
fn every_medium_lives_through_commits_sessions_and_finalizing() {
    for medium in Medium::ALL {
        let disc = Disc::formatted(medium, 60_000, Revision::V2_01);
        for round in 0..3u8 {
            let mut recording = disc.recording();
            let root = recording.root();
            let directory = add_directory(&mut recording, root, &format!("round {round}"));
            add_file(&mut recording, directory, "file", &content(50_000, round));
            recording.commit(time(10)).unwrap();
            assert!(disc_is_clean(&mut recording), "{medium} {round}");
        }
        let mut recording = disc.recording();
        let closed = recording.close(CloseDisc::No, time(20)).unwrap();
        assert_eq!(closed.finalized, medium == Medium::DvdRDl, "{medium}");
        drop(recording);
        let sessions = disc.drive().medium().sessions.clone();
        assert_eq!(sessions[0].state, SessionState::Closed);
        assert_eq!(
            sessions[0].last_recorded.map(|last| last.0),
            closed.vat_icb.map(|at| at.0),
            "{medium}"
        );
        let mut expected = 7;
        if !closed.finalized {
            let mut recording = disc.recording();
            let root = recording.root();
            add_file(&mut recording, root, "second session", &content(5_000, 9));
            recording.close(CloseDisc::Yes, time(30)).unwrap();
            expected += 1;
        }
        assert_eq!(disc.drive().medium().status, Status::Finalized, "{medium}");
        let listing = disc.listing();
        assert_eq!(listing.len(), expected, "{medium}: {:?}", listing.keys());
        assert_eq!(listing["/round 2/file"].2, content(50_000, 2));
    }
}

fn disc_is_clean(recording: &mut recording::Recording) -> bool {
    recording.volume().clean()
}

#[test]
fn a_symbolic_link_without_a_target_is_refused() {
    let disc = Disc::formatted(Medium::BdR, 4000, Revision::V2_60);
    let mut recording = disc.recording();
    let root = recording.root();
    let made = recording.create(
        root,
        "link",
        NodeKind::SymbolicLink,
        &Attributes::at(0o777, time(2)),
    );
    assert!(matches!(made, Err(Error::NoTarget)), "{made:?}");
    assert!(recording.lookup(root, "link").unwrap().is_none());
}
