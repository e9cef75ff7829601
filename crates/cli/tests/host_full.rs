//! A full file system of the host that gets room again: recording continues, and what was acknowledged stays.

mod common;

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};

use common::{Place, noise};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

/// A place with a small file system of the host in `t`, and sometimes a volume mounted in `m`.
struct Small(Place);

impl Drop for Small {
    fn drop(&mut self) {
        for name in ["m", "t"] {
            let _ = unmount(self.0.path(name), UnmountFlags::DETACH);
        }
    }
}

impl Small {
    /// `None` if this user may not mount.
    fn new() -> Option<Self> {
        let small = Self(Place::new());
        for name in ["m", "t"] {
            fs::create_dir(small.0.path(name)).expect("a directory");
        }
        let options = c"size=4m";
        let mounted = mount("tmpfs", small.0.path("t"), "tmpfs", MountFlags::empty(), options);
        if mounted.is_err() {
            eprintln!("not tried: this user may not mount");
            return None;
        }
        small.0.file("first", noise(300_000, 1));
        small.0.file("second", noise(400_000, 2));
        small
            .0
            .ok("burn first --to t/d.udf --medium dvd+r --capacity 60M");
        Some(small)
    }

    fn fill(&self) {
        let mut filler = File::create(self.0.path("t/filler")).expect("a file");
        let full = loop {
            if let Err(error) = filler.write_all(&[1; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }

    fn make_room(&self) {
        fs::remove_file(self.0.path("t/filler")).expect("it goes");
    }
}

#[test]
fn an_add_on_a_full_host_fails_and_the_next_one_continues() {
    let Some(small) = Small::new() else { return };
    let place = &small.0;
    for _ in 0..2 {
        small.fill();
        let failure = place.failure("add t/d.udf second");
        assert_eq!(
            (&failure["kind"], &failure["exit_code"]),
            (&"host-full".into(), &1.into())
        );
        assert_eq!(place.names("t/d.udf"), ["/first"]);
        small.make_room();
    }
    place.ok("add t/d.udf second");
    assert_eq!(place.names("t/d.udf"), ["/first", "/second"]);
    assert_eq!(place.json("check t/d.udf --data")["errors"], 0);
}

#[test]
fn a_mount_continues_once_the_host_has_room_again() {
    let Some(small) = Small::new() else { return };
    let place = &small.0;
    if place.run("mount t/d.udf m").code != 0 {
        eprintln!("not tried: this system does not let us mount by FUSE");
        return;
    }
    let write = |name: &str, seed| {
        let mut file = File::create(place.path("m").join(name))?;
        file.write_all(&noise(500_000, seed))?;
        file.sync_all()
    };
    write("before", 3).expect("there is room");
    small.fill();
    let full = write("while", 4).expect_err("there is none");
    assert_eq!(full.kind(), ErrorKind::StorageFull);
    assert_eq!(
        fs::read(place.path("m/before")).expect("what was acknowledged"),
        noise(500_000, 3)
    );
    small.make_room();
    write("while", 5).expect("there is room again");
    write("after", 6).expect("there is room again");
    place.ok("unmount m");
    assert_eq!(place.names("t/d.udf"), ["/after", "/before", "/first", "/while"]);
    place.ok("extract t/d.udf --to out");
    assert_eq!(place.bytes("out/while"), noise(500_000, 5));
    assert_eq!(place.bytes("out/before"), noise(500_000, 3));
    assert_eq!(place.json("check t/d.udf --data")["errors"], 0);
}

#[test]
fn a_mount_ends_even_while_the_host_is_full() {
    let Some(small) = Small::new() else { return };
    let place = &small.0;
    if place.run("mount t/d.udf m").code != 0 {
        return;
    }
    small.fill();
    let _ = fs::write(place.path("m/lost"), noise(500_000, 3));
    let failure = place.failure("unmount m");
    assert!(
        failure["message"]
            .as_str()
            .expect("words")
            .contains("cannot be committed"),
        "{failure}"
    );
    place.ok("unmount m --discard");
    assert_eq!(place.names("t/d.udf"), ["/first"]);
}
