//! The readers that run on this machine, with what each can report about any disc and how it is asked.

use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};
use xshell::Shell;

use super::programs::{self, Built, Extracted};
use super::sight::{Names, Sight, Volume};
use super::udfclient::fetch_by_udfclient;
use crate::listing::{Entry, Kind, Listing};

/// A reader.
pub struct Reader {
    pub name: &'static str,
    pub sight: Sight,
    /// What it cannot do with any disc, for people.
    pub limits: &'static str,
    /// What it shows of several sessions if it does not support sessions.
    sessions: Sessions,
    look: fn(&Asked<'_>) -> Result<Listing>,
}

/// What a reader shows of an image of several sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sessions {
    /// The first.
    First,
    /// The first, even while it is open if it has its recognition sequence: it supports VATs.
    FirstWithVat,
    /// The first while it is alone, and the last one that is closed: it knows VATs.
    Last,
    /// Nothing.
    None,
    /// It cannot distinguish them.
    Any,
}

/// What a reader is asked about.
pub struct Asked<'a> {
    pub shell: &'a Shell,
    pub built: &'a Built,
    pub image: &'a Path,
    /// A path that does not exist, to extract to.
    pub to: &'a Path,
    /// The files to ask for if a reader lists nothing.
    pub files: &'a [&'a str],
    /// Bytes of a block, for readers that must be told.
    pub block_size: u64,
}

/// Whether a disc has its recognition sequence while its first session is open.
pub fn is_recognised_at_once(mode: &str, medium: &str) -> bool {
    mode == "udf" && medium != "cd-r"
}

impl Reader {
    /// The state that it must show of an image of this mode in this state; `None` if it can find no volume.
    pub fn shows<'a>(&self, mode: &str, medium: &str, state: &'a str) -> Option<&'a str> {
        let needs_bridge = self.sight.volume == Volume::RockRidge || self.name.starts_with("pycdlib");
        if needs_bridge && mode != "bridge" {
            return None;
        }
        match (state, self.sessions) {
            ("closed" | "finalized at once", _) => Some(state),
            ("open", Sessions::Last) => Some(state),
            ("open", Sessions::FirstWithVat | Sessions::Any) if is_recognised_at_once(mode, medium) => {
                Some(state)
            }
            ("open", _) => None,
            (_, Sessions::Any) => Some(state),
            ("second session open", _) | (_, Sessions::First | Sessions::FirstWithVat) => Some("closed"),
            (_, Sessions::Last) => Some(state),
            (_, Sessions::None) => None,
        }
    }

    /// What it can tell of an image of that mode on that medium in that state.
    pub fn sight(&self, mode: &str, medium: &str, state: &str) -> Sight {
        let sees_vat = self.sessions == Sessions::FirstWithVat && state == "open";
        let volume = if sees_vat && is_recognised_at_once(mode, medium) {
            Volume::VatCounts
        } else {
            self.sight.volume
        };
        Sight { volume, ..self.sight }
    }

    /// What it reports about an image; empty if it finds no volume. Complaints about a volume that it reads
    /// are entries too.
    pub fn look(&self, asked: &Asked<'_>) -> Result<Listing> {
        (self.look)(asked)
    }
}

const SECOND: i64 = 1_000_000;

