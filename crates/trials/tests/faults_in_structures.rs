//! Any one block of a disc's structures is lost: the volume opens wherever the standard has a second copy,
//! reports the loss, and shows everything that is not in that block.

mod structures;

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use drive::DriveError;
use emulator::Medium;
use recording::{CloseDisc, Recording};
use structures::{
    Block, FAMILIES, Left, STATES, Sample, State, file, read_all, sample, structures, unreadable,
};
use trials::time;
use volume::{CorruptKind, Error, Instead, Loss, Structure, Volume};

/// The structure that is reported as lost at a sector, and what replaces it.
fn loss_at(losses: &[Loss], sector: u32) -> Option<(Structure, Instead)> {
    losses
        .iter()
        .find(|loss| (loss.sector.0..loss.sector.0 + loss.sectors).contains(&sector))
        .map(|loss| (loss.structure, loss.instead))
}

/// Judges the result for a disc with `sector` lost.
fn judge(
    sample: &Sample,
    state: State,
    sector: u32,
    block: &Block,
    opened: Result<Volume, volume::OpenError>,
) {
    let what = || format!("{state:?}, sector {sector}, {block:?}");
    let mut volume = match opened {
        Ok(volume) => volume,
        Err(failed) => {
            // An open first session has only one anchor (UDF 2.60 6.10.1).
            assert_eq!(
                (block, state),
                (&Block::FirstAnchor, State::Open),
                "{}: {}",
                what(),
                failed.error
            );
            assert_eq!(
                failed.error.corrupt_kind(),
                Some(&CorruptKind::NoAnchor),
                "{}",
                what()
            );
            assert_eq!(
                loss_at(&failed.losses, sector),
                Some((Structure::Anchor, Instead::Nothing)),
                "{}",
                what()
            );
            return;
        }
    };
    let losses = volume.losses().to_vec();
    let loss = loss_at(&losses, sector);
    let left = read_all(&mut volume);
    drop(volume);
    let all = |structure: Structure| {
        let (found, instead) = loss.unwrap_or_else(|| panic!("{}: not named: {losses:?}", what()));
        assert_eq!(found, structure, "{}", what());
        assert_eq!(left.as_ref().unwrap(), &sample.now, "{}", what());
        instead
    };
    let unharmed = || {
        assert!(losses.is_empty(), "{}: {losses:?}", what());
        assert_eq!(left.as_ref().unwrap(), &sample.now, "{}", what());
    };
    let earlier = |structures: &[Structure]| {
        let (found, instead) = loss.unwrap_or_else(|| panic!("{}: not named: {losses:?}", what()));
        assert!(structures.contains(&found), "{}: {found:?}", what());
        assert!(
            matches!(instead, Instead::EarlierGeneration(_)),
            "{}: {instead:?}",
            what()
        );
        assert_eq!(left.as_ref().unwrap(), &sample.before, "{}", what());
        require_refused(sample, sector, &what());
    };
    match block {
        Block::Recognition { newest: true } => {
            assert_eq!(
                all(Structure::RecognitionSequence),
                Instead::Nothing,
                "{}",
                what()
            );
        }
        Block::FirstAnchor => assert!(matches!(all(Structure::Anchor), Instead::Anchor(_)), "{}", what()),
        Block::Main => assert!(
            matches!(all(Structure::MainSequence), Instead::ReserveSequence(_)),
            "{}",
            what()
        ),
        Block::Integrity => assert_eq!(all(Structure::IntegritySequence), Instead::Nothing, "{}", what()),
        Block::Recognition { newest: false }
        | Block::OtherAnchor
        | Block::Reserve
        | Block::OldSequence
        | Block::OtherVatIcb => unharmed(),
        // A drive that does not report its last recorded block names the one before.
        Block::VatIcb if loss.is_none() => unharmed(),
        Block::VatIcb => assert!(matches!(all(Structure::VatIcb), Instead::VatIcb(_)), "{}", what()),
        // The first block of a UDF 1.50 VAT contains the addresses of the file set and root.
        Block::VatHead => earlier(&[Structure::Vat, Structure::Root]),
        Block::Node(path) if path.is_empty() => earlier(&[Structure::Root]),
        Block::FileSet => {
            let error = left.unwrap_err();
            assert!(is_at(&error, sector), "{}: {error}", what());
        }
        Block::Node(path) | Block::Continuation(path) | Block::Directory(path) => {
            let left = left.unwrap();
            assert!(left.lost.keys().eq([path]), "{}: {:?}", what(), left.lost);
            require_only_below(&left, &sample.now, path, &what());
        }
        Block::Vat => {
            let left = left.unwrap();
            assert!(!left.lost.is_empty(), "{}", what());
            for path in sample.now.found.keys() {
                let above = left.lost.keys().any(|lost| path.starts_with(lost.as_str()));
                assert!(
                    left.found.contains_key(path) || above,
                    "{}: nothing reports the loss of {path}",
                    what()
                );
            }
        }
    }
}

