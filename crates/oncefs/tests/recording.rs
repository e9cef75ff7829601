//! Recording on a volume.

mod common;

use std::io::Write;

use common::{Disc, content, names, now};
use oncefs::{Changes, ErrorKind, OpenOptions};

#[test]
fn what_is_pending_shows_in_the_recording_and_on_no_disc() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.write("/file", "text").unwrap();
    assert_eq!(
        std::io::read_to_string(recording.open("/file").unwrap()).unwrap(),
        "text"
    );
    drop(recording);
    assert!(disc.names("/").is_empty());
}

#[test]
fn a_commit_makes_changes_last() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.write("/file", "text").unwrap();
    assert!(recording.is_dirty());
    recording.commit().unwrap();
    assert!(!recording.is_dirty());
    drop(recording);
    assert_eq!(disc.names("/"), ["file"]);
}

#[test]
fn what_is_abandoned_is_gone() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.create_dir("/dir").unwrap();
    recording.abandon().unwrap();
    assert!(names(&recording, "/").is_empty());
}

#[test]
fn a_file_is_written_in_pieces() {
    let bytes = content(70_000);
    let disc = Disc::with(|disc| {
        let mut file = disc.create("/file")?;
        for piece in bytes.chunks(999) {
            file.write_all(piece).unwrap();
        }
        file.finish()
    });
    let mut read = Vec::new();
    std::io::copy(&mut disc.open().open("/file").unwrap(), &mut read).unwrap();
    assert!(read == bytes);
}

#[test]
fn writing_replaces_the_bytes_that_were_there() {
    let disc = Disc::with(|disc| disc.write("/file", content(5000)));
    let mut recording = disc.record();
    recording.write("/file", "new").unwrap();
    recording.commit().unwrap();
    assert_eq!(recording.metadata("/file").unwrap().len(), 3);
}

#[test]
fn appending_goes_on_at_the_end() {
    let disc = Disc::with(|disc| disc.write("/file", "one "));
    let mut recording = disc.record();
    recording.append("/file").unwrap().write_all(b"two").unwrap();
    let text = std::io::read_to_string(recording.open("/file").unwrap()).unwrap();
    assert_eq!(text, "one two");
}

#[test]
fn a_hole_takes_no_block() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    let before = recording.free_blocks().unwrap();
    let mut file = recording.create("/file").unwrap();
    file.skip(1 << 30);
    file.write_all(b"end").unwrap();
    assert_eq!(recording.metadata("/file").unwrap().len(), (1 << 30) + 3);
    assert!(before - recording.free_blocks().unwrap() < 10);
}

#[test]
fn a_new_file_must_not_be_there_yet() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let error = disc.record().create_new("/file").map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
}

#[test]
fn directories_are_made_as_far_as_they_are_missing() {
    let disc = Disc::with(|disc| {
        disc.create_dir("/a")?;
        disc.create_dir_all("/a/b/c")
    });
    assert_eq!(disc.names("/a/b"), ["c"]);
}

#[test]
fn a_directory_in_a_file_is_refused() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let error = disc.record().create_dir_all("/file/dir").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotADirectory);
}

#[test]
fn a_directory_is_not_written_to() {
    let disc = Disc::with(|recording| recording.create_dir("/directory"));
    let refused = disc.record().write("/directory", "a").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::IsADirectory);
}

#[test]
fn a_file_moves_over_another() {
    let disc = Disc::with(|disc| {
        disc.create_dir("/dir")?;
        disc.write("/old", "old")?;
        disc.write("/dir/new", "new")
    });
    let mut recording = disc.record();
    recording.rename("/dir/new", "/old").unwrap();
    recording.commit().unwrap();
    assert_eq!(
        std::io::read_to_string(recording.open("/old").unwrap()).unwrap(),
        "new"
    );
    assert!(names(&recording, "/dir").is_empty());
}

#[test]
fn two_names_have_one_file() {
    let disc = Disc::with(|disc| {
        disc.write("/one", "text")?;
        disc.hard_link("/one", "/two")
    });
    let volume = disc.open();
    let of = |path| volume.metadata(path).unwrap();
    assert_eq!(of("/one").unique_id(), of("/two").unique_id());
    assert_eq!(of("/one").nlink(), 2);
}

