//! Discs with a plain volume beside the one with the VAT: every closed state is there in both.

mod common;

use common::{Disc, Listing, listing, options, time};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, CloseDisc, FormatOptions, NodeKind, Recording, Rom, format};
use volume::Volume;

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn rom_options(bridge: bool) -> FormatOptions {
    FormatOptions {
        rom: Some(Rom {
            revision: Revision::V1_02,
            bridge,
            links: false,
        }),
        ..options(Revision::V2_01)
    }
}

fn add(recording: &mut Recording, name: &str, content: &[u8]) {
    let root = recording.root();
    let attributes = Attributes::at(0o644, time(2));
    let file = recording.create(root, name, NodeKind::File, &attributes).unwrap();
    recording.write(file, 0, content).unwrap();
}

fn plain(disc: &Disc) -> Listing {
    listing(&mut Volume::open_plain(disc.drive()).unwrap())
}

#[test]
fn every_closed_state_is_in_both_volumes() {
    for medium in MEDIA {
        for bridge in [true, false] {
            let disc = Disc::blank(medium, 60_000);
            format(disc.drive(), &rom_options(bridge)).unwrap();
            let mut recording = disc.recording();
            add(&mut recording, "short", b"short");
            add(&mut recording, "long", &[7; 100_000]);
            recording.commit(time(3)).unwrap();
            drop(recording);
            let open = disc.listing();
            assert_eq!(open.len(), 3, "{medium}");
            let mut recording = disc.recording();
            let closed = recording.close(CloseDisc::No, time(4)).unwrap();
            assert!(!closed.finalized);
            drop(recording);
            assert_eq!(disc.listing(), open, "{medium}");
            assert_eq!(plain(&disc), open, "{medium}");
            assert!(disc.volume().clean(), "{medium}");
            let mut recording = disc.recording();
            assert!(!recording.is_interrupted(), "{medium}");
            add(&mut recording, "later", b"later");
            recording.commit(time(5)).unwrap();
            drop(recording);
            assert_eq!(plain(&disc), open, "{medium}: the last closed state");
            let newer = disc.listing();
            assert_eq!(newer.len(), 4);
            let mut recording = disc.recording();
            let closed = recording.close(CloseDisc::Yes, time(6)).unwrap();
            assert!(closed.finalized);
            drop(recording);
            assert_eq!(disc.listing(), newer, "{medium}");
            assert_eq!(plain(&disc), newer, "{medium}");
        }
    }
}
