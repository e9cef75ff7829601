//! Volumes that the control must not touch: created by other programs, and refused with the documented
//! status.

use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::findings::Findings;
use crate::program::Program;

/// `STATUS_INVALID_DEVICE_REQUEST`
pub const INVALID_DEVICE_REQUEST: u32 = 0xC000_0010;

/// Rewritable media for which mkudffs creates volumes: with a plain partition, or a sparable one (cdrw,
/// dvdrw).
const REWRITABLE: &[&str] = &["hd", "dvdram", "dvd", "cdrw", "dvdrw"];

/// Sends the control to an ext4 volume and to rewritable UDF volumes; each must refuse it and stay unchanged.
pub fn refuse_foreign_volumes(program: &Program, folder: &Path, findings: &Findings) -> Result<()> {
    let shell = &Shell::new()?;
    let ext4 = folder.join("ext4.img");
    cmd!(shell, "mkfs.ext4 -q -b 2048 {ext4} 16M")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()?;
    let mut volumes = vec![("ext4".to_owned(), ext4)];
    for media in REWRITABLE {
        let image = folder.join(format!("{media}.img"));
        cmd!(
            shell,
            "mkudffs --new-file --media-type={media} --blocksize=2048 --label=Rewritable {image} 16384"
        )
        .quiet()
        .ignore_stdout()
        .run()
        .with_context(|| format!("mkudffs {media}"))?;
        volumes.push((format!("UDF for {media}"), image));
    }
    for (name, image) in volumes {
        let before = std::fs::read(&image)?;
        for words in [
            &["make-media-compatible"][..],
            &["make-media-compatible", "--close-disc"],
        ] {
            let what = format!("{} on {name}", words.join(" "));
            let mut found = match program.control(&image, words) {
                Ok(answer) if answer.value == INVALID_DEVICE_REQUEST => Vec::new(),
                Ok(answer) => vec![format!("{} ({:#010x})", answer.status, answer.value)],
                Err(error) => vec![format!("{error:#}")],
            };
            if std::fs::read(&image)? != before {
                found.push("the image was changed".to_owned());
            }
            findings.judged(&what, &found);
        }
    }
    Ok(())
}
