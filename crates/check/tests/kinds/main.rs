//! Changes one field at a time and expects the finding of its rule.

#[path = "../bench/mod.rs"]
mod bench;
mod descriptors;
mod directories;
mod disc;
mod entries;
mod sessions;
mod trial;
mod vat;

use check::FindingKind as K;
use ecma167::osta::Revision;
use trial::Trial;

#[test]
fn every_rule_is_broken_by_changing_its_field() {
    let mut trial = Trial::new(disc::full_disc(Revision::V2_01));
    descriptors::tags(&mut trial);
    descriptors::volume(&mut trial);
    vat::vat(&mut trial);
    entries::entries(&mut trial);
    directories::fids(&mut trial);
    let mut found = trial.finish();
    found.extend(sessions::sessions());
    found.extend(vat::of_udf_1_50());
    found.extend(vat::of_many_generations());
    let others: Vec<K> = K::ALL
        .iter()
        .copied()
        .filter(|kind| !found.contains(kind))
        .collect();
    assert_eq!(others, NOT_HERE, "rules that no change here breaks");
}

/// Rules that other tests break.
const NOT_HERE: &[K] = &[
    K::Unreadable,
    K::LimitReached,
    K::PartitionBeyondEnd,
    // On volumes of other media.
    K::SparingMap,
    K::SparingTable,
    K::SparingTablesDiffer,
    K::SparingEntry,
    K::MetadataMap,
    K::MetadataFile,
    K::MetadataLinkCount,
    K::MetadataMirror,
    K::MetadataUnit,
    K::IntegrityOpen,
    K::SpaceBitmap,
    K::SpaceFree,
    K::SpaceLost,
    K::VatNotReadable,
    K::LinkCountReadOnly,
    K::StreamOfStream,
    K::ExtentSharedRewritable,
    K::PathLength,
    K::DirectoryLength,
    K::SessionEndUnknown,
    // On discs with two volumes.
    K::CompanionDiffers,
    K::VatVolumeAnchor,
    K::PlainVolumeMissing,
    K::ClosingInterrupted,
    K::PlainPlacement,
    K::PlainTail,
    K::PlainNames,
    K::PlainNode,
    K::PlainData,
    K::BridgeDescriptor,
    K::BridgePathTable,
    K::BridgeRecord,
    K::BridgeOwnRecords,
    K::BridgeIdentifier,
    K::BridgeOrder,
    K::BridgeSystemUse,
    K::BridgeNames,
    K::BridgeShows,
];
