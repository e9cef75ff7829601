//! Volumes that hold a tree of the host, every kind of node in it.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use ecma167::RecordedAddress;
use ecma167::file::extended_attribute::{self, Attribute, Device};
use ecma167::file::{FileEntry, FileIdentifier, FileType, LongAd, path_component, permissions};
use ecma167::general::Timestamp;

use super::{Disc, ROOT};

/// Records a tree: its top is the root.
pub fn record(disc: &mut Disc, top: &Path) {
    let mut tree = Tree {
        disc,
        links: HashMap::new(),
    };
    tree.directory(top, ROOT, ROOT);
}

struct Tree<'a> {
    disc: &'a mut Disc,
    /// Nodes with several names, by their number on the host.
    links: HashMap<u64, RecordedAddress>,
}

impl Tree<'_> {
    fn directory(&mut self, path: &Path, number: u32, parent: u32) {
        let mut fids = self
            .disc
            .fid(FileIdentifier::parent(LongAd::icb(self.disc.address(parent))));
        let mut below: Vec<_> = fs::read_dir(path).unwrap().map(Result::unwrap).collect();
        below.sort_by_key(fs::DirEntry::file_name);
        for entry in below {
            let status = entry.metadata().unwrap();
            let name = entry.file_name().into_string().unwrap();
            let mut characteristics = ecma167::file::FileCharacteristics::empty();
            let address = if status.is_dir() {
                characteristics = ecma167::file::FileCharacteristics::DIRECTORY;
                let child = self.disc.reserve();
                self.directory(&entry.path(), child, number);
                self.disc.address(child)
            } else {
                self.leaf(&entry.path(), &status)
            };
            let fid = FileIdentifier::new(&name, characteristics, LongAd::icb(address)).unwrap();
            fids.extend(self.disc.fid(fid));
        }
        let mut node = self.disc.directory_of(&fids);
        set(&mut node, &fs::metadata(path).unwrap());
        self.disc.put_at(number, &node);
    }

    fn leaf(&mut self, path: &Path, status: &Metadata) -> RecordedAddress {
        if let Some(known) = self.links.get(&status.ino()) {
            return *known;
        }
        let kind = status.file_type();
        let mut node = if kind.is_symlink() {
            let target = fs::read_link(path).unwrap();
            let body = path_component::encode(target.to_str().unwrap()).unwrap();
            self.disc.embedded(FileType::SYMBOLIC_LINK, &body)
        } else if kind.is_file() {
            let bytes = fs::read(path).unwrap();
            if bytes.len() <= 1500 {
                self.disc.embedded(FileType::FILE, &bytes)
            } else {
                let extent = self.disc.extent(&bytes);
                self.disc.in_extents(FileType::FILE, &[extent])
            }
        } else {
            self.special(status)
        };
        set(&mut node, status);
        let address = self.disc.put(&node);
        if status.nlink() > 1 {
            self.links.insert(status.ino(), address);
        }
        address
    }

    fn special(&mut self, status: &Metadata) -> FileEntry {
        let kind = status.file_type();
        let file_type = match () {
            () if kind.is_fifo() => FileType::FIFO,
            () if kind.is_socket() => FileType::SOCKET,
            () if kind.is_block_device() => FileType::BLOCK_DEVICE,
            () => FileType::CHARACTER_DEVICE,
        };
        let mut node = self.disc.embedded(file_type, &[]);
        if kind.is_block_device() || kind.is_char_device() {
            let (major, minor) = (status.rdev() >> 8 & 0xFFF, status.rdev() & 0xFF);
            let device = Attribute::Device(Device {
                major: u32::try_from(major).unwrap(),
                minor: u32::try_from(minor).unwrap(),
            });
            let at = self.disc.next_number();
            node.extended_attributes =
                extended_attribute::encode(&[device], self.disc.version(), at).unwrap();
        }
        node
    }
}

fn set(node: &mut FileEntry, status: &Metadata) {
    let (bits, flags) = permissions::from_mode(status.mode());
    node.permissions = bits;
    node.icb_tag.set_icb_flags(node.icb_tag.icb_flags() | flags);
    (node.uid, node.gid) = (status.uid(), status.gid());
    node.file_link_count = u16::try_from(status.nlink()).unwrap();
    let time = |seconds, nanoseconds: i64| Timestamp::from_unix(seconds, u32::try_from(nanoseconds).unwrap());
    node.modification_time = time(status.mtime(), status.mtime_nsec());
    node.access_time = time(status.atime(), status.atime_nsec());
}
