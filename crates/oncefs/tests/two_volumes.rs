//! Discs with a plain volume beside the one with the VAT.

mod common;

use common::{Disc, content, names, now};
use oncefs::{FormatOptions, Medium, OpenOptions, PlainVolumeKind, Recording, Result};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn formatted(medium: Medium, kind: PlainVolumeKind, capacity: u32) -> Result<(Disc, Recording)> {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.capacity(capacity).plain_volume(kind);
    let recording = options.create(disc.path(), medium, now())?;
    Ok((disc, recording))
}

fn with_faults(script: &str) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.faults(script.parse().expect("a script"));
    options
}

#[test]
fn a_bad_copy_of_the_vat_icb_costs_no_plain_volume() -> Result<()> {
    for medium in MEDIA {
        let (disc, mut recording) = formatted(medium, PlainVolumeKind::Bridge, 90_000)?;
        recording.write("/file", content(5_000))?;
        recording.close()?;
        drop(recording);
        let icb = disc
            .open()
            .past()?
            .generations()
            .last()
            .expect("one")
            .sector
            .expect("a VAT")
            .0;
        // The one that the plain volume names, of several copies that fill a unit.
        let faults = with_faults(&format!("unreadable {icb}..{}\n", icb + 1));
        let volume = faults.open(disc.path())?;
        assert_eq!(names(&volume, "/"), ["file"], "{medium}");
        if medium != Medium::CdR80 {
            assert!(volume.info()?.plain_volume_is_newest, "{medium}");
        }
        drop(volume);
        let closed = faults.record(disc.path(), now())?.close()?;
        assert_eq!(closed.blocks, 0, "{medium}");
    }
    Ok(())
}
