//! A disc with every structure that the tests change.

use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, NodeKind};

use crate::bench::{Disc, add_directory, add_file, content, time};

pub fn full_disc(revision: Revision) -> Disc {
    let disc = Disc::formatted(Medium::DvdPlusR, 4000, revision);
    let mut recording = disc.recording();
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "directory");
    let small = add_file(&mut recording, directory, "small", b"embedded");
    let gone = add_file(&mut recording, directory, "gone", b"");
    add_file(&mut recording, root, "large", &content(5000, 2));
    let attributes = Attributes::at(0o755, time(3));
    let device = NodeKind::CharacterDevice { major: 4, minor: 64 };
    recording.create(root, "tty", device, &attributes).unwrap();
    recording.symlink(root, "symlink", "../a", &attributes).unwrap();
    recording.link(small, directory, "link").unwrap();
    let sparse = add_file(&mut recording, root, "sparse", b"x");
    for number in 0..130 {
        recording.write(sparse, number * 4096, &[7; 2048]).unwrap();
    }
    let many = add_directory(&mut recording, root, "many");
    for number in 0..60 {
        add_file(&mut recording, many, &format!("number {number}"), b"");
    }
    let _ = gone;
    recording.unlink(directory, "gone").unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    disc.assert_clean("before anything is changed");
    disc
}
