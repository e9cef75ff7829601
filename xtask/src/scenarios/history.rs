//! A disc and its history: commands, the model of their effects, and copies of the image to be judged.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use crate::findings::Findings;
use crate::listing::{LargeDirectories, Listing, Model, differences, walk};
use crate::program::{Info, Program};
use crate::readers::{Sight, Sighting};

/// What every scenario needs.
pub struct Bench<'a> {
    pub program: &'a Program,
    pub findings: &'a Findings,
    /// The folder for images, trees and extracted files.
    pub folder: &'a Path,
}

/// A disc at one moment.
pub struct State {
    pub name: String,
    /// A copy of the image, without a side file.
    pub image: PathBuf,
    /// What the volume must contain.
    pub expected: Arc<Listing>,
    /// What the program reported about the disc.
    pub info: Info,
    /// What the program listed and extracted.
    pub ours: Arc<Listing>,
    /// How a kernel should mount it, and what it must then see.
    pub views: Vec<View>,
}

/// One way to mount an image.
pub struct View {
    /// The file system type passed to mount.
    pub filesystem: &'static str,
    /// Mount options besides `ro`.
    pub options: String,
    /// What it must show; if this is empty, the kernel must not mount it.
    pub expected: Arc<Listing>,
    /// Whether the view shows the disc's current state, which is what the program lists.
    pub present: bool,
    /// What a kernel must complain about because it is damaged; it may complain about nothing else.
    pub complaints: &'static [&'static str],
    /// If the kernel sees a volume that lacks something: what that volume has.
    pub sight: Option<Sight>,
    /// What to keep for the page about readers.
    pub sighting: Option<Sighting>,
}

impl View {
    /// A UDF volume that must show everything.
    pub fn whole(options: String, expected: Arc<Listing>, present: bool) -> Self {
        Self {
            filesystem: "udf",
            options,
            expected,
            present,
            complaints: &[],
            sight: None,
            sighting: None,
        }
    }
}

/// A disc from its first command on.
pub struct History<'a> {
    bench: &'a Bench<'a>,
    name: String,
    folder: PathBuf,
    pub disc: PathBuf,
    pub model: Model,
    /// Closed sessions: first and last block, and the contents of the volume at the time.
    closed: Vec<(u32, u32, Arc<Listing>)>,
    states: Vec<State>,
}

impl<'a> History<'a> {
    /// A disc that does not exist yet.
    pub fn new(bench: &'a Bench<'a>, name: &str) -> Result<Self> {
        let folder = bench.folder.join(name.replace(' ', "_"));
        std::fs::create_dir_all(&folder)?;
        let disc = folder.join("disc.udf");
        let (model, closed, states) = (Model::formatted(), Vec::new(), Vec::new());
        Ok(Self {
            bench,
            name: name.to_owned(),
            folder,
            disc,
            model,
            closed,
            states,
        })
    }

    /// `oncefs COMMAND DISC ARGUMENTS`
    pub fn command<A: AsRef<OsStr>>(&self, command: &str, arguments: &[A]) -> Result<()> {
        let arguments = arguments.iter().map(AsRef::as_ref);
        let all = [OsStr::new(command), self.disc.as_os_str()]
            .into_iter()
            .chain(arguments);
        self.bench
            .program
            .run(all)
            .map(drop)
            .with_context(|| self.name.clone())
    }

    /// `oncefs add DISC tree/.`, `--into` the directory `into`, which is merged with what is there.
    pub fn add(&mut self, tree: &Path, into: &str, extra: &[&str]) -> Result<()> {
        let contents = tree.join(".");
        let mut arguments = vec![contents.as_os_str(), OsStr::new("--into"), OsStr::new(into)];
        arguments.extend(extra.iter().map(OsStr::new));
        self.command("add", &arguments)?;
        self.model.add(&walk(tree, LargeDirectories::ByName)?, into);
        Ok(())
    }

    /// `oncefs burn tree/. --to DISC --into into --rom no`: discs for readers without VAT support are a
    /// separate scenario.
    pub fn burn(&mut self, tree: &Path, into: &str, extra: &[&str]) -> Result<()> {
        let contents = tree.join(".");
        let mut arguments = vec![OsStr::new("burn"), contents.as_os_str()];
        arguments.extend([
            OsStr::new("--to"),
            self.disc.as_os_str(),
            OsStr::new("--into"),
            OsStr::new(into),
            OsStr::new("--rom"),
            OsStr::new("no"),
        ]);
        arguments.extend(extra.iter().map(OsStr::new));
        self.bench
            .program
            .run(arguments)
            .with_context(|| self.name.clone())?;
        self.model.add(&walk(tree, LargeDirectories::ByName)?, into);
        Ok(())
    }

