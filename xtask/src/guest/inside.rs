//! What runs inside the guest: mounts each image, walks it, and writes down what it finds.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use super::change::{change, fill};
use super::initramfs::MEMORY_INSIDE;
use super::jobs::{self, JOBS, Job, Outcome, Work, outcome_path};
use super::script;
use crate::listing::{LargeDirectories, Listing, differences, walk};
use crate::trees;

/// Does the jobs of the shared folder.
pub fn run(shared: &Path) -> Result<()> {
    if script::is_there(shared) {
        return script::run(shared);
    }
    let jobs: Vec<Job> = jobs::read(&shared.join(JOBS))?;
    let devices = devices(jobs.len())?;
    let waiting = Mutex::new(0..jobs.len());
    let done: Mutex<BTreeMap<usize, Outcome>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(position) = waiting.lock().ok().and_then(|mut waiting| waiting.next()) {
                    let outcome = do_job(&jobs[position], position, &devices[position]);
                    if let Ok(mut done) = done.lock() {
                        done.insert(position, outcome);
                    }
                }
            });
        }
    });
    let log = kernel_log()?;
    for (position, mut outcome) in done.into_inner().ok().context("a job panicked")? {
        outcome.complaints = complaints(&log, &devices[position]);
        jobs::write(&outcome_path(shared, position), &outcome)?;
    }
    Ok(())
}

/// The names of the block devices, ordered by logical unit; waits until all have appeared.
fn devices(count: usize) -> Result<Vec<String>> {
    let started = Instant::now();
    loop {
        let mut found: BTreeMap<u64, String> = BTreeMap::new();
        for unit in std::fs::read_dir("/sys/class/scsi_device")?.filter_map(Result::ok) {
            let name = unit.file_name().to_string_lossy().into_owned();
            let number = name.rsplit(':').next().and_then(|number| number.parse().ok());
            let block = std::fs::read_dir(unit.path().join("device/block"))
                .ok()
                .and_then(|mut d| d.next());
            if let (Some(number), Some(Ok(block))) = (number, block) {
                let device = block.file_name().to_string_lossy().into_owned();
                if Path::new("/dev").join(&device).exists() {
                    found.insert(number, device);
                }
            }
        }
        if found.len() == count {
            return Ok(found.into_values().collect());
        }
        if started.elapsed() > Duration::from_secs(60) {
            anyhow::bail!("{} of {count} images appeared as block devices", found.len());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn do_job(job: &Job, position: usize, device: &str) -> Outcome {
    let started = Instant::now();
    let result = mounted_listing(job, position, device);
    let milliseconds = started.elapsed().as_millis();
    let (error, listing) = match result {
        Ok(listing) => (None, listing),
        Err(error) => (Some(format!("{error:#}")), Listing::new()),
    };
    Outcome {
        error,
        listing,
        complaints: Vec::new(),
        milliseconds,
    }
}

fn mounted_listing(job: &Job, position: usize, device: &str) -> Result<Listing> {
    let point = Path::new(MEMORY_INSIDE).join(format!("mount-{position}"));
    std::fs::create_dir(&point)?;
    let options = std::ffi::CString::new(job.options.as_str())?;
    let filesystem = job.filesystem.as_str();
    let mounted = |flags, work: &dyn Fn() -> Result<Listing>| {
        mount(
            format!("/dev/{device}"),
            &point,
            filesystem,
            flags,
            options.as_c_str(),
        )
        .context("cannot mount")?;
        let done = work();
        unmount(&point, UnmountFlags::empty()).context("cannot unmount")?;
        done
    };
    let list = || walk(&point, LargeDirectories::ByNumber);
    if job.work == Work::List {
        return mounted(MountFlags::RDONLY, &list);
    }
    let before = mounted(MountFlags::empty(), &|| {
        match job.work {
            Work::Fill => fill(&point)?,
            Work::FillWithKinds => trees::of_kinds(&point)?,
            _ => change(&point)?,
        }
        list()
    })?;
    let listing = mounted(MountFlags::RDONLY, &list)?;
    let found = differences(&before, &listing);
    ensure!(
        found.is_empty(),
        "the kernel shows other files when it mounts again: {found:?}"
    );
    Ok(listing)
}

/// All messages of the kernel, one per line.
fn kernel_log() -> Result<Vec<String>> {
    let output = Command::new("dmesg")
        .arg("--level=emerg,alert,crit,err,warn")
        .output()
        .context("dmesg")?;
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect())
}

/// The lines of the log that mention a device.
fn complaints(log: &[String], device: &str) -> Vec<String> {
    let said = |line: &&String| {
        line.split(|c: char| !c.is_alphanumeric())
            .any(|word| word == device)
    };
    log.iter().filter(said).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_belongs_to_the_device_that_it_names() {
        let log = [
            "[1.0] UDF-fs: error (device sda): udf_read_inode: failed".to_owned(),
            "[1.0] UDF-fs: warning (device sdaa): udf_load_vrs: No anchor found".to_owned(),
        ];
        assert_eq!(complaints(&log, "sda"), log[..1]);
        assert_eq!(complaints(&log, "sdaa"), log[1..]);
    }
}
