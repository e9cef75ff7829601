//! The test command: everything, in the order in which it is cheapest to fail.

use anyhow::{Result, ensure};
use xshell::cmd;

use crate::findings::Findings;
use crate::judges::{judge_by_kernel, judge_by_udfclient, judge_by_udfinfo};
use crate::layers;
use crate::place::Place;
use crate::program::Program;
use crate::scenarios::{self, Bench};
use crate::setup::{self, Kernel};
use crate::timing::Timing;

/// Run everything and print what each part took, also where one fails.
pub fn run(place: &Place) -> Result<()> {
    let mut timing = Timing::default();
    let result = checks(place, &mut timing).and_then(|()| judge(place, &mut timing));
    println!("\n{}", timing.table());
    result
}

/// Run the judges alone.
pub fn run_judges(place: &Place) -> Result<()> {
    let mut timing = Timing::default();
    let result = judge(place, &mut timing);
    println!("\n{}", timing.table());
    result
}

fn checks(place: &Place, timing: &mut Timing) -> Result<()> {
    let shell = &place.shell()?;
    timing.part("formatting", || {
        Ok(cmd!(shell, "cargo fmt --all --check").quiet().run()?)
    })?;
    timing.part("layers", || layers::run(place))?;
    timing.part("lints", || {
        Ok(cmd!(
            shell,
            "cargo clippy --quiet --workspace --all-targets -- -D warnings"
        )
        .quiet()
        .run()?)
    })?;
    timing.part("documentation", || {
        let doc = cmd!(
            shell,
            "cargo doc --quiet --workspace --no-deps --document-private-items"
        );
        Ok(doc.env("RUSTDOCFLAGS", "-D warnings").quiet().run()?)
    })?;
    timing.part("tests", || {
        Ok(cmd!(shell, "cargo test --workspace --no-fail-fast")
            .quiet()
            .run()?)
    })
}

fn judge(place: &Place, timing: &mut Timing) -> Result<()> {
    let findings = &Findings::default();
    let kernels = timing.part("set-up of the judges", || setup::run(place))?;
    let program = timing.part("release build", || Program::build(place))?;
    judge_small(place, timing, &program, &kernels, findings)?;
    judge_big(place, timing, &program, &kernels, findings)?;
    let (passed, failed) = findings.counts();
    println!("\njudges: {passed} passed, {failed} failed");
    ensure!(failed == 0, "{failed} judgements found differences");
    Ok(())
}

fn judge_small(
    place: &Place,
    timing: &mut Timing,
    program: &Program,
    kernels: &[Kernel],
    findings: &Findings,
) -> Result<()> {
    let shell = &place.shell()?;
    let folder = &place.fresh("lives")?;
    let bench = Bench {
        program,
        findings,
        folder,
    };
    let mut states = timing.part("every medium and revision", || scenarios::record_lives(&bench))?;
    let folder = &place.fresh("foreign")?;
    let bench = Bench {
        program,
        findings,
        folder,
    };
    states.extend(timing.part("images of mkudffs", || scenarios::continue_foreign_images(&bench))?);
    let folder = &place.fresh("plain")?;
    let bench = Bench {
        program,
        findings,
        folder,
    };
    let plain = timing.part("plain discs", || scenarios::record_plain_discs(&bench))?;
    let folder = place.fresh("udfclient")?;
    timing.part("udfclient", || judge_by_udfclient(&plain, &folder, findings))?;
    states.extend(plain);
    states.push(timing.part("long names", || scenarios::record_long_names(&bench))?);
    timing.part("udfinfo", || judge_by_udfinfo(shell, &states, findings))?;
    for kernel in kernels {
        let folder = place.fresh("guest")?;
        timing.part(&format!("Linux {}", kernel.version), || {
            judge_by_kernel(shell, kernel, &states, &folder, findings)
        })?;
    }
    Ok(())
}

/// Big trees go to one kernel, the newest: it refuses most.
fn judge_big(
    place: &Place,
    timing: &mut Timing,
    program: &Program,
    kernels: &[Kernel],
    findings: &Findings,
) -> Result<()> {
    let shell = &place.shell()?;
    let folder = &place.fresh("big")?;
    let bench = Bench {
        program,
        findings,
        folder,
    };
    let states = timing.part("big trees", || scenarios::record_big_trees(&bench, shell))?;
    timing.part("udfinfo", || judge_by_udfinfo(shell, &states, findings))?;
    if let Some(kernel) = kernels.last() {
        let folder = place.fresh("guest")?;
        timing.part(&format!("big trees in Linux {}", kernel.version), || {
            judge_by_kernel(shell, kernel, &states, &folder, findings)
        })?;
    }
    Ok(())
}
