//! The judges' part of the tests: records discs, then asks each judge.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use xshell::Shell;

use crate::bench::Peers;
use crate::findings::Findings;
use crate::judges::{
    BOOTS_WITH_FAULTS, DeviceBench, KINDS_OF_DRIVES, Others, Question, Salvage, ask_samba,
    compare_on_injected, fail_on_devices, judge_bridge, judge_by_kernel, judge_by_udfclient,
    judge_by_udfinfo, judge_page, judge_rom, judge_rom_in_uefi, judge_writers, live_on_devices,
    mount_on_devices, read_on_devices, record_by_others, refuse_foreign_volumes, refuse_network_paths,
    share_devices, states_for_uefi, use_drives, use_tgt,
};
use crate::listing::Listing;
use crate::place::Place;
use crate::program::Program;
use crate::readers::programs::Built;
use crate::readers::{OtherSighting, Sighting};
use crate::scenarios::{self, Bench, Other, RomState, Ruins, State};
use crate::setup::{self, Kernel};
use crate::timing::{Piece, Timing};

/// What is recorded and judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Every medium in every revision, from blank to finalized
    Lives,
    /// The same in drives with two switches set, drawn from a seed; kernels mount some of them
    OddLives,
    /// Discs of mkudffs, continued and closed
    Foreign,
    /// Volumes of rewritable media, which are only read: with sparable and metadata partitions
    Reading,
    /// Volumes of rewritable media that a kernel writes on
    Rewritable,
    /// Discs with few nodes, for readers with narrow limits
    Plain,
    /// Discs closed by a Windows program that is built against the installed library
    Ported,
    /// Names that UDF supports and the kernel does not
    LongNames,
    /// Discs with a plain volume next to the one with a VAT, for readers without VAT support
    Rom,
    /// A bridge with data alone, for readers of ISO 9660
    Bridge,
    /// Volumes of other programs, for every reader of UDF; only `cargo xtask readers` asks kernels too
    Others,
    /// Discs after a power cut: recovered, and continued and closed
    Crash,
    /// Discs rolled back, with files undeleted, and recovered after a power cut
    Past,
    /// Discs with injected errors, for udfinfo and our own judge
    Injected,
    /// Images by other programs that write UDF, for our own judge
    Writers,
    /// The page of a disc, in a browser
    Page,
    /// Volumes of which structures are destroyed, for `oncefs salvage` and photorec
    Salvage,
    /// Trees that are each large in one way
    Big,
    /// The control where it must be refused: on other volumes, on an SMB share, on network file systems, on a
    /// device in use by another process
    Control,
    /// A kernel's drive: the emulated recorder as /dev/sr0 of the guest, and the recorder of tgt
    Drives,
    /// The same for whole lives, for other programs that record, and with faults
    Devices,
    /// Volumes that the program mounts, on such a drive
    Mounts,
}

/// How many discs with a plain volume to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// For a test: all media with a bridge, one without.
    Test,
    /// All media in all modes, as images and on drives.
    All,
}

/// What readers showed.
pub struct Seen {
    /// Of plain volumes.
    pub plain: Vec<Sighting>,
    /// Of volumes of other programs.
    pub others: Vec<OtherSighting>,
}

/// Volumes of other programs, and who is asked about them.
struct ToAsk {
    built: Built,
    made: Vec<Other>,
    tree: Listing,
}

