//! Discs: formatting, opening, closing, what they say of themselves.

mod common;

use std::sync::{Arc, Mutex};

use common::{Disc, now};
use oncefs::control::{DesiredAccess, FSCTL_MAKE_MEDIA_COMPATIBLE, NtStatus, ShareMode, Target};
use oncefs::{
    ErrorKind, FormatOptions, Medium, OpenOptions, PlainVolume, PlainVolumeKind, Revision, SessionState,
    Status, check,
};

#[test]
fn a_new_image_has_the_volume_that_was_asked_for() {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.label("Photos").revision(Revision::V1_50).capacity(20_000);
    options.create(disc.path(), Medium::CdR80, now()).unwrap();
    let info = disc.open().info().unwrap();
    assert_eq!((info.label.as_str(), info.revision), ("Photos", Revision::V1_50));
    assert_eq!((info.generation, info.clean), (1, true));
}

#[test]
fn the_revision_is_that_of_the_mediums_time() {
    for (medium, revision) in [
        (Medium::DvdPlusR, Revision::V2_01),
        (Medium::BdR, Revision::V2_50),
    ] {
        let disc = Disc::absent();
        assert_eq!(disc.create(medium).info().unwrap().revision, revision);
    }
}

#[test]
fn an_image_that_is_there_is_not_made_anew() {
    let disc = Disc::empty();
    let made = FormatOptions::new().create(disc.path(), Medium::BdR, now());
    assert_eq!(made.unwrap_err().kind(), ErrorKind::AlreadyExists);
    disc.open();
}

#[test]
fn an_image_that_cannot_be_formatted_is_removed() {
    let disc = Disc::absent();
    let made = FormatOptions::new()
        .label("x".repeat(200))
        .create(disc.path(), Medium::BdR, now());
    assert_eq!(made.unwrap_err().kind(), ErrorKind::InvalidName);
    assert!(!disc.path().exists());
}

#[test]
fn a_disc_is_formatted_once() {
    let disc = Disc::empty();
    let again = FormatOptions::new().format(disc.path(), now());
    assert_eq!(again.unwrap_err().kind(), ErrorKind::NotBlank);
}

#[test]
fn what_is_not_there_is_not_found() {
    let disc = Disc::absent();
    assert_eq!(oncefs::open(disc.path()).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn an_error_of_a_disc_has_its_path_once() {
    let disc = Disc::absent();
    let path = disc.path().display().to_string();
    let error = oncefs::open(disc.path()).unwrap_err();
    assert_eq!(error.path(), Some(path.as_str()));
    assert_eq!(error.to_string().matches(&path).count(), 1, "{error}");

    let mut options = FormatOptions::new();
    let error = options
        .capacity(10)
        .create(disc.path(), Medium::BdR, now())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.to_string().matches(&path).count(), 1, "{error}");
}

#[test]
fn an_image_without_udf_has_no_volume() {
    let disc = Disc::absent();
    std::fs::write(disc.path(), vec![0; 1 << 20]).unwrap();
    let error = oncefs::open(disc.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoVolume);
    assert_eq!(error.path(), disc.path().to_str());
    assert!(error.get_ref().is::<oncefs::DiscError>());
}

#[test]
fn a_disc_that_is_recorded_on_is_in_use() {
    let disc = Disc::empty();
    let _recording = disc.record();
    assert_eq!(oncefs::open(disc.path()).unwrap_err().kind(), ErrorKind::InUse);
}

#[test]
fn readers_share_a_disc_and_keep_recorders_out() {
    let disc = Disc::empty();
    let (_one, _two) = (disc.open(), disc.open());
    let recorded = OpenOptions::new().record(disc.path(), now());
    assert_eq!(recorded.unwrap_err().kind(), ErrorKind::InUse);
}

#[test]
fn without_side_file_a_medium_has_to_be_stated() {
    let disc = Disc::with(|disc| disc.write("/file", "text"));
    std::fs::remove_file(disc.beside("disc.udf.oncefs")).unwrap();
    let mut options = OpenOptions::new();
    let error = options.record(disc.path(), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MediumUnknown);
    options.medium(Medium::DvdPlusR).capacity(40_000);
    let mut recording = options.record(disc.path(), now()).unwrap();
    recording.write("/more", "text").unwrap();
    recording.commit().unwrap();
    drop(recording);
    assert_eq!(disc.names("/"), ["file", "more"]);
}

#[test]
fn a_side_file_that_is_older_than_its_image_is_reported_and_refused() {
    let disc = Disc::empty();
    let side = disc.beside("disc.udf.oncefs");
    let old = std::fs::read(&side).unwrap();
    let mut recording = disc.record();
    recording.write("/file", vec![1; 100_000]).unwrap();
    recording.commit().unwrap();
    drop(recording);
    std::fs::write(&side, old).unwrap();
    let notes = Arc::<Mutex<Vec<String>>>::default();
    let heard = Arc::clone(&notes);
    let mut options = OpenOptions::new();
    options.on_notice(move |what| heard.lock().unwrap().push(what.to_owned()));
    options.open(disc.path()).unwrap();
    assert_eq!(notes.lock().unwrap().len(), 1);
    let error = options.record(disc.path(), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SideFile);
    options.accept_image(true);
    assert!(
        options
            .record(disc.path(), now())
            .unwrap()
            .exists("/file")
            .unwrap()
    );
}

#[test]
fn a_closed_session_is_followed_by_another() {
    let disc = Disc::with(|disc| disc.write("/one", "1"));
    let mut recording = disc.record();
    let closed = recording.close().unwrap();
    assert!(closed.vat_icb.is_some() && !closed.finalized);
    assert_eq!(closed.plain_volume, PlainVolume::None);
    recording.write("/two", "2").unwrap();
    recording.commit().unwrap();
    let states: Vec<_> = recording
        .disc()
        .sessions
        .iter()
        .map(|session| session.state)
        .collect();
    assert_eq!(states, [SessionState::Closed, SessionState::Open]);
}

#[test]
fn closing_commits_what_is_pending() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.write("/file", "text").unwrap();
    recording.close().unwrap();
    drop(recording);
    assert_eq!(disc.names("/"), ["file"]);
}

