//! The kernels that judge: Debian's own packages, unpacked below `target/` but not installed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use super::packages::ListsFetched;

/// Packages that depend on the judges' kernels: the distribution's kernel, and a newer one that refuses more
/// (from 6.2 on, a directory entry whose CRC does not cover all of it is an error).
const META_PACKAGES: &[&str] = &["linux-image-amd64", "linux-image-6.12-amd64"];

/// Modules that the guest loads, together with those that they need.
const MODULES: &[&str] = &[
    "virtio_pci",
    "virtio_scsi",
    "sd_mod",
    "9p",
    "9pnet_virtio",
    "overlay",
    "udf",
    "isofs",
    "nls_utf8",
];

/// Modules for a guest that mounts an SMB share.
const NETWORK_MODULES: &[&str] = &["cifs", "cmac", "ccm", "gcm"];

/// Modules for a guest in which a program acts as a recorder.
const RECORDER_MODULES: &[&str] = &["sr_mod", "sg", "target_core_user", "tcm_loop"];

/// Modules for a guest in which the program mounts volumes.
const MOUNT_MODULES: &[&str] = &["fuse"];

/// Modules for a guest with drives of tgt.
const ISCSI_MODULES: &[&str] = &["crc32c_generic", "iscsi_tcp"];

/// The module folders of a kernel, and the modules in each. A module in one folder is not repeated in a later
/// one.
const FOLDERS: [(&str, &[&str]); 5] = [
    ("modules", MODULES),
    ("network", NETWORK_MODULES),
    ("recorder", RECORDER_MODULES),
    ("mounts", MOUNT_MODULES),
    ("iscsi", ISCSI_MODULES),
];

/// A kernel and its modules, ready for the guest.
pub struct Kernel {
    /// Its version, as printed by `uname -r`.
    pub version: String,
    /// `vmlinuz`, and the folders of modules, whose names sort in loading order.
    pub folder: PathBuf,
}

impl Kernel {
    /// Its name without the parts that do not matter to people.
    pub fn name(&self) -> String {
        let number: Vec<&str> = self.version.split('.').take(2).collect();
        format!("Linux {}", number.join("."))
    }
}

/// Fetches and unpacks the missing kernels.
pub fn prepare(shell: &Shell, folder: &Path, mut lists: ListsFetched) -> Result<Vec<Kernel>> {
    META_PACKAGES
        .iter()
        .map(|meta| prepare_one(shell, meta, &folder.join(meta), &mut lists))
        .collect()
}

fn prepare_one(shell: &Shell, meta: &str, folder: &Path, lists: &mut ListsFetched) -> Result<Kernel> {
    let ready = folder.join("version");
    // A kernel prepared by an older version of this program may lack modules.
    let wanted = format!("{FOLDERS:?}");
    let prepared = folder.join("prepared");
    if std::fs::read_to_string(&prepared).is_ok_and(|prepared| prepared == wanted)
        && let Ok(version) = std::fs::read_to_string(&ready)
    {
        return Ok(Kernel {
            version,
            folder: folder.to_owned(),
        });
    }
    lists.ensure(shell)?;
    let package = package_of(shell, meta)?;
    println!(
        "setup: unpacking the kernel of {package} into {}",
        folder.display()
    );
    let unpacked = folder.join("unpacked");
    shell.remove_path(folder)?;
    shell.create_dir(&unpacked)?;
    download(shell, &package, &unpacked)?;
    let version = keep_needed(shell, folder, &unpacked)
        .with_context(|| format!("{package} is not the kernel package that was expected"))?;
    shell.remove_path(&unpacked)?;
    shell.write_file(&ready, &version)?;
    shell.write_file(&prepared, wanted)?;
    Ok(Kernel {
        version,
        folder: folder.to_owned(),
    })
}

/// The package with the kernel itself, from the dependencies of `meta`.
fn package_of(shell: &Shell, meta: &str) -> Result<String> {
    let depends = cmd!(shell, "apt-cache depends {meta}").quiet().read()?;
    first_dependency(&depends)
        .map(str::to_owned)
        .with_context(|| format!("the package lists have no kernel for {meta}"))
}