/// Records the scenarios and judges them; removes what was recorded if everything passed. Returns what
/// readers of plain volumes showed.
pub fn judge(place: &Place, timing: &mut Timing, chosen: &[Scenario], breadth: Breadth) -> Result<Seen> {
    let _lock = place.lock_judges()?;
    let findings = &Findings::default();
    let kernels = timing.part("set-up of the judges", || setup::run(place))?;
    let program = timing.part("release build", || Program::build(place))?;
    let run = Run {
        place,
        program: &program,
        findings,
        chosen,
        breadth,
    };
    let others = run.others(timing)?;
    let ruins = run.ruins(timing)?;
    let mut guests = Guests {
        run: &run,
        kernels: &kernels,
        boots: Vec::new(),
    };
    // The longest first, because two run at the same time.
    guests.devices()?;
    guests.mounts()?;
    guests.readers_on_devices()?;
    if let Some(others) = &others {
        guests.others(others)?;
    }
    guests.big(timing)?;
    guests.small(timing)?;
    run.compare_on_injected(timing)?;
    run.judge_writers(timing)?;
    run.judge_bridge(timing)?;
    run.judge_page(timing)?;
    if let Some(ruins) = &ruins {
        guests.salvage(ruins)?;
    }
    guests.drives()?;
    guests.crash(timing)?;
    guests.control(timing)?;
    let boots = guests.boots;
    if !boots.is_empty() {
        timing.part_of_pieces(&format!("{} guests, 2 at a time", boots.len()), 2, boots)?;
    }
    let (passed, failed) = findings.counts();
    println!("\njudges: {passed} passed, {failed} failed");
    ensure!(
        failed == 0,
        "{failed} judgements found differences; the images are in {}",
        place.work().display()
    );
    // Not every scenario leaves something.
    if place.work().exists() {
        std::fs::remove_dir_all(place.work())?;
    }
    Ok(Seen {
        plain: findings.sightings(),
        others: findings.others(),
    })
}

struct Run<'a> {
    place: &'a Place,
    program: &'a Program,
    findings: &'a Findings,
    chosen: &'a [Scenario],
    breadth: Breadth,
}

/// What is recorded, and the guests that will see it.
struct Guests<'a> {
    run: &'a Run<'a>,
    kernels: &'a [Kernel],
    boots: Vec<Piece<'a>>,
}

/// A judge with a guest and a folder of its own.
type Judge<'a> = Box<dyn FnOnce(&Shell, &Path) -> Result<()> + Send + 'a>;

impl<'a> Guests<'a> {
    fn small(&mut self, timing: &mut Timing) -> Result<()> {
        let run = self.run;
        let mut states = run.record(timing, Scenario::Lives, scenarios::record_lives)?;
        states.extend(run.record(timing, Scenario::Foreign, scenarios::continue_foreign_images)?);
        states.extend(run.record(timing, Scenario::LongNames, scenarios::record_long_names)?);
        let plain = run.record(timing, Scenario::Plain, scenarios::record_plain_discs)?;
        if !plain.is_empty() {
            let folder = run.place.fresh("udfclient")?;
            timing.part("udfclient", || judge_by_udfclient(&plain, &folder, run.findings))?;
        }
        states.extend(plain);
        states.extend(run.record(timing, Scenario::Ported, |bench| {
            scenarios::close_by_ported_program(bench, run.place)
        })?);
        run.ask_udfinfo(timing, &states)?;
        let (rom, seen) = run.rom(timing)?;
        states.extend(rom);
        self.uefi(&seen)?;
        states.extend(run.record(timing, Scenario::OddLives, scenarios::record_lives_in_odd_drives)?);
        let shell = run.place.shell()?;
        states.extend(run.record(timing, Scenario::Reading, |bench| {
            let mut states = scenarios::read_foreign_images(bench, &shell)?;
            states.extend(scenarios::read_sessions(bench)?);
            Ok(states)
        })?);
        states.extend(run.record(timing, Scenario::Past, |bench| {
            let mut states = scenarios::record_past(bench)?;
            states.extend(scenarios::record_recovered_discs(bench));
            Ok(states)
        })?);
        let empty = run.record(timing, Scenario::Rewritable, scenarios::make_rewritable_volumes)?;
        self.mount(Question { states, empty }, self.kernels)
    }

    /// An interrupted end of session leaves anchors that udfinfo takes for wrong ones: only kernels are
    /// asked.
    fn crash(&mut self, timing: &mut Timing) -> Result<()> {
        let states = self
            .run
            .record(timing, Scenario::Crash, scenarios::record_cut_discs)?;
        let empty = Vec::new();
        self.mount(Question { states, empty }, self.kernels)
    }

