//! Closing a disc without the plain volume that it was formatted for, or with one that it was not formatted
//! for.

mod common;

use common::{Disc, Listing, add_file, content, listing, options, rom_options, time};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{
    CloseDisc, Error, NoPlainVolume, PlainVolume, PlainVolumeChoice, PlainVolumeKind, Unsupported, format,
};
use volume::Volume;

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];
const BRIDGE: PlainVolumeChoice = PlainVolumeChoice::With(PlainVolumeKind::Bridge);

fn disc(medium: Medium, rom: bool) -> Disc {
    let disc = Disc::blank(medium, 100_000);
    let options = if rom {
        rom_options(true)
    } else {
        options(Revision::V2_01)
    };
    format(disc.drive(), &options).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "file", &content(9000, 1));
    recording.commit(time(3)).unwrap();
    drop(recording);
    disc
}

fn plain(disc: &Disc) -> Listing {
    listing(&mut Volume::open_plain(disc.drive()).unwrap())
}

#[test]
fn a_disc_formatted_without_a_plain_volume_gets_one_in_a_new_session() {
    for medium in MEDIA {
        for close_disc in [CloseDisc::No, CloseDisc::Yes] {
            let disc = disc(medium, false);
            let mut recording = disc.recording();
            recording.set_plain_volume(BRIDGE);
            let closed = recording.close(close_disc, time(4)).unwrap();
            drop(recording);
            assert_eq!(closed.plain, PlainVolume::Recorded, "{medium}");
            assert_eq!(closed.finalized, close_disc == CloseDisc::Yes, "{medium}");
            assert_eq!(plain(&disc), disc.listing(), "{medium}");
            let sessions = disc.drive().medium().sessions.len();
            assert_eq!(sessions, if closed.finalized { 2 } else { 3 }, "{medium}");
        }
    }
}

#[test]
fn later_sessions_of_such_a_disc_have_plain_volumes_too() {
    for medium in MEDIA {
        let disc = disc(medium, false);
        let mut recording = disc.recording();
        recording.set_plain_volume(BRIDGE);
        recording.close(CloseDisc::No, time(4)).unwrap();
        drop(recording);
        let mut recording = disc.recording();
        let root = recording.root();
        add_file(&mut recording, root, "more", &content(5000, 2));
        let closed = recording.close(CloseDisc::Yes, time(5)).unwrap();
        drop(recording);
        assert_eq!(closed.plain, PlainVolume::Recorded, "{medium}");
        assert_eq!(plain(&disc), disc.listing(), "{medium}");
    }
}

#[test]
fn a_session_is_closed_without_a_plain_volume_if_none_is_wanted() {
    for medium in MEDIA {
        let disc = disc(medium, true);
        let mut recording = disc.recording();
        recording.set_plain_volume(PlainVolumeChoice::Without);
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        drop(recording);
        assert_eq!(
            closed.plain,
            PlainVolume::LeftOut(NoPlainVolume::NotWanted),
            "{medium}"
        );
        assert_eq!(disc.listing().len(), 2, "{medium}");
        // No session has a plain volume.
        assert!(Volume::open_plain(disc.drive()).is_ok_and(|volume| volume.vat().is_some()));
        // The next session has one again.
        let mut recording = disc.recording();
        let root = recording.root();
        add_file(&mut recording, root, "more", &content(5000, 2));
        recording.close(CloseDisc::Yes, time(5)).unwrap();
        drop(recording);
        assert_eq!(plain(&disc), disc.listing(), "{medium}");
    }
}

#[test]
fn a_plain_volume_of_another_kind_is_refused_before_the_first_block() {
    let disc = disc(Medium::BdR, true);
    let mut recording = disc.recording();
    recording.set_plain_volume(PlainVolumeChoice::With(PlainVolumeKind::Udf));
    let refused = recording.close(CloseDisc::No, time(4));
    assert!(matches!(
        refused,
        Err(Error::Unsupported(Unsupported::OtherPlainVolume { bridge: true }))
    ));
}

#[test]
fn a_medium_with_one_session_stays_open_if_one_more_is_needed() {
    let disc = disc(Medium::DvdRDl, false);
    let before = disc.recording().volume().drive().recorded_end();
    let mut recording = disc.recording();
    recording.set_plain_volume(BRIDGE);
    let refused = recording.close(CloseDisc::No, time(4));
    assert!(matches!(
        refused,
        Err(Error::Unsupported(Unsupported::NoFurtherSession))
    ));
    assert_eq!(recording.volume().drive().recorded_end(), before);
}

#[test]
fn a_session_without_a_plain_volume_leaves_the_previous_one() {
    for medium in MEDIA {
        let disc = disc(medium, true);
        disc.recording().close(CloseDisc::No, time(4)).unwrap();
        let before = plain(&disc);
        let mut recording = disc.recording();
        let root = recording.root();
        add_file(&mut recording, root, "more", &content(5000, 2));
        recording.set_plain_volume(PlainVolumeChoice::Without);
        recording.close(CloseDisc::No, time(5)).unwrap();
        drop(recording);
        assert_eq!(plain(&disc), before, "{medium}");
        assert_eq!(disc.listing().len(), before.len() + 1, "{medium}");
    }
}

/// Closes a disc without its plain volume, then again with it.
fn close_again(disc: &Disc) -> Result<PlainVolume, Error> {
    let mut recording = disc.recording();
    recording.set_plain_volume(PlainVolumeChoice::Without);
    recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    let end = disc.drive().recorded_end();
    let mut recording = disc.recording();
    recording.set_plain_volume(BRIDGE);
    let closed = recording.close(CloseDisc::No, time(5));
    drop(recording);
    if closed.is_err() {
        assert_eq!(disc.drive().recorded_end(), end);
    }
    closed.map(|closed| closed.plain)
}

#[test]
fn a_plain_volume_left_out_is_recorded_on_request_in_a_new_session() {
    for medium in MEDIA {
        let disc = disc(medium, true);
        assert_eq!(close_again(&disc).unwrap(), PlainVolume::Recorded, "{medium}");
        assert_eq!(plain(&disc), disc.listing(), "{medium}");
        // Now it is there, and nothing more is recorded.
        let end = disc.drive().recorded_end();
        let mut recording = disc.recording();
        recording.set_plain_volume(BRIDGE);
        assert!(recording.close(CloseDisc::No, time(6)).unwrap().vat_icb.is_none());
        drop(recording);
        assert_eq!(disc.drive().recorded_end(), end, "{medium}");
    }
}

#[test]
fn a_session_without_room_for_the_plain_volume_is_not_begun() {
    // A gap follows a session of a DVD+R.
    for (medium, left) in [(Medium::DvdPlusR, 3_000), (Medium::BdR, 1_600)] {
        let disc = Disc::blank(medium, 6_000);
        format(disc.drive(), &rom_options(true)).unwrap();
        let mut recording = disc.recording();
        let root = recording.root();
        let mut names = 0;
        while recording.volume().drive().medium().free_blocks > left {
            add_file(&mut recording, root, &format!("{names}"), &content(60_000, 1));
            recording.commit(time(3)).unwrap();
            names += 1;
        }
        drop(recording);
        let refused = close_again(&disc);
        assert!(
            matches!(refused, Err(Error::MediumFull { .. })),
            "{medium}: {refused:?}"
        );
        assert_eq!(disc.listing().len(), names + 1);
        assert!(disc.volume().clean(), "{medium}");
    }
}
