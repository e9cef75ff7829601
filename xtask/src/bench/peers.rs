//! The peers, and where they are installed.

use std::path::PathBuf;

use anyhow::Result;

use super::contest::Contestant;
use crate::place::Place;
use crate::setup::{self, packages};

/// Programs that are neither ours nor from Debian.
pub struct Peers {
    hadris: PathBuf,
    python: PathBuf,
    pycdlib: PathBuf,
}

impl Peers {
    /// Installs and builds what is missing.
    pub fn prepare(place: &Place) -> Result<Self> {
        let shell = place.shell()?;
        packages::install(&shell, packages::PEERS)?;
        Ok(Self {
            hadris: setup::hadris(place)?,
            python: setup::pycdlib(place)?,
            pycdlib: shell.current_dir().join("xtask/peers/bridge.py"),
        })
    }

    /// Programs that create an image of a tree.
    pub fn writers(&self, tree: &str, image: &str) -> Vec<Contestant> {
        let pycdlib = self.pycdlib.display().to_string();
        vec![
            Contestant::new(
                "genisoimage -udf -R -J",
                "genisoimage",
                &[
                    "-quiet",
                    "-udf",
                    "-R",
                    "-J",
                    "-allow-limited-size",
                    "-o",
                    image,
                    tree,
                ],
            ),
            Contestant::new(
                "xorriso -as mkisofs",
                "xorriso",
                &["-as", "mkisofs", "-quiet", "-R", "-o", image, tree],
            ),
            Contestant::new("hadris-udf 2.2.0", &self.hadris, &["write2", tree, image]),
            Contestant::new("hadris-udf 3.0.0-rc.2", &self.hadris, &["write3", tree, image]),
            Contestant::new("pycdlib", &self.python, &[&pycdlib, tree, image]),
        ]
    }

    /// Programs that copy all files out of an image by genisoimage.
    pub fn extractors(&self, image: &str, into: &str) -> Vec<Contestant> {
        let into_words = format!("-o{into}");
        vec![
            Contestant::new("7zz x", "7zz", &["x", "-bd", "-y", &into_words, image]),
            Contestant::new(
                "bsdtar xf",
                "sh",
                &[
                    "-c",
                    "mkdir \"$1\" && bsdtar xf \"$2\" -C \"$1\"",
                    "sh",
                    into,
                    image,
                ],
            ),
        ]
    }

    /// Programs that list all names of an image by genisoimage.
    pub fn listers(&self, image: &str) -> Vec<Contestant> {
        vec![
            Contestant::new("7zz l", "7zz", &["l", image]),
            Contestant::new("bsdtar tf", "bsdtar", &["tf", image]),
            Contestant::new("hadris-udf 2.2.0", &self.hadris, &["list2", image]),
        ]
    }
}
