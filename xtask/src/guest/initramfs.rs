//! The guest's initial file system: busybox, the modules, and a script that makes the host's programs usable.

use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::setup::Kernel;

/// The console line which shows that the guest's kernel came up.
pub const BEGIN_MARK: &str = "oncefs-guest-begins";

/// The console line which shows that the guest finished.
pub const END_MARK: &str = "oncefs-guest-ended";

/// Where the shared folder is mounted inside: a separate path, so that nothing of the host is hidden below
/// it.
pub const SHARED_INSIDE: &str = "/run/oncefs-judges/shared";

/// Where the guest has a file system in memory.
pub const MEMORY_INSIDE: &str = "/run/oncefs-judges/memory";

/// The host's tree is a read-only share with a writable layer in memory over it; `program` of the host runs
/// inside.
const INIT: &str = r#"#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
echo "@BEGIN@"
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
for module in /modules/*; do
    insmod "$module" || echo "cannot load $module"
done
options=trans=virtio,version=9p2000.L,msize=512000,cache=loose
mount -t 9p -o ro,$options host /host
mount -t tmpfs memory /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
mkdir -p /root@SHARED@ /root@MEMORY@
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 shared /root@SHARED@
for directory in dev proc sys; do
    mount --bind /$directory /root/$directory
done
mount -t tmpfs memory /root@MEMORY@
chroot /root "@PROGRAM@" inside @SHARED@
echo "@END@ $?"
poweroff -f
"#;

/// Builds the archive `archive` for a guest that runs `program inside` of the host.
pub fn build(shell: &Shell, kernel: &Kernel, program: &Path, archive: &Path) -> Result<()> {
    let folder = archive.with_extension("folder");
    shell.remove_path(&folder)?;
    for directory in ["bin", "dev", "proc", "sys", "host", "layer", "root", "modules"] {
        shell.create_dir(folder.join(directory))?;
    }
    shell.copy_file("/bin/busybox", folder.join("bin/busybox"))?;
    for module in shell.read_dir(kernel.folder.join("modules"))? {
        shell.copy_file(module, folder.join("modules"))?;
    }
    let program = program
        .to_str()
        .context("the path of this program is not UTF-8")?;
    let init = INIT
        .replace("@SHARED@", SHARED_INSIDE)
        .replace("@MEMORY@", MEMORY_INSIDE)
        .replace("@PROGRAM@", program)
        .replace("@BEGIN@", BEGIN_MARK)
        .replace("@END@", END_MARK);
    let path = folder.join("init");
    shell.write_file(&path, init)?;
    cmd!(shell, "chmod +x {path}").quiet().run()?;
    let _there = shell.push_dir(&folder);
    let names = cmd!(shell, "find .").quiet().read()?;
    let bytes = cmd!(shell, "cpio --quiet -o -H newc")
        .stdin(names)
        .quiet()
        .output()?
        .stdout;
    shell.write_file(archive, bytes)?;
    shell.remove_path(&folder)?;
    Ok(())
}
