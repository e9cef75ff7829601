//! The background program of a mount: the program starts itself again in a session of its own, and leaves it
//! once it is ready.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{chdir, setsid};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};

use crate::failure::{Exit, Failure, Outcome};
use crate::output::written;

/// The variable that tells the program to be the background one.
const MARK: &str = "ONCEFS_SERVES_A_MOUNT";

/// The socket of the system log.
const LOG: &str = "/dev/log";

/// Facility of daemons, severity of warnings, as in RFC 3164.
const PRIORITY: u8 = 3 * 8 + 4;

/// Whether this is the background program.
pub fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Starts the program again with the same arguments, passes on its output, and ends when it is ready or has
/// failed.
pub fn start() -> Outcome {
    let failed = |error| Failure::failed(format_args!("this program cannot be started again: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut words = std::env::args_os();
    let mut child = Command::new(program);
    if let Some(name) = words.next() {
        child.arg0(name);
    }
    let mut child = child
        .args(words)
        .env(MARK, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut said = String::new();
    if let Some(mut out) = child.stdout.take() {
        // It prints its result and closes standard output when it is ready; without a result it has failed.
        out.read_to_string(&mut said).map_err(failed)?;
    }
    if said.is_empty() {
        let status = child.wait().map_err(failed)?;
        return Err(Failure::already_reported(Exit::of(status.code())));
    }
    std::io::stdout().write_all(said.as_bytes()).map_err(written)
}

/// Leaves the user's terminal and process group.
pub fn leave() -> Outcome {
    // Only the leader of a group cannot, and this program was started by another one.
    setsid().map(drop).map_err(Failure::failed)
}

/// Redirects messages to the system log: the terminal has no reader from here on. Leaves the user's
/// directory too, so that it can be removed or unmounted.
pub fn ready() -> Outcome {
    chdir("/").map_err(Failure::failed)?;
    let path = Path::new("/dev/null");
    let nothing = File::options().read(true).write(true).open(path);
    let nothing = nothing.map_err(|error| Failure::host(path, error))?;
    let host = |error: rustix::io::Errno| Failure::host(path, error);
    dup2_stdin(&nothing).map_err(host)?;
    dup2_stderr(&nothing).map_err(host)?;
    dup2_stdout(&nothing).map_err(host)
}

/// Writes a line to the system log, if there is one.
pub fn log(words: &str) {
    let line = format!("<{PRIORITY}>oncefs[{}]: {words}", std::process::id());
    // A log that takes nothing must not block the mount.
    let _ = UnixDatagram::unbound().and_then(|socket| {
        socket.set_nonblocking(true)?;
        socket.send_to(line.as_bytes(), LOG)
    });
}
