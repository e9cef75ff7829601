//! The program in the middle of a recording: stopped at a chosen block, and continued.

use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{Place, Run};

/// A run whose drive is busy for a while at one of its writes, which leaves time to do something else.
pub struct Held<'a> {
    child: Child,
    place: &'a Place,
    write: usize,
}

impl<'a> Held<'a> {
    /// Starts the program; at the WRITE of that number the drive is asked `polls` times before it accepts.
    pub fn start(place: &'a Place, line: &str, write: usize, polls: usize) -> Self {
        let _ = std::fs::remove_file(place.path("held-trace"));
        place.file("held-faults", format!("busy {polls} at WRITE(10) {write}\n"));
        let mut words: Vec<_> = line.split_whitespace().collect();
        words.extend(["--trace", "held-trace", "--faults", "held-faults"]);
        let child = place
            .command(&words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        Self { child, place, write }
    }

    /// Waits for that write; `false` if the program ends before.
    pub fn comes_to_write(&mut self) -> bool {
        loop {
            let has_ended = self.child.try_wait().expect("a process").is_some();
            let trace = std::fs::read_to_string(self.place.path("held-trace")).unwrap_or_default();
            if trace.lines().filter(|line| line.contains("WRITE(10)")).count() >= self.write {
                return !has_ended;
            }
            if has_ended {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process"), signal).expect("the program is there");
    }

    /// Does something while the program and all its threads are stopped.
    pub fn while_stopped(&self, work: impl FnOnce()) {
        self.signal(Signal::STOP);
        while !self.is_stopped() {
            std::thread::yield_now();
        }
        work();
        self.signal(Signal::CONT);
    }

    fn is_stopped(&self) -> bool {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("a process");
        threads.flatten().all(|thread| {
            let state = std::fs::read_to_string(thread.path().join("stat"));
            // A thread that has ended has no state.
            state.is_ok_and(|state| state.contains(") T ")) || !thread.path().exists()
        })
    }

    /// Lets it run to its end.
    pub fn finish(self) -> Run {
        Run::of(self.child.wait_with_output().expect("the program ends"))
    }
}
