//! The base images, in their short form: recorded by this project and by other programs.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use drive::Drive;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::osta::sparing::SparingTableHeader;
use volume::{Body, ExtentKind, NodeKind, Volume};

use crate::image::Image;
use crate::{sheet, walk};

/// Which blocks of an image are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Every block that is not empty.
    All,
    /// The recognition sequence, anchors, and the descriptors of the volume.
    Volume,
    /// VATs and their ICBs.
    Vat,
}

/// An image to start from.
#[derive(Debug)]
pub struct Base {
    /// Its name in `bases/`.
    pub name: &'static str,
    /// Its blocks.
    pub image: Image,
    /// Its side file, if it was recorded here.
    pub side: Option<&'static str>,
    /// Where its partition starts.
    pub partition: u32,
    /// Runs of blocks with directories in them.
    pub directories: Vec<Vec<u32>>,
    all: Vec<u32>,
    volume: Vec<u32>,
    vats: Vec<u32>,
}

macro_rules! theirs {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../bases/", $name, ".blocks")),
            None,
        )
    };
}

macro_rules! ours {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../bases/", $name, ".blocks")),
            Some(include_str!(concat!("../bases/", $name, ".side"))),
        )
    };
}

const FILES: &[(&str, &[u8], Option<&str>)] = &[
    ours!("small-150"),
    ours!("small-201"),
    ours!("cd-150"),
    ours!("cd-201"),
    ours!("dvd-closed"),
    ours!("bd-260"),
    theirs!("mkudffs-150"),
    theirs!("mkudffs-201"),
    theirs!("mkudffs-260"),
    theirs!("genisoimage"),
    theirs!("newfs_udf"),
    theirs!("mkudffs-cdrw"),
    theirs!("sparable-201"),
    theirs!("metadata-250"),
    theirs!("metadata-sparable"),
    theirs!("replaced-150"),
    theirs!("mkudffs-512"),
    theirs!("mkudffs-4096"),
];

/// All bases, in the order of their numbers in inputs.
pub fn all() -> &'static [Base] {
    static ALL: OnceLock<Vec<Base>> = OnceLock::new();
    ALL.get_or_init(|| {
        FILES
            .iter()
            .map(|(name, bytes, side)| Base::new(name, bytes, *side))
            .collect()
    })
}

/// The base with this name.
///
/// # Panics
/// If there is no base with this name.
#[must_use]
pub fn named(name: &str) -> &'static Base {
    all()
        .iter()
        .find(|base| base.name == name)
        .expect("a base of that name")
}

impl Base {
    fn new(name: &'static str, bytes: &[u8], side: Option<&'static str>) -> Self {
        let image = Image::decode(bytes);
        let mut base = Self {
            name,
            side,
            partition: 0,
            directories: Vec::new(),
            all: different(&image),
            volume: image
                .blocks
                .iter()
                .filter(|(at, block)| is_of_volume(**at, &block[..]))
                .map(|(at, _)| *at)
                .collect(),
            vats: Vec::new(),
            image,
        };
        if let Some(mut volume) =
            sheet::drive(name, &base.image, &base.image).and_then(|drive| Volume::open(drive).ok())
        {
            base.note(&mut volume);
        }
        base
    }

    fn note(&mut self, volume: &mut Volume) {
        if let Some(partition) = volume.maps().first().and_then(volume::Map::partition) {
            self.partition = partition.start.0;
        }
        let mut vats = BTreeSet::new();
        let mut next = volume.vat().cloned();
        while let Some(vat) = next {
            vats.insert(self.partition + vat.icb.0);
            vats.extend(sectors(volume, &vat.body));
            next = volume.previous_vat(&vat).ok().flatten();
        }
        self.vats = vats
            .into_iter()
            .filter(|at| self.image.blocks.contains_key(at))
            .collect();
        let mut directories = Vec::new();
        walk::nodes(volume, &mut |volume, node| {
            if node.kind == NodeKind::Directory
                && let Ok(body) = volume.body(node)
            {
                directories.push(sectors(volume, &body));
            }
        });
        directories.retain(|one| !one.is_empty());
        self.directories = directories;
    }

    /// The blocks to change with this focus.
    #[must_use]
    pub fn blocks(&self, focus: Focus) -> &[u32] {
        match focus {
            Focus::All => &self.all,
            Focus::Volume => &self.volume,
            Focus::Vat if self.vats.is_empty() => &self.all,
            Focus::Vat => &self.vats,
        }
    }

    /// A read-only drive with an image derived from this base; the next such image replaces it.
    #[must_use]
    pub fn drive(&self, image: &Image) -> Option<Drive> {
        sheet::drive(self.name, &self.image, image)
    }
}

fn sectors(volume: &mut Volume, body: &Body) -> Vec<u32> {
    let Body::Extents(extents) = body else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for extent in extents {
        if let ExtentKind::Recorded(address) = extent.kind
            && let Ok(first) = volume.resolve(address)
        {
            let blocks = u32::try_from(extent.length.div_ceil(2048))
                .unwrap_or_default()
                .min(1000);
            found.extend(first.0..first.0 + blocks);
        }
    }
    found
}

/// Blocks that are not empty; of a run of the same descriptors, as at the end of a session, only the first
/// and last.
fn different(image: &Image) -> Vec<u32> {
    let same = |one: u32, other: Option<u32>| {
        let body = |at| image.blocks.get(&at).map(|block| &block[16..]);
        other.is_some_and(|other| body(one) == body(other))
    };
    let inside = |at: u32| same(at, at.checked_sub(1)) && same(at, at.checked_add(1));
    image.blocks.keys().copied().filter(|at| !inside(*at)).collect()
}

fn is_of_volume(at: u32, block: &[u8]) -> bool {
    let tag = Tag::peek(block).map(|tag| tag.identifier());
    let is_table = SparingTableHeader::peek(block).is_ok();
    at < 32 || is_table || tag.is_some_and(|tag| tag.0 <= 9 || tag == TagIdentifier::FILE_SET_DESCRIPTOR)
}
