//! Relations between two structures: links, IDs, parents, chains, extents, order, streams.

use ecma167::{BLOCK_SIZE, LogicalSector};
use volume::{Body, ExtentKind, Map, Node, Volume};

use super::disc::Disc;
use super::table::with_volume;
use crate::image::Block;
use crate::repair::{self, half, word};

/// What is changed, and why nothing is found where that is right.
pub struct Relation {
    /// In words.
    pub what: &'static str,
    /// Why it is legal.
    pub legal: Option<&'static str>,
    changes: Vec<(u32, Block)>,
}

/// A node, its sector, and what of it is at hand.
struct Known {
    node: Node,
    sector: u32,
    block: Block,
}

/// Breaks each relation that a disc has; adds what was broken, and what was missed.
pub fn relations(
    disc: &mut Disc,
    seen: &mut Vec<(&'static str, Option<&'static str>)>,
    missed: &mut Vec<String>,
) {
    for relation in with_volume(disc, |disc, volume| Maker::new(disc, volume).all()) {
        let key = (relation.what, relation.legal);
        if !seen.contains(&key) {
            seen.push(key);
        }
        let found = disc.with(&relation.changes);
        if found.is_empty() && relation.legal.is_none() {
            missed.push(format!("{}: {}", disc.name, relation.what));
        }
    }
}

struct Maker<'a> {
    disc: &'a Disc,
    volume: &'a mut Volume,
    made: Vec<Relation>,
}

/// Where an ICB has its lengths, and where what they count begins.
fn front(block: &Block) -> (usize, usize) {
    if half(block, 0) == 266 {
        (208, 216)
    } else {
        (168, 176)
    }
}

/// Where the descriptors of an ICB begin.
fn descriptors(block: &Block) -> usize {
    let (lengths, front) = front(block);
    front + word(block, lengths) as usize
}

/// Where each FID of an embedded directory stands.
fn fids(block: &Block) -> Vec<std::ops::Range<usize>> {
    let (lengths, _) = front(block);
    let start = descriptors(block);
    let end = start + word(block, lengths + 4) as usize;
    let mut found = Vec::new();
    let mut at = start;
    while at + 38 <= end {
        let length = 38 + usize::from(half(block, at + 36)) + usize::from(block[at + 19]);
        found.push(at..at + length.next_multiple_of(4));
        at += length.next_multiple_of(4);
    }
    found
}

fn with(block: &Block, change: impl FnOnce(&mut Block)) -> Block {
    let mut copy = *block;
    change(&mut copy);
    copy
}

