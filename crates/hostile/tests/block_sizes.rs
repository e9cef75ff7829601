//! The judge and volumes whose blocks are not those of optical discs.

mod common;

use common::{judge, open};
use hostile::Image;
use hostile::bases::named;

/// The base with blocks of each size, and the bytes of a block.
fn bases() -> [(Image, usize); 2] {
    [("mkudffs-512", 512), ("mkudffs-4096", 4096)].map(|(name, size)| (named(name).image.clone(), size))
}

/// Changes a byte of an image.
fn damage(image: &mut Image, byte: usize) {
    image.block_mut(u32::try_from(byte / 2048).unwrap())[byte % 2048] ^= 0xFF;
}

#[test]
fn a_good_volume_of_another_block_size_has_no_findings() {
    for (image, size) in bases() {
        let report = judge(&image);
        assert_eq!(report.unjudged(), None);
        let findings: Vec<_> = report.findings().iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{size}: {findings:?}");
        assert_eq!(report.summary().directories, 1);
    }
}

#[test]
fn both_anchors_of_another_block_size_are_judged() {
    for (image, size) in bases() {
        let last = 2048 * image.length as usize / size - 1;
        for sector in [256, last] {
            let mut image = image.clone();
            damage(&mut image, sector * size + 20);
            assert!(
                !judge(&image).findings().is_empty(),
                "sector {sector} of {size} bytes"
            );
        }
    }
}

#[test]
fn a_damaged_root_in_blocks_of_another_size_is_an_error() {
    for (image, size) in bases() {
        let mut volume = open(&image).unwrap();
        let root = volume.root().unwrap();
        let sector = volume.resolve(root).unwrap().0 as usize;
        let mut image = image;
        damage(&mut image, sector * size + 60);
        assert!(judge(&image).errors() > 0);
    }
}