    /// Big trees go to one kernel, the newest, because it refuses most.
    fn big(&mut self, timing: &mut Timing) -> Result<()> {
        let shell = self.run.place.shell()?;
        let states = self.run.record(timing, Scenario::Big, |bench| {
            scenarios::record_big_trees(bench, &shell)
        })?;
        self.run.ask_udfinfo(timing, &states)?;
        let empty = Vec::new();
        self.mount(Question { states, empty }, self.newest())
    }

    /// The requests over the network need one kernel.
    fn control(&mut self, timing: &mut Timing) -> Result<()> {
        let run = self.run;
        if !run.chosen.contains(&Scenario::Control) {
            return Ok(());
        }
        let folder = run.place.fresh("control")?;
        timing.part("control on other volumes", || {
            refuse_foreign_volumes(run.program, &folder, run.findings)
        })?;
        let folder = run.place.fresh("samba")?;
        timing.part("control asked of Samba", || {
            ask_samba(run.program, &folder, run.findings)
        })?;
        for kernel in self.newest() {
            let share = move |shell: &Shell, folder: &Path| {
                share_devices(shell, kernel, run.program, folder, run.findings)
            };
            self.boot("locks on a device", kernel, Box::new(share))?;
            let refuse = move |shell: &Shell, folder: &Path| {
                refuse_network_paths(shell, kernel, run.program, folder, run.findings)
            };
            self.boot("control on SMB and 9P", kernel, Box::new(refuse))?;
        }
        Ok(())
    }

    fn drives(&mut self) -> Result<()> {
        let run = self.run;
        if !run.chosen.contains(&Scenario::Drives) {
            return Ok(());
        }
        for kernel in self.kernels {
            let drive = move |shell: &Shell, folder: &Path| {
                use_drives(shell, kernel, run.program, folder, run.findings)
            };
            self.boot("a drive", kernel, Box::new(drive))?;
        }
        for kernel in &self.kernels[..self.kernels.len().min(1)] {
            let tgt =
                move |shell: &Shell, folder: &Path| use_tgt(shell, kernel, run.program, folder, run.findings);
            self.boot("drives of tgt", kernel, Box::new(tgt))?;
        }
        Ok(())
    }

    /// Each kernel runs lives with drives of one kind and some of the faults; other programs need one kernel.
    fn devices(&mut self) -> Result<()> {
        if !self.run.chosen.contains(&Scenario::Devices) {
            return Ok(());
        }
        // The newest kernel gets the first of the faults.
        for (boot, kernel) in (0..BOOTS_WITH_FAULTS).zip(self.kernels.iter().rev().cycle()) {
            self.device(&format!("faults {boot} on a recorder"), kernel, move |bench| {
                fail_on_devices(bench, boot)
            })?;
        }
        for kernel in self.newest() {
            self.device("other programs on a recorder", kernel, record_by_others)?;
        }
        for (kind, kernel) in (0..KINDS_OF_DRIVES).zip(self.kernels.iter().cycle()) {
            self.device(&format!("lives {kind} on a recorder"), kernel, move |bench| {
                live_on_devices(bench, kind)
            })?;
        }
        Ok(())
    }

    /// A separate guest for all media and modes; the lives on devices cover some of them.
    fn readers_on_devices(&mut self) -> Result<()> {
        if self.run.breadth != Breadth::All || !self.run.chosen.contains(&Scenario::Rom) {
            return Ok(());
        }
        for kernel in self.kernels {
            self.device("plain volumes on a recorder", kernel, read_on_devices)?;
        }
        Ok(())
    }

    /// Each kernel reads the volumes of other programs, and fills some.
    fn others(&mut self, others: &'a ToAsk) -> Result<()> {
        let run = self.run;
        if run.breadth != Breadth::All {
            return Ok(());
        }
        let asked = Others {
            program: run.program,
            built: &others.built,
            findings: run.findings,
            made: &others.made,
            tree: &others.tree,
        };
        for kernel in self.kernels {
            let judge = move |shell: &Shell, folder: &Path| asked.ask_kernel(shell, kernel, folder);
            self.boot("volumes of other programs", kernel, Box::new(judge))?;
        }
        Ok(())
    }

