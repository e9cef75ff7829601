//! Directories of a volume, copied to the host.

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::time::{Duration, SystemTime};

use common::{Disc, content, now};
use oncefs::{Changes, ErrorKind, Recording};

fn tree(disc: &mut Recording) -> oncefs::Result<()> {
    disc.create_dir_all("/top/below/empty")?;
    disc.write("/top/below/file", content(300_000))?;
    disc.hard_link("/top/below/file", "/top/again")?;
    disc.symlink("below/file", "/top/link")
}

#[test]
fn a_directory_comes_out_with_everything_in_it() {
    let disc = Disc::with(tree);
    let to = disc.beside("to");
    disc.open().extract_dir_all("/top", &to).unwrap();
    assert!(fs::read(to.join("below/file")).unwrap() == content(300_000));
    assert!(to.join("below/empty").is_dir());
    assert_eq!(
        fs::read_link(to.join("link")).unwrap().to_str(),
        Some("below/file")
    );
}

#[test]
fn names_of_one_file_become_hard_links() {
    let disc = Disc::with(tree);
    let to = disc.beside("to");
    disc.open().extract_dir_all("/top", &to).unwrap();
    let inode = |name: &str| fs::metadata(to.join(name)).unwrap().ino();
    assert_eq!(inode("again"), inode("below/file"));
}

#[test]
fn modes_and_times_come_out_but_no_set_id_bits() {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let disc = Disc::with(|disc| {
        tree(disc)?;
        let changes = Changes {
            mode: Some(0o4750),
            modified: Some(then.into()),
            ..Changes::default()
        };
        disc.set_attributes("/top/below/file", &changes)?;
        disc.set_attributes("/top/below", &changes)
    });
    let to = disc.beside("to");
    disc.open().extract_dir_all("/top", &to).unwrap();
    for name in ["below/file", "below"] {
        let metadata = fs::metadata(to.join(name)).unwrap();
        assert_eq!(metadata.mode() & 0o7777, 0o750, "{name}");
        assert_eq!(metadata.modified().unwrap(), then, "{name}");
    }
    assert_eq!(fs::metadata(&to).unwrap().modified().unwrap(), now());
    let link = fs::symlink_metadata(to.join("link")).unwrap();
    assert_eq!(link.modified().unwrap(), now());
}

#[test]
fn a_hole_comes_out_as_a_hole() {
    let disc = Disc::with(|disc| {
        let mut file = disc.create("/sparse")?;
        file.skip(32 << 20);
        file.set_len(64 << 20)
    });
    let to = disc.beside("to");
    disc.open().extract_dir_all("/", &to).unwrap();
    let metadata = fs::metadata(to.join("sparse")).unwrap();
    assert_eq!(metadata.len(), 64 << 20);
    assert!(metadata.blocks() < 1000);
}

#[test]
fn pending_changes_come_out_too() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    tree(&mut recording).unwrap();
    let to = disc.beside("to");
    recording.extract_dir_all("/top", &to).unwrap();
    assert!(fs::read(to.join("again")).unwrap() == content(300_000));
}

#[test]
fn a_file_on_the_host_is_not_replaced() {
    let disc = Disc::with(tree);
    let to = disc.beside("to");
    fs::create_dir_all(to.join("below")).unwrap();
    fs::write(to.join("below/file"), "mine").unwrap();
    let error = disc.open().extract_dir_all("/top", &to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(error.path(), to.join("below/file").to_str());
    assert_eq!(fs::read(to.join("below/file")).unwrap(), b"mine");
}

#[test]
fn a_link_on_the_host_is_not_followed() {
    let disc = Disc::with(tree);
    let (to, elsewhere) = (disc.beside("to"), disc.beside("elsewhere"));
    fs::create_dir(&to).unwrap();
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, to.join("below")).unwrap();
    assert!(disc.open().extract_dir_all("/top", &to).is_err());
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn a_link_from_the_disc_is_not_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().to_str().unwrap();
    let disc = Disc::with(|disc| {
        disc.create_dir("/a")?;
        disc.symlink(target, "/a/way")?;
        disc.create_dir_all("/b/way")?;
        disc.write("/b/way/file", "out")
    });
    let to = disc.beside("to");
    let volume = disc.open();
    volume.extract_dir_all("/a", &to).unwrap();
    assert!(volume.extract_dir_all("/b", &to).is_err());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_file_is_no_directory_to_extract() {
    let disc = Disc::with(tree);
    let error = disc.open().extract_dir_all("/top/again", disc.beside("to"));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotADirectory);
    assert!(!disc.beside("to").exists());
}

#[test]
fn a_tree_comes_back_as_it_was_added() {
    let disc = Disc::with(tree);
    let (to, back) = (disc.beside("to"), disc.beside("back"));
    disc.open().extract_dir_all("/top", &to).unwrap();
    let mut recording = disc.record();
    recording.add_dir_all(&to, "/copy").unwrap();
    recording.extract_dir_all("/copy", &back).unwrap();
    for name in ["below/file", "again", "below", "link", "below/empty", ""] {
        let was = fs::symlink_metadata(to.join(name)).unwrap();
        let is = fs::symlink_metadata(back.join(name)).unwrap();
        assert_eq!((was.mode(), was.mtime()), (is.mode(), is.mtime()), "{name}");
    }
    assert!(fs::read(back.join("again")).unwrap() == content(300_000));
}
