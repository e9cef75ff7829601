//! Partition tables. An entry is bounded by the image, and a table by a number of entries.

mod apple;
mod gpt;
mod mbr;
mod partition;

use partition::{PARTITIONS, Partition};

use crate::bytes::Bytes;
use crate::form::Form;
use crate::place::{Found, found};
use crate::udf::Region;

/// The sizes of the blocks that tables count in.
const BLOCK_SIZES: [u64; 3] = [512, 2048, 4096];
/// A kind of table, with its entries.
pub(crate) struct Table {
    pub name: &'static str,
    pub partitions: Vec<Partition>,
}

/// Every table that the image has, the most specific first.
pub(crate) fn tables(bytes: &dyn Bytes) -> Vec<Table> {
    let gpt = BLOCK_SIZES
        .into_iter()
        .filter_map(|size| table("GPT", gpt::partitions(bytes, size)));
    let apple = BLOCK_SIZES
        .into_iter()
        .filter_map(|size| table("Apple", apple::partitions(bytes, size)));
    let mbr = BLOCK_SIZES
        .into_iter()
        .filter_map(|size| table("MBR", mbr::partitions(bytes, size)));
    gpt.chain(apple).chain(mbr).collect()
}

fn table(name: &'static str, partitions: Option<Vec<Partition>>) -> Option<Table> {
    let partitions = partitions?;
    (!partitions.is_empty()).then_some(Table { name, partitions })
}

/// The first partition with a UDF volume.
pub(crate) fn volume_in(bytes: &dyn Bytes, tables: &[Table]) -> Option<Found> {
    tables.iter().find_map(|table| {
        table.partitions.iter().take(PARTITIONS).find_map(|partition| {
            let region = Region {
                bytes,
                base: partition.offset,
                end: partition.offset.saturating_add(partition.length),
                form: Form::PLAIN,
            };
            // A volume that begins with the image is found without the table.
            let is_volume = partition.offset > 0 && region.has_udf();
            is_volume.then(|| {
                let name = format!("{} partition table", table.name);
                found(&region, Some(name), Some(partition.label.clone()), 0)
            })
        })
    })
}
