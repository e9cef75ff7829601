//! The judges' part of the tests: record, then ask each of them.

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::findings::Findings;
use crate::judges::{
    BOOTS_WITH_FAULTS, DeviceBench, KINDS_OF_DRIVES, ask_samba, fail_on_devices, judge_by_kernel,
    judge_by_udfclient, judge_by_udfinfo, live_on_devices, record_by_others, refuse_foreign_volumes,
    refuse_network_paths, share_devices, use_drives,
};
use crate::parallel::in_parallel;
use crate::place::Place;
use crate::program::Program;
use crate::scenarios::{self, Bench, State};
use crate::setup::{self, Kernel};
use crate::timing::Timing;

/// What is recorded and judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Every medium in every revision, from blank to finalized
    Lives,
    /// Discs of mkudffs, continued and closed
    Foreign,
    /// Discs with little on them, for readers that take little
    Plain,
    /// Discs that a program of Windows closes, built against the installed library
    Ported,
    /// Names that UDF takes and the kernel does not
    LongNames,
    /// Discs whose power was cut: recovered, and continued and closed
    Crash,
    /// Trees that are large in one way each
    Big,
    /// The control where it has to be refused: on other volumes, on a share of SMB, on file systems of the network, on a
    /// device that another process has
    Control,
    /// A drive of a kernel: the emulated recorder as /dev/sr0 of the guest
    Drives,
    /// The same for whole lives, for programs that record there, and with faults
    Devices,
}

/// Record the scenarios and judge them; what was recorded is removed where everything passed.
pub fn judge(place: &Place, timing: &mut Timing, chosen: &[Scenario]) -> Result<()> {
    let _lock = place.lock_judges()?;
    let findings = &Findings::default();
    let kernels = timing.part("set-up of the judges", || setup::run(place))?;
    let program = timing.part("release build", || Program::build(place))?;
    let run = Run {
        place,
        program: &program,
        findings,
        chosen,
    };
    run.small(timing, &kernels)?;
    run.crash(timing, &kernels)?;
    run.big(timing, &kernels)?;
    run.control(timing, &kernels)?;
    run.drives(timing, &kernels)?;
    run.devices(timing, &kernels)?;
    let (passed, failed) = findings.counts();
    println!("\njudges: {passed} passed, {failed} failed");
    ensure!(
        failed == 0,
        "{failed} judgements found differences; the images are in {}",
        place.work().display()
    );
    std::fs::remove_dir_all(place.work())?;
    Ok(())
}

/// A judge that has a guest to itself.
type Judge = Box<dyn Fn(&DeviceBench<'_>) -> Result<()> + Send>;

struct Run<'a> {
    place: &'a Place,
    program: &'a Program,
    findings: &'a Findings,
    chosen: &'a [Scenario],
}

