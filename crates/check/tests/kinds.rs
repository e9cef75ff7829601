//! A field is changed, and the finding is the one of its rule.

mod bench;

use std::collections::BTreeSet;

use bench::{
    Block, Changeable, Disc, Places, add_directory, add_file, content, half, repair, repair_checksum, time,
    word,
};
use check::FindingKind as K;
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, CloseDisc, Kind};

/// Changes to one disc, and every kind that was found.
struct Trial {
    disc: Changeable,
    places: Places,
    found: BTreeSet<K>,
    missed: Vec<String>,
    _medium: Disc,
}

impl Trial {
    fn new(medium: Disc) -> Self {
        let mut disc = medium.changeable();
        let places = Places::of(&mut disc);
        Self {
            disc,
            places,
            found: BTreeSet::new(),
            missed: Vec::new(),
            _medium: medium,
        }
    }

    /// What was put is judged, and taken back.
    fn judge(&mut self, expected: &[K], what: &str) {
        let report = self.disc.report();
        self.disc.restore();
        for kind in expected {
            match report.findings().iter().find(|finding| finding.kind == *kind) {
                Some(finding) => assert_eq!(finding.severity, kind.severity()),
                None => self
                    .missed
                    .push(format!("{what}: no {kind:?} in {}", bench::listing(&report))),
            }
        }
        self.found.extend(expected);
    }

    /// The kinds that were found, if none was missed.
    fn finish(self) -> BTreeSet<K> {
        assert!(
            self.missed.is_empty(),
            "{} missed:\n{}",
            self.missed.len(),
            self.missed.join("\n")
        );
        self.found
    }

    /// Changes a block as it is now, without a repair.
    fn put(&mut self, sector: u32, change: impl FnOnce(&mut Block)) {
        let mut block = self.disc.block(sector);
        change(&mut block);
        self.disc.put(sector, block);
    }

    /// Bytes of a descriptor change, its CRC is made right.
    fn field(&mut self, sectors: &[u32], at: usize, bytes: &[u8], expected: &[K]) {
        for sector in sectors {
            self.put(*sector, |block| {
                block[at..at + bytes.len()].copy_from_slice(bytes);
                repair(block);
            });
        }
        self.judge(
            expected,
            &format!("sector {}, bytes {bytes:?} at {at}", sectors[0]),
        );
    }

    /// A FID of an embedded directory changes; its CRC and that of the entry are made right.
    fn fid(&mut self, node: u32, number: usize, change: impl FnOnce(&mut [u8]), expected: &[K]) {
        self.put(node, |block| {
            let mut at = 216 + usize::try_from(word(block, 208)).unwrap();
            for _ in 0..number {
                at += stated(block, at);
            }
            let end = at + stated(block, at);
            change(&mut block[at..end]);
            repair(&mut block[at..end]);
            repair(block);
        });
        self.judge(expected, &format!("FID {number} at sector {node}"));
    }
}

/// Adds to a number of two bytes.
fn grow(block: &mut Block, at: usize, by: u16) {
    let sum = half(block, at) + by;
    block[at..at + 2].copy_from_slice(&sum.to_le_bytes());
}

fn stated(block: &Block, at: usize) -> usize {
    (38 + usize::from(half(block, at + 36)) + usize::from(block[at + 19])).next_multiple_of(4)
}

fn full_disc(revision: Revision) -> Disc {
    let disc = Disc::formatted(Medium::DvdPlusR, 4000, revision);
    let mut recording = disc.recording();
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "directory");
    let small = add_file(&mut recording, directory, "small", b"embedded");
    let gone = add_file(&mut recording, directory, "gone", b"");
    add_file(&mut recording, root, "large", &content(5000, 2));
    let attributes = Attributes::at(0o755, time(3));
    let device = Kind::CharacterDevice { major: 4, minor: 64 };
    recording.create(root, "tty", &device, &attributes).unwrap();
    let link = Kind::SymbolicLink("../a".into());
    recording.create(root, "symlink", &link, &attributes).unwrap();
    recording.link(small, directory, "link").unwrap();
    let sparse = add_file(&mut recording, root, "sparse", b"x");
    for number in 0..130 {
        recording.write(sparse, number * 4096, &[7; 2048]).unwrap();
    }
    let many = add_directory(&mut recording, root, "many");
    for number in 0..60 {
        add_file(&mut recording, many, &format!("number {number}"), b"");
    }
    let _ = gone;
    recording.unlink(directory, "gone").unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    disc.assert_clean("before anything is changed");
    disc
}