    /// Ruins of volumes that the newest kernel fills.
    fn salvage(&mut self, ruins: &'a Ruins) -> Result<()> {
        let run = self.run;
        for kernel in self.newest() {
            let salvage = Salvage {
                program: run.program,
                findings: run.findings,
                ruins,
            };
            let judge = move |shell: &Shell, folder: &Path| salvage.judge(shell, kernel, folder);
            self.boot("volumes to ruin", kernel, Box::new(judge))?;
        }
        Ok(())
    }

    /// Each kernel gets every second medium.
    fn mounts(&mut self) -> Result<()> {
        if !self.run.chosen.contains(&Scenario::Mounts) {
            return Ok(());
        }
        for (first, kernel) in self.kernels.iter().enumerate() {
            self.device(&format!("mounts {first} on a recorder"), kernel, move |bench| {
                mount_on_devices(bench, first)
            })?;
        }
        Ok(())
    }

    fn device(
        &mut self,
        name: &str,
        kernel: &'a Kernel,
        judge: impl FnOnce(&DeviceBench<'_>) -> Result<()> + Send + 'a,
    ) -> Result<()> {
        let run = self.run;
        let judge = move |shell: &Shell, folder: &Path| {
            judge(&DeviceBench {
                shell,
                kernel,
                program: run.program,
                folder,
                findings: run.findings,
            })
        };
        self.boot(name, kernel, Box::new(judge))
    }

    /// The UEFI shell, which reads plain volumes.
    fn uefi(&mut self, states: &[RomState]) -> Result<()> {
        let run = self.run;
        for states in states_for_uefi(states, run.breadth == Breadth::All) {
            let folder = run.place.fresh(&format!("guest-{}", self.boots.len()))?;
            self.boots.push(Piece {
                name: format!("UEFI shell: {} discs", states.len()),
                run: Box::new(move || judge_rom_in_uefi(&states, &folder, run.findings)),
            });
        }
        Ok(())
    }

    /// Kernels that mount what was recorded.
    fn mount(&mut self, question: Question, kernels: &'a [Kernel]) -> Result<()> {
        let views: usize = question.states.iter().map(|state| state.views.len()).sum();
        let mounts = views + question.empty.len();
        if mounts == 0 {
            return Ok(());
        }
        let run = self.run;
        let question = Arc::new(question);
        for kernel in kernels {
            let question = Arc::clone(&question);
            let judge = move |shell: &Shell, folder: &Path| {
                judge_by_kernel(shell, kernel, run.program, &question, folder, run.findings)
            };
            self.boot(&format!("{mounts} mounts"), kernel, Box::new(judge))?;
        }
        Ok(())
    }

    fn boot(&mut self, name: &str, kernel: &Kernel, judge: Judge<'a>) -> Result<()> {
        let shell = self.run.place.shell()?;
        let folder = self.run.place.fresh(&format!("guest-{}", self.boots.len()))?;
        self.boots.push(Piece {
            name: format!("Linux {}: {name}", kernel.version),
            run: Box::new(move || judge(&shell, &folder)),
        });
        Ok(())
    }

    /// The newest kernel, if there is one.
    fn newest(&self) -> &'a [Kernel] {
        self.kernels.last().map_or(&[], std::slice::from_ref)
    }
}

