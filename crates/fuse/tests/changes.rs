//! What programs do on a mounted volume, and what is then on the disc.

mod common;

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, UNIX_EPOCH};

use common::Bench;
use emulator::Medium;
use rustix::fs::{CWD, FileType, Mode, RenameFlags, makedev, mknodat, renameat_with};
use volume::{Body, ExtentKind};

fn content(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at / 7 + at / 2048).to_le_bytes()[0])
        .collect()
}

#[test]
fn written_files_are_there_while_mounted_and_after_mounting_again() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let bench = Bench::new(medium, 60_000);
        let Some(mounted) = bench.mount() else { return };
        let sizes = [0, 1, 1800, 2048, 2049, 70_000, 3_000_001];
        for size in sizes {
            fs::write(mounted.at(&size.to_string()), content(size)).unwrap();
        }
        fs::create_dir_all(mounted.at("a/b/c")).unwrap();
        fs::write(mounted.at("a/b/c/\u{4E2D} \u{1F600}"), "deep").unwrap();
        for size in sizes {
            assert_eq!(fs::read(mounted.at(&size.to_string())).unwrap(), content(size));
        }
        mounted.end().unwrap();
        assert!(bench.volume().clean());
        for read_only in [false, true] {
            let mounted = if read_only {
                bench.mount_to_read(true)
            } else {
                bench.mount()
            };
            let mounted = mounted.unwrap();
            for size in sizes {
                assert_eq!(fs::read(mounted.at(&size.to_string())).unwrap(), content(size));
            }
            let deep = fs::read_to_string(mounted.at("a/b/c/\u{4E2D} \u{1F600}")).unwrap();
            assert_eq!(deep, "deep");
            mounted.end().unwrap();
        }
    }
}

#[test]
fn a_mount_on_which_nothing_changed_records_nothing() {
    let bench = Bench::new(Medium::CdR80, 60_000);
    let before = bench.drive().recorded_end();
    let Some(mounted) = bench.mount() else { return };
    assert_eq!(fs::read_dir(&mounted.path).unwrap().count(), 0);
    File::open(&mounted.path).unwrap().sync_all().unwrap();
    mounted.end().unwrap();
    assert_eq!(bench.drive().recorded_end(), before);
}