fn first_dependency(depends: &str) -> Option<&str> {
    depends
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with("linux-image-"))
}

fn download(shell: &Shell, package: &str, unpacked: &Path) -> Result<()> {
    let _there = shell.push_dir(unpacked);
    cmd!(
        shell,
        "apt-get download -q=2 -o APT::Sandbox::User=root {package}"
    )
    .quiet()
    .ignore_stdout()
    .run()
    .with_context(|| format!("cannot download {package}"))?;
    let archive = only_file(unpacked, ".deb")?;
    cmd!(shell, "dpkg-deb -x {archive} .").quiet().run()?;
    shell.remove_path(&archive)?;
    Ok(())
}

/// Keeps the kernel and the modules that the guest loads, unpacked and named in loading order.
fn keep_needed(shell: &Shell, folder: &Path, unpacked: &Path) -> Result<String> {
    let kernel = only_file(&unpacked.join("boot"), "vmlinuz-")?;
    let version = file_name(&kernel)?.trim_start_matches("vmlinuz-").to_owned();
    shell.copy_file(&kernel, folder.join("vmlinuz"))?;
    cmd!(shell, "depmod -b {unpacked} {version}").quiet().run()?;
    let mut taken = Vec::new();
    for (name, modules) in FOLDERS {
        take_modules(shell, unpacked, &version, modules, &folder.join(name), &mut taken)?;
    }
    Ok(version)
}

/// Keeps modules and what they need, unless already kept.
fn take_modules(
    shell: &Shell,
    unpacked: &Path,
    version: &str,
    modules: &[&str],
    folder: &Path,
    taken: &mut Vec<PathBuf>,
) -> Result<()> {
    shell.create_dir(folder)?;
    for module in modules {
        let shown = cmd!(
            shell,
            "modprobe -d {unpacked} -S {version} --show-depends {module}"
        )
        .quiet()
        .read()?;
        for path in insmod_paths(&shown) {
            if !taken.contains(&path) {
                take_module(shell, &path, folder, taken.len())?;
                taken.push(path);
            }
        }
    }
    Ok(())
}

/// The files of `modprobe --show-depends`, in loading order; built-in modules have none.
fn insmod_paths(shown: &str) -> Vec<PathBuf> {
    shown
        .lines()
        .filter_map(|line| line.strip_prefix("insmod "))
        .filter_map(|line| line.split_whitespace().next())
        .map(PathBuf::from)
        .collect()
}

fn take_module(shell: &Shell, path: &Path, modules: &Path, position: usize) -> Result<()> {
    let name = file_name(path)?;
    let kept = modules.join(format!("{position:02}-{name}"));
    shell.copy_file(path, &kept)?;
    if name.ends_with(".xz") {
        cmd!(shell, "xz -d {kept}").quiet().run()?;
    }
    Ok(())
}

fn only_file(folder: &Path, part: &str) -> Result<PathBuf> {
    let mut found = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().contains(part));
    match (found.next(), found.next()) {
        (Some(path), None) => Ok(path),
        _ => bail!("{} does not contain exactly one {part}", folder.display()),
    }
}

fn file_name(path: &Path) -> Result<&str> {
    path.file_name()
        .and_then(|name| name.to_str())
        .with_context(|| format!("{}: no name", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_package_is_the_first_dependency() {
        let text = "linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n";
        assert_eq!(first_dependency(text), Some("linux-image-6.1.0-56-amd64"));
        assert_eq!(first_dependency("linux-image-amd64\n"), None);
    }

    #[test]
    fn built_in_modules_are_not_loaded() {
        let shown = "builtin virtio\ninsmod /a/crc-itu-t.ko \ninsmod /a/udf.ko.xz \n";
        assert_eq!(
            insmod_paths(shown),
            [PathBuf::from("/a/crc-itu-t.ko"), PathBuf::from("/a/udf.ko.xz")]
        );
    }
}
