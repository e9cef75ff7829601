//! hadris-udf for the contests: `peer-hadris write2|write3 TREE IMAGE`, `peer-hadris list2 IMAGE`; and as a
//! judge: `peer-hadris extract2 IMAGE FOLDER`.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use hadris_udf_2::write::{SimpleDir, SimpleFile, UdfWriteOptions, UdfWriter};
use hadris_udf_2::{UdfDir, UdfVolume};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write2", tree, image] => write2(Path::new(tree), Path::new(image)),
        ["write3", tree, image] => write3(Path::new(tree), Path::new(image)),
        ["list2", image] => list2(Path::new(image)),
        ["extract2", image, folder] => extract2(Path::new(image), Path::new(folder)),
        _ => Err("usage: peer-hadris write2|write3 TREE IMAGE | list2 IMAGE | extract2 IMAGE FOLDER".into()),
    }
}

/// Version 2 takes a tree with all contents in memory.
fn write2(tree: &Path, image: &Path) -> Outcome {
    let mut root = SimpleDir::root();
    gather(tree, &mut root)?;
    let out = BufWriter::with_capacity(1 << 20, File::create(image)?);
    let output =
        UdfWriter::create(out, &root, UdfWriteOptions::default()).map_err(|error| format!("{error:?}"))?;
    Ok(output.into_inner().flush()?)
}

fn gather(folder: &Path, into: &mut SimpleDir) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|_| "a name is not UTF-8")?;
        if entry.file_type()?.is_dir() {
            let mut directory = SimpleDir::new(name);
            gather(&entry.path(), &mut directory)?;
            into.add_dir(directory);
        } else {
            into.add_file(SimpleFile::new(name, fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// Version 3 reads the tree itself.
fn write3(tree: &Path, image: &Path) -> Outcome {
    let read = hadris_fs::host::read_tree(tree, &hadris_fs::host::TreeOptions::default());
    let (tree, _skipped) = read.map_err(|error| format!("{error:?}"))?;
    let out =
        hadris_storage::host::FileDevice::new(File::create(image)?).map_err(|error| format!("{error:?}"))?;
    let written = hadris_udf_3::sync::write(out, &tree, &hadris_udf_3::UdfOptions::default());
    written.map_err(|error| format!("{error:?}"))?;
    Ok(())
}

type Volume = UdfVolume<BufReader<File>>;

fn open2(image: &Path) -> Outcome<(Volume, UdfDir)> {
    let volume = UdfVolume::open(BufReader::new(File::open(image)?)).map_err(|error| format!("{error:?}"))?;
    let root = volume.root_dir().map_err(|error| format!("{error:?}"))?;
    Ok((volume, root))
}

fn extract2(image: &Path, folder: &Path) -> Outcome {
    let (volume, root) = open2(image)?;
    copy(&volume, &root, folder)
}

/// Copies the contents of a directory; its folder already exists.
fn copy(volume: &Volume, directory: &UdfDir, to: &Path) -> Outcome {
    fs::create_dir(to)?;
    for entry in directory.entries() {
        let path = to.join(entry.name());
        if entry.is_dir() {
            let below = volume.read_directory(&entry.icb).map_err(|error| format!("{error:?}"))?;
            copy(volume, &below, &path)?;
        } else {
            fs::write(path, volume.read_file(entry).map_err(|error| format!("{error:?}"))?)?;
        }
    }
    Ok(())
}

fn list2(image: &Path) -> Outcome {
    let (volume, root) = open2(image)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    show(&volume, &root, "", &mut out)?;
    Ok(out.flush()?)
}

fn show(volume: &Volume, directory: &UdfDir, path: &str, out: &mut impl Write) -> Outcome {
    for entry in directory.entries() {
        writeln!(out, "{path}/{}", entry.name())?;
        if entry.is_dir() {
            let below = volume
                .read_directory(&entry.icb)
                .map_err(|error| format!("{error:?}"))?;
            show(volume, &below, &format!("{path}/{}", entry.name()), out)?;
        }
    }
    Ok(())
}
