//! The program in the middle of a recording: it is stopped at a chosen command of the drive, and continued.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{Place, Run};

/// A run whose trace goes through a pipe of one page, so that it never is far ahead of who reads it.
pub struct Held {
    child: Child,
    trace: Lines<BufReader<File>>,
}

impl Held {
    /// Starts the program.
    pub fn start(place: &Place, line: &str) -> Self {
        let pipe = place.path("held-trace");
        let _ = std::fs::remove_file(&pipe);
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        let mut words: Vec<_> = line.split_whitespace().collect();
        words.extend(["--trace", "held-trace"]);
        let child = place
            .command(&words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let trace = File::open(&pipe).expect("the pipe opens");
        rustix::pipe::fcntl_setpipe_size(&trace, 4096).expect("a small pipe");
        Self {
            child,
            trace: BufReader::new(trace).lines(),
        }
    }

    /// Goes on up to the WRITE of that number; `false` where the program ends before.
    pub fn until_write(&mut self, number: usize) -> bool {
        let writes = self
            .trace
            .by_ref()
            .map_while(Result::ok)
            .filter(|line| line.contains("WRITE(10)"));
        writes.take(number).count() == number
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process"), signal).expect("the program is there");
    }

    /// Does something while the program stands still.
    pub fn while_stopped(&self, work: impl FnOnce()) {
        self.signal(Signal::STOP);
        work();
        self.signal(Signal::CONT);
    }

    /// Lets it come to its end.
    pub fn finish(mut self) -> Run {
        self.trace.by_ref().map_while(Result::ok).for_each(drop);
        Run::of(self.child.wait_with_output().expect("the program ends"))
    }
}
