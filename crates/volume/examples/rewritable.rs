//! Writes images of volumes laid out as on rewritable media, with a tree of the host in them: `rewritable
//! TREE FOLDER`.
//!
//! No Linux program makes metadata partitions, so these are built from the structures alone. The kernels and
//! this crate are asked what they see in them.

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};

use common::rewritable::PACKET;
use common::{Disc, START, host_tree};
use ecma167::osta::Revision;

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
    discs
}
