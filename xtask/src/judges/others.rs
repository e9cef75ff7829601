//! Volumes of other programs: each reader is asked for the tree that they were made of. Only ours must show
//! it; what the others show is for the page.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use xshell::Shell;

use crate::findings::Findings;
use crate::guest::{Guest, Job, Work};
use crate::listing::{Listing, differences};
use crate::parallel::in_parallel;
use crate::program::Program;
use crate::readers::programs::Built;
use crate::readers::{Asked, OtherSighting, READERS, Show, Sight, Volume, shown};
use crate::scenarios::{Other, copy_image};
use crate::setup::Kernel;

/// Maximum duration of a boot.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// udfclient sleeps for most of its time.
const AT_ONCE: usize = 4;
/// What a kernel shows of them.
const LINUX: Sight = Sight::of(Volume::Vat);

/// What all judges of them need.
#[derive(Clone, Copy)]
pub struct Others<'a> {
    pub program: &'a Program,
    pub built: &'a Built,
    pub findings: &'a Findings,
    pub made: &'a [Other],
    pub tree: &'a Listing,
}

impl Others<'_> {
    /// Asks the readers of this machine for those that are not left to a kernel.
    pub fn ask_here(&self, folder: &Path) -> Result<()> {
        for other in self.made.iter().filter(|other| !other.is_empty) {
            self.ask(other, &other.image, folder)?;
        }
        Ok(())
    }

    /// Lets a kernel read them and fill the empty ones, and asks the readers of this machine for these.
    pub fn ask_kernel(&self, shell: &Shell, kernel: &Kernel, folder: &Path) -> Result<()> {
        let mut jobs = Vec::new();
        for (number, other) in self.made.iter().enumerate() {
            let image = if other.is_empty {
                let copy = folder.join(format!("filled-{number}.img"));
                copy_image(&other.image, &copy)?;
                copy
            } else {
                other.image.clone()
            };
            jobs.push(Job {
                name: other.name.clone(),
                image,
                filesystem: "udf".to_owned(),
                options: format!("bs={}", other.block_size),
                work: if other.is_empty { Work::Fill } else { Work::List },
            });
        }
        let outcomes = Guest::new(shell, kernel, folder)?.run(&jobs, LIMIT)?;
        for ((other, job), outcome) in self.made.iter().zip(&jobs).zip(outcomes) {
            self.saw(other, &kernel.name(), &LINUX, &outcome.listing);
            if other.is_empty {
                let what = format!("{}: filled by {}", other.name, kernel.name());
                let complaints = outcome.error.into_iter().chain(outcome.complaints);
                self.findings.judged(&what, &complaints.collect::<Vec<_>>());
                self.ask(other, &job.image, folder)?;
            }
        }
        Ok(())
    }

    /// Asks our program, which must show the tree, and the others.
    fn ask(&self, other: &Other, image: &Path, folder: &Path) -> Result<()> {
        let extracted = self.program.extract(image, &folder.join("by oncefs"))?;
        let extracted = kept(extracted);
        let found = differences(self.tree, &extracted);
        self.findings
            .judged(&format!("{}: read by oncefs", other.name), &found);
        self.saw(other, "oncefs", &LINUX, &extracted);
        let files: Vec<&str> = self
            .tree
            .iter()
            .filter(|(_, entry)| entry.size.is_some())
            .map(|(path, _)| path.as_str())
            .collect();
        let readers = READERS.iter().filter(|reader| reads_udf(reader.sight.volume));
        in_parallel(AT_ONCE, readers.collect(), |reader: &crate::readers::Reader| {
            let Ok(shell) = Shell::new() else { return };
            shell.set_var("LC_ALL", "C.UTF-8");
            shell.set_var("TZ", "UTC");
            let to = folder.join(reader.name);
            let seen = reader.look(&Asked {
                shell: &shell,
                built: self.built,
                image,
                to: &to,
                files: &files,
                block_size: other.block_size,
            });
            let _ = std::fs::remove_dir_all(&to);
            self.saw(other, reader.name, &reader.sight, &seen.unwrap_or_default());
        });
        Ok(())
    }

    fn saw(&self, other: &Other, reader: &str, sight: &Sight, seen: &Listing) {
        let mut tree = self.tree.clone();
        if sight.files_only {
            tree.retain(|_, entry| entry.size.is_some());
        }
        let shown = shown(sight, &kept(seen.clone()), [("whole", &tree)]);
        self.findings.saw_other(OtherSighting {
            reader: reader.to_owned(),
            origin: other.name.clone(),
            is_whole: matches!(shown, Show::State(_)),
            is_found: !matches!(shown, Show::Nothing),
        });
    }
}

fn reads_udf(volume: Volume) -> bool {
    matches!(volume, Volume::Udf | Volume::Counts)
}

/// What is compared: kinds, sizes and contents; no directories that a program makes for itself.
fn kept(mut seen: Listing) -> Listing {
    for entry in seen.values_mut() {
        (entry.mode, entry.uid, entry.gid, entry.mtime) = (None, None, None, None);
        (entry.links, entry.node) = (None, None);
    }
    seen.remove("/lost+found");
    seen.remove("/Non-Allocatable Space");
    seen
}