#[test]
fn files_change_in_place_grow_by_holes_and_shrink() {
    let bench = Bench::new(Medium::DvdPlusR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let path = mounted.at("file");
    let mut expected = content(10_000);
    fs::write(&path, &expected).unwrap();
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    file.write_all_at(b"in the middle", 5000).unwrap();
    expected[5000..5013].copy_from_slice(b"in the middle");
    file.write_all_at(b"far beyond", 1_000_000).unwrap();
    expected.resize(1_000_000, 0);
    expected.extend(b"far beyond");
    assert_eq!(fs::read(&path).unwrap(), expected);
    file.sync_all().unwrap();
    file.set_len(700_001).unwrap();
    expected.truncate(700_001);
    file.set_len(800_000).unwrap();
    expected.resize(800_000, 0);
    drop(file);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    for _ in 0..3000 {
        file.write_all(b"a line of a log\n").unwrap();
        expected.extend(b"a line of a log\n");
    }
    drop(file);
    assert_eq!(fs::read(&path).unwrap(), expected);
    mounted.end().unwrap();
    let mounted = bench.mount().unwrap();
    assert_eq!(fs::read(mounted.at("file")).unwrap(), expected);
    fs::write(mounted.at("file"), "short").unwrap();
    mounted.end().unwrap();
    let mounted = bench.mount_to_read(true).unwrap();
    assert_eq!(fs::read_to_string(mounted.at("file")).unwrap(), "short");
}

#[test]
fn names_are_made_moved_linked_and_removed() {
    let bench = Bench::new(Medium::BdR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    fs::create_dir(mounted.at("one")).unwrap();
    fs::create_dir(mounted.at("two")).unwrap();
    fs::write(mounted.at("one/file"), "content").unwrap();
    fs::hard_link(mounted.at("one/file"), mounted.at("two/link")).unwrap();
    symlink("../one/file", mounted.at("two/soft")).unwrap();
    assert_eq!(fs::read_to_string(mounted.at("two/soft")).unwrap(), "content");
    assert_eq!(fs::symlink_metadata(mounted.at("two/soft")).unwrap().len(), 11);
    let (file, link) = (
        fs::metadata(mounted.at("one/file")).unwrap(),
        fs::metadata(mounted.at("two/link")).unwrap(),
    );
    assert_eq!((file.ino(), file.nlink()), (link.ino(), 2));
    fs::rename(mounted.at("one"), mounted.at("two/inner")).unwrap();
    // Its name in the parent, `.`, and the `..` of one directory.
    assert_eq!(fs::metadata(&mounted.path).unwrap().nlink(), 3);
    fs::remove_file(mounted.at("two/link")).unwrap();
    assert_eq!(fs::metadata(mounted.at("two/inner/file")).unwrap().nlink(), 1);
    let refused = |result: std::io::Result<()>| result.unwrap_err().kind();
    assert_eq!(
        refused(fs::remove_dir(mounted.at("two"))),
        ErrorKind::DirectoryNotEmpty
    );
    assert_eq!(refused(fs::remove_dir(mounted.at("none"))), ErrorKind::NotFound);
    assert_eq!(
        refused(fs::rename(mounted.at("two"), mounted.at("two/inner/two"))),
        ErrorKind::InvalidInput
    );
    fs::write(mounted.at("other"), "other").unwrap();
    let keep = RenameFlags::NOREPLACE;
    let kept = renameat_with(CWD, mounted.at("other"), CWD, mounted.at("two/soft"), keep);
    assert_eq!(kept, Err(rustix::io::Errno::EXIST));
    fs::rename(mounted.at("other"), mounted.at("two/inner/file")).unwrap();
    assert_eq!(fs::read_to_string(mounted.at("two/inner/file")).unwrap(), "other");
    mounted.end().unwrap();
    let mounted = bench.mount_to_read(false).unwrap();
    let mut names: Vec<_> = fs::read_dir(mounted.at("two"))
        .unwrap()
        .map(|entry| {
            (
                entry.as_ref().unwrap().file_name(),
                entry.unwrap().file_type().unwrap(),
            )
        })
        .map(|(name, kind)| (name.into_string().unwrap(), kind.is_dir(), kind.is_symlink()))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [("inner".into(), true, false), ("soft".into(), false, true)]
    );
}

#[test]
fn attributes_are_kept_to_the_microsecond() {
    let bench = Bench::new(Medium::DvdR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let path = mounted.at("file");
    fs::write(&path, "content").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4751)).unwrap();
    let time = UNIX_EPOCH + Duration::new(1_234_567_890, 123_456_789);
    let old = UNIX_EPOCH - Duration::new(5, 250_000_000);
    let times = fs::FileTimes::new().set_modified(time).set_accessed(old);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_times(times)
        .unwrap();
    for (name, kind) in [("fifo", FileType::Fifo), ("socket", FileType::Socket)] {
        mknodat(CWD, mounted.at(name), kind, Mode::from(0o600), 0).unwrap();
    }
    let device = makedev(259, 0x1_2345);
    let made = mknodat(
        CWD,
        mounted.at("device"),
        FileType::BlockDevice,
        Mode::from(0o640),
        device,
    );
    let check = |root: &std::path::Path| {
        let found = fs::metadata(root.join("file")).unwrap();
        assert_eq!(found.mode() & 0o7777, 0o4751);
        assert_eq!(
            found.modified().unwrap(),
            UNIX_EPOCH + Duration::new(1_234_567_890, 123_456_000)
        );
        assert_eq!(found.accessed().unwrap(), old);
        assert_eq!(found.uid(), rustix::process::geteuid().as_raw());
        assert_eq!(fs::metadata(root.join("fifo")).unwrap().mode(), 0o010_600);
        assert_eq!(fs::metadata(root.join("socket")).unwrap().mode(), 0o140_600);
        if made.is_ok() {
            assert_eq!(fs::metadata(root.join("device")).unwrap().rdev(), device);
        }
    };
    check(&mounted.path);
    mounted.end().unwrap();
    let mounted = bench.mount_to_read(true).unwrap();
    check(&mounted.path);
}

#[test]
fn an_open_file_outlives_its_name() {
    let bench = Bench::new(Medium::DvdPlusR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let path = mounted.at("file");
    fs::write(&path, content(100_000)).unwrap();
    let mut file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(file.metadata().unwrap().nlink(), 0);
    file.seek(SeekFrom::Start(50_000)).unwrap();
    file.write_all(&content(200_000)).unwrap();
    file.sync_all().unwrap();
    file.rewind().unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes[..50_000], content(100_000)[..50_000]);
    assert_eq!(bytes[50_000..], content(200_000));
    drop(file);
    mounted.end().unwrap();
    assert_eq!(bench.volume().vat().unwrap().files, Some(0));
}