/// All of them.
pub const READERS: &[Reader] = &[
    Reader {
        name: "7-Zip",
        sight: Sight {
            time: Some(1),
            ..Sight::of(Volume::Udf)
        },
        limits: "no modes, owners or hard links",
        sessions: Sessions::First,
        look: |asked| {
            let seen = programs::seven_zip(asked.shell, asked.image, asked.to, &[])?;
            Ok(without_complaints(seen))
        },
    },
    Reader {
        name: "libudfread",
        sight: Sight::of(Volume::Udf),
        limits: "no times, modes, owners or hard links",
        sessions: Sessions::First,
        look: |asked| {
            let seen = programs::copied(asked.shell, &asked.built.read_udf, &[], asked.image, asked.to)?;
            Ok(without_complaints(seen))
        },
    },
    Reader {
        name: "hadris-udf",
        sight: Sight::of(Volume::Udf),
        limits: "no times, modes, owners or hard links",
        sessions: Sessions::First,
        look: |asked| {
            let seen = programs::copied(
                asked.shell,
                &asked.built.hadris,
                &["extract2"],
                asked.image,
                asked.to,
            )?;
            Ok(without_complaints(seen))
        },
    },
    Reader {
        name: "pycdlib, UDF",
        sight: Sight::of(Volume::Udf),
        limits: "needs ISO 9660, and anchors that agree: those of several sessions do not",
        sessions: Sessions::None,
        look: |asked| programs::pycdlib(asked.shell, &asked.built.python, asked.image, "udf_path", ""),
    },
    Reader {
        name: "pycdlib, ISO 9660",
        sight: Sight {
            extents: false,
            ..Sight::of(Volume::RockRidge)
        },
        limits: "no times or owners; one section of several; anchors must agree",
        sessions: Sessions::None,
        look: |asked| {
            let mut seen = programs::pycdlib(asked.shell, &asked.built.python, asked.image, "rr_path", "")?;
            // It treats anything that is neither directory nor symbolic link as a file.
            seen.entry("/links/fifo".to_owned())
                .and_modify(|entry| *entry = Entry::default());
            Ok(seen)
        },
    },
    Reader {
        name: "udfclient",
        sight: Sight {
            below: "/sizes",
            ..Sight::of(Volume::Udf)
        },
        limits: "some 120 nodes, so it is asked for one folder; no links, owners or names beyond ASCII",
        sessions: Sessions::Last,
        look: |asked| {
            let seen = fetch_by_udfclient(asked.image, asked.to, "/sizes", asked.block_size)?;
            let at = |path: &str| format!("/sizes{}", path.trim_end_matches('/'));
            Ok(seen.into_iter().map(|(path, entry)| (at(&path), entry)).collect())
        },
    },
    Reader {
        name: "GRUB",
        sight: Sight {
            files_only: true,
            ..Sight::of(Volume::Udf)
        },
        limits: "asked for files by name; no times or owners",
        sessions: Sessions::First,
        look: |asked| {
            files(asked, |path| {
                programs::grub_contents(asked.shell, asked.image, path)
            })
        },
    },
    Reader {
        name: "libdvdread",
        sight: Sight {
            files_only: true,
            extents: false,
            names: Names::Ascii,
            ..Sight::of(Volume::Udf)
        },
        limits: "asked for files by name; first extent only; ASCII names; no empty files",
        sessions: Sessions::First,
        look: libdvdread,
    },
    Reader {
        name: "libcdio, UDF",
        sight: Sight {
            files_only: true,
            names: Names::NotLatin1,
            ..Sight::of(Volume::Udf)
        },
        limits: "asked for files by name; no names of Latin-1 beyond ASCII; no times or owners",
        sessions: Sessions::First,
        look: |asked| {
            let out = asked.to.with_extension("file");
            files(asked, |path| {
                programs::iso_read(asked.shell, asked.image, path, &out, &["--udf"])
            })
        },
    },
    Reader {
        name: "libcdio, ISO 9660",
        sight: Sight {
            extents: false,
            ..Sight::of(Volume::RockRidge)
        },
        limits: "no UDF; first section only; no times or owners",
        sessions: Sessions::First,
        look: |asked| {
            let listed = programs::iso_info_sizes(asked.shell, asked.image, &["--no-joliet"])?;
            let entry = |path: String| (path, Entry::default());
            let seen: Listing = listed.into_keys().map(entry).collect();
            let out = asked.to.with_extension("file");
            with_contents(asked, seen, |path| {
                programs::iso_read(asked.shell, asked.image, path, &out, &[])
            })
        },
    },
    Reader {
        name: "isoinfo",
        sight: Sight::of(Volume::RockRidge),
        limits: "no UDF; no sessions, even on a drive; no times or owners",
        sessions: Sessions::First,
        look: |asked| {
            let seen = programs::isoinfo_paths(asked.shell, asked.image, "-R")?;
            with_contents(asked, seen, |path| {
                programs::isoinfo_contents(asked.shell, asked.image, path).map(Some)
            })
        },
    },
    Reader {
        name: "bsdtar",
        sight: Sight {
            time: Some(SECOND),
            owners: true,
            nodes: true,
            ..Sight::of(Volume::RockRidge)
        },
        limits: "no UDF",
        sessions: Sessions::First,
        look: |asked| {
            let seen = programs::bsdtar(asked.shell, asked.image, asked.to, &[])?;
            let is_empty = seen.listing.len() < 2;
            Ok(if is_empty {
                Listing::new()
            } else {
                without_complaints(seen)
            })
        },
    },
    Reader {
        name: "xorriso",
        sight: Sight {
            time: Some(SECOND),
            owners: true,
            ..Sight::of(Volume::RockRidge)
        },
        limits: "no UDF; no hard links",
        sessions: Sessions::First,
        look: |asked| {
            let seen = programs::xorriso(asked.shell, asked.image, asked.to, &["/"])?;
            Ok(without_complaints(seen))
        },
    },
    Reader {
        name: "udfinfo",
        sight: Sight::of(Volume::Counts),
        limits: "tells the numbers of files and directories",
        sessions: Sessions::FirstWithVat,
        look: |asked| {
            let values = programs::values(asked.shell, "udfinfo", &["--utf8"], asked.image)?;
            let number = |key: &str| Some(values.get(key)?.parse::<u64>().ok());
            let entry = |size| Entry {
                size,
                ..Entry::default()
            };
            Ok([
                ("/files", number("numfiles")),
                ("/directories", number("numdirs")),
            ]
            .into_iter()
            .filter_map(|(name, number)| Some((name.to_owned(), entry(number?))))
            .collect())
        },
    },
    Reader {
        name: "blkid",
        sight: Sight::of(Volume::Type),
        limits: "type only; not asked about a CD of several sessions on a drive, where it may find nothing",
        sessions: Sessions::Any,
        look: |asked| {
            let values = programs::values(asked.shell, "blkid", &["-p", "-o", "export"], asked.image)?;
            let found = values
                .get("TYPE")
                .map(|name| (format!("/{name}"), Entry::default()));
            Ok(found.into_iter().collect())
        },
    },
];

