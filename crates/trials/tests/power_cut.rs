//! Power may fail after any block: what was acknowledged stays, and the disc can be continued.

use emulator::{Behaviour, CONTRADICTIONS, Medium};
use trials::{Life, MemoryDisc, Model, Outcome, REVISIONS, Sequel, Size, Stage, Trial};

/// Number of cuts that leave different discs, per medium and revision: 2,250 in all.
const CUTS: usize = 45;

/// The same of discs that are recovered and closed at once: 1,000 in all.
const CUTS_TO_RECOVER: usize = 20;

/// Distance between the cuts that are tried.
const STEP: usize = 99_991;

fn cut_everywhere(medium: Medium) {
    cut(medium, CUTS, Sequel::GoOn);
}

/// Cuts lives on one medium until there are enough cuts for each revision.
/// Returns how many discs got names for whole files.
fn cut(medium: Medium, enough: usize, sequel: Sequel) -> usize {
    let (mut proven, mut full, mut named) = (0, 0, 0);
    for (number, revision) in REVISIONS.into_iter().enumerate() {
        let mut cuts = 0;
        for seed in (number as u64..).step_by(REVISIONS.len()) {
            let life = Life {
                medium,
                revision,
                ..Life::of_seed(seed, Size::SMALL)
            };
            let what = format!("seed {seed}, {medium}, UDF {revision}");
            let trial = Trial::of(life).unwrap_or_else(|broken| panic!("{what}: {broken}"));
            let mut trial = trial.followed_by(sequel);
            let all = trial.cuts().len();
            // Scattered over the life, each cut once: the step is a prime larger than the number of cuts of
            // any life.
            for number in (0..all).map(|place| place * STEP % all) {
                if cuts == enough {
                    break;
                }
                let mut count = |stage: Stage, _: &MemoryDisc, model: &Model| {
                    named += usize::from(stage == Stage::Closed && model.contains("/lost+found"));
                    Ok(())
                };
                match trial.cut_and_look(number, &mut count) {
                    Ok(Outcome::Proven) => cuts += 1,
                    Ok(Outcome::Full) => full += 1,
                    Ok(Outcome::SeenBefore) => {}
                    Err(broken) => panic!("{what}, cut {number}, {}: {broken}", trial.cuts()[number]),
                }
            }
            if cuts == enough {
                break;
            }
        }
        proven += cuts;
    }
    assert!(
        proven >= 5 * enough && full * 20 < proven,
        "{medium}: {proven} proven, {full} full"
    );
    named
}

#[test]
fn nothing_acknowledged_is_lost_on_cd_r_74_in_any_revision() {
    cut_everywhere(Medium::CdR74);
}

#[test]
fn nothing_acknowledged_is_lost_on_cd_r_80_in_any_revision() {
    cut_everywhere(Medium::CdR80);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_r_in_any_revision() {
    cut_everywhere(Medium::DvdR);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_r_dl_in_any_revision() {
    cut_everywhere(Medium::DvdRDl);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_plus_r_in_any_revision() {
    cut_everywhere(Medium::DvdPlusR);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_plus_r_dl_in_any_revision() {
    cut_everywhere(Medium::DvdPlusRDl);
}

#[test]
fn nothing_acknowledged_is_lost_on_bd_r_in_any_revision() {
    cut_everywhere(Medium::BdR);
}

#[test]
fn nothing_acknowledged_is_lost_on_bd_r_dl_in_any_revision() {
    cut_everywhere(Medium::BdRDl);
}

#[test]
fn nothing_acknowledged_is_lost_on_bd_r_tl_in_any_revision() {
    cut_everywhere(Medium::BdRTl);
}

#[test]
fn nothing_acknowledged_is_lost_on_bd_r_ql_in_any_revision() {
    cut_everywhere(Medium::BdRQl);
}

/// Cuts lives on these media, each disc to be recovered and closed.
fn recover(media: &[Medium]) {
    let named: usize = media
        .iter()
        .map(|medium| cut(*medium, CUTS_TO_RECOVER, Sequel::Recover))
        .sum();
    assert!(named > 0, "no whole file got a name on {media:?}");
}

#[test]
fn recover_leaves_what_was_acknowledged_on_any_cd_r() {
    recover(&[Medium::CdR74, Medium::CdR80]);
}

#[test]
fn recover_leaves_what_was_acknowledged_on_any_dvd() {
    recover(&[Medium::DvdR, Medium::DvdRDl, Medium::DvdPlusR, Medium::DvdPlusRDl]);
}

#[test]
fn recover_leaves_what_was_acknowledged_on_any_bd_r() {
    recover(&[Medium::BdR, Medium::BdRDl, Medium::BdRTl, Medium::BdRQl]);
}

/// Number of cuts of a life in each drive that contradicts itself.
const CUTS_OF_EACH: usize = 6;

#[test]
fn nothing_acknowledged_is_lost_in_any_drive_that_contradicts_itself() {
    let media = [Medium::CdR80, Medium::DvdPlusR, Medium::BdR];
    for (number, (name, value)) in CONTRADICTIONS.into_iter().enumerate() {
        let mut behaviour = Behaviour::default();
        assert!(behaviour.set(name, value));
        let life = Life {
            medium: media[number % media.len()],
            capacity: 90_000,
            behaviour,
            ..Life::of_seed(number as u64, Size::SMALL)
        };
        let mut trial = Trial::of(life).unwrap_or_else(|broken| panic!("{name} {value}: {broken}"));
        let all = trial.cuts().len();
        for place in 0..CUTS_OF_EACH {
            let cut = place * STEP % all;
            if let Err(broken) = trial.cut(cut) {
                panic!("{name} {value}, cut {cut}, {}: {broken}", trial.cuts()[cut]);
            }
        }
    }
}
