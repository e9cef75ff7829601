//! A disc on an SMB share mounted by a real kernel: the program itself refuses the control there.
//!
//! The guest runs the host's Samba on its own loopback and mounts the share. There are also discs in the
//! guest's memory and in the folder that QEMU shares with it. That folder is 9P, which passes on the type
//! number of the underlying file system, so that it counts as what it is on the host.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::Shell;

use super::foreign_volumes::INVALID_DEVICE_REQUEST;
use super::samba::{DISC, SHARE, Samba, USER};
use crate::findings::Findings;
use crate::guest::{Guest, MEMORY_INSIDE};
use crate::program::{Program, Status};
use crate::setup::Kernel;

/// Maximum duration of a boot.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// Prints one line per request: a name, the type number from statfs(2), the JSON of the answer.
const SCRIPT: &str = r#"
set -e
shared=$1
for module in @MODULES@/*; do
    busybox insmod "$module" >&2
done
busybox ifconfig lo 127.0.0.1 up
smbd --foreground -s @CONFIGURATION@ >&2 &
mkdir @MEMORY@/far @MEMORY@/near
tries=0
until mount -i -t cifs //127.0.0.1/@SHARE@ @MEMORY@/far -o ip=127.0.0.1,port=@PORT@,vers=3.0,username=@USER@,password=@PASSWORD@ >&2; do
    tries=$((tries + 1))
    test $tries -lt 100
    sleep 0.2
done
cp @EXPORTED@/@DISC@* @MEMORY@/near/
cp @EXPORTED@/@DISC@* "$shared"/
ask() {
    name=$1 directory=$2
    shift 2
    answer=$(@PROGRAM@ --json fsctl "$directory/@DISC@" "$@" || true)
    echo "$name $(stat -f -c %t "$directory") $(echo "$answer" | tr -d '\n')"
}
for code in make-media-compatible query-sparing-info lock-volume; do
    ask "smb-$code" @MEMORY@/far $code
    ask "9p-$code" "$shared" $code
    ask "near-$code" @MEMORY@/near $code
done
umount @MEMORY@/far
kill $!
"#;

/// One line of the script's output.
struct Answer<'a> {
    name: &'a str,
    file_system: u64,
    status: Status,
}

/// Sends control codes to a disc on SMB, where they must be refused, and to others, where they must succeed.
pub fn refuse_network_paths(
    shell: &Shell,
    kernel: &Kernel,
    program: &Program,
    folder: &Path,
    findings: &Findings,
) -> Result<()> {
    let samba = Samba::prepare(folder, program)?;
    let guest = Guest::new(shell, kernel, folder)?;
    let (user, password) = USER;
    let script = SCRIPT
        .replace("@MODULES@", &kernel.folder.join("network").display().to_string())
        .replace("@CONFIGURATION@", &samba.configuration.display().to_string())
        .replace("@EXPORTED@", &samba.exported.display().to_string())
        .replace("@PROGRAM@", &program.path().display().to_string())
        .replace("@PORT@", &samba.port.to_string())
        .replace("@SHARE@", SHARE)
        .replace("@DISC@", DISC)
        .replace("@MEMORY@", MEMORY_INSIDE)
        .replace("@USER@", user)
        .replace("@PASSWORD@", password);
    let said = guest.run_script(&script, &[], LIMIT)?;
    let exported = number_of(folder)?;
    let places = [
        ("smb", &SMB[..], INVALID_DEVICE_REQUEST),
        ("9p", &[exported], 0),
        ("near", &[TMPFS], 0),
    ];
    for code in ["make-media-compatible", "query-sparing-info", "lock-volume"] {
        for (place, numbers, status) in &places {
            let name = format!("{place}-{code}");
            let what = format!("{code} on {place} in Linux {}", kernel.version);
            findings.judged(&what, &differences(&said, &name, numbers, *status));
        }
    }
    Ok(())
}

/// Type numbers of SMB from statfs(2); which one depends on the kernel.
const SMB: [u64; 2] = [0xFF53_4D42, 0xFE53_4D42];
const TMPFS: u64 = 0x0102_1994;

/// The type number of the file system of a folder.
fn number_of(folder: &Path) -> Result<u64> {
    let number = rustix::fs::statfs(folder)?.f_type;
    u64::try_from(number).context("a file system without a number")
}

fn differences(said: &str, name: &str, numbers: &[u64], status: u32) -> Vec<String> {
    let answer = said
        .lines()
        .map(Answer::read)
        .find(|answer| answer.as_ref().is_ok_and(|answer| answer.name == name));
    let Some(Ok(answer)) = answer else {
        return vec![format!("no answer in:\n{said}")];
    };
    let mut found = Vec::new();
    if !numbers.contains(&answer.file_system) {
        found.push(format!("its file system is {:#x}", answer.file_system));
    }
    if answer.status.value != status {
        found.push(format!(
            "{} ({:#010x})",
            answer.status.status, answer.status.value
        ));
    }
    found
}

impl<'a> Answer<'a> {
    fn read(line: &'a str) -> Result<Self> {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().context("a line with too few words");
        let (name, number) = (word()?, word()?);
        Ok(Self {
            name,
            file_system: u64::from_str_radix(number, 16)?,
            status: Status::deserialize(&mut serde_json::Deserializer::from_str(word()?))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
smb-lock-volume fe534d42 { \"status\": \"STATUS_INVALID_DEVICE_REQUEST\", \"value\": 3221225488 }
near-lock-volume 1021994 { \"status\": \"STATUS_SUCCESS\", \"value\": 0 }
";

    #[test]
    fn an_answer_must_come_from_the_intended_file_system() {
        let judge = |name, status| differences(SAID, name, &SMB, status);
        assert!(judge("smb-lock-volume", INVALID_DEVICE_REQUEST).is_empty());
        assert_eq!(judge("smb-lock-volume", 0).len(), 1);
        assert_eq!(judge("near-lock-volume", 0).len(), 1);
        assert_eq!(judge("9p-lock-volume", INVALID_DEVICE_REQUEST).len(), 1);
    }
}
