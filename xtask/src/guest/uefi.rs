//! A machine with the UEFI firmware OVMF and nothing else to boot: its shell runs a script and switches it
//! off.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::boot::{ACCELERATION, comma_safe, wait};

/// From Debian's package ovmf.
const CODE: &str = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const VARIABLES: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";

/// Maximum number of discs, in slots from [`FIRST_SLOT`] on; the firmware finds one unit on each controller.
/// 24 took 7 minutes next to other work.
pub const DISCS_A_BOOT: usize = 12;

/// The PCI slot of the first disc.
pub const FIRST_SLOT: usize = 3;
const SLOT_OF_SCRIPT: usize = 2;

/// Runs a script of the UEFI shell, which must end with `reset -s`, in a new machine with these images as
/// discs in drives; returns the console output. `folder` must not exist.
pub fn run_in_uefi_shell(script: &str, discs: &[&Path], folder: &Path, limit: Duration) -> Result<String> {
    ensure!(discs.len() <= DISCS_A_BOOT, "too many discs for one machine");
    let boot = folder.join("boot");
    std::fs::create_dir_all(&boot)?;
    std::fs::write(boot.join("startup.nsh"), script)?;
    let variables = folder.join("variables");
    std::fs::copy(VARIABLES, &variables).context("the package ovmf is missing")?;
    let console = folder.join("console");
    let mut machine = command(discs, &boot, &variables, &console)
        .spawn()
        .context("cannot start qemu")?;
    let ended = wait(&mut machine, limit)?;
    let said = String::from_utf8_lossy(&std::fs::read(&console)?).into_owned();
    ensure!(
        ended,
        "the UEFI shell did not end in {} s; its console is {}",
        limit.as_secs(),
        console.display()
    );
    Ok(said)
}

fn command(discs: &[&Path], boot: &Path, variables: &Path, console: &Path) -> Command {
    let mut command = Command::new("qemu-system-x86_64");
    command.args(["-nodefaults", "-no-user-config", "-no-reboot"]);
    command.args(["-display", "none", "-monitor", "none"]);
    command.args(["-machine", "q35"]).args(ACCELERATION);
    command.args(["-smp", "1", "-m", "256"]);
    let mut drive = |options: &str, path: &Path| {
        command
            .arg("-drive")
            .arg(format!("format=raw,{options}{}", comma_safe(path)));
    };
    drive("if=pflash,readonly=on,file=", Path::new(CODE));
    drive("if=pflash,file=", variables);
    // A folder as a FAT disk.
    drive("if=none,id=boot,readonly=on,file=fat:", boot);
    for (unit, disc) in discs.iter().enumerate() {
        drive(
            &format!("if=none,id=disc{unit},readonly=on,file.locking=off,file="),
            disc,
        );
    }
    let mut device = |device: String| {
        command.arg("-device").arg(device);
    };
    device(format!("virtio-blk-pci,drive=boot,addr={SLOT_OF_SCRIPT:x}"));
    for unit in 0..discs.len() {
        let slot = FIRST_SLOT + unit;
        device(format!("virtio-scsi-pci,id=scsi{unit},addr={slot:x}"));
        device(format!("scsi-cd,bus=scsi{unit}.0,drive=disc{unit}"));
    }
    command
        .arg("-serial")
        .arg(format!("file:{}", comma_safe(console)));
    command.stdin(Stdio::null());
    command
}
