//! Reading a volume.

mod common;

use std::io::{Read, Seek, SeekFrom};

use common::{Disc, content, names, now};
use oncefs::{ErrorKind, FileType};

#[test]
fn a_directory_has_the_entries_that_were_made() {
    let disc = Disc::with(|disc| {
        disc.create_dir("/dir")?;
        disc.write("/dir/b", "2")?;
        disc.write("/dir/a", "1")
    });
    assert_eq!(disc.names("/dir"), ["a", "b"]);
}

#[test]
fn an_entry_says_its_path_and_whether_it_is_a_directory() {
    let disc = Disc::with(|disc| disc.create_dir_all("/dir/below"));
    let volume = disc.open();
    let entry = volume.read_dir("dir/").unwrap().next().unwrap().unwrap();
    assert_eq!((entry.path(), entry.is_dir()), ("dir/below", true));
}

#[test]
fn an_entry_is_opened_without_its_path() {
    let disc = Disc::with(|disc| disc.write("file", "text"));
    let volume = disc.open();
    let entry = volume.read_dir("/").unwrap().next().unwrap().unwrap();
    assert_eq!(std::io::read_to_string(entry.open().unwrap()).unwrap(), "text");
}

#[test]
fn a_walk_has_each_directory_before_what_it_holds() {
    let disc = Disc::with(|disc| {
        disc.create_dir_all("/a/b")?;
        disc.write("/a/b/c", "text")?;
        disc.write("/d", "text")
    });
    let paths = |volume: &oncefs::Volume| -> Vec<String> {
        let entries = volume.walk_dir("/").unwrap();
        entries.map(|entry| entry.unwrap().path().to_owned()).collect()
    };
    assert_eq!(paths(&disc.open()), ["/a", "/a/b", "/a/b/c", "/d"]);
}

#[test]
fn a_walk_through_a_recording_shows_what_is_pending() {
    let disc = Disc::with(|disc| disc.create_dir("/a"));
    let mut recording = disc.record();
    recording.write("/a/new", "text").unwrap();
    let entries = recording.walk_dir("/a").unwrap();
    let paths: Vec<_> = entries.map(|entry| entry.unwrap().path().to_owned()).collect();
    assert_eq!(paths, ["/a/new"]);
}

#[test]
fn a_walk_comes_back_to_directories_that_were_far_above() {
    let deep = "/d".repeat(50);
    let disc = Disc::with(|disc| {
        disc.create_dir_all(&deep)?;
        disc.write("/d/z", "text")
    });
    let last = |volume: &oncefs::Volume| {
        let entries = volume.walk_dir("/").unwrap().map(Result::unwrap);
        entries.last().map(|entry| entry.path().to_owned())
    };
    assert_eq!(last(&disc.open()).as_deref(), Some("/d/z"));
    assert_eq!(last(&disc.record()).as_deref(), Some("/d/z"));
}

#[test]
fn a_file_is_read_to_its_end() {
    let bytes = content(100_001);
    let disc = Disc::with(|disc| disc.write("/file", &bytes));
    let volume = disc.open();
    let mut read = Vec::new();
    volume.open("/file").unwrap().read_to_end(&mut read).unwrap();
    assert!(read == bytes);
}

#[test]
fn a_file_is_read_from_where_it_was_sought() {
    let bytes = content(10_000);
    let disc = Disc::with(|disc| disc.write("/file", &bytes));
    let volume = disc.open();
    let mut file = volume.open("/file").unwrap();
    assert_eq!(file.seek(SeekFrom::End(-5)).unwrap(), 9995);
    let mut read = Vec::new();
    file.read_to_end(&mut read).unwrap();
    assert_eq!(read, bytes[9995..]);
}

#[test]
fn seeking_before_the_start_is_refused() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let volume = disc.open();
    let error = volume.open("/file").unwrap().seek(SeekFrom::Current(-1));
    assert_eq!(error.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn two_files_are_read_in_turn() {
    let disc = Disc::with(|disc| {
        disc.write("/one", "11")?;
        disc.write("/two", "22")
    });
    let volume = disc.open();
    let (mut one, mut two) = (volume.open("/one").unwrap(), volume.open("/two").unwrap());
    let mut read = [0; 4];
    for (at, byte) in read.iter_mut().enumerate() {
        let file = if at % 2 == 0 { &mut one } else { &mut two };
        file.read_exact(std::slice::from_mut(byte)).unwrap();
    }
    assert_eq!(&read, b"1212");
}

#[test]
fn threads_share_a_volume() {
    let disc = Disc::with(|disc| disc.write("/file", content(50_000)));
    let volume = disc.open();
    let length = || std::io::copy(&mut volume.open("/file").unwrap(), &mut std::io::sink()).unwrap();
    std::thread::scope(|scope| {
        let others = [scope.spawn(length), scope.spawn(length)];
        assert!(others.into_iter().all(|other| other.join().unwrap() == 50_000));
    });
}

#[test]
fn a_file_is_copied_to_the_host() {
    let bytes = content(300_000);
    let disc = Disc::with(|disc| disc.write("/file", &bytes));
    let volume = disc.open();
    let to = disc.beside("copy");
    let host = std::fs::File::create(&to).unwrap();
    assert_eq!(
        volume.open("/file").unwrap().copy_to_file(&host).unwrap(),
        300_000
    );
    assert!(std::fs::read(to).unwrap() == bytes);
}

#[test]
fn metadata_has_type_mode_and_times() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let metadata = disc.open().metadata("/file").unwrap();
    assert_eq!(metadata.file_type(), FileType::File);
    assert_eq!((metadata.len(), metadata.mode()), (4, 0o100_644));
    assert_eq!(metadata.modified(), Some(now()));
}