fn put(block: &mut Block, at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

/// An ICB with a change, its tag made right.
fn sealed(block: &Block, change: impl FnOnce(&mut Block)) -> Block {
    with(block, |block| {
        change(block);
        repair::seal(block);
    })
}

/// An embedded directory with a change in one FID.
fn with_fid(block: &Block, number: usize, change: impl FnOnce(&mut [u8])) -> Block {
    sealed(block, |block| {
        let range = fids(block)[number].clone();
        change(&mut block[range.clone()]);
        repair::seal(&mut block[range]);
    })
}

impl<'a> Maker<'a> {
    fn new(disc: &'a Disc, volume: &'a mut Volume) -> Self {
        Self {
            disc,
            volume,
            made: Vec::new(),
        }
    }

    fn all(mut self) -> Vec<Relation> {
        self.names_and_links();
        self.extents();
        self.special();
        self.vats();
        self.streams();
        self.metadata();
        self.sequences();
        self.made
    }

    fn broken(&mut self, what: &'static str, changes: Vec<(u32, Block)>) {
        self.made.push(Relation {
            what,
            legal: None,
            changes,
        });
    }

    fn legal(&mut self, what: &'static str, why: &'static str, changes: Vec<(u32, Block)>) {
        self.made.push(Relation {
            what,
            legal: Some(why),
            changes,
        });
    }

    fn known(&mut self, path: &str) -> Known {
        let node = self.volume.lookup(path).expect("a node of that name");
        let sector = self.volume.resolve(node.address).expect("its sector").0;
        Known {
            block: self.disc.block(sector),
            node,
            sector,
        }
    }

    /// `/directory` has the parent, `small` and `same`; `/other` has the parent and a hard link to `small`.
    fn names_and_links(&mut self) {
        let directory = self.known("/directory");
        let other = self.known("/other");
        let small = self.known("/directory/small");
        let same = self.known("/directory/same");
        let third = half(&small.block, 0) == 266;
        let (at, block) = (directory.sector, directory.block);
        let location = |known: &Known| known.node.address.block.to_le_bytes();
        let name = |block: &Block, name: &[u8]| {
            with_fid(block, 1, |fid| {
                // "small" or "same" in bytes of one width.
                let length = usize::from(fid[19]) - 1;
                let start = 39 + usize::from(half(fid, 36));
                let text: Vec<u8> = name.iter().copied().cycle().take(length).collect();
                fid[start..start + length].copy_from_slice(&text);
            })
        };
        self.broken("a name with '/'", vec![(at, name(&block, b"a/b"))]);
        self.broken("a name with NUL", vec![(at, name(&block, b"a\0"))]);
        let dots = sealed(&block, |block| {
            // The name becomes "..", and a padded one of the same length is left.
            let range = fids(block)[1].clone();
            let used = usize::from(half(block, range.start + 36));
            let name = range.start + 38 + used;
            let length = usize::from(block[range.start + 19]);
            if length > 3 && (38 + used + 3).next_multiple_of(4) == range.len() {
                block[range.start + 19] = 3;
                put(block, name + 1, b"..");
                block[name + 3..range.end].fill(0);
            } else {
                put(block, name + 1, b"/");
            }
            repair::seal(&mut block[range]);
        });
        self.broken("the name '..'", vec![(at, dots)]);
        let twice = with_fid(&block, 2, |fid| put_location(fid, location(&small)));
        self.broken("two FIDs of a directory name one node", vec![(at, twice)]);
        let swapped = with_fid(&block, 1, |fid| put_location(fid, location(&same)));
        let swapped = with_fid(&swapped, 2, |fid| put_location(fid, location(&small)));
        if third {
            self.broken("two FIDs name each other's node", vec![(at, swapped)]);
        } else {
            let why = "both were renamed: FIDs have no unique ID before 2.00";
            self.legal("two FIDs name each other's node", why, vec![(at, swapped)]);
        }
        let parent = with_fid(&block, 0, |fid| put_location(fid, location(&other)));
        self.broken("a parent that is another directory", vec![(at, parent)]);
        let itself = with_fid(&block, 1, |fid| {
            fid[18] |= 2;
            put_location(fid, location(&directory));
        });
        self.broken("a directory in itself", vec![(at, itself)]);
        let again = with_fid(&other.block, 1, |fid| {
            fid[18] |= 2;
            put_location(fid, location(&directory));
        });
        self.broken("a directory with two names", vec![(other.sector, again)]);
        let metadata = with_fid(&block, 1, |fid| fid[18] |= 16);
        self.broken("the metadata bit in an ordinary directory", vec![(at, metadata)]);
        let links = sealed(&same.block, |block| block[48] += 1);
        self.broken("a link count of one more", vec![(same.sector, links)]);
        let unique = if third { 200..208 } else { 160..168 };
        let id = sealed(&small.block, |block| {
            block[unique.clone()].copy_from_slice(&same.block[unique.clone()])
        });
        self.broken("two nodes with one unique ID", vec![(small.sector, id)]);
        if third {
            let id = with_fid(&block, 1, |fid| {
                fid[32..36].copy_from_slice(&same.block[200..204])
            });
            self.broken("a FID with the unique ID of another node", vec![(at, id)]);
        }
        let order = sealed(&block, |block| {
            let all = fids(block);
            let (one, two) = (block[all[1].clone()].to_vec(), block[all[2].clone()].to_vec());
            put(block, all[1].start, &[two, one].concat());
        });
        self.legal(
            "FIDs in another order",
            "a directory is not sorted",
            vec![(at, order)],
        );
        let bodies = |from: &Known, to: &Known| {
            sealed(&to.block, |block| {
                let at = descriptors(block);
                let bytes = &from.block[descriptors(&from.block)..][..8];
                put(block, at, bytes);
            })
        };
        let changed = bodies(&same, &small);
        self.legal(
            "other bytes in a file",
            "nothing says what a file holds",
            vec![(small.sector, changed)],
        );
    }

    /// `large` and `large too` have an extent of five blocks each.
    fn extents(&mut self) {
        let (large, too) = (self.known("/large"), self.known("/large too"));
        let at = descriptors(&large.block);
        let of_too = too.block[descriptors(&too.block)..][..16].to_vec();
        let ground = *self.volume.maps()[0].partition();
        // That of a spared packet stands elsewhere.
        let nodes = ["/directory", "/large", "/many"].map(|path| self.known(path).sector);
        let mut icbs = nodes
            .into_iter()
            .filter_map(|sector| ground.block(LogicalSector(sector)));
        let icb = icbs.next().expect("an ICB in its place").0;
        let moved = |to: u32| sealed(&large.block, |block| put(block, at + 4, &to.to_le_bytes()));
        let shared = sealed(&large.block, |block| put(block, at, &of_too));
        self.broken("a whole extent of two files", vec![(large.sector, shared)]);
        let part = moved(word(&of_too, 4) + 1);
        self.broken(
            "an extent that overlaps another in part",
            vec![(large.sector, part)],
        );
        self.broken("an extent over an ICB", vec![(large.sector, moved(icb))]);
        self.broken(
            "an extent behind the partition",
            vec![(large.sector, moved(0x3FFF_FFFF))],
        );
        let again = sealed(&large.block, |block| {
            // The extent twice, of half the length each.
            let descriptor = block[at..at + 16].to_vec();
            put(block, at, &4096_u32.to_le_bytes());
            put(block, at + 16, &descriptor);
            put(block, at + 16, &4904_u32.to_le_bytes());
            grow(block, 16);
        });
        self.broken(
            "an extent that overlaps another of its file",
            vec![(large.sector, again)],
        );
        let whole = sealed(&large.block, |block| {
            let descriptor = block[at..at + 16].to_vec();
            let two: Vec<u8> = [descriptor.clone(), descriptor].concat();
            put(block, at, &two);
            for place in [at, at + 16] {
                put(block, place, &4096_u32.to_le_bytes());
            }
            put(block, 56, &8192_u64.to_le_bytes());
            let is_extended = half(block, 0) == 266;
            if is_extended {
                put(block, 64, &8192_u64.to_le_bytes());
            }
            put(block, if is_extended { 72 } else { 64 }, &4_u64.to_le_bytes());
            grow(block, 16);
        });
        let is_final = self.volume.vat().is_some();
        if is_final {
            let why = "a block of zeros may stand for many";
            self.legal(
                "a whole extent twice in a file, where nothing is freed",
                why,
                vec![(large.sector, whole)],
            );
        } else {
            self.broken(
                "a whole extent twice in a file, where blocks are freed",
                vec![(large.sector, whole)],
            );
        }
        self.continuation();
    }

    /// The sector of a block of the partition below.
    fn below(&mut self, block: u32) -> u32 {
        let address = ecma167::RecordedAddress {
            partition: ecma167::PartitionReference(0),
            block,
        };
        self.volume.resolve(address).expect("a block of the partition").0
    }

    /// `sparse` has an allocation extent.
    fn continuation(&mut self) {
        let sparse = self.known("/sparse");
        let end = {
            let (lengths, _) = front(&sparse.block);
            descriptors(&sparse.block) + word(&sparse.block, lengths + 4) as usize
        };
        let last = sparse.block[end - 16..end].to_vec();
        assert_eq!(word(&last, 0) >> 30, 3, "a body with an allocation extent");
        let sector = self.below(word(&last, 4));
        let extent = self.disc.block(sector);
        let back = sealed(&extent, |block| {
            let end = 24 + word(block, 20) as usize;
            put(block, end - 16, &last);
        });
        self.broken(
            "an allocation extent that leads back to itself",
            vec![(sector, back)],
        );
        let large = self.known("/large");
        let at = descriptors(&large.block);
        let taken = sealed(&large.block, |block| put(block, at, &last));
        self.broken("one allocation extent of two bodies", vec![(large.sector, taken)]);
        let order = sealed(&sparse.block, |block| {
            let at = descriptors(block);
            let (one, two) = (block[at..at + 32].to_vec(), block[at + 32..at + 64].to_vec());
            put(block, at, &[two, one].concat());
        });
        self.legal(
            "extents of a file in another order",
            "nothing says what a file holds",
            vec![(sparse.sector, order)],
        );
    }

    fn special(&mut self) {
        for name in ["/pipe", "/socket"] {
            let node = self.known(name);
            let body = sealed(&node.block, |block| {
                let (lengths, _) = front(block);
                let at = descriptors(block);
                put(block, at, b"body");
                put(block, lengths + 4, &4_u32.to_le_bytes());
                put(block, 56, &4_u64.to_le_bytes());
                if half(block, 0) == 266 {
                    put(block, 64, &4_u64.to_le_bytes());
                }
                let length = half(block, 10) + 4;
                put(block, 10, &length.to_le_bytes());
            });
            self.broken("a FIFO or socket with a body", vec![(node.sector, body)]);
        }
    }

    fn vats(&mut self) {
        let Some(vat) = self.volume.vat().cloned() else {
            return;
        };
        let start = self.volume.maps()[0].partition().start.0;
        let icb = start + vat.icb.0;
        let copy = self.disc.block(icb - 1);
        let third = half(&copy, 0) == 266;
        if copy[27] == self.disc.block(icb)[27] && half(&copy, 0) == half(&self.disc.block(icb), 0) {
            let other = sealed(&copy, |block| block[if third { 92 } else { 84 }] ^= 1);
            self.broken(
                "copies of the VAT ICB at N-1 and N that differ",
                vec![(icb - 1, other)],
            );
        }
        let Body::Extents(extents) = &vat.body else { return };
        let place = |offset: u64| {
            let mut first = 0;
            extents.iter().find_map(|extent| {
                let ExtentKind::Recorded(address) = extent.kind else {
                    return None;
                };
                let here = first..first + extent.length;
                first += extent.length;
                let inside = here.contains(&offset).then(|| offset - here.start)?;
                let block = u32::try_from(inside / BLOCK_SIZE as u64).ok()?;
                Some((
                    start + address.block + block,
                    usize::try_from(inside % BLOCK_SIZE as u64).ok()?,
                ))
            })
        };
        let at = |address: u64| place(vat.entries_offset + 4 * address).expect("an entry");
        let ((one, first), (two, second)) = (at(1), at(2));
        assert_eq!(one, two, "entries of one block");
        let block = self.disc.block(one);
        let (root, other) = (
            block[first..first + 4].to_vec(),
            block[second..second + 4].to_vec(),
        );
        let swapped = with(&block, |block| {
            put(block, first, &other);
            put(block, second, &root);
        });
        self.broken(
            "two entries of the VAT with each other's block",
            vec![(one, swapped)],
        );
        let same = with(&block, |block| put(block, second, &root));
        self.broken("two entries of the VAT with one block", vec![(one, same)]);
        let previous = match vat.form {
            volume::VatForm::V200 => place(132),
            volume::VatForm::V150 => place(4 * u64::from(vat.entries) + 32),
        };
        let (sector, field) = previous.expect("a previous location");
        let block = self.disc.block(sector);
        let mut chain = vec![vat.clone()];
        while let Ok(Some(before)) = self.volume.previous_vat(chain.last().expect("a VAT")) {
            chain.push(before);
        }
        assert!(chain.len() > 3, "several generations");
        let mut name = |what, to: u32| {
            let changed = with(&block, |block| put(block, field, &to.to_le_bytes()));
            self.broken(what, vec![(sector, changed)]);
        };
        name("a previous VAT that is two generations back", chain[2].icb.0);
        name("a previous VAT that is the first", chain[chain.len() - 1].icb.0);
        name("a previous VAT that is itself", vat.icb.0);
        name("a previous VAT that is none", vat.icb.0 - 40);
        name("no previous VAT, where there is one", u32::MAX);
    }

    fn streams(&mut self) {
        let small = self.known("/directory/small");
        let Ok(Some(directory)) = self.volume.stream_directory(&small.node) else {
            return;
        };
        let sector = self
            .volume
            .resolve(directory.address)
            .expect("a stream directory")
            .0;
        let block = self.disc.block(sector);
        let named = self.known("/directory");
        let icb = small.block[152..168].to_vec();
        let fid = with_fid(&named.block, 2, |fid| fid[20..30].copy_from_slice(&icb[..10]));
        self.broken("a FID that names a stream directory", vec![(named.sector, fid)]);
        let same = self.known("/directory/same");
        let twice = sealed(&same.block, |block| put(block, 152, &icb));
        self.broken("a stream directory of two files", vec![(same.sector, twice)]);
        let node = sealed(&same.block, |block| {
            put(block, 152, &icb);
            put(block, 156, &named.node.address.block.to_le_bytes());
        });
        self.broken(
            "a stream directory that is a directory",
            vec![(same.sector, node)],
        );
        let parent = with_fid(&block, 0, |fid| {
            put_location(fid, same.node.address.block.to_le_bytes())
        });
        self.broken(
            "a stream directory whose parent is another file",
            vec![(sector, parent)],
        );
        let stream = with_fid(&block, 1, |fid| {
            put_location(fid, same.node.address.block.to_le_bytes())
        });
        self.broken("a stream that is a file of the tree", vec![(sector, stream)]);
        let size = sealed(&small.block, |block| block[64] += 1);
        self.broken(
            "an object size that is not the sum of body and streams",
            vec![(small.sector, size)],
        );
    }

    fn metadata(&mut self) {
        let maps = &self.volume.descriptors().logical.partition_maps;
        let found = maps.iter().find_map(|map| match map {
            ecma167::volume::PartitionMap::Metadata { metadata, .. } => Some(*metadata),
            _ => None,
        });
        let Some(metadata) = found else { return };
        let main = self.below(metadata.metadata_file_location.get());
        let mirror = self.below(metadata.metadata_mirror_file_location.get());
        let (first, second) = (self.disc.block(main), self.disc.block(mirror));
        let at = descriptors(&first);
        let shifted = sealed(&second, |block| {
            let location = word(block, at + 4) + 1;
            put(block, at + 4, &location.to_le_bytes());
        });
        self.broken("a mirror that names other blocks", vec![(mirror, shifted)]);
        let order = sealed(&first, |block| {
            let (one, two) = (block[at..at + 8].to_vec(), block[at + 8..at + 16].to_vec());
            put(block, at, &[two, one].concat());
        });
        self.broken(
            "extents of the metadata file in another order",
            vec![(main, order)],
        );
        if metadata.flags & 1 != 0 {
            let copy = self.below(word(&second, at + 4) + 1);
            let other = with(&self.disc.block(copy), |block| block[500] ^= 1);
            self.broken("a mirror with other bytes", vec![(copy, other)]);
        }
        // A file in the blocks of the metadata file.
        let large = self.known("/large");
        let place = descriptors(&large.block);
        let over = sealed(&large.block, |block| {
            put(block, place + 4, &first[at + 4..at + 8])
        });
        self.broken(
            "a file in the blocks of the metadata file",
            vec![(large.sector, over)],
        );
        if self
            .volume
            .maps()
            .iter()
            .any(|map| matches!(map, Map::Sparable { .. }))
        {
            let table = self.disc.block(100);
            let wrong = sealed(&table, |block| {
                let to = word(block, 60) + 1;
                put(block, 60, &to.to_le_bytes());
            });
            self.broken("one sparing table that leads elsewhere", vec![(100, wrong)]);
            let both = [100, 132].map(|at| {
                let changed = sealed(&self.disc.block(at), |block| {
                    let to = word(block, 60) + 1;
                    put(block, 60, &to.to_le_bytes());
                });
                (at, changed)
            });
            self.broken("sparing tables that lead elsewhere", both.to_vec());
        }
    }

    /// Main and reserve sequence of the first anchor.
    fn sequences(&mut self) {
        let anchor = self.disc.block(256);
        let (main, reserve) = (word(&anchor, 20), word(&anchor, 28));
        let same = sealed(&anchor, |block| put(block, 28, &main.to_le_bytes()));
        self.broken("one sequence as main and reserve", vec![(256, same)]);
        let descriptor = self.disc.block(main + 2);
        let moved = with(&self.disc.block(main + 3), |block| {
            ecma167::general::tag::restamp(block, main + 2)
        });
        let back = with(&descriptor, |block| {
            ecma167::general::tag::restamp(block, main + 3)
        });
        let why = "a sequence has no order";
        self.legal(
            "volume descriptors in another order",
            why,
            vec![(main + 2, moved), (main + 3, back)],
        );
        let other = sealed(&self.disc.block(reserve + 2), |block| block[192] ^= 1);
        self.broken("a reserve sequence that differs", vec![(reserve + 2, other)]);
    }
}

fn put_location(fid: &mut [u8], location: [u8; 4]) {
    fid[24..28].copy_from_slice(&location);
}

/// More allocation descriptors in an ICB.
fn grow(block: &mut Block, by: u16) {
    let (lengths, _) = front(block);
    for at in [lengths + 4, 10] {
        let sum = half(block, at) + by;
        put(block, at, &sum.to_le_bytes());
    }
}
