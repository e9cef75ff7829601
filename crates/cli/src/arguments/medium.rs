//! What the user states about an image: its medium if it is unknown, and that the image is the truth.

use clap::Args;
use oncefs::Medium;

use super::Capacity;

/// The medium of an image of another program, which has no side file; or that an image is taken as the truth,
/// whatever its side file says.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct StatedMedium {
    /// The medium, if DISC is an image of another program, which does not say it
    #[arg(long, value_name = "MEDIUM", value_parser = parse_medium, global = true)]
    pub medium: Option<Medium>,

    /// The capacity of that medium, if not the nominal one: bytes, or with K, M, G, KB, MB, GB, b (blocks)
    #[arg(long, value_name = "SIZE", requires = "medium", global = true)]
    pub capacity: Option<Capacity>,

    /// If image and side file do not fit together, record after everything in the image
    #[arg(long, global = true)]
    pub accept_image: bool,
}

/// How to open a volume for changes.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ToChange {
    #[command(flatten)]
    pub medium: StatedMedium,

    /// If the newest state cannot be read, use an earlier one; recording drops what only the newest contains
    #[arg(long)]
    pub accept_losses: bool,
}

/// The names of the media, in the order of the help.
pub const NAMES: &str = "cd-r-74, cd-r, dvd-r, dvd-r-dl, dvd+r, dvd+r-dl, bd-r, bd-r-dl, bd-r-tl, bd-r-ql";

/// The medium of this name.
pub fn parse_medium(text: &str) -> Result<Medium, String> {
    let is_m_disc = text
        .to_ascii_lowercase()
        .replace(['-', ' ', '_'], "")
        .starts_with("mdisc");
    text.parse().map_err(|_| {
        if is_m_disc {
            "an M-DISC is named by its kind: dvd+r for a DVD, bd-r, bd-r-dl or bd-r-tl for a Blu-ray disc"
                .into()
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