#[test]
fn a_full_disc_is_reported_at_once_and_keeps_what_was_there() {
    let bench = Bench::new(Medium::DvdPlusR, 3200);
    let Some(mounted) = bench.mount() else { return };
    fs::write(mounted.at("first"), content(500_000)).unwrap();
    let error = fs::write(mounted.at("second"), content(8 << 20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    fs::remove_file(mounted.at("second")).unwrap();
    assert_eq!(fs::read(mounted.at("first")).unwrap(), content(500_000));
    mounted.end().unwrap();
    let mounted = bench.mount().unwrap();
    assert_eq!(fs::read(mounted.at("first")).unwrap(), content(500_000));
    assert!(!mounted.at("second").exists());
}

#[test]
fn names_that_udf_cannot_hold_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let bench = Bench::new(Medium::BdR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let refused = |name: &[u8]| {
        let path = mounted.path.join(std::ffi::OsStr::from_bytes(name));
        rustix::io::Errno::from_io_error(&fs::write(path, "").unwrap_err())
    };
    assert_eq!(refused(&[b'x', 0xFF]), Some(rustix::io::Errno::ILSEQ));
    assert_eq!(refused(&[b'x'; 255]), Some(rustix::io::Errno::NAMETOOLONG));
    let two_bytes_each = format!("\u{4E2D}{}", "x".repeat(127));
    assert_eq!(
        refused(two_bytes_each.as_bytes()),
        Some(rustix::io::Errno::NAMETOOLONG)
    );
    fs::write(mounted.path.join("x".repeat(254)), "").unwrap();
}

#[test]
fn a_large_directory_is_listed_once_and_whole() {
    let bench = Bench::new(Medium::BdR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let names: std::collections::BTreeSet<String> = (0..3000).map(|at| format!("name {at}")).collect();
    for name in &names {
        File::create(mounted.at(name)).unwrap();
    }
    let listed = |root: &std::path::Path| -> Vec<String> {
        let mut listed: Vec<_> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        listed.sort();
        listed
    };
    assert!(listed(&mounted.path).iter().eq(&names));
    // A directory read again from its beginning shows new names.
    let mut directory = rustix::fs::Dir::read_from(File::open(&mounted.path).unwrap()).unwrap();
    assert_eq!(directory.by_ref().count(), names.len() + 2);
    File::create(mounted.at("late")).unwrap();
    directory.rewind();
    assert_eq!(directory.by_ref().count(), names.len() + 3);
    drop(directory);
    fs::remove_file(mounted.at("late")).unwrap();
    // Names removed during the listing are not listed twice, and no other is missing.
    let mut reading = fs::read_dir(&mounted.path).unwrap();
    let first = reading.next().unwrap().unwrap().file_name();
    fs::remove_file(mounted.path.join(&first)).unwrap();
    assert_eq!(reading.count(), names.len() - 1);
    mounted.end().unwrap();
    let mounted = bench.mount_to_read(true).unwrap();
    assert_eq!(listed(&mounted.path).len(), names.len() - 1);
    assert!(mounted.at("name 2999").exists());
}

#[test]
fn a_name_whose_node_is_lost_is_listed_but_cannot_be_used() {
    let bench = Bench::new(Medium::DvdPlusR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    for name in ["a", "broken", "c"] {
        fs::write(mounted.at(name), name).unwrap();
    }
    mounted.end().unwrap();
    let mut volume = bench.volume();
    let address = volume.lookup_path("/broken").unwrap().address;
    let sector = volume.resolve(address).unwrap();
    drop(volume);
    let image = OpenOptions::new().write(true).open(bench.image()).unwrap();
    image
        .write_all_at(&[0; 2048], u64::from(sector.0) * 2048)
        .unwrap();
    for reading in [true, false] {
        let mounted = if reading {
            bench.mount_to_read(true)
        } else {
            bench.mount()
        };
        let mounted = mounted.unwrap();
        let mut names: Vec<_> = fs::read_dir(&mounted.path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["a", "broken", "c"]);
        let error = fs::read(mounted.at("broken")).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(5));
        assert_eq!(fs::read(mounted.at("c")).unwrap(), b"c");
        mounted.end().unwrap();
    }
}

#[test]
fn a_directory_with_a_lost_block_lists_the_other_names_then_fails() {
    let bench = Bench::new(Medium::DvdPlusR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    fs::create_dir(mounted.at("directory")).unwrap();
    for number in 100..300 {
        fs::write(mounted.at(&format!("directory/name {number}")), "x").unwrap();
    }
    mounted.end().unwrap();
    let mut volume = bench.volume();
    let node = volume.lookup_path("/directory").unwrap();
    let Body::Extents(extents) = volume.body(&node).unwrap() else {
        panic!("it has blocks")
    };
    let ExtentKind::Recorded(address) = extents[0].kind else {
        panic!("they are recorded")
    };
    let sector = volume.resolve(address).unwrap();
    drop(volume);
    let image = OpenOptions::new().write(true).open(bench.image()).unwrap();
    image
        .write_all_at(&[0; 2048], (u64::from(sector.0) + 1) * 2048)
        .unwrap();
    let mounted = bench.mount_to_read(true).unwrap();
    let (names, failures): (Vec<_>, Vec<_>) = fs::read_dir(mounted.at("directory"))
        .unwrap()
        .partition(Result::is_ok);
    assert!((100..200).contains(&names.len()), "{}", names.len());
    assert_eq!(failures.len(), 1);
    assert_eq!(fs::read(mounted.at("directory/name 100")).unwrap(), b"x");
    // It may be one of the lost names.
    let error = fs::read(mounted.at("directory/no such name")).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(5));
    assert!(
        mounted
            .said()
            .iter()
            .any(|line| line.contains("names in this directory are lost"))
    );
}
