//! A drive of a real kernel: the emulated recorder is `/dev/sr0` of the guest. The program lists it, records
//! on it through both of its nodes, excludes others, locks the medium in, and releases it.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use xshell::Shell;

use super::answers::differences;
use crate::findings::Findings;
use crate::guest::{Guest, MEMORY_INSIDE};
use crate::program::Program;
use crate::setup::Kernel;

/// Maximum duration of a boot.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Prints one line per step: a name, and the JSON that the program printed on success or failure.
const SCRIPT: &str = r#"
set -e
for module in @MODULES@/*; do
    busybox insmod "$module" >&2
done
test -d /sys/kernel/config/target || mount -t configfs configfs /sys/kernel/config
cd @MEMORY@
oncefs=@PROGRAM@
head -c 3000000 /dev/urandom > large
echo small > small
say() {
    name=$1
    shift
    answer=$("$@" 2>answer-error) || answer=$(tail -n 1 answer-error)
    echo "$name $(echo "${answer:-null}" | tr -d '\n')"
}
attach() {
    $oncefs recorder attach "$@" > attached 2>&1 &
    recorder=$!
    tries=0
    until test -b /dev/sr0 && test -c /dev/sg0; do
        tries=$((tries + 1))
        test $tries -lt 100 || { cat attached; exit 1; }
        sleep 0.2
    done
}
detach() {
    kill $recorder
    wait $recorder || true
    sleep 1
}
say no-drives $oncefs --json drives
for medium in @MEDIA@; do
    attach $medium.udf --medium $medium --capacity 100M --trace $medium.trace
    say $medium-drives $oncefs --json drives
    say $medium-format $oncefs --json format /dev/sr0 --label Real --speed 4 --trace $medium.device-trace
    say $medium-add $oncefs --json add /dev/sr0 large
    say $medium-add-generic $oncefs --json add /dev/sg0 small
    $oncefs cat /dev/sr0 /large | cmp - large && echo "$medium-content null"
    say $medium-close $oncefs --json close /dev/sg0 --eject
    say $medium-empty $oncefs --json info /dev/sr0
    say $medium-empty-drives $oncefs --json drives
    detach
    say $medium-image $oncefs --json check $medium.udf --data
    for trace in device-trace trace; do
        awk -F '\t' '{ print $5 }' $medium.$trace | sort -u > commands-$trace
    done
    echo "$medium-trace {\"missing\": $(comm -23 commands-device-trace commands-trace | wc -l)}"
done

attach shared.udf --medium dvd+r --capacity 100M
$oncefs burn large --to /dev/sr0 --close > /dev/null
# A kernel asks for the size of a disc when it finds the drive, or the drive tells it of another disc.
detach
attach shared.udf
mkfifo pipe
$oncefs cat /dev/sg0 /large > pipe &
reading=$!
exec 3< pipe
dd bs=1 count=1 <&3 > first 2>&1
say record-beside-a-reader $oncefs --json close /dev/sr0
exec 3<&-
wait $reading || true
mkdir mounted
mount -o ro /dev/sr0 mounted
say record-on-what-is-mounted $oncefs --json close /dev/sg0
cmp mounted/large large && echo "mounted-content null"
umount mounted
chgrp 24 /dev/sr0 /dev/sg0
chmod 660 /dev/sr0 /dev/sg0
user="setpriv --reuid 65534 --regid 24 --clear-groups"
say unprivileged-add $user $oncefs --json add /dev/sr0 small --speed max
say unprivileged-close $user $oncefs --json close /dev/sr0
say stranger-add setpriv --reuid 65534 --regid 65534 --clear-groups $oncefs --json add /dev/sr0 small
detach
"#;

const MEDIA: [&str; 4] = ["cd-r", "dvd-r", "dvd+r", "bd-r"];

/// Makes the program use a drive of the guest's kernel.
pub fn use_drives(
    shell: &Shell,
    kernel: &Kernel,
    program: &Program,
    folder: &Path,
    findings: &Findings,
) -> Result<()> {
    let script = SCRIPT
        .replace("@MODULES@", &kernel.folder.join("recorder").display().to_string())
        .replace("@PROGRAM@", &program.path().display().to_string())
        .replace("@MEMORY@", MEMORY_INSIDE)
        .replace("@MEDIA@", &MEDIA.join(" "));
    let said = Guest::new(shell, kernel, folder)?.run_script(&script, &[], LIMIT)?;
    for (name, pointer, expected) in expectations() {
        let what = format!("{name} on a drive of Linux {}", kernel.version);
        findings.judged(&what, &differences(&said, &name, pointer, &expected));
    }
    Ok(())
}

/// The expected output of each step: its name, a JSON pointer, and the value there.
fn expectations() -> Vec<(String, &'static str, Value)> {
    let mut all = vec![
        ("no-drives".to_owned(), "", json!([])),
        ("record-beside-a-reader".to_owned(), "/kind", json!("in-use")),
        ("record-on-what-is-mounted".to_owned(), "/kind", json!("mounted")),
        ("mounted-content".to_owned(), "", Value::Null),
        ("unprivileged-add".to_owned(), "/files", json!(1)),
        ("unprivileged-close".to_owned(), "/finalized", json!(false)),
        ("stranger-add".to_owned(), "/kind", json!("io")),
    ];
    for (medium, profile) in MEDIA.into_iter().zip(["CD-R", "DVD-R", "DVD+R", "BD-R"]) {
        let mut step = |step: &str, pointer, value| all.push((format!("{medium}-{step}"), pointer, value));
        step("drives", "/0/device", json!("/dev/sr0"));
        step("drives", "/0/generic", json!("/dev/sg0"));
        step("drives", "/0/medium/profile", json!(profile));
        step("drives", "/0/medium/status", json!("blank"));
        step("format", "/label", json!("Real"));
        step("add", "/files", json!(1));
        step("add-generic", "/files", json!(1));
        step("content", "", Value::Null);
        step("close", "/finalized", json!(false));
        step("empty", "/kind", json!("drive"));
        step("empty-drives", "/0/state", json!("empty"));
        step("image", "/errors", json!(0));
        // The commands that the program reports have arrived.
        step("trace", "/missing", json!(0));
    }
    all
}
