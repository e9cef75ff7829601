//! Volumes that contain a tree of the host, with every kind of node.
//!
//! The files in a directory `NAME:streams` are the named streams of `NAME` next to it; those in `:streams` at
//! the top are the root's.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use ecma167::RecordedAddress;
use ecma167::file::extended_attribute::{self, Attribute, Device};
use ecma167::file::{
    FileCharacteristics, FileEntry, FileIdentifier, FileType, IcbFlags, LongAd, path_component, permissions,
};
use ecma167::general::Timestamp;

use super::{Disc, ROOT};

/// The end of the name of a directory with streams.
const STREAMS: &str = ":streams";

/// Records a tree; its top is the root.
pub fn record(disc: &mut Disc, top: &Path) {
    let mut tree = Tree {
        disc,
        links: HashMap::new(),
    };
    tree.directory(top, ROOT, ROOT);
}

struct Tree<'a> {
    disc: &'a mut Disc,
    /// Nodes with several names, by their inode number on the host.
    links: HashMap<u64, RecordedAddress>,
}

impl Tree<'_> {
    fn directory(&mut self, path: &Path, number: u32, parent: u32) {
        let mut fids = self
            .disc
            .fid(FileIdentifier::parent(LongAd::icb(self.disc.address(parent))));
        let mut below: Vec<_> = fs::read_dir(path).unwrap().map(Result::unwrap).collect();
        below.retain(|entry| !entry.file_name().to_str().unwrap().ends_with(STREAMS));
        below.sort_by_key(fs::DirEntry::file_name);
        for entry in below {
            let status = entry.metadata().unwrap();
            let name = entry.file_name().into_string().unwrap();
            let mut characteristics = FileCharacteristics::empty();
            let address = if status.is_dir() {
                characteristics = FileCharacteristics::DIRECTORY;
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
        let streams = if number == ROOT {
            path.join(STREAMS)
        } else {
            streams_of(path)
        };
        node.stream_directory_icb = self.streams(&streams, number);
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
            self.body(&fs::read(path).unwrap())
        } else {
            self.special(status)
        };
        set(&mut node, status);
        let number = self.disc.reserve();
        node.stream_directory_icb = self.streams(&streams_of(path), number);
        self.disc.put_at(number, &node);
        let address = self.disc.address(number);
        if status.nlink() > 1 {
            self.links.insert(status.ino(), address);
        }
        address
    }

    /// The stream directory of the node with this number, if it has streams.
    fn streams(&mut self, path: &Path, of: u32) -> LongAd {
        let Ok(below) = fs::read_dir(path) else {
            return LongAd::default();
        };
        let mut below: Vec<_> = below.map(Result::unwrap).collect();
        below.sort_by_key(fs::DirEntry::file_name);
        let parent = LongAd::icb(self.disc.address(of));
        let mut fids = self.disc.fid(FileIdentifier::parent(parent));
        for entry in below {
            let name = entry.file_name().into_string().unwrap();
            let bytes = fs::read(entry.path()).unwrap();
            let mut node = self.body(&bytes);
            node.icb_tag
                .set_icb_flags(node.icb_tag.icb_flags() | IcbFlags::STREAM);
            let address = self.disc.put(&node);
            // Streams that UDF defines are for implementations (`UDF 2.60 3.3.7`).
            let characteristics = if name.starts_with('*') {
                FileCharacteristics::METADATA
            } else {
                FileCharacteristics::empty()
            };
            let fid = FileIdentifier::new(&name, characteristics, LongAd::icb(address)).unwrap();
            fids.extend(self.disc.fid(fid));
        }
        let mut directory = self.disc.directory_of(&fids);
        directory.icb_tag.file_type = FileType::STREAM_DIRECTORY;
        LongAd::icb(self.disc.put(&directory))
    }

    /// A file: in its entry if it fits, otherwise in blocks of its own.
    fn body(&mut self, bytes: &[u8]) -> FileEntry {
        if bytes.len() <= 1500 {
            self.disc.embedded(FileType::FILE, bytes)
        } else {
            let extent = self.disc.extent(bytes);
            self.disc.in_extents(FileType::FILE, &[extent])
        }
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
            let number = status.rdev();
            let major = number >> 8 & 0xFFF | number >> 32 & !0xFFF;
            let minor = number & 0xFF | number >> 12 & 0xFFFF_FF00;
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

/// The directory with the streams of a host file.
fn streams_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap().to_owned();
    name.push(STREAMS);
    path.with_file_name(name)
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
