//! The portrait as SVG: the spiral, a line for each session, and a legend. No script, no font and no file
//! beside it.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use crate::bar::Bar;
use crate::kind::Kind;
use crate::picture::{Spiral, merged};
use crate::portrait::Portrait;
use crate::words::{count, escaped, number, size};

const WIDTH: u32 = 760;
/// Where the lines of sessions begin, and how long they are.
const BARS: (u32, u32) = (180, 564);
/// Cells of a line, and of the spiral.
const CELLS: usize = 282;
const SPIRAL_CELLS: usize = 2400;
/// The most lines.
const MOST_PARTS: usize = 40;
const HEAD: u32 = 56;
const LINE: u32 = 26;

impl Portrait {
    /// Writes the portrait as SVG. `name` is the name of the disc for a title, such as that of its image.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_svg(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let parts = self.parts();
        let shown = &parts[..parts.len().min(MOST_PARTS)];
        let kinds: Vec<(Kind, u64)> = Kind::ALL
            .into_iter()
            .zip(self.surface.totals())
            .filter(|(_, blocks)| *blocks > 0)
            .collect();
        let lines = u32::try_from(shown.len()).unwrap_or(0);
        let legend = u32::try_from(kinds.len()).unwrap_or(0);
        let disc = 340.max(legend * 22 + 8);
        let height = HEAD + disc + 16 + lines * LINE + 20;
        let label = escaped(&self.subject.label);
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">"
        )?;
        writeln!(
            out,
            "<title id=\"title\">Disc '{label}' ({})</title>",
            escaped(name)
        )?;
        writeln!(out, "<desc id=\"desc\">{}</desc>", escaped(&self.description()))?;
        out.write_all(style().as_bytes())?;
        writeln!(
            out,
            "<rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>"
        )?;
        writeln!(
            out,
            "<text x=\"20\" y=\"28\" font-size=\"18\" font-weight=\"bold\">{label}</text>"
        )?;
        writeln!(
            out,
            "<text x=\"20\" y=\"47\">{}</text>",
            escaped(&self.headline())
        )?;
        self.spiral(out, disc)?;
        for (row, (kind, blocks)) in (0..).zip(&kinds) {
            legend_row(out, *kind, *blocks, HEAD + 8 + row * 22)?;
        }
        for (row, part) in (0..).zip(shown) {
            let y = HEAD + disc + 16 + row * LINE;
            writeln!(
                out,
                "<text x=\"20\" y=\"{}\">{}</text>",
                y + 15,
                escaped(&part.name)
            )?;
            self.strip(out, &part.blocks, y)?;
        }
        writeln!(out, "</svg>")
    }

    /// The medium in a line.
    pub(crate) fn headline(&self) -> String {
        let blocks = u64::from(self.surface.blocks());
        let medium = self.subject.medium.as_deref().unwrap_or("unknown medium");
        format!(
            "{medium}, UDF {}, {} blocks, {}",
            self.subject.revision,
            number(blocks),
            size(blocks * 2048)
        )
    }

    /// The picture in words.
    fn description(&self) -> String {
        let mut words = self.headline();
        for part in self.parts().iter().take(MOST_PARTS) {
            // Writing to a String cannot fail.
            let _ = write!(
                words,
                "; {}: blocks {} to {}",
                part.name, part.blocks.start, part.blocks.end
            );
        }
        for (kind, blocks) in Kind::ALL.into_iter().zip(self.surface.totals()) {
            if blocks > 0 {
                let _ = write!(words, "; {}: {}", kind.label(), count(blocks, "block", "blocks"));
            }
        }
        words
    }

    fn spiral(&self, out: &mut dyn Write, side: u32) -> io::Result<()> {
        let middle = f64::from(side) / 2.0;
        let spiral = Spiral {
            centre: (20.0 + middle, f64::from(HEAD) + middle),
            inner: middle * 0.36,
            outer: middle * 0.97,
            turns: 22.0,
        };
        let bar = Bar::of(&self.surface, &(0..self.surface.blocks()), SPIRAL_CELLS);
        let cells = bar.cells().len().max(1) as f64;
        let width = spiral.pitch() * 0.86;
        writeln!(out, "<g fill=\"none\" stroke-width=\"{width:.2}\">")?;
        for (kind, range) in merged(bar.cells()) {
            let (index, colour) = (kind.index(), kind.colours().0);
            let part = range.start as f64 / cells..range.end as f64 / cells;
            write!(out, "<path class=\"s{index}\" stroke=\"{colour}\" d=\"")?;
            for (at, (x, y)) in spiral.points(part).into_iter().enumerate() {
                let step = if at == 0 { 'M' } else { 'L' };
                write!(out, "{step}{x:.1} {y:.1}")?;
            }
            writeln!(out, "\"/>")?;
        }
        writeln!(out, "</g>")?;
        let (x, y) = spiral.centre;
        writeln!(
            out,
            "<circle class=\"rim\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"none\" stroke=\"#9aa7b4\"/>",
            middle * 0.12
        )
    }

    /// A line of cells. A pointer that rests on one shows its blocks, and the file with most of them.
    fn strip(&self, out: &mut dyn Write, blocks: &Range<u32>, y: u32) -> io::Result<()> {
        let bar = Bar::of(&self.surface, blocks, CELLS);
        let cells = bar.cells();
        let width = f64::from(BARS.1) / CELLS as f64;
        for (kind, range) in merged(cells) {
            let (first, last) = (cells[range.start], cells[range.end - 1]);
            let blocks = first.start..last.start + last.blocks;
            let x = f64::from(BARS.0) + range.start as f64 * width;
            let wide = range.len() as f64 * width;
            let (index, colour) = (kind.index(), kind.colours().0);
            writeln!(
                out,
                "<g><title>{}</title><rect class=\"f{index}\" fill=\"{colour}\" x=\"{x:.1}\" y=\"{y}\" \
                 width=\"{wide:.1}\" height=\"20\"/></g>",
                escaped(&self.words_of(kind, blocks))
            )?;
            if wide > 14.0 {
                writeln!(
                    out,
                    "<text class=\"l{index}\" fill=\"{}\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{}\">{}</text>",
                    on(colour),
                    x + wide / 2.0,
                    y + 15,
                    escaped(&kind.letter().to_string())
                )?;
            }
        }
        Ok(())
    }

    /// A part of a line in words.
    fn words_of(&self, kind: Kind, blocks: Range<u32>) -> String {
        let mut words = format!("{}: blocks {} to {}", kind.label(), blocks.start, blocks.end - 1);
        let largest = self
            .surface
            .within(blocks)
            .max_by_key(|run| (run.owner.is_some(), run.blocks));
        if let Some(path) = largest.and_then(|run| self.path_of(&run)) {
            words += ", most of them of ";
            words += &path;
        }
        words
    }
}