fn tags(trial: &mut Trial) {
    let vat = trial.places.last;
    let (root, set) = (trial.places.nodes[1], trial.places.nodes[0]);
    for sector in [256, 32, 33, 34, 35, 36, 37, 64, 65, set, root] {
        let kinds = [
            (2_usize, 5_u8, K::TagVersion),
            (5, 1, K::TagReserved),
            (6, 9, K::TagSerial),
            (12, 0xEE, K::TagLocation),
        ];
        for (at, value, kind) in kinds {
            trial.put(sector, |block| {
                block[at] ^= value;
                repair_checksum(block);
            });
            // The serial number of the first tag is the one that all others are held against.
            trial.judge(&[kind], &format!("tag of sector {sector}"));
        }
        trial.put(sector, |block| block[4] ^= 1);
        trial.judge(&[K::TagChecksum], "checksum");
        trial.put(sector, |block| block[17] ^= 1);
        trial.judge(&[K::TagCrc], "CRC");
        trial.put(sector, |block| {
            block[10] ^= 2;
            repair(block);
        });
        trial.judge(&[K::TagCrcLength], "CRC length");
    }
    trial.put(root, |block| {
        block[0] ^= 0x40;
        repair_checksum(block);
    });
    trial.judge(&[K::TagIdentifier], "identifier");
    trial.put(vat, |block| {
        block[12] ^= 1;
        repair_checksum(block);
    });
    trial.judge(&[K::TagLocation], "location of the VAT ICB");
}

