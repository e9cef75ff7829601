//! Earlier states of a disc.

mod common;

use common::{Disc, content, names, now};
use oncefs::{At, ChangeKind, ErrorKind, FormatOptions, Medium, OpenOptions, PlainVolumeKind, Result};

/// A disc with three generations: empty; `a`; `b` instead of `a`.
fn with_past() -> Result<Disc> {
    let disc = Disc::empty();
    let mut recording = disc.record();
    recording.write("/a", "first")?;
    recording.commit()?;
    recording.rename("/a", "/b")?;
    recording.commit()?;
    Ok(disc)
}

#[test]
fn a_generation_is_opened_by_number_time_and_block() -> Result<()> {
    let disc = with_past()?;
    let past = disc.open().past()?;
    let second = past.generations()[1];
    for at in [At::Generation(2), At::Block(second.sector.expect("a VAT").0)] {
        assert_eq!(names(&OpenOptions::new().at(at).open(disc.path())?, "/"), ["a"]);
    }
    let newest = OpenOptions::new().at(At::Time(now().into())).open(disc.path())?;
    assert_eq!(names(&newest, "/"), ["b"]);
    Ok(())
}

#[test]
fn a_generation_that_does_not_exist_is_not_found() -> Result<()> {
    let disc = with_past()?;
    let before = now() - std::time::Duration::from_secs(1);
    for at in [
        At::Generation(0),
        At::Generation(4),
        At::Time(before.into()),
        At::Block(1),
    ] {
        let error = OpenOptions::new().at(at).open(disc.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{at:?}");
    }
    Ok(())
}

#[test]
fn an_earlier_generation_can_only_be_read() -> Result<()> {
    let disc = with_past()?;
    let error = OpenOptions::new()
        .at(At::Generation(2))
        .record(disc.path(), now())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    Ok(())
}

#[test]
fn what_differs_between_two_generations_is_told() -> Result<()> {
    let disc = with_past()?;
    let mut volume = disc.open();
    let past = volume.past()?;
    let mut comparison = volume.comparison();
    comparison.begin(&past.generations()[1])?;
    let mut told = Vec::new();
    comparison.advance(&past.generations()[2], &mut |change| told.push(change.clone()))?;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, ChangeKind::Renamed { from: "/a".into() });
    assert_eq!((told[0].path.as_str(), told[0].bytes), ("/b", 5));
    Ok(())
}

#[test]
fn a_state_before_a_closing_shows_the_reserved_track_as_blank() -> Result<()> {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let disc = Disc::absent();
        let mut options = FormatOptions::new();
        options.capacity(60_000).plain_volume(PlainVolumeKind::Bridge);
        drop(options.create(disc.path(), medium, now())?);
        for session in ["one", "two"] {
            let mut recording = disc.record();
            for number in 0..3 {
                recording.write(&format!("/{session} {number}"), content(5_000))?;
                recording.commit()?;
            }
            recording.close()?;
        }
        let generations = disc.open().past()?.generations().to_vec();
        assert_eq!(generations.iter().map(|one| one.session).max(), Some(2));
        for generation in generations {
            let at = At::Generation(generation.number);
            let options = OpenOptions::new().at(at).clone();
            let report = options.check(disc.path(), &oncefs::check::Options::default())?;
            assert_eq!(report.errors(), 0, "{medium}, {at:?}: {:?}", report.findings());
        }
    }
    Ok(())
}
