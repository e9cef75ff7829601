//! A place to mount a volume.

use std::fs;

use super::Place;

/// A place that is unmounted however the test ends.
pub struct Mountable(Place);

impl Mountable {
    /// A place with a directory `m` to mount at; `None` if this system does not allow FUSE mounts.
    pub fn new() -> Option<Self> {
        if !may_mount() {
            eprintln!("not tried: this system does not let us mount by FUSE");
            return None;
        }
        let place = Place::new();
        fs::create_dir(place.path("m")).expect("a directory");
        Some(Self(place))
    }
}

impl std::ops::Deref for Mountable {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.0
    }
}

impl Drop for Mountable {
    fn drop(&mut self) {
        for name in ["m", "own"] {
            let _ = rustix::mount::unmount(self.path(name), rustix::mount::UnmountFlags::DETACH);
        }
    }
}

/// As in the tests of crates/fuse.
fn may_mount() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let bits = capabilities.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_helper = std::env::split_paths(&path).any(|folder| folder.join("fusermount3").exists());
    let device = fs::File::options().read(true).write(true).open("/dev/fuse");
    device.is_ok() && (bits.is_some_and(|bits| bits & 1 << 21 != 0) || has_helper)
}