/// A reader that complains and still extracts has not read the volume correctly: its complaints are added to
/// the listing.
fn without_complaints(seen: Extracted) -> Listing {
    let mut listing = seen.listing;
    if listing.keys().any(|path| path != "/") {
        let words = seen.complaints.into_iter();
        listing.extend(words.map(|words| (words, Entry::default())));
    } else {
        listing.clear();
    }
    listing
}

/// The result of a reader that is asked for one file after the other.
fn files(asked: &Asked<'_>, read: impl Fn(&str) -> Result<Option<Vec<u8>>>) -> Result<Listing> {
    let mut seen = Listing::new();
    for path in asked.files {
        if let Some(contents) = read(path)? {
            seen.insert((*path).to_owned(), file(&contents));
        } else if seen.is_empty() {
            // If the first file is not found, there is no volume.
            break;
        }
    }
    Ok(seen)
}

/// The result of a reader that lists, and is asked for the contents of some files.
fn with_contents(
    asked: &Asked<'_>,
    mut seen: Listing,
    read: impl Fn(&str) -> Result<Option<Vec<u8>>>,
) -> Result<Listing> {
    for path in asked.files {
        if let Some(entry) = seen.get_mut(*path)
            && let Some(contents) = read(path)?
        {
            *entry = file(&contents);
        }
    }
    Ok(seen)
}

fn file(contents: &[u8]) -> Entry {
    let digest = Sha256::digest(contents);
    Entry {
        kind: Some(Kind::File),
        size: Some(contents.len() as u64),
        sha256: Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()),
        ..Entry::default()
    }
}

fn libdvdread(asked: &Asked<'_>) -> Result<Listing> {
    use std::os::unix::fs::FileExt;
    const BLOCK: u64 = 2048;
    let image = std::fs::File::open(asked.image)?;
    let mut seen = Listing::new();
    let found = programs::find_udf(&asked.built.find_udf, asked.image, asked.files)?;
    for (path, place) in asked.files.iter().zip(found) {
        if let Some((block, size)) = place {
            let mut contents = vec![0; usize::try_from(size)?];
            image.read_exact_at(&mut contents, block * BLOCK)?;
            seen.insert((*path).to_owned(), file(&contents));
        }
    }
    Ok(seen)
}