    /// Keeps the current state of the disc for the judges, and judges what the program itself reports about
    /// it.
    pub fn freeze(&mut self, what: &str) -> Result<()> {
        let name = format!("{}, {what}", self.name);
        let state = self.state(&name).with_context(|| name.clone())?;
        self.states.push(state);
        Ok(())
    }

    fn state(&mut self, name: &str) -> Result<State> {
        let (info, mut ours) = self.listed(name)?;
        let expected = Arc::new(self.model.listing().clone());
        let extracted = self
            .bench
            .program
            .extract(&self.disc, &self.folder.join("extracted"))?;
        for (path, entry) in &mut ours {
            entry.sha256 = extracted.get(path).and_then(|entry| entry.sha256.clone());
        }
        self.bench.findings.judged(
            &format!("{name}: extracted by oncefs"),
            &differences(&expected, &extracted),
        );
        let mut views = vec![View::whole(String::new(), Arc::clone(&expected), true)];
        self.remember_closed(&info, &expected);
        for (start, last, then) in &self.closed {
            let options = format!("session={start},lastblock={last}");
            views.push(View::whole(options, Arc::clone(then), false));
        }
        Ok(State {
            name: name.to_owned(),
            image: self.keep_image()?,
            expected,
            info,
            ours: Arc::new(ours),
            views,
        })
    }

    /// How a kernel should see the last state.
    pub fn views(&mut self) -> &mut [View] {
        self.states.last_mut().map_or(&mut [], |state| &mut state.views)
    }

    /// Replaces the ways in which kernels mount the last state.
    pub fn set_views(&mut self, views: Vec<View>) {
        if let Some(state) = self.states.last_mut() {
            state.views = views;
        }
    }

    /// The sessions of the last state: the first block, and whether it is closed.
    pub fn sessions(&self) -> Vec<(u32, bool)> {
        let sessions = self.states.last().map_or(&[][..], |state| &state.info.sessions);
        let recorded = sessions.iter().filter(|session| session.last_recorded.is_some());
        recorded
            .map(|session| (session.start, session.state == "closed"))
            .collect()
    }

    /// Keeps a state that a kernel cannot mount or a host cannot store: it is listed, but neither extracted
    /// nor mounted.
    pub fn freeze_listed(&mut self, what: &str) -> Result<()> {
        let name = format!("{}, {what}", self.name);
        let (info, ours) = self.listed(&name).with_context(|| name.clone())?;
        let image = self.keep_image()?;
        let expected = Arc::new(self.model.listing().clone());
        self.states.push(State {
            name,
            image,
            expected,
            info,
            ours: Arc::new(ours),
            views: Vec::new(),
        });
        Ok(())
    }

    fn listed(&self, name: &str) -> Result<(Info, Listing)> {
        let ours = self.bench.program.list(&self.disc)?;
        let found = differences(self.model.listing(), &ours);
        self.bench
            .findings
            .judged(&format!("{name}: listed by oncefs"), &found);
        Ok((self.bench.program.info(&self.disc)?, ours))
    }

    /// The states, after the last command on the disc.
    pub fn end(self) -> Result<Vec<State>> {
        std::fs::remove_file(&self.disc).context("the disc itself")?;
        Ok(self.states)
    }

    fn remember_closed(&mut self, info: &Info, now: &Arc<Listing>) {
        if info.medium.profile.is_none() {
            return;
        }
        let closed = info.sessions.iter().filter(|session| session.state == "closed");
        for session in closed.skip(self.closed.len()) {
            if let Some(last) = session.last_recorded {
                self.closed.push((session.start, last, Arc::clone(now)));
            }
        }
    }

    fn keep_image(&self) -> Result<PathBuf> {
        let image = self.folder.join(format!("{}.img", self.states.len()));
        copy_image(&self.disc, &image)?;
        Ok(image)
    }
}

/// Copies an image; unrecorded blocks remain holes.
pub fn copy_image(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp")
        .arg("--sparse=always")
        .args([from, to])
        .status()?;
    ensure!(status.success(), "cannot copy {}", from.display());
    Ok(())
}