#[test]
fn a_symbolic_link_says_its_target_and_is_not_followed() {
    let disc = Disc::with(|disc| {
        disc.create_dir("/dir")?;
        disc.symlink("../dir", "/dir/link")
    });
    let volume = disc.open();
    assert_eq!(volume.read_link("/dir/link").unwrap(), "../dir");
    assert!(volume.metadata("/dir/link").unwrap().is_symlink());
    assert_eq!(
        volume.read_dir("/dir/link").unwrap_err().kind(),
        ErrorKind::NotADirectory
    );
}

#[test]
fn a_path_that_leads_nowhere_is_not_found() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let volume = disc.open();
    let error = volume.metadata("/none").unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::NotFound, Some("/none")));
    assert_eq!(
        volume.open("/file/x").unwrap_err().kind(),
        ErrorKind::NotADirectory
    );
    assert!(!volume.exists("/none").unwrap());
}

#[test]
fn a_directory_is_not_opened_as_a_file() {
    let disc = Disc::empty();
    assert_eq!(disc.open().open("/").unwrap_err().kind(), ErrorKind::IsADirectory);
}

#[test]
fn streams_are_listed_and_read() {
    let disc = Disc::of_base("metadata-250");
    let volume = disc.open();
    let streams = volume.streams("/file").unwrap().map(Result::unwrap);
    let streams: Vec<_> = streams
        .map(|stream| (stream.path().to_owned(), stream.is_metadata()))
        .collect();
    let expected = [("/file:*UDF NT ACL", true), ("/file:Zone.Identifier", false)];
    assert_eq!(
        streams,
        expected.map(|(path, is_metadata)| (path.to_owned(), is_metadata))
    );
    let stream = volume.open_stream("/file", "Zone.Identifier").unwrap();
    assert_eq!(std::io::read_to_string(stream).unwrap(), "[ZoneTransfer]");
}

#[test]
fn a_file_without_streams_has_none() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let volume = disc.open();
    assert_eq!(volume.streams("/file").unwrap().count(), 0);
    assert_eq!(
        volume.open_stream("/file", "x").unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn a_stream_that_is_not_there_is_named_with_its_file() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    let volume = disc.open();
    let error = volume.open_stream("/file", "x").unwrap_err();
    assert_eq!(error.to_string(), "/file: no stream \"x\"");
}

#[test]
fn a_path_goes_back_by_two_dots_in_both_kinds_of_volume() {
    let disc = Disc::with(|disc| disc.create_dir_all("/dir/below"));
    assert_eq!(names(&disc.open(), "/dir/below/.."), ["below"]);
    assert_eq!(names(&disc.record(), "/dir/below/.."), ["below"]);
}

#[test]
fn a_hole_stays_a_hole_on_the_host() {
    let disc = Disc::with(|disc| {
        let mut file = disc.create("/file")?;
        file.skip(32 << 20);
        std::io::Write::write_all(&mut file, b"middle").unwrap();
        file.set_len(64 << 20)
    });
    let volume = disc.open();
    let path = disc.beside("copy");
    let copy = std::fs::File::create(&path).unwrap();
    let copied = volume.open("/file").unwrap().copy_to_file(&copy).unwrap();
    assert_eq!(copied, 64 << 20);
    let metadata = copy.metadata().unwrap();
    assert_eq!(metadata.len(), 64 << 20);
    assert!(std::os::unix::fs::MetadataExt::blocks(&metadata) < 1000);
    let mut whole = Vec::new();
    volume.open("/file").unwrap().read_to_end(&mut whole).unwrap();
    assert!(std::fs::read(&path).unwrap() == whole);
    assert_eq!(&whole[32 << 20..][..6], b"middle");
    // What was there before is replaced by the zeros of the hole.
    std::fs::write(&path, vec![1; 40 << 20]).unwrap();
    let copy = std::fs::File::options().write(true).open(&path).unwrap();
    volume.open("/file").unwrap().copy_to_file(&copy).unwrap();
    assert!(std::fs::read(&path).unwrap() == whole);
}
