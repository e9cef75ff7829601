//! Each structure of a disc with a plain volume is damaged in turn: both volumes and the bridge, in their own
//! sessions.

mod bench;

use bench::{Changeable, Disc, add_directory, add_file, content, time, word};
use check::Options;
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{CloseDisc, Rom};

/// A closed disc: files of both volumes, of one name and of two, in their entries and not, and a directory.
fn closed(medium: Medium, bridge: bool) -> Disc {
    let rom = Rom {
        revision: Revision::V2_01,
        bridge,
        links: false,
        is_optional: false,
    };
    let disc = Disc::with_rom(medium, 20_000, Revision::V2_01, Some(rom));
    let mut recording = disc.recording();
    let root = recording.root();
    let inner = add_directory(&mut recording, root, "Inner");
    add_file(&mut recording, inner, "deep", &content(5000, 3));
    add_file(&mut recording, root, "small", b"small");
    let large = add_file(&mut recording, root, "large", &content(50_000, 2));
    recording.link(large, inner, "again").unwrap();
    recording.close(CloseDisc::No, time(5)).unwrap();
    drop(recording);
    disc.assert_clean("before it is damaged");
    disc
}

/// Whether nothing is found; then all is as it was recorded.
fn is_clean(disc: &mut Changeable) -> bool {
    let options = Options {
        read_data: true,
        ..Options::default()
    };
    let report = check::check(&mut disc.drive, &options);
    disc.restore();
    report.is_clean()
}

/// What a structure is, by the identifier of its tag.
const ANCHOR: u16 = 2;
const TERMINATING: u16 = 8;
const EXTENDED_FILE_ENTRY: u16 = 266;
const DIRECTORY: u8 = 4;
const VAT: u8 = 248;

fn identifier(block: &[u8]) -> Option<u16> {
    let identifier = u16::from_le_bytes([block[0], block[1]]);
    let sum = block[..16].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let is_tag = sum.wrapping_sub(block[4]) == block[4] && matches!(identifier, 1..=9 | 256..=266);
    is_tag.then_some(identifier)
}

/// The sectors of all structures that something leads to: not of the VAT ICBs, which have copies, nor of the
/// first root.
fn structures(disc: &mut Changeable, end: u32) -> Vec<(u32, Option<u16>)> {
    let main = word(&disc.block(256), 20);
    let placement = disc.block(main + 1);
    let run = word(&placement, 396)..word(&placement, 400);
    let mut is_first_root = true;
    let mut found = Vec::new();
    for sector in 0..end {
        let block = disc.block(sector);
        let tag = identifier(&block);
        let is_recognition = (16..22).contains(&sector) && block[1..6] != [0; 5];
        if tag == Some(EXTENDED_FILE_ENTRY) && (block[27] == VAT || block[27] == DIRECTORY && is_first_root) {
            is_first_root &= block[27] != DIRECTORY;
            continue;
        }
        let in_run = run.contains(&sector) && block != [0; 2048];
        if tag.is_some() || is_recognition || in_run {
            found.push((sector, tag));
        }
    }
    found
}

#[test]
fn every_structure_of_both_volumes_that_is_lost_or_torn_is_found() {
    for (medium, bridge) in [(Medium::DvdPlusR, true), (Medium::BdR, false)] {
        let medium_disc = closed(medium, bridge);
        let mut disc = medium_disc.changeable();
        let blocks = std::fs::metadata(medium_disc.image()).unwrap().len() / 2048;
        let end = u32::try_from(blocks).unwrap();
        let all = structures(&mut disc, end);
        let (mut missed, mut damaged) = (Vec::new(), 0);
        for (sector, tag) in all {
            let block = disc.block(sector);
            let is_in_tail = tag == Some(ANCHOR) && sector > 512;
            // What ends a sequence may be a blank block; an anchor of the tail too, but for that at N-256.
            let may_be_lost = tag == Some(TERMINATING) || is_in_tail && sector != end - 1 - 256;
            // The plain volume has one file set, so no reader looks for the end of the sequence.
            let is_unread = sector == 258;
            let mut torn = block;
            torn[if tag.is_some() { 24 } else { 0 }] ^= 0x55;
            for (what, changed, counts) in [("lost", [0; 2048], !may_be_lost), ("torn", torn, true)] {
                if !counts || is_unread {
                    continue;
                }
                disc.put(sector, changed);
                damaged += 1;
                if is_clean(&mut disc) {
                    missed.push((what, sector, tag));
                }
            }
        }
        assert!(missed.is_empty(), "{medium}, bridge {bridge}: {missed:?}");
        assert!(damaged > 300, "{medium}: {damaged}");
    }
}
