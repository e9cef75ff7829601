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

#[test]
fn an_interrupted_closing_reads_back_what_it_continues() -> Result<()> {
    for medium in [Medium::DvdPlusR, Medium::BdR] {
        let (disc, mut recording) = formatted(medium, PlainVolumeKind::Udf, 90_000)?;
        for number in 0..7 {
            recording.write(&format!("/{number}"), content(5_000))?;
        }
        recording.commit()?;
        drop(recording);
        // The last cut before the closing begins to record the reserved track: everything else is there.
        let cut = |blocks: u32| -> Result<(Disc, bool)> {
            let cut = disc.copy();
            let faults = with_faults(&format!("cut after {blocks} blocks keep all\n"));
            let is_done = faults.record(cut.path(), now())?.close().is_ok();
            Ok((cut, is_done))
        };
        let mut run = None;
        for blocks in (16..160).step_by(16) {
            let (cut, is_done) = cut(blocks)?;
            if is_done {
                break;
            }
            let image = std::fs::read(cut.path()).expect("an image");
            let has_start = image[256 * 2048..257 * 2048].iter().any(|byte| *byte != 0);
            if !has_start {
                run = Some((cut, image.len()));
            }
        }
        let (cut, length) = run.expect("a cut");
        let whole = std::fs::metadata(disc.path()).expect("an image").len();
        // The first block of the run has the entry of the root.
        let first = u32::try_from(whole / 2048).expect("few blocks");
        assert!(length as u64 > whole, "{medium}");
        let bad = with_faults(&format!("unreadable {first}..{}\n", first + 1));
        bad.record(cut.path(), now())?.close()?;
        let mut options = bad.clone();
        let plain = options.plain_volume(true).open(cut.path())?;
        assert_eq!(names(&plain, "/").len(), 7, "{medium}");
    }
    Ok(())
}

#[test]
fn write_errors_in_the_run_cost_a_finalized_disc_no_plain_volume() -> Result<()> {
    for medium in MEDIA {
        let (disc, mut recording) = formatted(medium, PlainVolumeKind::Bridge, 90_000)?;
        for number in 0..7 {
            recording.write(&format!("/{number}"), content(5_000))?;
        }
        recording.commit()?;
        drop(recording);
        let next = std::fs::metadata(disc.path()).expect("an image").len() / 2048 + 7;
        let fault = |by: u64| format!("fail 3/0C/00 at written block {}\n", next + by);
        // One in each attempt: after an error the run begins again at the next unit.
        let unit = if medium == Medium::BdR { 36 } else { 20 };
        let script: String = (0..6).map(|number| fault(4 + number * unit)).collect();
        let faults = with_faults(&script);
        let closed = faults.record(disc.path(), now())?.finalize()?;
        assert!(closed.finalized, "{medium}");
        let plain = OpenOptions::new().plain_volume(true).open(disc.path())?;
        assert_eq!(names(&plain, "/").len(), 7, "{medium}");
    }
    Ok(())
}

#[test]
fn a_file_that_is_the_image_of_a_closed_disc_deceives_no_judge() -> Result<()> {
    for medium in MEDIA {
        let (inner, mut recording) = formatted(medium, PlainVolumeKind::Bridge, 90_000)?;
        recording.write("/file", content(5_000))?;
        recording.close()?;
        drop(recording);
        let image = std::fs::read(inner.path()).expect("an image");
        let mut recording = inner.record();
        recording.write("/image", image)?;
        recording.commit()?;
        drop(recording);
        let report = OpenOptions::new().check(inner.path(), &oncefs::check::Options::default())?;
        assert_eq!(report.errors(), 0, "{medium}: {:?}", report.findings());
    }
    Ok(())
}
