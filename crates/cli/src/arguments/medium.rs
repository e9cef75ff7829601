//! What the user states of an image: its medium, where it does not tell it, and that it counts.

use clap::Args;
use emulator::Medium;

use super::Capacity;

/// The medium of an image that has no side file yet, one recorded by another program; or that an image counts whatever its
/// side file says.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct StatedMedium {
    /// The medium, where DISC is an image of another program that does not tell it
    #[arg(long, value_name = "MEDIUM", value_parser = parse_medium, global = true)]
    pub medium: Option<Medium>,

    /// The capacity of that medium, where it is not the nominal one: bytes, or with K, M, G, KB, MB, GB, b (blocks)
    #[arg(long, value_name = "SIZE", requires = "medium", global = true)]
    pub capacity: Option<Capacity>,

    /// Where the image and its side file do not fit together: record after all that the image holds
    #[arg(long, global = true)]
    pub accept_image: bool,
}

/// How a volume is opened for changes.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ToChange {
    #[command(flatten)]
    pub medium: StatedMedium,

    /// Record on top of an earlier state of the volume, where the newest cannot be read; what it holds more is left behind
    #[arg(long)]
    pub accept_losses: bool,
}

/// The words for the media, in the order of the help.
pub const NAMES: &str = "cd-r-74, cd-r, dvd-r, dvd-r-dl, dvd+r, dvd+r-dl, bd-r, bd-r-dl, bd-r-tl, bd-r-ql";

/// A medium by its word.
pub fn parse_medium(text: &str) -> Result<Medium, String> {
    let is_m_disc = text
        .to_ascii_lowercase()
        .replace(['-', ' ', '_'], "")
        .starts_with("mdisc");
    text.parse().map_err(|_| {
        if is_m_disc {
            "an M-DISC goes by its kind: dvd+r for a DVD, bd-r, bd-r-dl or bd-r-tl for a Blu-ray disc".into()
        } else {
            format!("one of {NAMES}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_help_names_a_medium() {
        for name in NAMES.split(", ") {
            assert_eq!(
                parse_medium(name).map(|medium| medium.to_string()).as_deref(),
                Ok(name)
            );
        }
        assert!(parse_medium("floppy").is_err());
        for name in ["m-disc", "M-DISC", "mdisc-bd"] {
            assert!(parse_medium(name).is_err_and(|words| words.contains("dvd+r for a DVD")));
        }
    }
}
