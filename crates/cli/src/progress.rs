//! Progress bars: bytes, rate and time left on a terminal; nothing in a pipe.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where progress is shown.
#[derive(Clone, Copy)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Progress on standard error if it is a terminal and results are not for a program.
    pub fn new(json: bool) -> Self {
        Self { shown: !json }
    }

    /// A count of files of unknown total.
    pub fn looking(self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.target());
        bar.set_style(style("{spinner} checking the files: {human_pos}"));
        tick(bar)
    }

    /// Bytes moved, of a total if known.
    pub fn bytes(self, total: Option<u64>) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(total, self.target());
        bar.set_style(style(if total.is_some() {
            "[{bar:30}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left  {wide_msg}"
        } else {
            "{spinner} {bytes}, {bytes_per_sec}  {wide_msg}"
        }));
        bar
    }

    /// A step that takes time.
    pub fn waiting(self, words: &'static str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.target());
        bar.set_style(style("{spinner} {msg} ({elapsed})"));
        bar.set_message(words);
        tick(bar)
    }

    fn target(self) -> ProgressDrawTarget {
        // indicatif draws nothing if standard error is not a terminal.
        if self.shown {
            ProgressDrawTarget::stderr_with_hz(5)
        } else {
            ProgressDrawTarget::hidden()
        }
    }
}

/// Keeps a bar moving without updates. An invisible bar needs no thread.
fn tick(bar: ProgressBar) -> ProgressBar {
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_when_results_are_json() {
        let progress = Progress::new(true);
        assert!(
            progress.bytes(Some(1)).is_hidden()
                && progress.looking().is_hidden()
                && progress.waiting("x").is_hidden()
        );
    }

    #[test]
    fn every_template_is_well_formed() {
        for template in [
            "{spinner} {msg} ({elapsed})",
            "[{bar:30}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
