//! The card for the box of a disc: what is on it, on one sheet of paper.

use std::io::{self, Write};

use drive::Status;

use crate::portrait::Portrait;
use crate::words::{count, escaped, number, size, time};

impl Portrait {
    pub(super) fn write_card(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let (subject, contents) = (&self.subject, &self.contents);
        let status = match subject.status {
            Status::Blank => "blank",
            Status::Appendable => "more can be added",
            Status::Finalized => "finished",
        };
        writeln!(
            out,
            "<section id=\"card\" aria-labelledby=\"card-head\"><h2 id=\"card-head\">Card for the box</h2>\n\
             <div class=\"card\"><h3>{}</h3><p class=\"line\">{}; {status}</p><dl>",
            escaped(&subject.label),
            escaped(&self.headline())
        )?;
        let mut row =
            |head: &str, words: &str| writeln!(out, "<div><dt>{head}</dt><dd>{}</dd></div>", escaped(words));
        row("Image", name)?;
        row("Volume set", &subject.volume_set)?;
        row("Formatted", &time(&subject.formatted))?;
        if let Some(recorded) = &subject.recorded {
            row("Last recorded", &time(recorded))?;
        }
        if let Some((oldest, newest)) = &contents.modified {
            row("Files from", &format!("{} to {}", time(oldest), time(newest)))?;
        }
        let files = count(contents.files, "file", "files");
        let directories = count(contents.directories, "directory", "directories");
        row(
            "Contents",
            &format!("{files} in {directories}, {}", size(contents.bytes)),
        )?;
        let sessions = count(subject.sessions.len() as u64, "session", "sessions");
        let generations = count(self.eras.len() as u64, "generation", "generations");
        row("History", &format!("{generations} in {sessions}"))?;
        for reader in &self.readers {
            row("Opens in", &format!("{}: {}", reader.name, reader.opens.name()))?;
        }
        writeln!(
            out,
            "</dl><table><thead><tr><th scope=\"col\">directory</th><th scope=\"col\">files</th>\
             <th scope=\"col\">bytes</th></tr></thead><tbody>"
        )?;
        for share in &contents.top {
            let path = match share.path.as_str() {
                "/" => "files in the root",
                path => path,
            };
            writeln!(
                out,
                "<tr><td class=\"name\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escaped(path),
                number(share.files),
                size(share.bytes)
            )?;
        }
        writeln!(out, "</tbody></table>")?;
        if contents.more_in_root > 0 {
            let more = count(contents.more_in_root, "more directory", "more directories");
            writeln!(out, "<p class=\"line\">and {more}</p>")?;
        }
        match &contents.digest {
            Some(digest) => writeln!(
                out,
                "<p class=\"digest\">SHA-256 of the list of files: <code>{digest}</code><br>\
                 On the mounted disc: <code>find . -type f -printf '%s %P\\0' | LC_ALL=C sort -z | sha256sum</code></p>"
            )?,
            None => writeln!(
                out,
                "<p class=\"digest\">No digest: names are missing from the list of files.</p>"
            )?,
        }
        writeln!(out, "</div></section>")
    }
}
