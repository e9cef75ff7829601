//! Discs of other programs, which record in other forms what means the same.

mod common;

use std::os::unix::fs::FileExt;

use common::{Disc, time};
use ecma167::{
    BLOCK_SIZE,
    file::{AllocationForm, FileEntry},
    general::TagVersion,
    osta::Revision,
};
use emulator::Medium;
use recording::CloseDisc;

/// Gives a formatted disc a VAT that stands in its ICB, as mkudffs records it.
fn embed_vat(disc: &Disc, revision: Revision) {
    let mut volume = disc.volume();
    let vat = volume.vat().unwrap().clone();
    let mut body = vec![0; usize::try_from(vat.body.len()).unwrap()];
    volume.read(&vat.body, 0, &mut body).unwrap();
    let start = volume
        .partition_start(volume.physical_partition().unwrap())
        .unwrap();
    drop(volume);
    let mut entry = FileEntry {
        allocation_descriptors: body,
        logical_blocks_recorded: 0,
        ..vat.entry
    };
    let flags = entry.icb_tag.icb_flags().with_form(AllocationForm::Embedded);
    entry.icb_tag.set_icb_flags(flags);
    let image = std::fs::File::options().write(true).open(disc.image()).unwrap();
    let block = entry.encode(TagVersion::of(revision), vat.icb.0).unwrap();
    image
        .write_all_at(&block, u64::from(start.0 + vat.icb.0) * BLOCK_SIZE as u64)
        .unwrap();
}

#[test]
fn a_disc_whose_vat_stands_in_its_icb_is_closed_without_a_change() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::BdR] {
        let revision = Revision::V2_01;
        let disc = Disc::formatted(medium, 4000, revision);
        embed_vat(&disc, revision);
        let closed = disc.recording().close(CloseDisc::No, time(3)).unwrap();
        assert!(disc.volume().clean(), "{medium}");
        assert_eq!(disc.listing().len(), 1);
        assert!(closed.vat_icb.is_some());
    }
}