/// Whether an error is about this sector, or about damage.
fn is_at(error: &Error, sector: u32) -> bool {
    match error {
        Error::Drive(DriveError::Unreadable { at, .. }) => at.0 == sector,
        Error::Corrupt { .. } => true,
        _ => false,
    }
}

/// Everything that is not below the path must be there, and nothing else.
fn require_only_below(left: &Left, now: &Left, path: &str, what: &str) {
    for (other, bytes) in &now.found {
        match left.found.get(other) {
            Some(found) => assert_eq!(found, bytes, "{what}: {other}"),
            None => assert!(other.starts_with(path), "{what}: {other} is not there"),
        }
    }
    assert!(
        left.found.keys().all(|path| now.found.contains_key(path)),
        "{what}"
    );
}

/// Recording on top of an earlier state must be refused unless the user asked for it.
fn require_refused(sample: &Sample, sector: u32, what: &str) {
    let refused = Recording::open(unreadable(&sample.disc, &[sector]), time(9));
    let refused = refused.err().map(|failed| failed.error);
    assert!(
        matches!(
            refused,
            Some(
                recording::Error::GenerationLost(_)
                    | recording::Error::ReadOnly(recording::ReadOnly::Finalized)
            )
        ),
        "{what}: {refused:?}"
    );
}

fn states_of(medium: Medium) -> impl Iterator<Item = State> {
    // DVD-R DL has a single session.
    let possible =
        move |state: &State| medium != Medium::DvdRDl || matches!(state, State::Open | State::Finalized);
    STATES.into_iter().filter(possible)
}

/// Tries every structure on a disc of each family in each state.
fn every_structure(mut try_one: impl FnMut(&Sample, State, u32, &Block)) {
    for (medium, revision) in FAMILIES {
        for state in states_of(medium) {
            let sample = sample(medium, revision, state, 60);
            for (sector, block) in structures(&sample.disc) {
                try_one(&sample, state, sector, &block);
            }
        }
    }
}

#[test]
fn an_unreadable_block_of_a_structure_loses_only_what_is_in_it() {
    every_structure(|sample, state, sector, block| {
        let opened = Volume::open(unreadable(&sample.disc, &[sector]));
        judge(sample, state, sector, block, opened);
    });
}

/// Flips a byte of a block of the image; a second call restores it.
fn flip(sample: &Sample, sector: u32, byte: u64) {
    let image = File::options()
        .read(true)
        .write(true)
        .open(sample.disc.image())
        .unwrap();
    let at = u64::from(sector) * 2048 + byte;
    let mut found = [0];
    image.read_exact_at(&mut found, at).unwrap();
    image.write_all_at(&[found[0] ^ 0x55], at).unwrap();
}

#[test]
fn a_damaged_block_of_a_structure_loses_only_what_is_in_it() {
    every_structure(|sample, state, sector, block| {
        // A VAT has neither tag nor CRC.
        if matches!(block, Block::VatHead | Block::Vat) {
            return;
        }
        // The checksum of the tag, and a byte covered by the CRC; in the recognition sequence, the
        // identifier.
        let bytes = if matches!(block, Block::Recognition { .. }) {
            [2, 4]
        } else {
            [4, 17]
        };
        for byte in bytes {
            flip(sample, sector, byte);
            let opened = Volume::open(sample.disc.drive_unproven().unwrap());
            judge(sample, state, sector, block, opened);
            flip(sample, sector, byte);
        }
    });
}

