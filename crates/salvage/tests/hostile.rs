//! Arbitrary changes to images of every form: salvaging ends, and names lead nowhere else.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::general::Tag;
use ecma167::general::tag;
use hostile::bases;
use salvage::{Index, Next, Salvaged};
use volume::{NodeKind, Step, Walk};

/// Changes of each image. `STEP=1` makes a hundred times as many.
fn changes() -> u64 {
    let step = std::env::var("STEP").map_or(100, |step| step.parse().unwrap());
    2000 / step
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap()
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

/// Makes checksum and CRC of a structure agree with its bytes.
fn sealed(block: &mut [u8]) {
    let length = usize::from(u16::from_le_bytes([block[10], block[11]]));
    if let Some(covered) = block.get(Tag::LEN..Tag::LEN + length) {
        let crc = tag::crc(covered).to_le_bytes();
        block[8..10].copy_from_slice(&crc);
        let location = u32::from_le_bytes([block[12], block[13], block[14], block[15]]);
        tag::restamp(block, location);
    }
}

/// Changes some fields of structures.
fn change(image: &mut [u8], random: &mut Random) {
    let tagged: Vec<usize> = (0..image.len() / BLOCK_SIZE)
        .filter(|block| Tag::peek(&image[block * BLOCK_SIZE..]).is_some())
        .collect();
    for _ in 0..=random.below(12) {
        let at = tagged[random.index(tagged.len())] * BLOCK_SIZE;
        let field = at + 4 * random.index(96);
        let value: u32 = match random.below(4) {
            0 => u32::MAX - random.below(2),
            1 => random.below(700),
            2 => 1 << random.below(32),
            _ => random.below(u32::MAX),
        };
        image[field..field + 4].copy_from_slice(&value.to_le_bytes());
        sealed(&mut image[at..at + BLOCK_SIZE]);
    }
}

/// Salvages everything and returns the number of files and directories that were seen.
fn salvaged(image: &[u8]) -> usize {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), image).unwrap();
    let mut drive = Drive::open_image(file.path()).unwrap();
    let mut index = Index::default();
    let watch = &mut |_, _: &Index| ControlFlow::Continue(());
    index.scan(&mut drive, None, watch).unwrap();
    let mut seen = 0;
    for _ in 0..8 {
        let mut salvaged = match Salvaged::next(drive, &mut index, &|| false).unwrap() {
            Next::Volume(salvaged) => salvaged,
            Next::Nothing(_) | Next::Stopped(_) => break,
        };
        let (root, lost) = (salvaged.root(), salvaged.lost().to_vec());
        let volume = salvaged.volume();
        let mut entered = HashSet::new();
        let tops: Vec<_> = lost.iter().filter_map(|one| one.node(volume).ok()).collect();
        let root = root.and_then(|root| volume.node(root).ok());
        for top in root.into_iter().chain(tops) {
            seen += 1;
            if top.kind != NodeKind::Directory || !entered.insert(top.address) {
                continue;
            }
            let mut walk = Walk::new(top, "");
            while let Some(step) = walk.step(volume) {
                let Ok(Step::Entry { path, named }) = step else {
                    continue;
                };
                let name = &named.name;
                assert!(!name.contains(['/', '\0']) && name != ".." && name != "." && !name.is_empty());
                seen += 1;
                if let Ok(node) = volume.node(named.address) {
                    let _ = volume.body(&node);
                    if node.kind == NodeKind::Directory && entered.insert(node.address) {
                        walk.enter(node, &path);
                    }
                }
            }
        }
        drive = salvaged.into_drive();
    }
    seen
}

#[test]
fn changed_structures_end_and_lead_nowhere_else() {
    let mut seen = 0;
    for base in bases::all() {
        let file = tempfile::tempfile().unwrap();
        base.image.write_to(&file).unwrap();
        let mut image = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut image, 0).unwrap();
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ image.len() as u64);
        for number in 0..changes() {
            let mut changed = image.clone();
            change(&mut changed, &mut random);
            let since = Instant::now();
            seen += salvaged(&changed);
            let time = since.elapsed();
            assert!(time < Duration::from_secs(10), "{} {number}: {time:?}", base.name);
        }
    }
    assert!(seen > 1000, "only {seen}");
}
