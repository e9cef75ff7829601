//! Compares a volume with a folder of the host.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use oncefs::nodes::{Body, Node, NodeKind, Volume as Nodes};
use oncefs::{Change, ChangeKind, RecordedAddress, Timestamp, Volume};
use rustix::fs::{major, minor};

use super::found::Found;
use crate::arguments::Diff;
use crate::changes::ShownChange;
use crate::commands::Tools;
use crate::failure::{Context, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::List;

/// Bytes compared at once.
const CHUNK: usize = 1 << 20;

/// A directory that both have.
struct Pair {
    address: RecordedAddress,
    /// The path on the disc; empty for the root.
    path: String,
    folder: PathBuf,
}

/// Compares everything below a directory of the disc with everything below a folder. A directory that only
/// one of them has is one difference.
pub(super) fn compare<W: Write>(
    tools: &Tools,
    arguments: &Diff,
    volume: &mut Volume,
    list: List<W>,
) -> Outcome<Found> {
    let folder = PathBuf::from(&arguments.first);
    let status = fs::metadata(&folder).map_err(|error| {
        Failure::host(&folder, error).hint("name two generations, or a folder of the host")
    })?;
    if !status.is_dir() {
        let error = io::Error::from(io::ErrorKind::NotADirectory);
        return Err(Failure::host(&folder, error).hint("name two generations, or a folder of the host"));
    }
    let volume = volume.open_volume().volume();
    let directory = format!("/{}", arguments.directory.trim_matches('/'));
    let node = volume.lookup_path(&directory).at(&directory)?;
    if node.kind != NodeKind::Directory {
        return Err(Failure::usage("it is no directory").at(directory));
    }
    let mut comparing = Comparing {
        volume,
        list,
        found: Found::default(),
        json: tools.output.json,
        times: arguments.times,
        buffers: [vec![0; CHUNK], vec![0; CHUNK]],
        left: vec![Pair {
            address: node.address,
            path: directory.trim_end_matches('/').to_owned(),
            folder,
        }],
    };
    while let Some(pair) = comparing.left.pop() {
        let compared = comparing.directory(&pair);
        comparing.go_on(compared)?;
    }
    comparing.list.finish()?;
    Ok(comparing.found)
}

struct Comparing<'a, W> {
    volume: &'a mut Nodes,
    list: List<W>,
    found: Found,
    json: bool,
    times: bool,
    buffers: [Vec<u8>; 2],
    left: Vec<Pair>,
}