#[test]
fn a_lost_block_of_a_long_vat_costs_the_nodes_that_it_names() {
    for (medium, revision) in FAMILIES {
        let sample = sample(medium, revision, State::Open, 1200);
        let all = structures(&sample.disc);
        let mut blocks = 0;
        for (sector, block) in all
            .iter()
            .filter(|(_, block)| matches!(block, Block::Vat | Block::VatHead))
        {
            blocks += 1;
            let opened = Volume::open(unreadable(&sample.disc, &[*sector]));
            judge(&sample, State::Open, *sector, block, opened);
        }
        assert!(blocks >= 3, "{medium}: the VAT has {blocks} blocks");
    }
}

/// The findings of the judge on a disc.
fn findings(drive: &mut drive::Drive) -> Vec<String> {
    let report = check::check(drive, &check::Options::default());
    report.findings().iter().map(ToString::to_string).collect()
}

#[test]
fn the_judge_reports_what_opening_passes_over() {
    for (medium, revision) in FAMILIES {
        for state in states_of(medium) {
            let sample = sample(medium, revision, state, 60);
            let whole = findings(&mut sample.disc.drive().unwrap());
            for (sector, block) in structures(&sample.disc) {
                // The standard has no further copies of these.
                if !matches!(block, Block::OtherAnchor | Block::OtherVatIcb | Block::VatIcb) {
                    let found = findings(&mut unreadable(&sample.disc, &[sector]));
                    assert_ne!(found, whole, "{medium}, {state:?}, {sector}, {block:?}");
                }
            }
        }
    }
}

/// A disc is continued from an earlier state only if the user asks for it; then it is like any other.
#[test]
fn recording_on_top_of_an_earlier_state_works_on_request() {
    for (medium, revision) in FAMILIES {
        for state in [State::Open, State::Continued] {
            if medium == Medium::DvdRDl && state == State::Continued {
                continue;
            }
            let sample = sample(medium, revision, state, 5);
            let all = structures(&sample.disc);
            let (lost, _) = all.iter().find(|(_, block)| **block == Block::VatHead).unwrap();
            let mut volume = Volume::open(unreadable(&sample.disc, &[*lost])).unwrap();
            volume.accept_losses();
            let mut recording = Recording::of_volume(volume, time(10)).unwrap();
            file(&mut recording, "/", "after", b"more");
            recording.commit(time(11)).unwrap();
            recording.close(CloseDisc::No, time(12)).unwrap();
            drop(recording);
            let mut volume = Volume::open(unreadable(&sample.disc, &[*lost])).unwrap();
            assert_eq!(volume.losses(), [], "{medium}");
            let mut expected = sample.before.found.clone();
            expected.insert("/after".to_owned(), Some(b"more".to_vec()));
            assert_eq!(
                read_all(&mut volume).unwrap().found,
                expected,
                "{medium}, {state:?}"
            );
        }
    }
}

#[test]
fn a_disc_that_lost_a_duplicated_structure_is_continued_and_closed() {
    for (medium, revision) in FAMILIES {
        let sample = sample(medium, revision, State::Open, 5);
        for (sector, block) in structures(&sample.disc) {
            if !matches!(
                block,
                Block::Main | Block::VatIcb | Block::Integrity | Block::Recognition { .. }
            ) {
                continue;
            }
            let sample = structures::sample(medium, revision, State::Open, 5);
            let what = format!("{medium}, sector {sector}, {block:?}");
            let mut recording = Recording::open(unreadable(&sample.disc, &[sector]), time(10)).expect(&what);
            file(&mut recording, "/", "after", b"more");
            recording.close(CloseDisc::No, time(12)).expect(&what);
            drop(recording);
            let mut volume = Volume::open(unreadable(&sample.disc, &[sector])).expect(&what);
            assert!(volume.hidden_generation().is_none(), "{what}");
            let mut expected = sample.now.found.clone();
            expected.insert("/after".to_owned(), Some(b"more".to_vec()));
            assert_eq!(read_all(&mut volume).unwrap().found, expected, "{what}");
        }
    }
}
