//! One boot: the machine starts with its images attached, does its jobs and shuts down.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use xshell::Shell;

use super::initramfs::{self, BEGIN_MARK, END_MARK};
use super::jobs::{self, JOBS, Job, Outcome, Work, outcome_path};
use super::script;
use crate::setup::Kernel;

/// Maximum number of images per boot: the logical units of one target.
const IMAGES_A_BOOT: usize = 200;

/// How many times to start a machine whose kernel does not come up: it has not touched any image by then.
const STARTS: usize = 3;

/// How machines emulate their processor: the same on every host, with or without KVM.
pub const ACCELERATION: [&str; 4] = ["-accel", "tcg,thread=multi", "-cpu", "max"];

/// An image attached to the machine as a disk.
#[derive(Clone, Copy)]
struct Disk<'a> {
    image: &'a Path,
    is_writable: bool,
}

/// A machine that can be booted any number of times.
pub struct Guest<'a> {
    kernel: &'a Kernel,
    archive: PathBuf,
    folder: PathBuf,
}

impl<'a> Guest<'a> {
    /// Prepares what the machine needs in `folder`.
    pub fn new(shell: &Shell, kernel: &'a Kernel, folder: &Path) -> Result<Self> {
        let archive = folder.join("initramfs");
        // A copy, because a build may meanwhile replace the file that this process was started from.
        let program = folder.join("xtask");
        std::fs::copy("/proc/self/exe", &program).context("cannot copy this program")?;
        initramfs::build(shell, kernel, &program, &archive)
            .context("cannot build the guest's file system")?;
        Ok(Self {
            kernel,
            archive,
            folder: folder.to_owned(),
        })
    }

    /// Does all jobs, in as many boots as needed; returns their outcomes in order. `limit` applies to each
    /// boot.
    pub fn run(&self, jobs: &[Job], limit: Duration) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        for (number, batch) in jobs.chunks(IMAGES_A_BOOT).enumerate() {
            let shared = self.folder.join(format!("boot-{number}"));
            std::fs::create_dir_all(&shared)?;
            jobs::write(&shared.join(JOBS), &batch)?;
            let disks: Vec<Disk<'_>> = batch
                .iter()
                .map(|job| Disk {
                    image: &job.image,
                    is_writable: job.work != Work::List,
                })
                .collect();
            self.boot(&disks, &shared, limit)?;
            for position in 0..batch.len() {
                outcomes.push(jobs::read(&outcome_path(&shared, position))?);
            }
        }
        Ok(outcomes)
    }

    /// Runs a shell script as the guest's only work, and returns its output. Its first argument is the folder
    /// shared with the host; `images` are `/dev/sda` and so on, read-only.
    pub fn run_script(&self, text: &str, images: &[&Path], limit: Duration) -> Result<String> {
        let shared = self.shared();
        std::fs::create_dir_all(&shared)?;
        script::write(&shared, text)?;
        let disks: Vec<Disk<'_>> = images
            .iter()
            .map(|image| Disk {
                image,
                is_writable: false,
            })
            .collect();
        self.boot(&disks, &shared, limit)?;
        script::printed(&shared)
    }

    /// The folder that a script shares with the host.
    pub fn shared(&self) -> PathBuf {
        self.folder.join("script")
    }

    fn boot(&self, disks: &[Disk<'_>], shared: &Path, limit: Duration) -> Result<()> {
        let console = shared.join("console");
        let (mut ended, mut text) = (false, String::new());
        for _ in 0..STARTS {
            let mut machine = self
                .command(disks, shared, &console)
                .spawn()
                .context("cannot start qemu")?;
            ended = wait(&mut machine, limit)?;
            text = String::from_utf8_lossy(&std::fs::read(&console).unwrap_or_default()).into_owned();
            if text.contains(BEGIN_MARK) {
                break;
            }
            println!("the kernel of the guest ({}) did not start", self.kernel.version);
        }
        if !ended || !text.contains(&format!("{END_MARK} 0")) {
            let tail: Vec<&str> = text.lines().rev().take(30).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            bail!(
                "the guest ({}) did not finish:\n{}",
                self.kernel.version,
                tail.join("\n")
            );
        }
        Ok(())
    }

    fn command(&self, disks: &[Disk<'_>], shared: &Path, console: &Path) -> Command {
        let mut command = Command::new("qemu-system-x86_64");
        command.args([
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
            "-display",
            "none",
            "-monitor",
            "none",
        ]);
        command.args(["-machine", "pc"]).args(ACCELERATION);
        command.args([
            // With two, one emulated processor may run code that the other is patching, and the kernel
            // sometimes panics at boot.
            "-smp", "1", "-m", "1024",
        ]);
        command
            .arg("-kernel")
            .arg(self.kernel.folder.join("vmlinuz"))
            .arg("-initrd")
            .arg(&self.archive);
        command.args([
            "-append",
            "console=ttyS0 quiet panic=-1 log_buf_len=4M mitigations=off",
        ]);
        command
            .arg("-serial")
            .arg(format!("file:{}", comma_safe(console)));
        command.args([
            "-fsdev",
            "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
        ]);
        command.args(["-device", "virtio-9p-pci,fsdev=host,mount_tag=host"]);
        command
            .arg("-fsdev")
            .arg(format!(
                "local,id=shared,path={},security_model=none",
                comma_safe(shared)
            ))
            .args(["-device", "virtio-9p-pci,fsdev=shared,mount_tag=shared"])
            .args(["-device", "virtio-scsi-pci,id=scsi"]);
        for (unit, disk) in disks.iter().enumerate() {
            let image = comma_safe(disk.image);
            let readonly = if disk.is_writable { "off" } else { "on" };
            // Linux takes no blocks that are shorter than a sector of the disk.
            let sector = if disk.is_writable { 512 } else { 2048 };
            command.arg("-drive").arg(format!(
                "if=none,id=image{unit},format=raw,readonly={readonly},file.locking=off,file={image}"
            ));
            command.arg("-device").arg(format!(
                "scsi-hd,bus=scsi.0,scsi-id=0,lun={unit},drive=image{unit},logical_block_size={sector},physical_block_size={sector}"
            ));
        }
        command.stdin(Stdio::null());
        command
    }
}

/// QEMU's options require a comma in a value to be doubled.
pub fn comma_safe(path: &Path) -> String {
    path.to_string_lossy().replace(',', ",,")
}

/// Waits until the machine is off; `false` if it had to be killed at the limit.
pub fn wait(machine: &mut Child, limit: Duration) -> Result<bool> {
    let started = Instant::now();
    while machine.try_wait()?.is_none() {
        if started.elapsed() > limit {
            machine.kill()?;
            machine.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(true)
}
