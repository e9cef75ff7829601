//! Writes images of volumes laid out as on rewritable media, or as rare writers lay them out, with a tree of
//! the host in them: `rewritable TREE FOLDER`.
//!
//! No Linux program makes metadata partitions or replaces entries, so these are built from the structures
//! alone. The kernels and this crate are asked what they see in them.

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};

use common::rewritable::PACKET;
use common::{Disc, Entries, NUMBER, START, host_tree};
use ecma167::general::EntityIdentifier;
use ecma167::osta::Revision;
use ecma167::volume::PartitionMap;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(tree), Some(folder)) = (arguments.next(), arguments.next()) else {
        eprintln!("rewritable TREE FOLDER");
        std::process::exit(2);
    };
    for (name, disc) in discs(&tree) {
        std::fs::write(
            folder.join(format!("{name}.img")),
            zerocopy::IntoBytes::as_bytes(&disc.blocks[..]),
        )?;
    }
    Ok(())
}

fn discs(tree: &Path) -> Vec<(String, Disc)> {
    let mut discs = Vec::new();
    for revision in [Revision::V1_50, Revision::V2_01] {
        let mut disc = Disc::sparable(revision);
        host_tree::record(&mut disc, tree);
        // The packets of the file set and root, of the nodes, and of the data; two are adjacent.
        disc.spare(&[0, PACKET, 3 * PACKET, 7 * PACKET]);
        discs.push((format!("sparable {revision}"), disc));
    }
    for (is_sparable, twice) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut disc = Disc::metadata(Revision::V2_50, is_sparable);
        host_tree::record(&mut disc, tree);
        let icbs = disc.commit_metadata(twice);
        let mut mirrored = disc.clone();
        mirrored.damage(START + icbs.main);
        let below = if is_sparable { "sparable" } else { "plain" };
        let blocks = if twice { "twice" } else { "once" };
        for (mut disc, which) in [(disc, "whole"), (mirrored, "from its mirror")] {
            if is_sparable {
                disc.spare(&[0, 2 * PACKET, 5 * PACKET]);
            }
            discs.push((format!("metadata {below} {blocks} {which}"), disc));
        }
    }
    discs.extend(rare(tree));
    discs
}

/// Volumes that the standard allows and few programs write.
fn rare(tree: &Path) -> Vec<(String, Disc)> {
    let type_1 = |volume_sequence_number| PartitionMap::Type1 {
        volume_sequence_number,
        partition_number: NUMBER,
    };
    let mut mkudfiso = Disc::plain(Revision::V1_02);
    mkudfiso.maps = vec![type_1(0)];
    let mut unknown = Disc::plain(Revision::V2_01);
    let mut map = vec![2, 64];
    map.resize(64, 9);
    unknown.maps.push(PartitionMap::Unknown(map));
    let mut domain = Disc::plain(Revision::V2_01);
    domain.domain = EntityIdentifier::new("*Another Domain", [0; 8]);
    let mut untyped = Disc::plain(Revision::V1_50);
    untyped.entries = Entries::Untyped;
    let mut discs = Vec::new();
    for (name, mut disc) in [
        ("map of volume 0", mkudfiso),
        ("map of unknown kind", unknown),
        ("another domain", domain),
        ("files without type", untyped),
        ("entries replaced", Disc::replaced(Revision::V1_50)),
    ] {
        disc.describe();
        host_tree::record(&mut disc, tree);
        discs.push((name.to_owned(), disc));
    }
    let mut early = Disc::metadata(Revision::V2_01, false);
    host_tree::record(&mut early, tree);
    early.commit_metadata(false);
    discs.push(("metadata below 2.50".to_owned(), early));
    discs
}
