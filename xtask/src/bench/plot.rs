//! The plot of the cost of a commit, as SVG.

use std::fmt::Write;

use super::blocks::Commits;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 50.0;
const BOTTOM: f64 = 255.0;
const TOP: f64 = 30.0;
/// The highest number of blocks on the scale.
const MOST: f64 = 30.0;

/// Blocks per commit by the number of files on the volume: median and mean.
pub fn svg(counts: &[Commits]) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"18\">blocks of a commit that adds one file of 1 KiB, on CD-R</text>\n"
    );
    for blocks in [0, 5, 10, 15, 20, 25, 30] {
        let y = y(f64::from(blocks));
        let _ = writeln!(
            text,
            "<path d=\"M{LEFT} {y}H540\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{blocks}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
    for (exponent, label) in [(3, "1,000"), (4, "10,000"), (5, "100,000"), (6, "1,000,000")] {
        let x = x(10_f64.powi(exponent));
        let _ = writeln!(
            text,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            BOTTOM + 18.0
        );
    }
    let _ = writeln!(
        text,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">files on the volume</text>",
        f64::midpoint(LEFT, 540.0),
        BOTTOM + 36.0
    );
    line(&mut text, counts, "median", "#06c", |one| one.median as f64);
    line(&mut text, counts, "mean of 1,000", "#c50", |one| one.mean);
    text.push_str("</svg>\n");
    text
}

fn line(text: &mut String, counts: &[Commits], name: &str, colour: &str, value: impl Fn(&Commits) -> f64) {
    let on_cd_r: Vec<_> = counts
        .iter()
        .filter(|one| one.medium.starts_with("cd-r"))
        .collect();
    let points: Vec<String> = on_cd_r
        .iter()
        .map(|one| format!("{:.1},{:.1}", x(one.files as f64), y(value(one))))
        .collect();
    let _ = writeln!(
        text,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        points.join(" ")
    );
    for one in &on_cd_r {
        let (x, y) = (x(one.files as f64), y(value(one)));
        let _ = writeln!(
            text,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"
        );
    }
    if let Some(one) = on_cd_r.first() {
        let (x, y) = (x(one.files as f64) + 6.0, y(value(one)));
        let below = if name == "median" { 16.0 } else { -8.0 };
        let _ = writeln!(
            text,
            "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>",
            y + below
        );
    }
}

fn x(files: f64) -> f64 {
    LEFT + 30.0 + (files.log10() - 3.0) * 145.0
}

fn y(blocks: f64) -> f64 {
    BOTTOM - blocks.min(MOST) / MOST * (BOTTOM - TOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_a_point_in_each_line() {
        let one = |files| Commits {
            medium: "cd-r".into(),
            files,
            directories: 10,
            commits: 10,
            median: 8,
            mean: 9.5,
            most: 20,
            seconds: 1.0,
        };
        let text = svg(&[one(1000), one(1_000_000)]);
        assert_eq!(text.matches("<circle").count(), 4);
        assert!(text.ends_with("</svg>\n"));
    }
}