#[test]
fn files_and_empty_directories_are_removed() {
    let disc = Disc::with(|disc| {
        disc.create_dir("/dir")?;
        disc.write("/dir/file", "text")
    });
    let mut recording = disc.record();
    let error = recording.remove_dir("/dir").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DirectoryNotEmpty);
    recording.remove_file("/dir/file").unwrap();
    recording.remove_dir("/dir").unwrap();
    assert!(names(&recording, "/").is_empty());
}

#[test]
fn a_directory_is_removed_with_all_that_is_in_it() {
    let disc = Disc::with(|recording| {
        recording.create_dir_all("/top/middle/low")?;
        recording.write("/top/middle/low/a", "a")?;
        recording.write("/kept", "b")?;
        recording.symlink("/kept", "/top/link")
    });
    let mut recording = disc.record();
    recording.remove_dir_all("/top").unwrap();
    recording.commit().unwrap();
    drop(recording);
    assert_eq!(disc.names("/"), ["kept"]);
}

#[test]
fn what_is_no_directory_is_not_removed_as_one() {
    let disc = Disc::with(|recording| {
        recording.create_dir("/directory")?;
        recording.symlink("directory", "/link")
    });
    let mut recording = disc.record();
    let refused = recording.remove_dir_all("/link").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotADirectory);
    assert!(!recording.is_dirty());
}

#[test]
fn the_root_is_not_removed() {
    let disc = Disc::with(|recording| recording.write("/a", "a"));
    let refused = disc.record().remove_dir_all("/").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidName);
    assert_eq!(disc.names("/"), ["a"]);
}

#[test]
fn attributes_are_changed() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let mut recording = disc.record();
    let changes = Changes {
        mode: Some(0o600),
        uid: Some(7),
        modified: Some(std::time::UNIX_EPOCH.into()),
        ..Changes::default()
    };
    recording.set_attributes("/file", &changes).unwrap();
    let metadata = recording.metadata("/file").unwrap();
    assert_eq!((metadata.mode(), metadata.uid()), (0o100_600, Some(7)));
    assert_eq!(metadata.modified(), Some(std::time::UNIX_EPOCH));
}

#[test]
fn what_is_made_belongs_to_the_owner_that_was_set() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.set_owner(10, 20);
    recording.create_dir("/dir").unwrap();
    let metadata = recording.metadata("/dir").unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (Some(10), Some(20)));
}

#[test]
fn what_is_made_has_the_time_that_was_set() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    let later = now() + std::time::Duration::from_secs(60);
    recording.set_time(later);
    recording.write("/file", "text").unwrap();
    assert_eq!(recording.metadata("/file").unwrap().created(), Some(later));
}

#[test]
fn more_than_there_is_room_for_is_refused_before_the_first_block() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    let free = recording.free_blocks().unwrap();
    let error = recording.write("/file", vec![1; 80_000 * 2048]).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::MediumFull, Some("/file"))
    );
    assert!(recording.free_blocks().unwrap() + 10 > free);
}

#[test]
fn a_name_that_udf_cannot_hold_is_refused() {
    let disc = Disc::empty();
    let error = disc.record().create_dir(&"x".repeat(300)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidName);
    assert_eq!(
        disc.record().create_dir("/").unwrap_err().kind(),
        ErrorKind::InvalidName
    );
}

#[test]
fn a_directory_of_the_host_comes_with_modes_and_times() {
    let disc = Disc::empty();
    let host = disc.beside("host");
    std::fs::create_dir_all(host.join("below")).unwrap();
    std::fs::write(host.join("below/file"), content(5000)).unwrap();
    std::os::unix::fs::symlink("below/file", host.join("link")).unwrap();
    let time = now() - std::time::Duration::from_secs(1_000_000);
    for name in ["below/file", "below", ""] {
        let file = std::fs::File::open(host.join(name)).unwrap();
        file.set_modified(time).unwrap();
    }
    let mut recording = disc.record();
    recording.add_dir_all(&host, "/host").unwrap();
    recording.commit().unwrap();
    drop(recording);
    let volume = disc.open();
    for path in ["/host", "/host/below", "/host/below/file"] {
        assert_eq!(volume.metadata(path).unwrap().modified(), Some(time), "{path}");
    }
    assert_eq!(volume.metadata("/host/below/file").unwrap().len(), 5000);
    assert_eq!(volume.read_link("/host/link").unwrap(), "below/file");
}

