//! The side file: read whole, written whole and at once.

use crate::behaviour::Behaviour;
use crate::disc::Disc;
use crate::error::Error;
use crate::recorder::at;
use crate::side_text;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// No side file is longer: a medium has at most 62.5 million blocks, and a packet on a CD costs about 16 bytes here.
const LONGEST: u64 = 64 << 20;

/// Reads the side file of `image`.
pub(crate) fn read(image: &Path, path: &Path) -> Result<(Disc, Behaviour), Error> {
    let file = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::NoSideFile(image.to_owned()),
        _ => Error::Io {
            path: path.to_owned(),
            source,
        },
    })?;
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(at(path))?;
    side_text::decode(&text).map_err(|(line, what)| Error::SideFile {
        path: path.to_owned(),
        line,
        what,
    })
}

/// Replaces the side file: at any moment there is the old one or the new one.
pub(crate) fn write(path: &Path, disc: &Disc, behaviour: &Behaviour) -> Result<(), Error> {
    replace(path, &side_text::encode(disc, behaviour)).map_err(at(path))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = OsString::from(path);
    name.push(".new");
    let temporary = PathBuf::from(name);
    let mut file = File::create(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(directory)?.sync_all()
}
