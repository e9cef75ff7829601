//! File entries, their allocation descriptors and extended attributes.

use check::FindingKind as K;
use ecma167::file::LongAd;
use ecma167::{PartitionReference, RecordedAddress};
use zerocopy::IntoBytes;

use crate::bench::{half, repair, word};
use crate::trial::{Trial, grow};

pub fn entries(trial: &mut Trial) {
    let places = |trial: &mut Trial, file_type, length| {
        let address = trial.places.node(&mut trial.disc, file_type, length);
        trial.places.nodes[address]
    };
    let large = places(trial, 5, Some(5000));
    let fields: &[(usize, &[u8], K)] = &[
        (16, &[1], K::IcbStrategyParameter),
        (20, &[5], K::IcbStrategy),
        (20, &[0, 16], K::IcbStrategy),
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
    // A second descriptor after the body: a recorded one, then one after a descriptor of length 0.
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
        trial.judge(&[kind], "descriptors after the last");
    }
    let small = places(trial, 5, Some(8));
    trial.field(&[small], 27, &[9], &[K::BodyOfSpecial]);
    // A stream directory that is a node of the tree, and one that is also the system's.
    let icb = LongAd::icb(RecordedAddress {
        partition: PartitionReference(1),
        block: 2,
    });
    trial.field(&[small], 152, icb.as_bytes(), &[K::NodeOfTwoKinds]);
    let set = trial.places.nodes[0];
    trial.put(set, |block| {
        block[464..480].copy_from_slice(icb.as_bytes());
        repair(block);
    });
    trial.field(&[large], 152, icb.as_bytes(), &[K::SideTwice]);
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

pub fn continuation(trial: &mut Trial, sparse: u32) {
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
    // The first extent becomes that of another file, and then half of it.
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

pub fn attributes(trial: &mut Trial, device: u32) {
    // The header is at 216, the device specification at 240.
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
        // An application use attribute before the device specification.
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
