//! Symbolic links whose paths do not fit the entry of a plain volume.

mod bench;

use bench::{Disc, time};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, CloseDisc, PlainVolume, Rom};

#[test]
fn a_link_with_a_path_in_blocks_is_no_finding() {
    for bridge in [true, false] {
        for plain in [Revision::V1_02, Revision::V2_01] {
            let rom = Rom {
                revision: plain,
                bridge,
                links: true,
                is_optional: false,
            };
            let disc = Disc::with_rom(Medium::DvdPlusR, 60_000, Revision::V2_01, Some(rom));
            let mut recording = disc.recording();
            let root = recording.root();
            let attributes = Attributes::at(0o777, time(2));
            for count in [1, 303, 304, 305, 310, 340, 512, 2000] {
                let target = vec!["a"; count].join("/");
                let name = format!("to {count}");
                let link = recording.symlink(root, &name, &target, &attributes).unwrap();
                recording.link(link, root, &format!("also {count}")).unwrap();
            }
            let closed = recording.close(CloseDisc::No, time(5)).unwrap();
            assert_eq!(closed.plain, PlainVolume::Recorded);
            drop(recording);
            disc.assert_clean(&format!("bridge {bridge}, {plain:?}"));
        }
    }
}