#[test]
fn a_finalized_disc_takes_nothing_more() {
    let disc = Disc::empty();
    assert!(disc.record().finalize().unwrap().finalized);
    assert_eq!(
        OpenOptions::new().info(disc.path()).unwrap().status,
        Status::Finalized
    );
    let error = OpenOptions::new().record(disc.path(), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
}

#[test]
fn a_disc_with_a_plain_volume_shows_it_once_closed() {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.capacity(40_000).plain_volume(PlainVolumeKind::Bridge);
    let mut recording = options.create(disc.path(), Medium::BdR, now()).unwrap();
    recording.write("/file", "text").unwrap();
    let closed = recording.close().unwrap();
    assert_eq!(closed.plain_volume, PlainVolume::Recorded);
    assert!(closed.differences.is_some());
    drop(recording);
    let plain = OpenOptions::new().plain_volume(true).open(disc.path()).unwrap();
    assert_eq!(common::names(&plain, "/"), ["file"]);
}

#[test]
fn a_disc_without_a_plain_volume_has_none_to_open() {
    let disc = Disc::empty();
    let opened = OpenOptions::new().plain_volume(true).open(disc.path());
    assert_eq!(opened.unwrap_err().kind(), ErrorKind::NoPlainVolume);
}

#[test]
fn blocks_that_follow_the_newest_commit_are_counted() {
    let disc = Disc::empty();
    assert_eq!(disc.open().info().unwrap().blocks_after, 0);
    let mut recording = disc.record();
    recording.write("/file", vec![1; 1 << 20]).unwrap();
    drop(recording);
    let after = disc.open().info().unwrap().blocks_after;
    assert!((400..=512 + 64).contains(&after), "{after}");
    disc.record().recover().unwrap();
    assert_eq!(disc.open().info().unwrap().blocks_after, 0);
}

#[test]
fn an_interrupted_recording_is_recovered() {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.write("/file", vec![1; 1 << 20]).unwrap();
    drop(recording);
    assert!(!disc.open().info().unwrap().clean);
    assert!(disc.record().recover().unwrap());
    assert!(disc.open().info().unwrap().clean);
    assert!(!disc.record().recover().unwrap());
}

#[test]
fn a_disc_says_medium_capacity_and_room() {
    let disc = Disc::empty();
    let info = OpenOptions::new().info(disc.path()).unwrap();
    assert_eq!((info.status, info.capacity_blocks), (Status::Appendable, 40_000));
    assert_eq!((info.write_unit_blocks, info.single_session), (16, false));
    assert!(info.free_blocks < 40_000 && info.next_writable_address.is_some());
}

#[test]
fn the_judge_finds_no_fault_with_what_is_recorded() {
    let disc = Disc::with(|disc| {
        disc.create_dir("/dir")?;
        disc.write("/dir/file", vec![1; 10_000])
    });
    let report = OpenOptions::new().check(disc.path(), &check::Options::default());
    assert_eq!(report.unwrap().errors(), 0);
}

#[test]
fn the_judge_finds_no_volume_on_an_image_without() {
    let disc = Disc::absent();
    std::fs::write(disc.path(), vec![0; 1 << 20]).unwrap();
    let report = OpenOptions::new().check(disc.path(), &check::Options::default());
    assert_eq!(report.unwrap_err().kind(), ErrorKind::NoVolume);
}

#[test]
fn the_control_closes_the_session() {
    let disc = Disc::empty();
    let both = DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA;
    let share = ShareMode::empty();
    let mut handle = OpenOptions::new()
        .control(disc.path(), Target::Volume, both, share, now())
        .unwrap();
    let io = handle.device_io_control(FSCTL_MAKE_MEDIA_COMPATIBLE.0, Some(&[0]), None);
    assert_eq!(io.status, NtStatus::SUCCESS);
    let sessions = OpenOptions::new().info(disc.path()).unwrap().sessions;
    assert_eq!(sessions[0].state, SessionState::Closed);
}

#[test]
fn an_error_of_the_library_is_one_of_the_host() {
    let error = oncefs::open("/nothing/here").unwrap_err();
    let error = std::io::Error::from(error);
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.get_ref().is_some_and(|inner| inner.is::<oncefs::Error>()));
}

