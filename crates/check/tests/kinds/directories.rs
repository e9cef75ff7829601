//! File identifier descriptors.

use check::FindingKind as K;

use crate::bench::{repair, word};
use crate::trial::{Trial, stated};

pub fn fids(trial: &mut Trial) {
    let directory = trial.places.nodes[2];
    let text = trial.disc.block(directory);
    assert_eq!(text[27], 4, "the directory");
    // FID 0 is the parent, 1 "small", 2 the deleted one, 3 "link".
    let changes: &[(usize, usize, &[u8], &[K])] = &[
        (1, 16, &[2], &[K::FidVersion]),
        (1, 18, &[0x80], &[K::FidCharacteristics]),
        (1, 18, &[0x10], &[K::FidMetadata]),
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
        // "small" becomes the root, or the directory itself.
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
    trial.fid(
        root,
        2,
        |fid| {
            fid[10] -= 4;
            repair(fid);
        },
        &[K::FidCrcLength],
    );
    let id = {
        let block = trial.disc.block(root);
        let at = 216 + stated(&block, 216);
        block[at + 32]
    };
    trial.fid(root, 2, |fid| fid[32] = id, &[K::FidUniqueIdTwice]);
    crossing(trial);
}

/// Gives the directory of many names FIDs of 40 bytes, one of which begins 8 bytes before the end of a block.
pub fn crossing(trial: &mut Trial) {
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
