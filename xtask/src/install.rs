//! The install target: program, libraries, headers and pkg-config file below a prefix.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::place::Place;

/// Builds everything in release and copies it to `prefix`, below `destdir` where that is given.
pub fn run(place: &Place, prefix: &Path, destdir: Option<&Path>) -> Result<()> {
    ensure!(prefix.is_absolute(), "the prefix has to be absolute");
    let shell = place.shell()?;
    build(&shell)?;
    let root = shell.current_dir();
    let capi = root.join("crates/capi");
    let built = place.target().join("release");
    let to = match destdir {
        Some(destdir) => destdir.join(prefix.strip_prefix("/")?),
        None => prefix.to_owned(),
    };
    install(&built.join("oncefs"), &to.join("bin/oncefs"), 0o755)?;
    let library = built.join("liboncefs_capi.a");
    install(&library, &to.join("lib/liboncefs.a"), 0o644)?;
    let version = env!("CARGO_PKG_VERSION");
    let shared = format!("liboncefs.so.{version}");
    let (script, output) = (capi.join("link-shared.sh"), to.join("lib").join(&shared));
    cmd!(shell, "{script} {library} {output}").quiet().run()?;
    for link in ["liboncefs.so.0", "liboncefs.so"] {
        relink(&shared, &to.join("lib").join(link))?;
    }
    for header in ["winioctl.h", "windows.h", "winternl.h", "ntstatus.h"] {
        let path = Path::new("include/oncefs").join(header);
        install(&capi.join(&path), &to.join(&path), 0o644)?;
    }
    let template = fs::read_to_string(capi.join("oncefs.pc.in"))?;
    let text = template
        .replace("@PREFIX@", &prefix.display().to_string())
        .replace("@VERSION@", version);
    let file = to.join("lib/pkgconfig/oncefs.pc");
    make_folder_of(&file)?;
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    println!("installed below {}", to.display());
    Ok(())
}

/// Builds the program and the libraries in release.
pub fn build(shell: &Shell) -> Result<()> {
    cmd!(
        shell,
        "cargo build --release --quiet -p oncefs-cli -p oncefs-capi"
    )
    .quiet()
    .run()
    .context("the release build")
}

/// Copies a file, whoever runs what is there now.
fn install(from: &Path, to: &Path, mode: u32) -> Result<()> {
    make_folder_of(to)?;
    let new = PathBuf::from(format!("{}.new", to.display()));
    fs::copy(from, &new).with_context(|| format!("cannot copy {} to {}", from.display(), new.display()))?;
    fs::set_permissions(&new, fs::Permissions::from_mode(mode))?;
    fs::rename(&new, to).with_context(|| format!("cannot replace {}", to.display()))
}

fn relink(target: &str, link: &Path) -> Result<()> {
    if link.symlink_metadata().is_ok() {
        fs::remove_file(link)?;
    }
    symlink(target, link).with_context(|| format!("cannot make {}", link.display()))
}

fn make_folder_of(file: &Path) -> Result<()> {
    let folder = file.parent().context("a file without a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
