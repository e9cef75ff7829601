//! Named streams and their directory.

use super::blocks::{put, put_location, sealed, with_fid};
use super::maker::Maker;

pub fn break_streams(maker: &mut Maker<'_>) {
    let small = maker.known("/directory/small");
    let Ok(Some(directory)) = maker.volume.stream_directory(&small.node) else {
        return;
    };
    let sector = maker
        .volume
        .resolve(directory.address)
        .expect("a stream directory")
        .0;
    let block = maker.disc.block(sector);
    let named = maker.known("/directory");
    let icb = small.block[152..168].to_vec();
    let fid = with_fid(&named.block, 2, |fid| fid[20..30].copy_from_slice(&icb[..10]));
    maker.broken("FID naming a stream directory", vec![(named.sector, fid)]);
    let same = maker.known("/directory/same");
    let twice = sealed(&same.block, |block| put(block, 152, &icb));
    maker.broken("stream directory of two files", vec![(same.sector, twice)]);
    let node = sealed(&same.block, |block| {
        put(block, 152, &icb);
        put(block, 156, &named.node.address.block.to_le_bytes());
    });
    maker.broken("stream directory: a directory", vec![(same.sector, node)]);
    let parent = with_fid(&block, 0, |fid| {
        put_location(fid, same.node.address.block.to_le_bytes())
    });
    maker.broken(
        "stream directory with another file as parent",
        vec![(sector, parent)],
    );
    let stream = with_fid(&block, 1, |fid| {
        put_location(fid, same.node.address.block.to_le_bytes())
    });
    maker.broken("stream: a file of the tree", vec![(sector, stream)]);
    let size = sealed(&small.block, |block| block[64] += 1);
    maker.broken(
        "object size not the sum of body and streams",
        vec![(small.sector, size)],
    );
}
