//! What happens to a volume: operations on nodes that stand for themselves whatever the tree is.

use proptest::prelude::*;

use crate::model::Shape;
use crate::size::Size;

/// One operation. Nodes, directories and names are indices that the model of the moment resolves, so that any sequence of
/// operations makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A regular file of that many bytes.
    Create {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// Bytes.
        length: usize,
    },
    /// A directory.
    MakeDirectory {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// A symbolic link.
    Symlink {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// A device, pipe or socket.
    Special {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// Which.
        shape: Shape,
    },
    /// Many pipes, so that directory and VAT grow.
    Crowd {
        /// Directory.
        parent: usize,
        /// How many.
        count: usize,
    },
    /// Bytes at an offset, with a hole before them where the file ends earlier.
    Write {
        /// Node.
        node: usize,
        /// Byte.
        offset: usize,
        /// Bytes.
        length: usize,
    },
    /// Bytes at the end.
    Append {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// Shorter, or longer by a hole.
    Truncate {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// A hard link.
    Link {
        /// Node.
        node: usize,
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// A name goes, and with the last one the node.
    Remove {
        /// Node.
        node: usize,
    },
    /// A name of a file that is open goes, and the file is written at its end, read and let go behind that.
    Outlive {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// Who wrote a file is done with it.
    Finish {
        /// Node.
        node: usize,
    },
    /// Another name, maybe one that is taken.
    Rename {
        /// Node.
        node: usize,
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
    },
    /// Another mode.
    Mode {
        /// Node.
        node: usize,
        /// Permission bits.
        mode: u32,
    },
    /// A file of which that much was recorded when it was taken back.
    TakeBack {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// Bytes.
        length: usize,
    },
    /// A file that was recorded under another name takes the place of this one.
    Replace {
        /// Node.
        node: usize,
        /// Bytes.
        length: usize,
    },
    /// A directory with files, some of which are taken back, and commits in between.
    Record {
        /// Directory.
        parent: usize,
        /// Name.
        name: usize,
        /// How many files.
        files: usize,
        /// How many of them go into a commit.
        every: usize,
    },
    /// Everything becomes part of the volume.
    Commit,
    /// Everything since the last commit is dropped.
    Abandon,
    /// The drive is switched off and on again without a commit.
    Reopen,
    /// The session is closed.
    Close,
}

/// Sequences of operations of that size.
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

/// Content that differs in every block.
#[must_use]
pub fn content(length: usize, seed: u8) -> Vec<u8> {
    let mix = |index: usize| (index / 7 + index / 2048).to_le_bytes()[0] ^ seed;
    (0..length).map(mix).collect()
}

/// The name that an index stands for: of all widths, some so long that directories fill blocks sooner.
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
