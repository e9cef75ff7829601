//! Copies what is left of one volume.

use std::collections::HashSet;
use std::os::fd::{AsFd as _, OwnedFd};

use oncefs::nodes::{Node, NodeKind, Step, Volume, Walk};
use oncefs::salvage::{Form, LostNode, Salvaged};
use rustix::fs::FileType;

use super::account::Account;
use super::report::VolumeReport;
use super::{Run, kind, too_much};
use crate::extract::{Copier, enter, kind as kind_on_host};
use crate::failure::{Context as _, Failure, Outcome};

/// The directory of files without a name.
const LOST_AND_FOUND: &str = "lost+found";
/// What the names of directories begin with that the program makes.
const MADE: [&str; 2] = [LOST_AND_FOUND, "volume "];
/// The most names that are tried for such a directory.
const MOST_NAMES: usize = 1000;

impl Run<'_> {
    /// Copies what a volume has and no volume before it.
    pub(super) fn volume(&mut self, number: usize, salvaged: &mut Salvaged, recorded: u64) -> Outcome {
        let versions = self.arguments.versions;
        if number > 1 && !self.same.has_news(salvaged, versions, recorded, self.interrupt)? {
            return Ok(());
        }
        let described = VolumeReport::of(salvaged);
        let (root, lost) = (salvaged.root(), salvaged.lost().to_vec());
        let block_size = u64::from(salvaged.layout().block_size().bytes());
        let is_virtual = salvaged.layout().form() == Form::Virtual;
        let ground = salvaged.layout().ground().filter(|_| is_virtual);
        let ground = ground.map(|ground| ground.0);
        let (volume, view) = salvaged.parts();
        let root = root.and_then(|root| volume.node(root).ok());
        let own = root
            .as_ref()
            .map_or_else(HashSet::new, |root| own_names(volume, root));
        let top = self.top.try_clone().map_err(Failure::failed)?;
        let (directory, top) = if number == 1 {
            self.own_names.clone_from(&own);
            (None, top)
        } else {
            let name = free_name(&top, &format!("volume {number}"), &self.own_names);
            let below = enter(top.as_fd(), &name).map_err(Failure::failed);
            let below = below.at(self.arguments.target.join(&name).display())?;
            (Some(name), below)
        };
        let prefix = directory
            .as_ref()
            .map_or_else(String::new, |name| format!("/{name}"));
        let lost_and_found = free_name(&top, LOST_AND_FOUND, &own);
        let (complaints, bar) = (&self.complaints, self.tools.progress.bytes(Some(recorded)));
        let complain = |failure: &Failure| complaints.tell(failure);
        let mut account = Account::new(
            view,
            &mut self.report,
            &mut self.same,
            &prefix,
            ground,
            versions,
            recorded,
        );
        let root = root.filter(|root| account.enters(volume, "/", root));
        let copier = Copier::new(volume, top, false, bar, self.interrupt, &complain);
        let mut copier = copier
            .below_map(directory.as_deref())
            .filling(true)
            .shortening(true)
            .with_map(self.map.as_mut())
            .with_witness(&mut account);
        if !self.arguments.force {
            copier = copier.asking_beyond(recorded, |_, copied| Err(too_much(copied, recorded)));
        }
        let parts = Parts {
            root: root.as_ref(),
            lost: &lost,
            deleted: versions,
            prefix: &prefix,
            lost_and_found: &lost_and_found,
            block_size,
        };
        let mut done = parts.copy(&mut copier);
        if versions && done.is_ok() {
            copier.begin_versions();
            done = parts.copy(&mut copier);
        }
        let (copied, _) = copier.finish();
        self.same.end_volume();
        self.report.add_volume(described, copied);
        done
    }
}

/// What a volume has.
struct Parts<'a> {
    root: Option<&'a Node>,
    lost: &'a [LostNode],
    /// Whether deleted files are copied too.
    deleted: bool,
    /// The directory of the volume below the target; empty for the first.
    prefix: &'a str,
    lost_and_found: &'a str,
    block_size: u64,
}

impl Parts<'_> {
    fn copy(&self, copier: &mut Copier<'_>) -> Outcome {
        if let Some(root) = self.root {
            copier.copy(root, None, self.prefix, false)?;
        }
        let mut names = HashSet::new();
        for one in self.lost {
            if one.is_deleted && !self.deleted {
                continue;
            }
            let Some((node, ending)) = copier.look_at(|volume| {
                let node = one.node(volume).ok()?;
                let ending = kind::ending(volume, &node);
                Some((node, ending))
            }) else {
                continue;
            };
            if one.is_deleted && node.kind == NodeKind::Directory {
                continue;
            }
            let name = name_of(one, ending, self.block_size, &mut names);
            let path = format!("{}/{}/{name}", self.prefix, self.lost_and_found);
            copier.copy_into(self.lost_and_found, &node, &name, &path)?;
        }
        Ok(())
    }
}

/// The names in a directory of the disc that a directory which the program makes may have too.
fn own_names(volume: &mut Volume, directory: &Node) -> HashSet<String> {
    let mut walk = Walk::new(directory.clone(), "");
    let mut names = HashSet::new();
    while let Some(step) = walk.step(volume) {
        let Ok(Step::Entry { named, .. }) = step else {
            continue;
        };
        let is_alike = MADE.iter().any(|made| named.name.starts_with(made));
        if is_alike && names.len() < MOST_NAMES {
            names.insert(named.name);
        }
    }
    names
}

/// A name that the disc does not have, and that nothing but a directory has in a directory of the host.
fn free_name(directory: &OwnedFd, name: &str, own: &HashSet<String>) -> String {
    let found = |name: &str| kind_on_host(directory.as_fd(), name);
    let is_free =
        |name: &str| !own.contains(name) && matches!(found(name), Ok(None | Some(FileType::Directory)));
    let numbered = (2..=2 + MOST_NAMES).map(|number| format!("{name}~{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names
        .find(|name| is_free(name))
        .unwrap_or_else(|| name.to_owned())
}

/// The name of a file that has none, which becomes one of `names`. Parts of several directories may be in
/// one block.
fn name_of(
    lost: &LostNode,
    ending: Option<&'static str>,
    block_size: u64,
    names: &mut HashSet<String>,
) -> String {
    let block = lost.byte / block_size;
    let mut number = 1;
    loop {
        let place = match number {
            1 => format!("#{block}"),
            _ => format!("#{block}~{number}"),
        };
        let name = match (&lost.name, ending) {
            (Some(name), _) => format!("{place} {name}"),
            (None, Some(ending)) => format!("{place}.{ending}"),
            (None, None) => place,
        };
        if names.insert(name.clone()) {
            return name;
        }
        number += 1;
    }
}
