//! The start and end of each session.

use std::collections::BTreeSet;

use check::FindingKind as K;
use ecma167::osta::Revision;
use emulator::Medium;
use recording::CloseDisc;

use crate::bench::{Disc, add_file, time};
use crate::trial::Trial;

pub fn sessions() -> BTreeSet<K> {
    let disc = Disc::formatted(Medium::DvdPlusR, 10_000, Revision::V2_01);
    disc.recording().close(CloseDisc::No, time(4)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "second", b"x");
    recording.close(CloseDisc::No, time(5)).unwrap();
    drop(recording);
    disc.assert_clean("two sessions");
    let mut trial = Trial::new(disc);
    let sessions = trial.disc.drive.medium().sessions.clone();
    let (first, second) = (sessions[0], sessions[1]);
    let (end, start) = (first.last_recorded.unwrap().0, second.start.0);
    trial.put(start + 16, |block| block.fill(0));
    trial.judge(&[K::SessionRecognition], "recognition of the second session");
    trial.put(start + 256, |block| block.fill(0));
    trial.judge(
        &[K::SessionAnchor, K::AnchorMissing],
        "anchor of the second session",
    );
    trial.put(end - 256, |block| block.fill(0));
    trial.judge(&[K::SessionEndAnchor, K::AnchorMissing], "anchor before the end");
    trial.put(end, |block| block.fill(0));
    trial.judge(&[K::SessionEndVat], "VAT ICB at the end of the first session");
    for sector in first.start.0 + 256..=end {
        trial.put(sector, |block| block.fill(0));
    }
    trial.judge(
        &[K::SessionSetAside],
        "neither anchor nor VAT in the first session",
    );
    let vat = trial.places.vat;
    trial.put(vat, |block| block[132..136].fill(255));
    trial.judge(&[K::VatChainMissing], "no previous VAT");
    trial.field(&[start + 34, start + 50], 192, &[1], &[K::SessionsDiffer]);
    // One map, of type 1.
    let maps = [6, 0, 0, 0, 1, 0, 0, 0];
    trial.field(&[start + 35, start + 51], 264, &maps, &[K::SessionsOfTheirOwn]);
    trial.field(&[256], 20, &[34], &[K::AnchorsDiffer]);
    trial.finish()
}