fn volume(trial: &mut Trial) {
    trial.put(16, |block| block[1..6].fill(0));
    trial.judge(&[K::RecognitionStart], "BEA01");
    trial.put(16, |block| block[1..6].copy_from_slice(b"BOOT2"));
    trial.judge(&[K::RecognitionBegin], "BEA01");
    trial.put(17, |block| block[1..6].copy_from_slice(b"BEA01"));
    trial.judge(&[K::RecognitionNsr], "NSR");
    trial.put(17, |block| block[5] = b'2');
    trial.judge(
        &[K::RecognitionEdition, K::TagVersion, K::PartitionContents],
        "NSR",
    );
    trial.put(18, |block| block[1..6].fill(0));
    trial.judge(&[K::RecognitionEnd, K::RecognitionTrailing], "TEA01");
    trial.put(18, |block| block[100] = 1);
    trial.judge(&[K::RecognitionReserved], "TEA01");
    trial.field(&[256], 16, &[0, 8, 0, 0], &[K::AnchorExtentShort]);
    trial.field(&[256], 16, &[1], &[K::AnchorExtent]);
    trial.field(&[256], 20, &[48], &[K::SequencesOverlap]);
    trial.field(&[256], 28, &[9, 9], &[K::SequenceUnreadable]);
    trial.field(&[256], 100, &[1], &[K::Reserved]);
    trial.put(256, |block| block.fill(0));
    trial.judge(&[K::AnchorOfOpenSession], "anchor");
    // The primary volume descriptor, in both sequences.
    let primary = &[32, 48];
    trial.field(&[32], 56, &[2], &[K::SequencesDiffer]);
    let fields: &[(usize, &[u8], K)] = &[
        (20, &[1], K::PrimaryNumber),
        (55, &[200], K::DString),
        (54, &[1], K::DStringPadding),
        (24, &[0; 32], K::VolumeIdentifierEmpty),
        (56, &[2], K::VolumeSequenceNumber),
        (60, &[3], K::InterchangeLevel),
        (62, &[1], K::MaximumInterchangeLevel),
        (64, &[2], K::CharacterSetList),
        (73, b"not hexa", K::VolumeSetIdentifier),
        (201, b"A", K::CharacterSet),
        (328, &[1], K::PrimaryExtent),
        (344, &[1], K::EntityFlags),
        (344 + 20, b"x", K::EntityPadding),
        (380, &[13], K::Timestamp),
        (377, &[0x20], K::Timestamp),
        (388 + 1, b"+", K::DeveloperIdentifier),
        (388 + 24, &[99], K::OperatingSystem),
        (484, &[1], K::PrimaryPredecessor),
        (488, &[3], K::PrimaryFlags),
        (495, &[1], K::Reserved),
        (600, &[1], K::Trailing),
    ];
    for (at, bytes, kind) in fields {
        trial.field(primary, *at, bytes, &[*kind]);
    }
    let information = &[33, 49];
    trial.field(
        information,
        21,
        b"+",
        &[K::EntityIdentifier, K::SequenceImplementationUse],
    );
    trial.field(information, 20 + 24, &[0x50], &[K::RevisionsDiffer]);
    trial.field(information, 20 + 29, &[1], &[K::EntitySuffix]);
    trial.field(information, 118, b"Z", &[K::NameDiffers]);
    let partition = &[34, 50];
    let fields: &[(usize, &[u8], K)] = &[
        (20, &[0], K::PartitionFlags),
        (22, &[7], K::PartitionMapPartition),
        (30, b"9", K::PartitionContents),
        (56, &[1], K::PartitionHeader),
        (184, &[1], K::PartitionAccess),
        (192, &[255, 255, 255, 255], K::PartitionExtent),
    ];
    for (at, bytes, kind) in fields {
        trial.field(partition, *at, bytes, &[*kind]);
    }
    // Two partitions, of which one begins inside the other.
    let second = trial.disc.block(34);
    for sector in [38, 54] {
        let end = trial.disc.block(sector - 1);
        trial.disc.put(sector, end);
        trial.put(sector, |block| {
            ecma167::general::tag::restamp(block, sector);
        });
        trial.disc.put(sector - 1, second);
        trial.put(sector - 1, |block| {
            block[22] = 1;
            block[188] += 1;
            ecma167::general::tag::restamp(block, sector - 1);
            repair(block);
        });
    }
    trial.judge(&[K::PartitionsOverlap], "two partitions");
    for sector in [36, 52] {
        trial.put(sector, |block| {
            block[20] = 1;
            block[24..32].copy_from_slice(&[0, 8, 0, 0, 0, 3, 0, 0]);
            block[10] += 8;
            repair(block);
        });
    }
    trial.judge(&[K::UnallocatedExtent], "unallocated space in the partition");
    logical(trial);
    integrity(trial);
    for sectors in [[32, 48], [33, 49], [34, 50], [35, 51], [36, 52]] {
        let kind = match sectors[0] {
            32 => K::SequencePrimary,
            33 => K::SequenceImplementationUse,
            34 => K::PartitionMapPartition,
            35 => K::SequenceLogical,
            _ => K::SequenceUnallocated,
        };
        for sector in sectors {
            // Of another kind that is no volume descriptor.
            trial.put(sector, |block| {
                block[0] = 10;
                repair_checksum(block);
            });
        }
        trial.judge(&[kind, K::SequenceDescriptor], "a descriptor that is missing");
    }
    trial.put(37, |block| block.fill(0));
    trial.judge(&[K::SequenceUnterminated], "terminating descriptor");
    trial.put(39, |block| block[0] = 1);
    trial.judge(&[K::SequenceTrailing], "behind the terminating descriptor");
    let primary = trial.disc.block(32);
    for sector in [38, 54] {
        trial.disc.put(sector, primary);
        trial.put(sector, |block| {
            block[56] = 3;
            repair(block);
        });
        let terminating = trial.disc.block(37);
        trial.disc.put(sector + 1, terminating);
        trial.put(sector - 1, |block| {
            *block = primary;
        });
    }
    trial.judge(&[K::SequenceNumbers], "two of one number");
    trial.put(37, |block| {
        block[0] = 3;
        block[20..28].copy_from_slice(&[0, 0x80, 0, 0, 32, 0, 0, 0]);
        repair(block);
    });
    trial.judge(&[K::SequencePointer], "a pointer to where it stands");
}