#[test]
fn what_is_no_file_of_the_host_is_not_added() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    let error = recording.add_file(disc.beside(""), "/file").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongFileType);
    let error = recording.add_file(disc.beside("none"), "/file").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!recording.exists("/file").unwrap());
}

#[test]
fn holes_of_host_files_stay_holes() {
    let disc = Disc::empty();
    let host = disc.beside("host");
    std::fs::create_dir(&host).unwrap();
    let file = std::fs::File::create(host.join("file")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"middle", 8 << 20).unwrap();
    file.set_len(64 << 20).unwrap();
    let mut recording = disc.record();
    let before = recording.free_blocks().unwrap();
    recording.add_dir_all(&host, "/").unwrap();
    assert!(before - recording.free_blocks().unwrap() < 100);
    let added = recording.open("/file").unwrap();
    assert_eq!(added.metadata().len(), 64 << 20);
    let mut read = [0; 6];
    added.read_at(8 << 20, &mut read).unwrap();
    assert_eq!(&read, b"middle");
}

#[test]
fn names_of_one_host_file_stay_names_of_one_file() {
    let disc = Disc::with(|disc| disc.write("/two", "replaced"));
    let host = disc.beside("host");
    std::fs::create_dir(&host).unwrap();
    std::fs::write(host.join("one"), "text").unwrap();
    std::fs::hard_link(host.join("one"), host.join("two")).unwrap();
    let mut recording = disc.record();
    recording.add_dir_all(&host, "/").unwrap();
    let of = |path| recording.metadata(path).unwrap();
    assert_eq!(of("/one").unique_id(), of("/two").unique_id());
    assert_eq!((of("/one").nlink(), of("/two").len()), (2, 4));
}

#[test]
fn a_file_that_does_not_fit_leaves_nothing() {
    let disc = Disc::with(|disc| disc.write("/old", "text"));
    let mut recording = disc.record();
    let bytes = vec![1; 80_000 * 2048];
    for path in ["/new", "/old"] {
        let error = recording.write(path, &bytes).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::MediumFull, Some(path)));
    }
    let host = disc.beside("host");
    std::fs::write(&host, &bytes).unwrap();
    let error = recording.add_file(&host, "/new").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MediumFull);
    assert!(!recording.is_dirty());
    assert_eq!(names(&recording, "/"), ["old"]);
}

#[test]
fn after_the_drive_fails_nothing_is_committed_until_it_is_abandoned() {
    let disc = Disc::empty();
    let mut options = OpenOptions::new();
    options.faults("fail 4/44/00 at WRITE(10) 1".parse().unwrap());
    let mut recording = options.record(disc.path(), now()).unwrap();
    let error = recording.write("/new", vec![1; 8 << 20]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Drive);
    assert!(recording.commit().is_err());
    recording.abandon().unwrap();
    assert!(!recording.exists("/new").unwrap());
}

#[test]
fn directories_are_removed_however_deep_they_are() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.create_dir_all(&"/d".repeat(1500)).unwrap();
    recording.remove_dir_all("/d").unwrap();
    assert!(names(&recording, "/").is_empty());
}

#[test]
fn an_operation_on_many_files_stops_when_asked() {
    let disc = Disc::with(|disc| disc.create_dir_all("/a/b"));
    let mut recording = disc.record();
    recording.stop_if(|| true);
    let error = recording.remove_dir_all("/a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    recording.abandon().unwrap();
    assert!(recording.exists("/a/b").unwrap());
}

#[test]
fn a_file_of_the_host_is_no_directory_to_add() {
    let disc = Disc::empty();
    std::fs::write(disc.beside("file"), "text").unwrap();
    let mut recording = disc.record();
    let error = recording.add_dir_all(disc.beside("file"), "/file").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotADirectory);
    assert!(!recording.is_dirty());
}
