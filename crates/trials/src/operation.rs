//! What happens to a volume: operations that make sense whatever the tree is.

use proptest::prelude::*;

use crate::model::Shape;
use crate::size::Size;

/// One operation. Nodes, directories and names are indices that the current model resolves, so that any
/// sequence of operations makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Create a regular file of this many bytes.
    Create {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// Bytes.
        length: usize,
    },
    /// Create a directory.
    MakeDirectory {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// Create a symbolic link.
    Symlink {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// Create a device, pipe or socket.
    Special {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// Which.
        shape: Shape,
    },
    /// Create many pipes, so that the directory and the VAT grow.
    Crowd {
        /// Directory.
        parent: usize,
        /// How many.
        count: usize,
    },
    /// Write bytes at an offset, with a hole before them if the file ends earlier.
    Write {
        /// Node.
        node: usize,
        /// Offset in bytes.
        offset: usize,
        /// Bytes.
        length: usize,
    },
    /// Write bytes at the end.
    Append {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// Make it shorter, or longer by a hole.
    Truncate {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// Create a hard link.
    Link {
        /// Node.
        node: usize,
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// Remove a name, and with the last one the node.
    Remove {
        /// Node.
        node: usize,
    },
    /// Remove a name of an open file; then write the file at its end, read it and close it.
    Outlive {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// Open a file, remove this name of it, and hold it open over commits and closes.
    Hold {
        /// Node.
        node: usize,
    },
    /// Write this much at the end of each file that is held open, read it and close it.
    Release {
        /// Bytes.
        length: usize,
    },
    /// Finish writing a file.
    Finish {
        /// Node.
        node: usize,
    },
    /// Rename, possibly to a name that is taken.
    Rename {
        /// Node.
        node: usize,
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// Change the mode.
    Mode {
        /// Node.
        node: usize,
        /// Permission bits.
        mode: u32,
    },
    /// Record this much of a file, then take it back.
    TakeBack {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// Bytes.
        length: usize,
    },
    /// Record a file under another name, then let it replace this one.
    Replace {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// Record a directory with files, some of which are taken back, with commits in between.
    Record {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// How many files.
        files: usize,
        /// How many files to record between commits.
        every: usize,
    },
    /// Commit: everything becomes part of the volume.
    Commit,
    /// Drop everything since the last commit.
    Abandon,
    /// Switch the drive off and on again without a commit.
    Reopen,
    /// Close the session.
    Close,
}

/// Sequences of operations of this size.
pub fn operations(size: Size) -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    let place = || 0..12usize;
    let length = move || prop_oneof![0..3000usize, Just(2048), Just(4096), 0..size.longest.max(1)];
    let shape = prop::sample::select(vec![
        Shape::Fifo,
        Shape::Socket,
        Shape::CharacterDevice { major: 4, minor: 64 },
        Shape::BlockDevice { major: 8, minor: 1 },
    ]);
    let operation = prop_oneof![
        6 => (place(), place(), length()).prop_map(|(parent, name, length)| Create { parent, name, length }),
        3 => (place(), place()).prop_map(|(parent, name)| MakeDirectory { parent, name }),
        1 => (place(), place()).prop_map(|(parent, name)| Symlink { parent, name }),
        1 => (place(), place(), shape).prop_map(|(parent, name, shape)| Special { parent, name, shape }),
        1 => (place(), 0..size.crowd.max(1)).prop_map(|(parent, count)| Crowd { parent, count }),
        3 => (place(), 0..size.farthest, length()).prop_map(|(node, offset, length)| Write { node, offset, length }),
        4 => (place(), length()).prop_map(|(node, length)| Append { node, length }),
        2 => (place(), length()).prop_map(|(node, length)| Truncate { node, length }),
        2 => (place(), place(), place()).prop_map(|(node, parent, name)| Link { node, parent, name }),
        3 => place().prop_map(|node| Remove { node }),
        2 => (place(), length()).prop_map(|(node, length)| Outlive { node, length }),
        2 => place().prop_map(|node| Finish { node }),
        3 => (place(), place(), place()).prop_map(|(node, parent, name)| Rename { node, parent, name }),
        1 => (place(), 0..0o10000u32).prop_map(|(node, mode)| Mode { node, mode }),
        2 => (place(), place(), length()).prop_map(|(parent, name, length)| TakeBack { parent, name, length }),
        2 => (place(), length()).prop_map(|(node, length)| Replace { node, length }),
        1 => (place(), place(), 1..8usize, 1..4usize)
            .prop_map(|(parent, name, files, every)| Record { parent, name, files, every }),
        4 => Just(Commit),
        1 => Just(Abandon),
        1 => Just(Reopen),
        1 => Just(Close),
    ];
    prop::collection::vec(operation, 1..size.operations.max(2))
}

/// Contents that differ in every block.
#[must_use]
pub fn content(length: usize, seed: u8) -> Vec<u8> {
    let mix = |index: usize| (index / 7 + index / 2048).to_le_bytes()[0] ^ seed;
    (0..length).map(mix).collect()
}

/// The name that an index selects: of all character widths, some so long that directories fill blocks sooner.
#[must_use]
pub fn name(index: usize) -> String {
    let names = [
        "a",
        "b",
        "ä",
        "名前",
        "😀",
        "a name of some length which fills blocks sooner",
    ];
    match names.get(index) {
        Some(name) => (*name).to_owned(),
        None => format!("{index}-{}", "x".repeat(200 + index)),
    }
}
