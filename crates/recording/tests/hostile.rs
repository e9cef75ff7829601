//! A volume may contain anything: opening it for changes and changing it works or returns an error.

mod common;

use std::os::unix::fs::FileExt;

use common::{Disc, add_directory, add_file, content, time};
use ecma167::{
    general::{Tag, tag},
    osta::Revision,
};
use emulator::Medium;
use proptest::prelude::*;
use recording::{Attributes, Changes, CloseDisc, Error, NodeKind, Recording};

/// A disc with files of every form of body, links, a directory in blocks, and two generations.
fn disc(revision: Revision) -> Disc {
    let disc = Disc::formatted(Medium::CdR80, 40_000, revision);
    let mut recording = disc.recording();
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "directory");
    add_directory(&mut recording, directory, "inner");
    for number in 0..60 {
        let name = format!("a file whose name fills blocks {number}");
        add_file(&mut recording, directory, &name, b"text");
    }
    let file = add_file(&mut recording, root, "file", &content(50_000, 1));
    recording.link(file, directory, "link").unwrap();
    recording.commit(time(2)).unwrap();
    recording.write(file, 8192, &content(2048, 9)).unwrap();
    recording.commit(time(3)).unwrap();
    disc
}

/// What any user might do, errors included.
fn use_it(disc: &Disc) -> Result<(), Error> {
    let mut recording = Recording::open(disc.drive(), time(4))?;
    let root = recording.root();
    let attributes = Attributes::at(0o644, time(5));
    let mut results = Vec::new();
    let made = recording.create(root, "made", NodeKind::Directory, &attributes);
    results.push(made.as_ref().map(drop).map_err(|_| ()));
    let found = |recording: &mut Recording, path: &str| recording.lookup_path(path).ok();
    if let Some(directory) = found(&mut recording, "directory") {
        let entries = recording.entries(directory).unwrap_or_default();
        for entry in entries.iter().take(3) {
            let _ = recording.unlink(directory, &entry.name);
        }
        let _ = recording.create(directory, "one more", NodeKind::File, &attributes);
        if let Ok(made) = made {
            let _ = recording.rename(directory, "inner", made, "moved");
            let _ = recording.rename(root, "directory", made, "moved too");
        }
    }
    if let Some(file) = found(&mut recording, "file") {
        let mode = Some(0o600);
        let _ = recording.set_attributes(
            file,
            &Changes {
                mode,
                ..Changes::default()
            },
        );
        let _ = recording.read(file, 4000, &mut [0; 9000]);
        let _ = recording.write(file, 30_001, &content(5000, 3));
        let _ = recording.truncate(file, 20_000);
        let _ = recording.truncate(file, 70_000);
    }
    recording.commit(time(6)).map(drop).or_else(|error| match error {
        Error::HalfDone => recording.abandon().map(drop),
        error => Err(error),
    })?;
    recording.close(CloseDisc::No, time(7)).map(drop)
}

/// Changes bytes of a structure and corrects its tag.
fn spoil(disc: &Disc, block: u64, at: usize, bytes: &[u8]) {
    let image = std::fs::File::options()
        .read(true)
        .write(true)
        .open(disc.image())
        .unwrap();
    let mut old = vec![0; 2048];
    if image.read_exact_at(&mut old, block * 2048).is_err() {
        return;
    }
    let tag = Tag::peek(&old);
    let at = at.min(2048 - bytes.len());
    old[at..at + bytes.len()].copy_from_slice(bytes);
    if let Some(was) = tag {
        let length = 16 + usize::from(was.descriptor_crc_length.get()).min(2032);
        let version = ecma167::general::TagVersion::of(if was.descriptor_version.get() == 2 {
            Revision::V1_50
        } else {
            Revision::V2_01
        });
        tag::seal(
            &mut old[..length],
            was.identifier(),
            version,
            was.tag_location.get(),
        );
    }
    image.write_all_at(&old, block * 2048).unwrap();
}

/// The blocks on which everything depends, and the first relevant byte in each.
fn targets(disc: &Disc) -> Vec<(u64, usize)> {
    let mut volume = disc.volume();
    let mut sectors = vec![(32, 0), (34, 0), (35, 0), (35, 200), (50, 0), (51, 200)];
    let mut addresses = vec![volume.root().unwrap()];
    for path in ["directory", "directory/inner", "file"] {
        addresses.push(volume.lookup_path(path).unwrap().address);
    }
    for address in addresses {
        let sector = u64::from(volume.resolve(address).unwrap().0);
        sectors.extend([(sector, 0), (sector, 150)]);
    }
    let directory = volume.lookup_path("directory").unwrap();
    let bodies = [
        volume.body(&directory).unwrap(),
        volume.vat().unwrap().body.clone(),
    ];
    let start = u64::from(volume.partition_start(ecma167::PartitionReference(0)).unwrap().0);
    for body in bodies {
        if let volume::Body::Extents(extents) = body
            && let volume::ExtentKind::Recorded(address) = extents[0].kind
        {
            sectors.push((start + u64::from(address.block), 0));
        }
    }
    let icb = start + u64::from(volume.vat().unwrap().icb.0);
    for copy in [icb, icb, icb - 1] {
        sectors.extend([(copy, 0), (copy, 100)]);
    }
    sectors
}

fn odd_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(vec![0; 4]),
        Just(vec![0xFF; 4]),
        Just(vec![0xFF; 8]),
        Just(vec![0xFF, 0xFF, 0xFF, 0x7F]),
        Just(vec![0xFE, 0xFF, 0xFF, 0xFF]),
        prop::collection::vec(any::<u8>(), 1..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_volume_with_any_content_works_or_returns_an_error(
        revision in prop::sample::select(vec![Revision::V1_50, Revision::V2_01]),
        spoilt in prop::collection::vec((any::<prop::sample::Index>(), 16usize..500, odd_bytes()), 1..6),
    ) {
        let disc = disc(revision);
        let targets = targets(&disc);
        for (target, at, bytes) in &spoilt {
            let (block, base) = targets[target.index(targets.len())];
            spoil(&disc, block, base + at, bytes);
        }
        let _ = use_it(&disc);
    }
}
