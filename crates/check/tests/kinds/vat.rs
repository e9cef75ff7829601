//! The VAT, of 2.00 and later and of 1.50.

use std::collections::BTreeSet;

use check::FindingKind as K;
use ecma167::osta::Revision;
use emulator::Medium;

use crate::bench::{Disc, add_directory, repair, time, word};
use crate::trial::Trial;

pub fn vat(trial: &mut Trial) {
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
    // The entry of the deleted file leads again to a block without an ICB, and to that of another node.
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
    // A node at the block of its own number: move it there and change its entry.
    let address = 3_usize;
    let moved = trial.disc.block(trial.places.nodes[address]);
    let sector = trial.places.partition + 3;
    trial.disc.put(sector, moved);
    trial.put(body, |block| {
        block[entry(address)..entry(address + 1)].copy_from_slice(&[3, 0, 0, 0])
    });
    trial.judge(&[K::VatSelfNumbered], "a node in the block of its own number");
}

/// The last of five generations names the first.
pub fn of_many_generations() -> BTreeSet<K> {
    let disc = Disc::formatted(Medium::DvdPlusR, 4000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    let mut icbs = Vec::new();
    for number in 0..4 {
        add_directory(&mut recording, root, &number.to_string());
        let commit = recording.commit(time(3 + number)).unwrap();
        icbs.push(commit.vat_icb.0);
    }
    drop(recording);
    disc.assert_clean("five generations");
    let mut trial = Trial::new(disc);
    let first = (icbs[0] - trial.places.partition).to_le_bytes();
    let (vat, last) = (trial.places.vat, trial.places.last);
    trial.put(vat, |block| block[132..136].copy_from_slice(&first));
    trial.judge(&[K::VatLeftOut], "a previous location that skips two generations");
    trial.field(&[last - 1], 200, &[99], &[K::VatCopiesDiffer]);
    trial.finish()
}

pub fn of_udf_1_50() -> BTreeSet<K> {
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
    // The extended attributes are at 176: a header of 24 bytes, then 48 bytes up to the checksum, then the
    // verification ID.
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
