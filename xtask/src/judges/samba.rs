//! An SMB 3.0 server by other authors, and how it handles the control.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal};
use xshell::{Shell, cmd};

use super::foreign_volumes::INVALID_DEVICE_REQUEST;
use crate::findings::Findings;
use crate::program::Program;

/// The share that contains the disc.
pub const SHARE: &str = "discs";
/// The disc in the share.
pub const DISC: &str = "far.udf";
/// A user of the share. The server is reachable only from its own host, and runs for seconds.
pub const USER: (&str, &str) = ("root", "disc");

/// FSCTL_MAKE_MEDIA_COMPATIBLE, its family, and an unknown neighbour.
const CODES: &[&str] = &[
    "0x00098130",
    "0x00098134",
    "0x00090138",
    "0x0009013c",
    "0x00098131",
];

/// Debian's python3, which has impacket.
const PYTHON: &str = "/usr/bin/python3";
const CLIENT: &str = include_str!("smb_control.py");

/// What a server needs, in a separate folder.
pub struct Samba {
    /// The path of its configuration.
    pub configuration: PathBuf,
    /// The directory that it exports.
    pub exported: PathBuf,
    /// The port that it listens on.
    pub port: u16,
}

impl Samba {
    /// Configures a server that exports a directory with a disc whose session is open.
    pub fn prepare(folder: &Path, program: &Program) -> Result<Self> {
        let (state, exported) = (folder.join("state"), folder.join(SHARE));
        std::fs::create_dir_all(&state)?;
        std::fs::create_dir_all(&exported)?;
        let disc = exported.join(DISC);
        let image = disc.to_str().context("the path is not UTF-8")?;
        program.run(["format", image, "--medium", "dvd+r", "--capacity", "20M"])?;
        let port = free_port()?;
        let configuration = folder.join("smb.conf");
        std::fs::write(&configuration, settings(&state, &exported, port))?;
        let shell = Shell::new()?;
        let (user, password) = USER;
        cmd!(shell, "smbpasswd -c {configuration} -s -a {user}")
            .stdin(format!("{password}\n{password}\n"))
            .quiet()
            .ignore_stdout()
            .run()
            .context("smbpasswd")?;
        Ok(Self {
            configuration,
            exported,
            port,
        })
    }

    /// Starts it on this host, and waits until it listens.
    fn start(&self) -> Result<Server> {
        let child = Command::new("smbd")
            .args(["--foreground", "-s"])
            .arg(&self.configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("smbd")?;
        let mut server = Server(child);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = server.0.try_wait()? {
                bail!("smbd ended with {status}");
            }
            ensure!(
                started.elapsed() < Duration::from_secs(20),
                "smbd does not listen"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

/// A server that runs until it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // On SIGTERM it ends its children too, that is, its own process group.
        let _ = rustix::process::kill_process(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn settings(state: &Path, exported: &Path, port: u16) -> String {
    let (state, exported) = (state.display(), exported.display());
    format!(
        "\
[global]
server role = standalone server
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = {port}
disable netbios = yes
server min protocol = SMB3_00
server max protocol = SMB3_00
load printers = no
printing = bsd
private dir = {state}
lock directory = {state}
state directory = {state}
cache directory = {state}
pid directory = {state}
ncalrpc dir = {state}/rpc
log file = {state}/log
passdb backend = tdbsam:{state}/users.tdb
[{SHARE}]
path = {exported}
read only = no
force user = root
"
    )
}

/// Sends the control through a real client to what a real server exports: it must be refused, and the disc
/// stay unchanged.
pub fn ask_samba(program: &Program, folder: &Path, findings: &Findings) -> Result<()> {
    let samba = Samba::prepare(folder, program)?;
    let disc = samba.exported.join(DISC);
    let before = std::fs::read(&disc)?;
    let server = samba.start()?;
    let script = folder.join("smb_control.py");
    std::fs::write(&script, CLIENT)?;
    let output = Command::new(PYTHON)
        .arg(&script)
        .arg(samba.port.to_string())
        .args([SHARE, DISC])
        .args(CODES)
        .output()
        .context(PYTHON)?;
    drop(server);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "the client of SMB failed: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    findings.judged("SMB: the dialect is 3.0", &expected(&said, "dialect", "0x300", 0));
    for opened in ["file", "directory"] {
        for code in CODES {
            let found = expected(&said, opened, code, INVALID_DEVICE_REQUEST);
            findings.judged(&format!("SMB: {code} on a {opened} of a share"), &found);
        }
    }
    let changed = std::fs::read(&disc)? != before;
    let found = changed.then(|| "the image was changed".to_owned());
    findings.judged("SMB: the disc", &found.into_iter().collect::<Vec<_>>());
    Ok(())
}

/// The differences between a line of the client and what it should say.
fn expected(said: &str, opened: &str, code: &str, status: u32) -> Vec<String> {
    let wanted = [opened, code].join(" ");
    let line = said.lines().find_map(|line| line.strip_prefix(&wanted));
    let Some(answer) = line.map(str::trim) else {
        return vec![format!("no answer to {wanted} in:\n{said}")];
    };
    let number = u32::from_str_radix(answer.trim_start_matches("0x"), 16);
    if number == Ok(status) {
        Vec::new()
    } else {
        vec![format!("{answer} instead of {status:#010x}")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_by_its_code_and_by_what_was_opened() {
        let said = "dialect 0x300 0\nfile 0x00098130 0xc0000010\ndirectory 0x00098130 0x0\n";
        assert!(expected(said, "file", "0x00098130", INVALID_DEVICE_REQUEST).is_empty());
        assert_eq!(
            expected(said, "directory", "0x00098130", INVALID_DEVICE_REQUEST).len(),
            1
        );
        assert_eq!(expected(said, "file", "0x00098134", 0).len(), 1);
    }
}