fn logical(trial: &mut Trial) {
    let logical = &[35, 51];
    let fields: &[(usize, &[u8], K)] = &[
        (212, &[0, 2], K::LogicalBlockSize),
        (217, b"+", K::Domain),
        (240, &[0x33], K::Revision),
        (242, &[4], K::DomainFlags),
        (242, &[1], K::WriteProtected),
        (243, &[1], K::EntitySuffix),
        (248, &[1], K::FileSetExtent),
        (252, &[99], K::VirtualAddressUnknown),
        (258, &[1], K::AddressUse),
        (264, &[200], K::PartitionMaps),
        (436, &[0, 0, 9], K::AnchorExtent),
        (442, &[2], K::PartitionMapVolume),
        (444, &[3], K::PartitionMapVirtual),
        (448, &[1], K::Reserved),
        (474, &[0x50, 1], K::RevisionsDiffer),
        (451, b"+UDF", K::NotJudged),
    ];
    for (at, bytes, kind) in fields {
        trial.field(logical, *at, bytes, &[*kind]);
    }
    // The maps the other way round.
    for sector in logical {
        trial.put(*sector, |block| {
            block[440..510].rotate_left(6);
            repair(block);
        });
    }
    trial.judge(&[K::PartitionMapOrder], "maps");
    for sector in logical {
        trial.put(*sector, |block| {
            block[451..474].fill(0);
            block[451..474][..22].copy_from_slice(b"*UDF Metadata Partitio");
            block[473] = b'n';
            repair(block);
        });
    }
    trial.judge(
        &[K::PartitionMapMetadata, K::NoVirtualPartition],
        "metadata partition",
    );
}

fn integrity(trial: &mut Trial) {
    let fields: &[(usize, &[u8], K)] = &[
        (28, &[1], K::IntegrityType),
        (40, &[3, 0, 0, 0, 0, 0, 0, 0], K::IntegrityUniqueId),
        (72, &[1], K::IntegrityPartitions),
        (76, &[10], K::IntegrityUse),
        (76, &[255, 255], K::Malformed),
        (84, &[0], K::IntegrityFreeSpace),
        (88, &[0], K::IntegritySize),
        (136, &[0x33], K::IntegrityRevisions),
        (140, &[0x02, 0x01], K::IntegrityRevisions),
    ];
    for (at, bytes, kind) in fields {
        trial.field(&[64], *at, bytes, &[*kind]);
    }
    trial.put(64, |block| block.fill(0));
    trial.judge(&[K::IntegrityMissing], "integrity descriptor");
}

fn vat(trial: &mut Trial) {
    let (icb, body) = (trial.places.last, trial.places.vat);
    let fields: &[(usize, &[u8], K)] = &[
        (27, &[5], K::VatFileType),
        (48, &[1], K::VatLinkCount),
        (136, &[1], K::VatSideIcb),
        (200, &[17, 0, 0, 0, 0, 0, 0, 0], K::VatUniqueId),
    ];
    for (at, bytes, kind) in fields {
        trial.field(&[icb], *at, bytes, &[*kind]);
    }
    trial.put(icb, |block| block.fill(0));
    trial.judge(&[K::VatIcbNotLast], "VAT ICB");
    trial.field(&[icb], 56, &[u8::MAX], &[K::InformationLength]);
    trial.put(icb, |block| {
        block[56] -= 1;
        block[64] -= 1;
        block[216] -= 1;
        repair(block);
    });
    trial.judge(&[K::VatLength], "a VAT that ends inside an entry");
    for sector in trial.places.partition..=icb {
        trial.put(sector, |block| block.fill(0));
    }
    trial.judge(&[K::VatIcbNotLast, K::VatMissing], "no VAT ICB at all");
    let entry = |address: usize| 152 + 4 * address;
    let changes: &[(usize, &[u8], &[K])] = &[
        (0, &[200], &[K::VatHeader]),
        (2, &[4], &[K::VatHeader]),
        (131, &[250], &[K::DString]),
        (132, &[0, 0, 0, 0], &[K::VatChainIcb]),
        (132, &[0, 0, 0, 0x10], &[K::VatChain]),
        (136, &[0x77], &[K::VatFiles]),
        (140, &[0x77], &[K::VatDirectories]),
        (144, &[0x33], &[K::VatRevisions]),
        (150, &[1], &[K::Reserved]),
        (entry(2), &[0, 0, 0, 0x70], &[K::VatEntry, K::OutsidePartition]),
        (
            entry(2),
            &[0x40, 0x0D, 0, 0],
            &[K::VatEntryNotRecorded, K::NotRecorded],
        ),
        (entry(2), &[255; 4], &[K::VirtualAddressUnknown]),
    ];
    for (at, bytes, kinds) in changes {
        trial.put(body, |block| block[*at..*at + bytes.len()].copy_from_slice(bytes));
        trial.judge(kinds, &format!("VAT byte {at}"));
    }
    // Two virtual addresses in one block.
    trial.put(body, |block| block.copy_within(entry(6)..entry(7), entry(5)));
    trial.judge(&[K::ExtentsOverlap, K::TagLocation], "two addresses in one block");
    // The entry of the deleted file comes back to a block without an ICB, and to one of another node.
    let unused = trial
        .places
        .nodes
        .iter()
        .position(|sector| *sector == trial.places.partition.wrapping_sub(1));
    let unused = unused.unwrap();
    trial.put(body, |block| block[entry(unused)..entry(unused + 1)].fill(0));
    trial.judge(&[K::VatEntryIcb], "an entry of a blank block");
    let (copied, free) = (trial.places.nodes[2], trial.places.last - 1);
    let mut node = trial.disc.block(copied);
    node[12..16].copy_from_slice(&u32::try_from(unused).unwrap().to_le_bytes());
    repair(&mut node);
    trial.disc.put(free, node);
    let number = (free - trial.places.partition).to_le_bytes();
    trial.put(body, |block| {
        block[entry(unused)..entry(unused + 1)].copy_from_slice(&number)
    });
    trial.judge(&[K::VatUnreached], "an entry that nothing reaches");
    // A node at the block of its own number: put there, and the entry changed.
    let address = 3_usize;
    let moved = trial.disc.block(trial.places.nodes[address]);
    let sector = trial.places.partition + 3;
    trial.disc.put(sector, moved);
    trial.put(body, |block| {
        block[entry(address)..entry(address + 1)].copy_from_slice(&[3, 0, 0, 0])
    });
    trial.judge(&[K::VatSelfNumbered], "a node of its own number");
}

