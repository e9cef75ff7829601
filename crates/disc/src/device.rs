//! What the host knows about a device node: its drive, the drive's other nodes, and its backing image or
//! whole device.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Dev, major, makedev, minor};

/// The SCSI peripheral device type of CD, DVD and BD drives (`SPC-4 6.4.2`).
pub(crate) const MULTI_MEDIA: &str = "5";

/// The major number of `/dev/sgN`.
const GENERIC_MAJOR: u32 = 21;

/// Where the host shows its devices; a test substitutes folders of its own.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) sys: PathBuf,
    pub(crate) dev: PathBuf,
}

/// The kind of a device node, with its device number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A block device.
    Block(Dev),
    /// A SCSI generic device, `/dev/sgN`.
    Generic(Dev),
}

impl Default for Host {
    fn default() -> Self {
        Self {
            sys: "/sys".into(),
            dev: "/dev".into(),
        }
    }
}

impl Node {
    /// The device that a path names, if it names one that can hold a disc.
    pub(crate) fn of(metadata: &Metadata) -> Option<Self> {
        let number = metadata.rdev();
        let kind = metadata.file_type();
        if kind.is_block_device() {
            Some(Self::Block(number))
        } else if kind.is_char_device() && major(number) == GENERIC_MAJOR {
            Some(Self::Generic(number))
        } else {
            None
        }
    }

    pub(crate) fn number(self) -> Dev {
        match self {
            Self::Block(number) | Self::Generic(number) => number,
        }
    }
}

impl Host {
    /// The sysfs folder of a device.
    fn folder(&self, node: Node) -> PathBuf {
        let kind = match node {
            Node::Block(_) => "block",
            Node::Generic(_) => "char",
        };
        let number = node.number();
        let name = format!("{}:{}", major(number), minor(number));
        self.sys.join("dev").join(kind).join(name)
    }

    /// Whether a node belongs to a drive for CD, DVD or BD.
    pub(crate) fn is_multi_media(&self, node: Node) -> bool {
        read_line(&self.folder(node).join("device/type")).is_some_and(|kind| kind == MULTI_MEDIA)
    }

    /// The node that represents a whole drive, whichever of its nodes was named: the block device if the
    /// drive has one.
    pub(crate) fn whole(&self, node: Node) -> Node {
        let folder = self.folder(node);
        match node {
            Node::Generic(_) => {
                let blocks = fs::read_dir(folder.join("device/block"));
                let mut blocks = blocks.into_iter().flatten().filter_map(Result::ok);
                let number = blocks.next().and_then(|block| number_in(&block.path()));
                number.map_or(node, Node::Block)
            }
            Node::Block(_) if folder.join("partition").exists() => {
                // The partition's folder is inside that of its device; the entry in `dev/block` is a link to
                // it.
                let parent = folder.canonicalize().ok();
                let parent = parent.as_deref().and_then(Path::parent).and_then(number_in);
                parent.map_or(node, Node::Block)
            }
            Node::Block(_) => node,
        }
    }

    /// The path that the host gives a node, if it exists and is this node.
    pub(crate) fn path_of(&self, node: Node) -> Option<PathBuf> {
        let event = fs::read_to_string(self.folder(node).join("uevent")).ok()?;
        let name = event.lines().find_map(|line| line.strip_prefix("DEVNAME="))?;
        let path = self.dev.join(name);
        let found = fs::metadata(&path).ok()?;
        (Node::of(&found) == Some(node)).then_some(path)
    }

    /// The size of a block device in bytes, as the host sees it.
    pub(crate) fn size(&self, node: Node) -> Option<u64> {
        /// sysfs counts in these, regardless of the device's block size.
        const SECTOR: u64 = 512;
        let sectors: u64 = read_line(&self.folder(node).join("size"))?.parse().ok()?;
        sectors.checked_mul(SECTOR)
    }

    /// The image file of a loop device.
    pub(crate) fn backing_file(&self, node: Node) -> Option<PathBuf> {
        let path = PathBuf::from(read_line(&self.folder(node).join("loop/backing_file"))?);
        // The name of a deleted file leads nowhere.
        path.exists().then_some(path)
    }
}

/// The device number in the file `dev` of a device's folder.
fn number_in(folder: &Path) -> Option<Dev> {
    let text = read_line(&folder.join("dev"))?;
    let (major, minor) = text.split_once(':')?;
    Some(makedev(major.parse().ok()?, minor.parse().ok()?))
}

pub(crate) fn read_line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim_end_matches('\n').to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A tree like that of sysfs: files of one line each.
    pub(crate) fn host(files: &[(&str, &str)]) -> (tempfile::TempDir, Host) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let host = Host {
            sys: folder.path().to_owned(),
            dev: "/dev".into(),
        };
        (folder, host)
    }

    fn generic() -> Node {
        Node::Generic(makedev(21, 1))
    }

    fn block() -> Node {
        Node::Block(makedev(11, 0))
    }

    #[test]
    fn a_generic_node_and_a_block_node_are_one_drive() {
        let (_folder, host) = host(&[("dev/char/21:1/device/block/sr0/dev", "11:0\n")]);
        assert_eq!(host.whole(generic()), block());
        assert_eq!(host.whole(block()), block());
    }

    #[test]
    fn a_generic_node_without_a_block_node_represents_itself() {
        let (_folder, host) = host(&[("dev/char/21:1/device/type", "0\n")]);
        assert_eq!(host.whole(generic()), generic());
        assert!(!host.is_multi_media(generic()));
    }

    #[test]
    fn a_partition_is_mapped_to_its_whole_device() {
        let (folder, host) = host(&[
            ("devices/sda/dev", "8:0\n"),
            ("devices/sda/sda1/partition", "1\n"),
            ("dev/block/none", ""),
        ]);
        let link = folder.path().join("dev/block/8:1");
        std::os::unix::fs::symlink(folder.path().join("devices/sda/sda1"), link).expect("a link");
        let partition = Node::Block(makedev(8, 1));
        assert_eq!(host.whole(partition), Node::Block(makedev(8, 0)));
    }

    #[test]
    fn the_size_of_a_device_is_returned_in_bytes() {
        let (_folder, host) = host(&[
            ("dev/block/11:0/size", "2097151\n"),
            ("dev/block/11:1/size", "x\n"),
        ]);
        assert_eq!(host.size(block()), Some(2_097_151 * 512));
        assert_eq!(host.size(Node::Block(makedev(11, 1))), None);
        assert_eq!(host.size(generic()), None);
    }

    #[test]
    fn a_loop_device_names_its_image_while_that_exists() {
        let image = tempfile::NamedTempFile::new().expect("an image");
        let path = image.path().display().to_string();
        let (_folder, host) = host(&[
            ("dev/block/7:0/loop/backing_file", &format!("{path}\n")),
            ("dev/block/7:1/loop/backing_file", "/nothing/here (deleted)\n"),
        ]);
        let image_of = |minor| host.backing_file(Node::Block(makedev(7, minor)));
        assert_eq!(image_of(0).as_deref(), Some(image.path()));
        assert_eq!(image_of(1), None);
        assert_eq!(image_of(2), None);
    }
}