#[test]
fn a_finalized_disc_is_not_blank() {
    let disc = Disc::empty();
    disc.record().finalize().unwrap();
    let error = FormatOptions::new().format(disc.path(), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotBlank);
    assert!(error.to_string().ends_with("the medium is finalized"), "{error}");
}

#[test]
fn a_plan_made_for_reading_says_whether_data_can_be_added() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let disc = Disc::absent();
        disc.create(medium).close().unwrap();
        assert!(disc.open().plan().appendable, "{medium}");
        disc.record().finalize().unwrap();
        assert!(!disc.open().plan().appendable, "{medium}");
    }
}

#[test]
fn a_capacity_of_less_than_a_unit_is_refused() {
    let disc = Disc::absent();
    for (medium, least) in [(Medium::BdR, 32), (Medium::DvdR, 16), (Medium::CdR80, 3)] {
        let of = |blocks| {
            OpenOptions::new()
                .capacity(blocks)
                .create_blank(disc.path(), medium)
        };
        assert_eq!(
            of(least - 1).map(drop).unwrap_err().kind(),
            ErrorKind::Unsupported
        );
        let (drive, _image) = of(least + 1).unwrap();
        assert!(drive.medium().capacity_blocks <= least + 1, "{medium}");
    }
}

#[test]
fn a_directory_is_no_disc() {
    let disc = Disc::absent();
    let folder = disc.beside("");
    let options = OpenOptions::new();
    let opened = options.open(&folder).map(drop);
    for opened in [opened, options.record(&folder, now()).map(drop)] {
        assert_eq!(opened.unwrap_err().kind(), ErrorKind::NotADisc);
    }
}

#[test]
fn every_command_to_the_drive_is_heard() {
    let disc = Disc::absent();
    let heard = Arc::new(Mutex::new(0));
    let count = Arc::clone(&heard);
    let mut options = OpenOptions::new();
    options
        .on_command(move |_| *count.lock().unwrap() += 1)
        .capacity(40_000);
    let mut new = FormatOptions::new();
    drop(
        new.open_options(options.clone())
            .create(disc.path(), Medium::BdR, now())
            .unwrap(),
    );
    let made = *heard.lock().unwrap();
    options.open(disc.path()).unwrap();
    assert!(0 < made && made < *heard.lock().unwrap());
}

#[test]
fn a_new_image_goes_unless_it_is_kept() {
    let disc = Disc::absent();
    let mut options = OpenOptions::new();
    let made = options
        .capacity(20_000)
        .create_blank(disc.path(), Medium::BdR)
        .unwrap();
    assert!(disc.path().exists());
    drop(made);
    assert!(!disc.path().exists());
    let (drive, mut image) = options.create_blank(disc.path(), Medium::BdR).unwrap();
    image.keep();
    drop((drive, image));
    assert!(disc.path().exists());
}

#[test]
fn a_plain_volume_comes_with_the_first_closing() {
    let disc = Disc::absent();
    let mut options = FormatOptions::new();
    options.plain_volume(PlainVolumeKind::Udf).capacity(40_000);
    drop(options.create(disc.path(), Medium::BdR, now()).unwrap());
    let mut options = OpenOptions::new();
    let error = options.plain_volume(true).open(disc.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotClosed);
    disc.record().close().unwrap();
    options.open(disc.path()).unwrap();
}