fn legend_row(out: &mut dyn Write, kind: Kind, blocks: u64, y: u32) -> io::Result<()> {
    let (index, colour) = (kind.index(), kind.colours().0);
    writeln!(
        out,
        "<rect class=\"f{index}\" fill=\"{colour}\" stroke=\"#9aa7b4\" stroke-width=\"0.5\" x=\"420\" \
         y=\"{y}\" width=\"18\" height=\"16\"/>"
    )?;
    writeln!(
        out,
        "<text class=\"l{index}\" fill=\"{}\" text-anchor=\"middle\" x=\"429\" y=\"{}\">{}</text>",
        on(colour),
        y + 12,
        escaped(&kind.letter().to_string())
    )?;
    writeln!(
        out,
        "<text x=\"446\" y=\"{0}\">{1}</text><text x=\"740\" y=\"{0}\" text-anchor=\"end\">{2}, {3}</text>",
        y + 12,
        kind.label(),
        count(blocks, "block", "blocks"),
        size(blocks * 2048)
    )
}

/// Black or white, whichever is easier to read on a colour.
pub(crate) fn on(colour: &str) -> &'static str {
    let part = |at: usize| {
        let digits = colour.get(at..at + 2).unwrap_or("00");
        f64::from(u8::from_str_radix(digits, 16).unwrap_or(0))
    };
    if part(1) * 0.299 + part(3) * 0.587 + part(5) * 0.114 > 140.0 {
        "#000000"
    } else {
        "#ffffff"
    }
}

/// The style: without it the picture is light, so that programs that know no media queries draw it too.
fn style() -> String {
    let mut style = String::from(
        "<style>text{font-family:sans-serif;font-size:12px}text[font-size]{font-size:18px}\n\
         @media (prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#e6edf3}",
    );
    for kind in Kind::ALL {
        let (index, dark) = (kind.index(), kind.colours().1);
        // Writing to a String cannot fail.
        let _ = write!(
            style,
            ".f{index}{{fill:{dark}}}.s{index}{{stroke:{dark}}}.l{index}{{fill:{}}}",
            on(dark)
        );
    }
    style.push_str("}</style>\n");
    style
}
