//! The judge and the reader on entries of strategy 4096.

mod common;

use std::sync::Arc;

use common::{entry_names, judge, open};
use ecma167::RecordedAddress;
use ecma167::file::LongAd;
use hostile::Image;
use hostile::bases::named;
use volume::{CorruptKind, Volume};
use zerocopy::IntoBytes as _;

/// The sectors of the first version of the root and of what follows it.
fn root(volume: &mut Volume) -> (u32, RecordedAddress) {
    let address = volume.root().unwrap();
    (volume.resolve(address).unwrap().0, address)
}

/// Makes the indirect entry after the root lead to this address.
fn lead_to(image: &mut Image, indirect: u32, address: RecordedAddress) {
    let block = image.block_mut(indirect);
    block[36..52].copy_from_slice(LongAd::icb(address).as_bytes());
    hostile::seal(&mut block[..52]);
}

#[test]
fn the_judge_follows_the_versions_of_an_entry() {
    let image = &named("replaced-150").image;
    let report = judge(image);
    let names = entry_names(&mut open(image).unwrap(), "/");
    assert_eq!(names, ["directory", "file", "large"]);
    assert_eq!((report.summary().directories, report.summary().files), (3, 42));
}

#[test]
fn versions_in_a_circle_are_an_error_for_reader_and_judge() {
    let mut image = named("replaced-150").image.clone();
    let (sector, address) = root(&mut open(&image).unwrap());
    lead_to(&mut image, sector + 1, address);
    let error = open(&image).unwrap().lookup_path("/").unwrap_err();
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::VersionLoop));
    let report = judge(&image);
    assert!(
        report
            .findings()
            .iter()
            .any(|one| one.detail.contains("in a circle"))
    );
}

#[test]
fn a_version_that_was_announced_only_does_not_count() {
    let mut image = named("replaced-150").image.clone();
    let (sector, address) = root(&mut open(&image).unwrap());
    let last = image.length - 1;
    image.blocks.insert(last, Arc::new([0; 2048]));
    let announced = RecordedAddress {
        block: last - (sector - address.block),
        ..address
    };
    lead_to(&mut image, sector + 1, announced);
    // The first version of the fixture has no names.
    assert!(entry_names(&mut open(&image).unwrap(), "/").is_empty());
    assert_eq!(judge(&image).summary().directories, 1);
}