fn entries(trial: &mut Trial) {
    let places = |trial: &mut Trial, file_type, length| {
        let address = trial.places.node(&mut trial.disc, file_type, length);
        trial.places.nodes[address]
    };
    let large = places(trial, 5, Some(5000));
    let fields: &[(usize, &[u8], K)] = &[
        (16, &[1], K::IcbStrategyParameter),
        (20, &[5], K::IcbStrategy),
        (20, &[0, 16], K::NotJudged),
        (26, &[1], K::Reserved),
        (27, &[0], K::IcbFileType),
        (28, &[1], K::IcbParent),
        (34, &[9], K::IcbFlags),
        (35, &[0x20], K::IcbStreamFlag),
        (34, &[4], K::IcbForm),
        (47, &[1], K::Permissions),
        (48, &[9], K::LinkCount),
        (50, &[1], K::RecordFormat),
        (56, &[1], K::InformationLength),
        (64, &[1], K::ObjectSize),
        (72, &[1], K::BlocksRecorded),
        (96, &[0], K::Timestamp),
        (128, &[0], K::Checkpoint),
        (136, &[1], K::IcbExtent),
        (200, &[3], K::UniqueIdReserved),
        (200, &[0x10], K::UniqueIdTwice),
        (204, &[1], K::VatUniqueId),
        (212, &[15], K::DescriptorLength),
        (216, &[0x89, 0x13, 0, 0x40], K::BlocksRecorded),
        (219, &[0x80], K::ExtentLocation),
        (219, &[0x3F], K::InformationLength),
        (216, &[255, 255, 255, 0x3F], K::ExtentTooLong),
        (220, &[0, 0, 0, 0x70], K::OutsidePartition),
        (220, &[0x00, 0x0D], K::NotRecorded),
        (224, &[1], K::BodyInVirtualSpace),
        (224, &[9], K::PartitionReference),
        (1000, &[1], K::Trailing),
    ];
    for (at, bytes, kind) in fields {
        trial.field(&[large], *at, bytes, &[*kind]);
    }
    // A second descriptor behind the body: recorded, then behind one of length 0.
    for (descriptors, kind) in [
        (
            vec![0, 8, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            K::ExtentTail,
        ),
        ([vec![0; 16], vec![1; 16]].concat(), K::DescriptorsTrailing),
    ] {
        trial.put(large, |block| {
            let count = u16::try_from(descriptors.len()).unwrap();
            let end = 216 + usize::from(half(block, 212));
            block[end..end + descriptors.len()].copy_from_slice(&descriptors);
            grow(block, 212, count);
            grow(block, 10, count);
            repair(block);
        });
        trial.judge(&[kind], "descriptors behind the last");
    }
    // Two files in one extent; a file in the block of a directory entry.
    let sparse = places(trial, 5, Some(129 * 4096 + 2048));
    continuation(trial, sparse);
    let device = places(trial, 7, None);
    attributes(trial, device);
    let link = places(trial, 12, None);
    let fields: &[(usize, &[u8], K)] = &[
        (216, &[9], K::PathComponent),
        (216, &[5], K::PathComponentLength),
        (218, &[1], K::PathComponentVersion),
        (221, &[200], K::PathComponent),
        (224, &[99], K::PathComponentName),
    ];
    for (at, bytes, kind) in fields {
        trial.field(&[link], *at, bytes, &[*kind]);
    }
    trial.put(link, |block| {
        block[56..72].fill(0);
        block[10] -= block[212];
        block[212] = 0;
        repair(block);
    });
    trial.judge(&[K::PathEmpty], "path");
    let root = trial.places.nodes[1];
    trial.field(&[root], 200, &[1], &[K::RootUniqueId]);
    let set = trial.places.nodes[0];
    let fields: &[(usize, &[u8], K)] = &[
        (28, &[2], K::FileSetLevel),
        (40, &[1], K::FileSetNumber),
        (400, &[0], K::RootIcb),
        (404, &[5], K::IcbFileType),
        (448, &[1], K::FileSetNext),
    ];
    for (at, bytes, kind) in fields {
        let bytes: &[u8] = if *at == 400 { &[0, 0] } else { bytes };
        trial.field(&[set], *at, bytes, &[*kind]);
    }
}

fn continuation(trial: &mut Trial, sparse: u32) {
    let entry = trial.disc.block(sparse);
    let end = 216 + usize::try_from(word(&entry, 212)).unwrap();
    let last = &entry[end - 16..end];
    assert_eq!(word(last, 0) >> 30, 3, "a body with an allocation extent");
    let extent = trial.places.partition + word(last, 4);
    let fields: &[(usize, &[u8], K)] = &[
        (16, &[1], K::ContinuationPrevious),
        (20, &[255, 255], K::Malformed),
        (20, &[8], K::DescriptorLength),
    ];
    for (at, bytes, kind) in fields {
        trial.field(&[extent], *at, bytes, &[*kind]);
    }
    trial.field(&[sparse], end - 15, &[16], &[K::ContinuationLength]);
    // The last descriptor of the allocation extent leads back to it.
    let back = entry[end - 16..end].to_vec();
    trial.put(extent, |block| {
        let last = 24 + usize::try_from(word(block, 20)).unwrap();
        block[last - 16..last].copy_from_slice(&back);
        repair(block);
    });
    trial.judge(&[K::ContinuationLoop], "an allocation extent that leads back");
    // The first extent ends inside a block.
    trial.field(&[sparse], 216, &[0, 4], &[K::ExtentNotWhole]);
    // The first extent is that of another file, and then half of it.
    let other = trial.places.node(&mut trial.disc, 5, Some(5000));
    let other = trial.disc.block(trial.places.nodes[other]);
    let block = word(&other, 220);
    trial.field(&[sparse], 220, &block.to_le_bytes(), &[K::ExtentsOverlap]);
    let large = trial.places.node(&mut trial.disc, 5, Some(5000));
    let large = trial.places.nodes[large];
    trial.put(sparse, |block| {
        block[216..232].copy_from_slice(&other[216..232]);
        repair(block);
    });
    trial.judge(&[K::ExtentShared], "two files with one extent");
    let _ = large;
}

fn attributes(trial: &mut Trial, device: u32) {
    // Header at 216, device specification at 240.
    let fields: &[(usize, &[u8], K)] = &[
        (232, &[30, 0, 0, 0], K::AttributeHeader),
        (248, &[57], K::AttributeLength),
        (244, &[2], K::AttributeReserved),
        (240, &[3], K::AttributeType),
        (240, &[0, 8], K::AttributeChecksum),
        (252, &[99], K::DeviceUse),
        (27, &[5], K::DeviceUnexpected),
        (240, &[5], K::DeviceMissing),
    ];
    for (at, bytes, kind) in fields {
        trial.put(device, |block| {
            block[*at..*at + bytes.len()].copy_from_slice(bytes);
            if *kind == K::AttributeChecksum {
                block[252..256].copy_from_slice(&[8, 0, 0, 0]);
                block[257..262].copy_from_slice(b"*UDF ");
            }
            repair(&mut block[216..240]);
            repair(block);
        });
        trial.judge(&[*kind], &format!("attributes, byte {at}"));
    }
    trial.put(device, |block| {
        // An attribute for applications before the device specification.
        block.copy_within(240..296, 296);
        block[240..244].copy_from_slice(&65536_u32.to_le_bytes());
        block[252..256].copy_from_slice(&[0, 0, 0, 0]);
        block[236..240].copy_from_slice(&24_u32.to_le_bytes());
        grow(block, 208, 56);
        grow(block, 10, 56);
        repair(&mut block[216..240]);
        repair(block);
    });
    trial.judge(&[K::AttributeOrder], "attributes in another order");
}

fn fids(trial: &mut Trial) {
    let directory = trial.places.nodes[2];
    let text = trial.disc.block(directory);
    assert_eq!(text[27], 4, "the directory");
    // 0 the parent, 1 "small", 2 the deleted one, 3 "link".
    let changes: &[(usize, usize, &[u8], &[K])] = &[
        (1, 16, &[2], &[K::FidVersion]),
        (1, 18, &[0x80], &[K::FidCharacteristics]),
        (1, 18, &[2], &[K::FidDirectoryBit]),
        (1, 18, &[8], &[K::FidParentTwice, K::FidParentName]),
        (1, 18, &[4], &[K::FidDeletedIcb, K::FidDeletedName]),
        (0, 18, &[2], &[K::FidParentFirst, K::FidNameEmpty]),
        (0, 18, &[8], &[K::FidParentName]),
        (0, 24, &[2], &[K::FidParentIcb]),
        (0, 32, &[9], &[K::FidUniqueIdOfParent]),
        (1, 20, &[1], &[K::IcbExtent]),
        (1, 24, &[200], &[K::VirtualAddressUnknown]),
        (1, 30, &[2], &[K::AddressUse]),
        (1, 32, &[3], &[K::FidUniqueId]),
        (1, 33, &[7], &[K::FidUniqueIdOther]),
        (1, 38, &[9], &[K::FidName]),
        (1, 39, b"/", &[K::FidNameSeparator]),
        (1, 36, &[1], &[K::FidUse]),
        (1, 36, &[255, 255], &[K::FidTooLong]),
        (3, 19, &[255], &[K::FidTruncated]),
        (3, 38, b"\x08small", &[K::FidNameTwice]),
        // "small" becomes the root, or the directory again.
        (1, 24, &[1], &[K::DirectoryLoop]),
    ];
    for (number, at, bytes, kinds) in changes {
        trial.fid(
            directory,
            *number,
            |fid| {
                fid[*at..*at + bytes.len()].copy_from_slice(bytes);
                if bytes == b"\x08small" {
                    fid[19] = 6;
                }
            },
            kinds,
        );
    }
    trial.fid(
        directory,
        1,
        |fid| {
            let last = fid.len() - 1;
            fid[last - 1] = b'l';
            fid[last] = 1;
            fid[19] = 5;
        },
        &[K::FidPadding],
    );
    // Two FIDs of the root name one directory.
    let root = trial.places.nodes[1];
    trial.fid(
        root,
        2,
        |fid| {
            fid[18] = 2;
            fid[24] = 2;
        },
        &[K::DirectoryTwice],
    );
    let id = {
        let block = trial.disc.block(root);
        let at = 216 + stated(&block, 216);
        block[at + 32]
    };
    trial.fid(root, 2, |fid| fid[32] = id, &[K::FidUniqueIdTwice]);
    crossing(trial);
}

/// The directory of many names gets FIDs of 40 bytes, of which one begins 8 bytes before the end of a block.
fn crossing(trial: &mut Trial) {
    let many = (2..trial.places.nodes.len()).find(|address| {
        let sector = trial.places.nodes[*address];
        let block = trial.disc.block(sector.max(trial.places.partition));
        block[27] == 4 && word(&block, 56) > 2200
    });
    let block = trial.disc.block(trial.places.nodes[many.unwrap()]);
    let length = usize::try_from(word(&block, 56)).unwrap();
    let first = trial.places.partition + word(&block, 220);
    let parent = ecma167::file::LongAd::icb(ecma167::RecordedAddress {
        partition: ecma167::PartitionReference(1),
        block: 1,
    });
    let mut body = Vec::new();
    while body.len() < length {
        let left = length - body.len();
        let mut fid = ecma167::file::FileIdentifier::parent(parent);
        if !body.is_empty() {
            let name = if left < 80 {
                "x".repeat(left - 39)
            } else {
                "x".to_owned()
            };
            let none = ecma167::file::LongAd::default();
            let empty = ecma167::file::FileCharacteristics::empty();
            fid = ecma167::file::FileIdentifier::new(&name, empty, none).unwrap();
            fid.delete();
        }
        let location = word(&block, 220) + u32::try_from(body.len() / 2048).unwrap();
        let version = ecma167::general::TagVersion::Three;
        body.extend_from_slice(&fid.encode(version, location).unwrap());
    }
    for (sector, part) in (first..).zip(body.chunks(2048)) {
        trial.put(sector, |block| block[..part.len()].copy_from_slice(part));
    }
    trial.judge(&[K::FidTagCrossesBlock], "a tag at the border of two blocks");
}

fn sessions() -> BTreeSet<K> {
    let disc = Disc::formatted(Medium::DvdPlusR, 10_000, Revision::V2_01);
    disc.recording().close(CloseDisc::No, time(4)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "second", b"x");
    recording.close(CloseDisc::No, time(5)).unwrap();
    drop(recording);
    disc.assert_clean("two sessions");
    let mut trial = Trial::new(disc);
    let sessions = trial.disc.drive.medium().sessions.clone();
    let (first, second) = (sessions[0], sessions[1]);
    let (end, start) = (first.last_recorded.unwrap().0, second.start.0);
    trial.put(start + 16, |block| block.fill(0));
    trial.judge(&[K::SessionRecognition], "recognition of the second session");
    trial.put(start + 256, |block| block.fill(0));
    trial.judge(
        &[K::SessionAnchor, K::AnchorMissing],
        "anchor of the second session",
    );
    trial.put(end - 256, |block| block.fill(0));
    trial.judge(&[K::SessionEndAnchor, K::AnchorMissing], "anchor before the end");
    trial.put(end, |block| block.fill(0));
    trial.judge(&[K::SessionEndVat], "VAT ICB at the end of the first session");
    let vat = trial.places.vat;
    trial.put(vat, |block| block[132..136].fill(255));
    trial.judge(&[K::VatChainMissing], "no previous VAT");
    trial.field(&[start + 34, start + 50], 192, &[1], &[K::SessionsDiffer]);
    trial.field(&[256], 20, &[34], &[K::AnchorsDiffer]);
    trial.finish()
}

fn of_udf_1_50() -> BTreeSet<K> {
    let disc = Disc::formatted(Medium::DvdPlusR, 4000, Revision::V1_50);
    let mut trial = Trial::new(disc);
    let (icb, vat) = (trial.places.last, trial.places.vat);
    let length = trial.places.nodes.len() * 4;
    trial.put(vat, |block| block[length + 1] ^= 1);
    trial.judge(&[K::VatTail], "tail");
    trial.put(icb, |block| {
        block[56] -= 1;
        let at = 176 + usize::try_from(word(block, 168)).unwrap();
        block[at] -= 1;
        repair(block);
    });
    trial.judge(&[K::VatTail], "length");
    // Extended attributes at 176: header 24, then 48 bytes up to the checksum, then the verification ID.
    trial.field(&[icb], 176 + 24 + 50, &[1], &[K::VatExtension]);
    trial.field(
        &[icb],
        176 + 24 + 17 + 5,
        b"X",
        &[K::AttributeChecksum, K::VatExtensionMissing],
    );
    let set = trial.places.nodes[0];
    trial.field(&[set], 464, &[0, 8], &[K::StreamDirectory]);
    let root = trial.places.nodes[1];
    trial.put(root, |block| {
        block[0] = 10;
        repair(block);
    });
    trial.judge(&[K::EntryEdition], "an extended file entry");
    trial.finish()
}

#[test]
fn every_rule_is_found_to_be_broken_by_a_change_of_its_field() {
    let mut trial = Trial::new(full_disc(Revision::V2_01));
    tags(&mut trial);
    volume(&mut trial);
    vat(&mut trial);
    entries(&mut trial);
    fids(&mut trial);
    let mut found = trial.finish();
    found.extend(sessions());
    found.extend(of_udf_1_50());
    let others: Vec<K> = K::ALL
        .iter()
        .copied()
        .filter(|kind| !found.contains(kind))
        .collect();
    assert_eq!(others, NOT_HERE, "rules that no change here breaks");
}

/// Rules that other tests break.
const NOT_HERE: &[K] = &[
    K::Unreadable,
    K::NothingRecorded,
    K::LimitReached,
    K::PartitionBeyondEnd,
    K::VatNotReadable,
    K::DirectoryLength,
];
