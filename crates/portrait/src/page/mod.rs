//! The portrait as one HTML page: no server, no network, no file beside it.
//!
//! Names on a disc may be an attacker's. In HTML they are escaped, the script gets them as JSON in which no
//! markup can arise and shows them as text only, and a policy lets the browser run nothing but that script
//! and load nothing at all.

mod card;
mod data;
mod policy;
mod tables;

use std::io::{self, Write};

use crate::kind::Kind;
use crate::portrait::Portrait;
use crate::svg::on;
use crate::words::{count, escaped, size};

use data::PageData;

/// The script of each page.
const SCRIPT: &str = include_str!("page.js");
/// The style of each page, without the colours of the kinds.
const STYLE: &str = include_str!("page.css");

impl Portrait {
    /// Writes the portrait as an HTML page. `name` is the name of the disc for the title, such as that of its
    /// image.
    ///
    /// With more than some 150,000 files the page has directories in place of files, and says so: it has 8 MB
    /// at most.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_page(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let data = PageData::of(self);
        let style = style();
        let label = escaped(&self.subject.label);
        let policy = policy::of(SCRIPT, &style);
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>{label} ({})</title>\n<style>{style}</style>\n\
             </head>\n<body>\n<a class=\"skip\" href=\"#generations\">Skip the pictures</a>\n\
             <header>\n<h1>{label}</h1>\n<p>{}</p>\n</header>\n<main>\n",
            escaped(name),
            escaped(&self.headline())
        )?;
        self.write_surface(out, &data)?;
        self.write_tables(out)?;
        self.write_card(name, out)?;
        out.write_all(b"</main>\n<script type=\"application/json\" id=\"data\">")?;
        out.write_all(data.json().as_bytes())?;
        write!(out, "</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")
    }

    /// The part that needs the script, and the legend, which does not.
    fn write_surface(&self, out: &mut dyn Write, data: &PageData) -> io::Result<()> {
        out.write_all(SURFACE.as_bytes())?;
        writeln!(
            out,
            "<section aria-labelledby=\"legend-head\"><h2 id=\"legend-head\">Kinds</h2>"
        )?;
        writeln!(out, "<ul id=\"legend\">")?;
        for (kind, blocks) in Kind::ALL.into_iter().zip(self.surface.totals()) {
            if blocks == 0 {
                continue;
            }
            writeln!(
                out,
                "<li data-kind=\"{0}\"><span class=\"swatch k{0}\" aria-hidden=\"true\">{1}</span> \
                 <span class=\"what\">{2}</span> <span class=\"much\">{3}, {4}</span></li>",
                kind.index(),
                escaped(&kind.letter().to_string()),
                kind.label(),
                count(blocks, "block", "blocks"),
                size(blocks * 2048)
            )?;
        }
        writeln!(out, "</ul>")?;
        for note in self.notes(data) {
            writeln!(out, "<p class=\"note\">{note}</p>")?;
        }
        writeln!(out, "</section>")
    }

    /// What the page leaves out.
    fn notes(&self, data: &PageData) -> Vec<String> {
        let left = self.left;
        let mut notes = Vec::new();
        let mut note = |number: u64, one: &str, many: &str| {
            if number > 0 {
                notes.push(count(number, one, many));
            }
        };
        note(
            left.unread_nodes,
            "node or directory cannot be read.",
            "nodes and directories cannot be read.",
        );
        note(
            left.not_looked_at,
            "block that no generation names was not looked at.",
            "blocks that no generation names were not looked at.",
        );
        note(
            left.names + data.names_left_out(),
            "name is not in this page; its blocks count for its directory.",
            "names are not in this page; their blocks count for their directories.",
        );
        note(
            data.runs_left_out(),
            "run of blocks is shown as part of a longer one.",
            "runs of blocks are shown as parts of longer ones.",
        );
        if left.is_cut {
            notes.push("There are more extents than are kept: blocks of files count as unnamed.".to_owned());
        }
        notes
    }
}

/// The style with the colours of the kinds.
fn style() -> String {
    let (mut light, mut dark) = (String::new(), String::new());
    for kind in Kind::ALL {
        let (index, colours) = (kind.index(), kind.colours());
        light += &format!(".k{index}{{background:{};color:{}}}", colours.0, on(colours.0));
        dark += &format!(".k{index}{{background:{};color:{}}}", colours.1, on(colours.1));
    }
    format!("{STYLE}{light}\n@media screen and (prefers-color-scheme:dark){{{dark}}}\n")
}

const SURFACE: &str = "\
<noscript><p class=\"note\">The pictures and the search need JavaScript; all tables are below.</p></noscript>
<section id=\"surface\" aria-labelledby=\"surface-head\" hidden>
<h2 id=\"surface-head\">Surface</h2>
<form id=\"tools\" autocomplete=\"off\">
<fieldset><legend>Colour by</legend>
<label><input type=\"radio\" name=\"by\" value=\"kind\" checked> kind</label>
<label><input type=\"radio\" name=\"by\" value=\"generation\"> generation</label>
</fieldset>
<label class=\"find\">Find <input type=\"search\" id=\"find\" placeholder=\"a name, or a block\" spellcheck=\"false\"></label>
<button type=\"button\" id=\"nearer\" aria-label=\"Zoom in\">+</button>
<button type=\"button\" id=\"farther\" aria-label=\"Zoom out\">\u{2212}</button>
<button type=\"button\" id=\"whole\">Whole disc</button>
<button type=\"button\" id=\"print\">Print the card</button>
</form>
<ul id=\"hits\" aria-label=\"Found\"></ul>
<div class=\"pictures\">
<div id=\"disc\"><canvas id=\"spiral\" tabindex=\"0\" role=\"slider\" aria-label=\"Block on the spiral of the disc\" \
aria-valuemin=\"0\"></canvas></div>
<div id=\"line\"><canvas id=\"tape\" tabindex=\"0\" role=\"slider\" aria-label=\"Block on the strip of the disc\" \
aria-valuemin=\"0\"></canvas><p id=\"window\"></p>
<h3>Blocks that each generation cost, on a logarithmic scale</h3>
<canvas id=\"time\" tabindex=\"0\" role=\"slider\" aria-label=\"Generation\" aria-valuemin=\"1\"></canvas></div>
</div>
<p id=\"said\" role=\"status\" aria-live=\"polite\">Point at a block, or move with the arrow keys.</p>
</section>
";
