//! `oncefs ls`

use std::io::{self, BufWriter, Write};

use oncefs::nodes::{Node, NodeKind, Volume};

use super::{Tools, read};
use crate::arguments;
use crate::attributes::{self, Attribute};
use crate::disc_path::DiscPath;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::listing::{Listing, Name};
use crate::output::{List, count};
use crate::streams::{self, Listed, beside};
use crate::tree::{Entry, Step, Tree};

/// Lists files as they are read, so that a volume may have any number of them.
pub fn run(tools: &Tools, arguments: &arguments::List) -> Outcome {
    let mut volume = read::open(tools, &arguments.disc, arguments.view)?;
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut lister = Lister {
        list: List::new(out, tools.output.json),
        arguments,
        json: tools.output.json,
        failures: 0,
        worst: Exit::Failed,
    };
    for path in &arguments.paths {
        let path = DiscPath::new(path);
        let text = path.to_string();
        // Nodes are read once each, which takes the volume below.
        let volume = volume.open_volume().volume();
        let node = volume.lookup_path(&text).at(&path)?;
        lister.path(volume, &node, &path)?;
    }
    let listed = lister.finish();
    let newest = read::require_all(tools.output, &mut volume);
    listed.and(newest)
}

struct Lister<'a, W> {
    list: List<W>,
    arguments: &'a arguments::List,
    json: bool,
    /// Files and directories that could not be read.
    failures: u64,
    worst: Exit,
}

impl<W: Write> Lister<'_, W> {
    fn path(&mut self, volume: &mut Volume, node: &Node, path: &DiscPath) -> Outcome {
        let text = path.to_string();
        if node.kind != NodeKind::Directory || self.arguments.directory {
            return self.push(volume, node, &text, &text);
        }
        let mut tree = Tree::new(node.clone(), &text);
        while let Some(step) = tree.step(volume) {
            match step {
                Ok(Step::Entry(entry)) => self.entry(volume, &mut tree, &entry)?,
                Ok(Step::Leave) => {}
                Err(failure) => self.complain(failure)?,
            }
        }
        Ok(())
    }

    /// Lists one name. Reads its node only if more than the name of a file is needed.
    fn entry(&mut self, volume: &mut Volume, tree: &mut Tree, entry: &Entry) -> Outcome {
        let Entry { path, name, .. } = entry;
        let recursive = self.arguments.recursive;
        let shown = if recursive { path } else { name };
        let names_alone = !self.json && !self.arguments.long;
        if names_alone {
            self.list.push(&Name(shown))?;
            if !(recursive && entry.is_directory || self.arguments.streams) {
                return Ok(());
            }
        }
        let node = match entry.node(volume) {
            Ok(node) => node,
            Err(failure) => return self.complain(failure),
        };
        if !names_alone {
            self.push(volume, &node, path, shown)?;
        } else if self.arguments.streams {
            self.streams(volume, &node, path, shown)?;
        }
        if recursive && node.kind == NodeKind::Directory {
            tree.enter(node, path);
        }
        Ok(())
    }

    fn push(&mut self, volume: &mut Volume, node: &Node, path: &str, shown: &str) -> Outcome {
        match Listing::new(volume, node, path) {
            Ok(mut listing) => {
                listing.long = self.arguments.long;
                shown.clone_into(&mut listing.shown);
                if self.json {
                    listing.attributes = self.attributes(volume, node, path)?;
                }
                if self.json && self.arguments.streams {
                    listing.streams = Some(self.listed_streams(volume, node, path)?);
                }
                self.list.push(&listing)?;
                if self.json || !self.arguments.streams {
                    return Ok(());
                }
                self.streams(volume, node, path, shown)
            }
            Err(failure) => self.complain(failure),
        }
    }

    /// Lists the streams of a file, one per line.
    fn streams(&mut self, volume: &mut Volume, node: &Node, path: &str, shown: &str) -> Outcome {
        let (streams, failures) = streams::of(volume, node, path);
        for stream in streams {
            let (path, shown) = (beside(path, &stream.name), beside(shown, &stream.name));
            let listing = stream.node(volume).at(&path);
            match listing.and_then(|node| Listing::new(volume, &node, &path)) {
                Ok(listing) => self.list.push(&Listing {
                    long: self.arguments.long,
                    meaning: stream.meaning(),
                    shown,
                    ..listing
                })?,
                Err(failure) => self.complain(failure)?,
            }
        }
        failures
            .into_iter()
            .try_for_each(|failure| self.complain(failure))
    }

    fn attributes(&mut self, volume: &mut Volume, node: &Node, path: &str) -> Outcome<Vec<Attribute>> {
        match attributes::of(volume, node).at(path) {
            Ok(attributes) => Ok(attributes),
            Err(failure) => self.complain(failure).map(|()| Vec::new()),
        }
    }

    fn listed_streams(&mut self, volume: &mut Volume, node: &Node, path: &str) -> Outcome<Vec<Listed>> {
        let (streams, failures) = streams::of(volume, node, path);
        let mut listed = Vec::new();
        for stream in streams {
            match stream.node(volume).at(beside(path, &stream.name)) {
                Ok(node) => listed.push(Listed {
                    meaning: stream.meaning(),
                    name: stream.name,
                    size: node.size(),
                    metadata: stream.is_metadata,
                }),
                Err(failure) => self.complain(failure)?,
            }
        }
        failures
            .into_iter()
            .try_for_each(|failure| self.complain(failure))?;
        Ok(listed)
    }

    /// Reports what could not be read; the others are still listed, unless the drive is gone.
    fn complain(&mut self, failure: Failure) -> Outcome {
        if failure.kind == FailureKind::Drive {
            return Err(failure);
        }
        failure.report(self.json);
        self.failures += 1;
        self.worst = self.worst.max(failure.exit);
        Ok(())
    }

    fn finish(self) -> Outcome {
        self.list.finish()?;
        if self.failures == 0 {
            return Ok(());
        }
        let kind = if self.worst == Exit::Damaged {
            FailureKind::Damaged
        } else {
            FailureKind::Failed
        };
        let message = format!("{} could not be read", count(self.failures, "file", "files"));
        Err(Failure::new(self.worst, kind, message))
    }
}
