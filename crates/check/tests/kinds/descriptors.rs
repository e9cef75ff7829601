//! Tags, anchors and the volume descriptor sequence.

use check::FindingKind as K;

use crate::bench::{repair, repair_checksum};
use crate::trial::Trial;

pub fn tags(trial: &mut Trial) {
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
            // All other serial numbers are compared with that of the first tag.
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

pub fn volume(trial: &mut Trial) {
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
    // Digits generated from the time anew for each sequence.
    trial.field(&[48], 73, b"0123", &[K::SequencesDifferInIdentity]);
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
    trial.field(information, 20 + 24, &[0x50], &[K::InformationRevision]);
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
    // Two partitions, the second of which begins inside the first.
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
            // Descriptors of other kinds that are not volume descriptors.
            trial.put(sector, |block| {
                block[0] = 10;
                repair_checksum(block);
            });
        }
        trial.judge(&[kind, K::SequenceDescriptor], "a missing descriptor");
    }
    trial.put(37, |block| block.fill(0));
    trial.judge(&[K::SequenceUnterminated], "terminating descriptor");
    trial.put(39, |block| block[0] = 1);
    trial.judge(&[K::SequenceTrailing], "after the terminating descriptor");
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
    trial.judge(&[K::SequenceNumbers], "two with one number");
    trial.put(37, |block| {
        block[0] = 3;
        block[20..28].copy_from_slice(&[0, 0x80, 0, 0, 32, 0, 0, 0]);
        repair(block);
    });
    trial.judge(&[K::SequencePointer], "a pointer to itself");
}

pub fn logical(trial: &mut Trial) {
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
    // The maps in reverse order.
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

pub fn integrity(trial: &mut Trial) {
    let fields: &[(usize, &[u8], K)] = &[
        (28, &[1], K::IntegrityType),
        (40, &[3, 0, 0, 0, 0, 0, 0, 0], K::IntegrityUniqueId),
        (72, &[1], K::IntegrityPartitions),
        (76, &[10], K::IntegrityUse),
        (76, &[255, 255], K::Malformed),
        (84, &[0], K::IntegrityFreeSpace),
        (88, &[0], K::IntegritySize),
        (128, &[1], K::IntegrityCounts),
        (136, &[0x33], K::IntegrityRevisions),
        (140, &[0x02, 0x01], K::IntegrityRevisions),
    ];
    for (at, bytes, kind) in fields {
        trial.field(&[64], *at, bytes, &[*kind]);
    }
    trial.put(64, |block| block.fill(0));
    trial.judge(&[K::IntegrityMissing], "integrity descriptor");
}