impl<W: Write> Comparing<'_, W> {
    /// Reports what cannot be read and goes on, unless nothing more can be.
    fn go_on(&mut self, compared: Outcome) -> Outcome {
        match compared {
            Err(failure) if matches!(failure.kind, FailureKind::Drive | FailureKind::BrokenPipe) => {
                Err(failure)
            }
            Err(failure) => {
                failure.report(self.json);
                self.found.unread += 1;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn directory(&mut self, pair: &Pair) -> Outcome {
        let at = if pair.path.is_empty() { "/" } else { &pair.path };
        let node = self.volume.node(pair.address).at(at)?;
        let mut directory = self.volume.directory(&node).at(at)?;
        let mut on_disc = BTreeMap::new();
        loop {
            match directory.next_live(self.volume) {
                Ok(Some(entry)) => drop(on_disc.insert(OsString::from(&entry.name), entry.address())),
                Ok(None) => break,
                Err(error) => self.go_on(Err(error).at(at))?,
            }
        }
        let host = |error| Failure::host(&pair.folder, error);
        let mut in_folder = BTreeMap::new();
        for entry in fs::read_dir(&pair.folder).map_err(host)? {
            let entry = entry.map_err(host)?;
            in_folder.insert(entry.file_name(), entry.path());
        }
        for (name, address) in &on_disc {
            let path = format!("{}/{}", pair.path, name.to_string_lossy());
            let compared = match in_folder.remove(name) {
                Some(other) => self.both(path, *address, other),
                None => self.only_on_disc(path, *address),
            };
            self.go_on(compared)?;
        }
        for (name, other) in in_folder {
            let path = format!("{}/{}", pair.path, name.to_string_lossy());
            let compared = self.only_in_folder(path, &other);
            self.go_on(compared)?;
        }
        Ok(())
    }

    fn only_on_disc(&mut self, path: String, address: RecordedAddress) -> Outcome {
        let node = self.volume.node(address).at(&path)?;
        self.tell(ChangeKind::Removed, path, node.kind, bytes_of(&node), 0)
    }

    fn only_in_folder(&mut self, path: String, other: &Path) -> Outcome {
        let status = fs::symlink_metadata(other).map_err(|error| Failure::host(other, error))?;
        let kind = kind_of(&status);
        let bytes = if kind == NodeKind::File { status.len() } else { 0 };
        self.tell(ChangeKind::Added, path, kind, 0, bytes)
    }

    fn both(&mut self, path: String, address: RecordedAddress, other: PathBuf) -> Outcome {
        let node = self.volume.node(address).at(&path)?;
        let status = fs::symlink_metadata(&other).map_err(|error| Failure::host(&other, error))?;
        let kind = kind_of(&status);
        if std::mem::discriminant(&kind) != std::mem::discriminant(&node.kind) {
            self.only_on_disc(path.clone(), address)?;
            return self.only_in_folder(path, &other);
        }
        if kind == NodeKind::Directory {
            self.left.push(Pair {
                address,
                path,
                folder: other,
            });
            return Ok(());
        }
        let is_same = match kind {
            NodeKind::File => self.has_same_bytes(&node, &path, &other, &status)?,
            NodeKind::SymbolicLink => {
                let target = self.volume.symlink_target(&node).at(&path)?;
                let found = fs::read_link(&other).map_err(|error| Failure::host(&other, error))?;
                OsStr::new(&target).as_bytes() == found.as_os_str().as_bytes()
            }
            kind => kind == node.kind,
        };
        if is_same && (!self.times || has_same_time(&node, &status)) {
            return Ok(());
        }
        let bytes = if kind == NodeKind::File { status.len() } else { 0 };
        self.tell(ChangeKind::Changed, path, kind, bytes_of(&node), bytes)
    }

    fn has_same_bytes(&mut self, node: &Node, path: &str, other: &Path, status: &Metadata) -> Outcome<bool> {
        let body = self.volume.body(node).at(path)?;
        if node.size() != status.len() {
            return Ok(false);
        }
        let host = |error| Failure::host(other, error);
        let mut file = File::open(other).map_err(host)?;
        let mut offset = 0;
        loop {
            let [one, two] = &mut self.buffers;
            let length = self.volume.read(&body, offset, one).at(path)?;
            if length == 0 {
                return Ok(is_whole(&body, node) && file.read(&mut two[..1]).map_err(host)? == 0);
            }
            match file.read_exact(&mut two[..length]) {
                Ok(()) if one[..length] == two[..length] => {}
                Ok(()) => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(error) => return Err(host(error)),
            }
            offset += length as u64;
        }
    }

    fn tell(
        &mut self,
        kind: ChangeKind,
        path: String,
        node: NodeKind,
        bytes_before: u64,
        bytes: u64,
    ) -> Outcome {
        self.found.differences += 1;
        let change = Change {
            kind,
            path,
            node,
            bytes_before,
            bytes,
        };
        self.list.push(&ShownChange::of(&change))
    }
}

fn is_whole(body: &Body, node: &Node) -> bool {
    body.len() == node.size()
}

fn bytes_of(node: &Node) -> u64 {
    if node.kind == NodeKind::File {
        node.size()
    } else {
        0
    }
}

fn has_same_time(node: &Node, status: &Metadata) -> bool {
    let nanoseconds = u32::try_from(status.mtime_nsec()).unwrap_or(0);
    let other = Timestamp::from_unix(status.mtime(), nanoseconds);
    node.entry.modification_time.to_unix() == other.to_unix()
}

fn kind_of(status: &Metadata) -> NodeKind {
    let kind = status.file_type();
    let (major, minor) = (major(status.rdev()), minor(status.rdev()));
    if kind.is_dir() {
        NodeKind::Directory
    } else if kind.is_symlink() {
        NodeKind::SymbolicLink
    } else if kind.is_fifo() {
        NodeKind::Fifo
    } else if kind.is_socket() {
        NodeKind::Socket
    } else if kind.is_char_device() {
        NodeKind::CharacterDevice { major, minor }
    } else if kind.is_block_device() {
        NodeKind::BlockDevice { major, minor }
    } else {
        NodeKind::File
    }
}
