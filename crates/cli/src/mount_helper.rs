//! Translates the arguments of mount(8), which runs `mount.oncefs DISC DIRECTORY [-fnsv] [-o OPTIONS] [-t
//! TYPE]` for `mount -t oncefs` and for the lines of /etc/fstab, into those of `oncefs mount`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::failure::{Failure, Outcome};

/// The name under which mount(8) runs the program.
const NAME: &str = "mount.oncefs";

/// Options for mount(8) itself, and those that are always in effect.
const PASSED_OVER: &[&str] = &[
    "defaults", "rw", "auto", "noauto", "user", "nouser", "users", "owner", "group", "nofail", "_netdev",
    "noatime", "nosuid", "nodev", "exec",
];

/// The arguments in the program's own form; `None` if mount(8) only does a dry run.
pub fn arguments(started: impl IntoIterator<Item = OsString>) -> Outcome<Option<Vec<OsString>>> {
    let started: Vec<OsString> = started.into_iter().collect();
    let name = started.first().map(Path::new).and_then(Path::file_name);
    if name != Some(OsStr::new(NAME)) {
        return Ok(Some(started));
    }
    let mut words = vec![OsString::from(NAME), OsString::from("mount")];
    let mut rest = started.into_iter().skip(1);
    let (mut is_sloppy, mut options) = (false, Vec::new());
    while let Some(word) = rest.next() {
        match word.to_str() {
            Some("-o") => options.extend(rest.next()),
            Some("-t" | "-N") => drop(rest.next()),
            Some(letters) if letters.starts_with('-') && letters.len() > 1 => {
                if letters.contains('f') {
                    return Ok(None);
                }
                is_sloppy |= letters.contains('s');
            }
            _ => words.push(word),
        }
    }
    for option in options
        .iter()
        .flat_map(|list| list.to_str().unwrap_or_default().split(','))
    {
        match translated(option) {
            Some(translated) => words.extend(translated.into_iter().map(OsString::from)),
            None if is_sloppy => {}
            None => {
                return Err(Failure::usage(format_args!(
                    "{NAME}: unknown mount option '{option}'"
                )));
            }
        }
    }
    Ok(Some(words))
}

/// The arguments for an option; `None` if it is unknown.
fn translated(option: &str) -> Option<Vec<String>> {
    let word = |word: &str| Some(vec![word.to_owned()]);
    match option.split_once('=') {
        None if option == "ro" => word("--read-only"),
        None if option == "past" => word("--past"),
        None if option == "allow_other" => word("--allow-other"),
        None if option == "accept_image" => word("--accept-image"),
        None if option == "accept_losses" => word("--accept-losses"),
        Some(("commit", time)) => word(&format!("--commit-after={time}")),
        Some(("session", number)) => word(&format!("--session={number}")),
        Some(("lastblock", block)) => word(&format!("--last-block={block}")),
        Some(("at", generation)) => word(&format!("--at={generation}")),
        Some(("medium", medium)) => word(&format!("--medium={medium}")),
        _ if PASSED_OVER.contains(&option) || option.starts_with("x-") || option.is_empty() => {
            Some(Vec::new())
        }
        Some(("comment", _)) => Some(Vec::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure_kind::FailureKind;

    fn words(line: &str) -> Outcome<Option<Vec<String>>> {
        let words = arguments(line.split(' ').map(OsString::from))?;
        Ok(words.map(|words| {
            words
                .into_iter()
                .filter_map(|word| word.into_string().ok())
                .collect()
        }))
    }

    #[test]
    fn a_line_of_fstab_becomes_a_mount() {
        let line =
            "/sbin/mount.oncefs /dev/sr0 /mnt -n -o ro,noauto,user,commit=5m,x-systemd.automount -t oncefs";
        let expected = [
            "mount.oncefs",
            "mount",
            "/dev/sr0",
            "/mnt",
            "--read-only",
            "--commit-after=5m",
        ];
        let expected = expected.map(str::to_owned).to_vec();
        assert_eq!(words(line).ok(), Some(Some(expected)));
    }

    #[test]
    fn a_generation_to_mount_is_an_option() {
        let expected = ["mount.oncefs", "mount", "a", "b", "--read-only", "--at=block:351"];
        let expected = expected.map(str::to_owned).to_vec();
        assert_eq!(
            words("mount.oncefs a b -o ro,at=block:351").ok(),
            Some(Some(expected))
        );
    }

    #[test]
    fn all_generations_to_mount_are_an_option() {
        let expected = ["mount.oncefs", "mount", "a", "b", "--past"];
        let expected = expected.map(str::to_owned).to_vec();
        assert_eq!(words("mount.oncefs a b -o past").ok(), Some(Some(expected)));
    }

    #[test]
    fn under_its_own_name_the_program_takes_its_own_arguments() {
        let line = "/usr/bin/oncefs ls -o disc";
        assert_eq!(
            words(line).ok(),
            Some(Some(line.split(' ').map(str::to_owned).collect()))
        );
    }

    #[test]
    fn an_unknown_option_is_refused_unless_mount_says_to_ignore_it() {
        let refused = words("mount.oncefs a b -o discard").map_err(|failure| failure.kind);
        assert_eq!(refused, Err(FailureKind::Usage));
        assert!(words("mount.oncefs a b -s -o discard").is_ok());
    }

    #[test]
    fn a_dry_run_of_mount_does_nothing() {
        assert_eq!(words("mount.oncefs a b -fv").ok(), Some(None));
    }
}