impl Run<'_> {
    fn record<T>(
        &self,
        timing: &mut Timing,
        scenario: Scenario,
        record: impl FnOnce(&Bench<'_>) -> Result<Vec<T>>,
    ) -> Result<Vec<T>> {
        if !self.chosen.contains(&scenario) {
            return Ok(Vec::new());
        }
        let name = format!("{scenario:?}").to_lowercase();
        let folder = &self.place.fresh(&name)?;
        let bench = Bench {
            program: self.program,
            findings: self.findings,
            folder,
        };
        timing.part(&format!("recording: {name}"), || record(&bench))
    }

    /// Records the discs with a plain volume and asks the readers that run here; returns the states for
    /// kernels, and those for all other readers.
    fn rom(&self, timing: &mut Timing) -> Result<(Vec<State>, Vec<RomState>)> {
        let mut seen = Vec::new();
        let is_whole = self.breadth == Breadth::All;
        let states = self.record(timing, Scenario::Rom, |bench| {
            let (states, rom) = scenarios::record_rom_discs(bench, is_whole)?;
            seen = rom;
            Ok(states)
        })?;
        if !seen.is_empty() {
            let folder = self.place.fresh("rom-readers")?;
            timing.part("readers of plain volumes", || {
                judge_rom(self.place, &seen, is_whole, &folder, self.findings)
            })?;
        }
        Ok((states, seen))
    }

    /// Makes the volumes of other programs and asks the readers that run here.
    fn others(&self, timing: &mut Timing) -> Result<Option<ToAsk>> {
        if !self.chosen.contains(&Scenario::Others) {
            return Ok(None);
        }
        let peers = timing.part("set-up of other writers of UDF", || Peers::prepare(self.place))?;
        let built = setup::built_readers(self.place)?;
        let folder = &self.place.fresh("others")?;
        let bench = Bench {
            program: self.program,
            findings: self.findings,
            folder,
        };
        timing.part("volumes of other programs", || {
            let (path, tree) = scenarios::tree_of_others(folder)?;
            let made = scenarios::make_volumes_of_others(&bench, &peers, &path)?;
            let to_ask = ToAsk { built, made, tree };
            let asked = Others {
                program: self.program,
                built: &to_ask.built,
                findings: self.findings,
                made: &to_ask.made,
                tree: &to_ask.tree,
            };
            asked.ask_here(folder)?;
            Ok(Some(to_ask))
        })
    }

    /// Makes the volumes of which structures are destroyed.
    fn ruins(&self, timing: &mut Timing) -> Result<Option<Ruins>> {
        if !self.chosen.contains(&Scenario::Salvage) {
            return Ok(None);
        }
        let folder = &self.place.fresh("salvage")?;
        let bench = Bench {
            program: self.program,
            findings: self.findings,
            folder,
        };
        timing.part("volumes to ruin", || {
            scenarios::make_volumes_to_ruin(&bench).map(Some)
        })
    }

    fn compare_on_injected(&self, timing: &mut Timing) -> Result<()> {
        if !self.chosen.contains(&Scenario::Injected) {
            return Ok(());
        }
        timing.part("udfinfo on injected errors", || {
            compare_on_injected(self.findings);
            Ok(())
        })
    }

    fn judge_writers(&self, timing: &mut Timing) -> Result<()> {
        if !self.chosen.contains(&Scenario::Writers) {
            return Ok(());
        }
        let peers = timing.part("set-up of other writers of UDF", || Peers::prepare(self.place))?;
        let folder = self.place.fresh("writers")?;
        timing.part("images of other writers of UDF", || {
            judge_writers(&peers, self.program, &folder, self.findings)
        })
    }

    fn judge_bridge(&self, timing: &mut Timing) -> Result<()> {
        if !self.chosen.contains(&Scenario::Bridge) {
            return Ok(());
        }
        let folder = self.place.fresh("bridge")?;
        timing.part("readers of a bridge", || {
            judge_bridge(
                self.place,
                &scenarios::write_bridge(&folder)?,
                &folder,
                self.findings,
            )
        })
    }

    fn judge_page(&self, timing: &mut Timing) -> Result<()> {
        if !self.chosen.contains(&Scenario::Page) {
            return Ok(());
        }
        let folder = self.place.fresh("page")?;
        timing.part("pages in a browser", || {
            judge_page(self.program, &folder, self.findings)
        })
    }

    fn ask_udfinfo(&self, timing: &mut Timing, states: &[State]) -> Result<()> {
        if states.is_empty() {
            return Ok(());
        }
        let shell = &self.place.shell()?;
        timing.part(&format!("udfinfo, {} states", states.len()), || {
            judge_by_udfinfo(shell, states, self.findings)
        })
    }
}
