//! Two processes on one disc.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use common::Folder;
use emulator::Behaviour;

const DONE: u32 = 0;
const ERROR_ACCESS_DENIED: u32 = 5;
const ERROR_SHARING_VIOLATION: u32 = 32;
const ERROR_BUSY: u32 = 170;

/// A process that obeys orders.
struct Ordered {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Ordered {
    fn start(program: &Path, disc: &Path) -> Self {
        let mut child = Command::new(program)
            .env("ONCEFS_VOLUMES", format!("X={}", disc.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let orders = child.stdin.take().expect("its input");
        let answers = BufReader::new(child.stdout.take().expect("its output"));
        Self {
            child,
            orders,
            answers,
        }
    }

    /// The Win32 error of an order.
    fn tell(&mut self, order: &str) -> u32 {
        writeln!(self.orders, "{order}").expect("it listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        line.trim().parse().expect("an error")
    }
}

impl Drop for Ordered {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_volume_locked_by_one_process_is_busy_for_the_other() {
    let folder = Folder::new();
    let program = folder.build("ordered.c", &[]);
    let disc = folder.disc("disc", "dvd+r", Behaviour::default());
    let (mut one, mut two) = (Ordered::start(&program, &disc), Ordered::start(&program, &disc));
    assert_eq!((one.tell("open"), two.tell("open")), (DONE, DONE));
    // Open handles alone cause no conflict.
    assert_eq!((one.tell("make"), two.tell("make")), (DONE, DONE));
    assert_eq!(one.tell("lock"), DONE);
    assert_eq!(two.tell("make"), ERROR_BUSY);
    assert_eq!(two.tell("lock"), ERROR_ACCESS_DENIED);
    let mut three = Ordered::start(&program, &disc);
    assert_eq!(three.tell("open"), ERROR_SHARING_VIOLATION);
    assert_eq!(one.tell("make"), DONE);
    assert_eq!(one.tell("unlock"), DONE);
    assert_eq!(
        (two.tell("lock"), three.tell("open")),
        (DONE, ERROR_SHARING_VIOLATION)
    );
    assert_eq!(two.tell("close"), DONE);
    assert_eq!((three.tell("open"), three.tell("make")), (DONE, DONE));
}

#[test]
fn a_lock_ends_with_its_process() {
    let folder = Folder::new();
    let program = folder.build("ordered.c", &[]);
    let disc = folder.disc("disc", "dvd+r", Behaviour::default());
    let (mut one, mut two) = (Ordered::start(&program, &disc), Ordered::start(&program, &disc));
    assert_eq!((one.tell("open"), one.tell("lock")), (DONE, DONE));
    assert_eq!(two.tell("open"), ERROR_SHARING_VIOLATION);
    drop(one);
    assert_eq!((two.tell("open"), two.tell("make")), (DONE, DONE));
}