impl Run<'_> {
    fn small(&self, timing: &mut Timing, kernels: &[Kernel]) -> Result<()> {
        let mut states = self.record(timing, Scenario::Lives, scenarios::record_lives)?;
        states.extend(self.record(timing, Scenario::Foreign, scenarios::continue_foreign_images)?);
        states.extend(self.record(timing, Scenario::LongNames, scenarios::record_long_names)?);
        let plain = self.record(timing, Scenario::Plain, scenarios::record_plain_discs)?;
        if !plain.is_empty() {
            let folder = self.place.fresh("udfclient")?;
            timing.part("udfclient", || judge_by_udfclient(&plain, &folder, self.findings))?;
        }
        states.extend(plain);
        states.extend(self.record(timing, Scenario::Ported, |bench| {
            scenarios::close_by_ported_program(bench, self.place)
        })?);
        self.ask(timing, &states, kernels)
    }

    /// An interrupted end of session leaves anchors, which udfinfo takes for wrong ones: kernels alone are asked.
    fn crash(&self, timing: &mut Timing, kernels: &[Kernel]) -> Result<()> {
        let states = self.record(timing, Scenario::Crash, scenarios::record_cut_discs)?;
        self.ask_kernels(timing, &states, kernels)
    }

    /// Big trees go to one kernel, the newest: it refuses most.
    fn big(&self, timing: &mut Timing, kernels: &[Kernel]) -> Result<()> {
        let shell = self.place.shell()?;
        let states = self.record(timing, Scenario::Big, |bench| {
            scenarios::record_big_trees(bench, &shell)
        })?;
        self.ask(timing, &states, kernels.last().map_or(&[], std::slice::from_ref))
    }

    /// What the network is asked needs one kernel.
    fn control(&self, timing: &mut Timing, kernels: &[Kernel]) -> Result<()> {
        if !self.chosen.contains(&Scenario::Control) {
            return Ok(());
        }
        let (program, findings) = (self.program, self.findings);
        let folder = self.place.fresh("control")?;
        timing.part("control on other volumes", || {
            refuse_foreign_volumes(program, &folder, findings)
        })?;
        let folder = self.place.fresh("samba")?;
        timing.part("control asked of Samba", || ask_samba(program, &folder, findings))?;
        let shell = &self.place.shell()?;
        if let Some(kernel) = kernels.last() {
            let folder = self.place.fresh("device-lock")?;
            timing.part(&format!("locks on a device of Linux {}", kernel.version), || {
                share_devices(shell, kernel, program, &folder, findings)
            })?;
            let folder = self.place.fresh("network")?;
            timing.part(
                &format!("control on SMB and 9P in Linux {}", kernel.version),
                || refuse_network_paths(shell, kernel, program, &folder, findings),
            )?;
        }
        Ok(())
    }

    fn drives(&self, timing: &mut Timing, kernels: &[Kernel]) -> Result<()> {
        if !self.chosen.contains(&Scenario::Drives) {
            return Ok(());
        }
        let shell = &self.place.shell()?;
        for kernel in kernels {
            let folder = self.place.fresh("drives")?;
            timing.part(&format!("a drive of Linux {}", kernel.version), || {
                use_drives(shell, kernel, self.program, &folder, self.findings)
            })?;
        }
        Ok(())
    }

    /// Each kernel sees lives behind drives of one kind and some of the faults; what other programs do needs one kernel.
    fn devices(&self, timing: &mut Timing, kernels: &[Kernel]) -> Result<()> {
        if !self.chosen.contains(&Scenario::Devices) {
            return Ok(());
        }
        let lives = (0..KINDS_OF_DRIVES).zip(kernels.iter().cycle());
        let mut boots: Vec<(String, &Kernel, Judge)> = Vec::new();
        for (kind, kernel) in lives {
            boots.push((
                format!("lives-{kind}"),
                kernel,
                Box::new(move |b| live_on_devices(b, kind)),
            ));
        }
        if let Some(kernel) = kernels.last() {
            boots.push(("peers".to_owned(), kernel, Box::new(record_by_others)));
        }
        // The newest kernel has the first of them.
        for (boot, kernel) in (0..BOOTS_WITH_FAULTS).zip(kernels.iter().rev().cycle()) {
            boots.push((
                format!("faults-{boot}"),
                kernel,
                Box::new(move |b| fail_on_devices(b, boot)),
            ));
        }
        // The longest first: two run beside each other.
        boots.reverse();
        timing.part(&format!("a recorder of the kernel, {} boots", boots.len()), || {
            let ended = in_parallel(2, boots, |(name, kernel, judge)| {
                judge(&DeviceBench {
                    shell: &self.place.shell()?,
                    kernel,
                    program: self.program,
                    folder: &self.place.fresh(&format!("devices-{name}"))?,
                    findings: self.findings,
                })
                .with_context(|| format!("devices: {name}"))
            });
            ended.into_iter().collect::<Result<()>>()
        })?;
        Ok(())
    }

    fn record(
        &self,
        timing: &mut Timing,
        scenario: Scenario,
        record: impl FnOnce(&Bench<'_>) -> Result<Vec<State>>,
    ) -> Result<Vec<State>> {
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

    fn ask(&self, timing: &mut Timing, states: &[State], kernels: &[Kernel]) -> Result<()> {
        if states.is_empty() {
            return Ok(());
        }
        let shell = &self.place.shell()?;
        timing.part(&format!("udfinfo, {} states", states.len()), || {
            judge_by_udfinfo(shell, states, self.findings)
        })?;
        self.ask_kernels(timing, states, kernels)
    }

    fn ask_kernels(&self, timing: &mut Timing, states: &[State], kernels: &[Kernel]) -> Result<()> {
        if states.is_empty() {
            return Ok(());
        }
        let shell = &self.place.shell()?;
        let views: usize = states.iter().map(|state| state.views.len()).sum();
        for kernel in kernels {
            let folder = self.place.fresh("guest")?;
            timing.part(&format!("Linux {}, {views} mounts", kernel.version), || {
                judge_by_kernel(shell, kernel, states, &folder, self.findings)
            })?;
        }
        Ok(())
    }
}
