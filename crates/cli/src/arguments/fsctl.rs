//! `oncefs fsctl` and the control codes with a name on the command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

use super::StatedMedium;

/// `oncefs fsctl`
#[derive(Args, Debug)]
#[command(subcommand_value_name = "CODE", subcommand_help_heading = "Codes")]
#[command(after_help = "\
Prints the NTSTATUS, its Win32 error, and the answer of the volume. The exit code is 0 for STATUS_SUCCESS only. The \
handle and its lock end with the program: lock-volume tests whether the volume can be locked, and unlock-volume alone \
finds nothing locked. On a terminal, if the request finalizes the disc, the command shows how many free blocks will be \
lost, and asks once.

Examples:
  oncefs fsctl photos.udf make-media-compatible            as `oncefs close`
  oncefs fsctl photos.udf make-media-compatible --close-disc --yes
  oncefs fsctl photos.udf query-on-disk-volume-info --json | jq .output.file_count
  oncefs fsctl photos.udf set-defect-management --disable --on /2026/11/a.jpg
  oncefs fsctl photos.udf --code 0x00098130 --input 00     the same as the first, in numbers")]
pub struct Fsctl {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    #[command(subcommand)]
    pub code: Option<FsctlCode>,
    /// A control code by its number, instead of a name
    #[arg(long = "code", value_name = "NUMBER", value_parser = parse_number)]
    pub number: Option<u32>,
    /// With --code: the input buffer in hexadecimal digits; omit it to send none
    #[arg(long, value_name = "HEX", requires = "number")]
    pub input: Option<Hex>,
    /// With --code: size of the output buffer in bytes [default: 4096]
    #[arg(long, value_name = "BYTES", requires = "number", value_parser = clap::value_parser!(u32).range(..=0x10_0000))]
    pub output: Option<u32>,
    /// Open this file or directory instead of the volume
    #[arg(long, value_name = "PATH", visible_alias = "file", global = true)]
    pub on: Option<String>,
    /// Open the handle without write access
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Finalize without asking
    #[arg(short, long, global = true)]
    pub yes: bool,
    #[command(flatten)]
    pub stated: StatedMedium,
}

impl Fsctl {
    /// Whether to close the session over an earlier state of the volume.
    pub fn accepts_losses(&self) -> bool {
        matches!(
            self.code,
            Some(FsctlCode::MakeMediaCompatible {
                accept_losses: true,
                ..
            })
        )
    }
}

/// The control codes with a name on the command line.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum FsctlCode {
    /// FSCTL_MAKE_MEDIA_COMPATIBLE (0x00098130): close the open session
    MakeMediaCompatible {
        /// CloseDisc TRUE: finalize the disc
        #[arg(long)]
        close_disc: bool,
        /// If the newest state cannot be read, close over an earlier one and drop what only the newest
        /// contains
        #[arg(long)]
        accept_losses: bool,
    },
    /// FSCTL_QUERY_ON_DISK_VOLUME_INFO (0x0009013C): show what the structures of the volume say about it
    QueryOnDiskVolumeInfo,
    /// FSCTL_QUERY_SPARING_INFO (0x00090138): show how defective blocks are replaced
    QuerySparingInfo,
    /// FSCTL_SET_DEFECT_MANAGEMENT (0x00098134): refused, because write-once media have none by software
    SetDefectManagement {
        /// Disable TRUE: defective blocks of the file are not replaced
        #[arg(long)]
        disable: bool,
    },
    /// FSCTL_LOCK_VOLUME (0x00090018): keep others from the volume
    LockVolume,
    /// FSCTL_UNLOCK_VOLUME (0x0009001C): end the lock of lock-volume
    UnlockVolume,
    /// FSCTL_DISMOUNT_VOLUME (0x00090020): dismount the volume from the handles of this program
    DismountVolume,
    /// FSCTL_IS_VOLUME_MOUNTED (0x00090028): test whether the volume is mounted
    IsVolumeMounted,
}

/// Bytes as hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

impl FromStr for Hex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        match digits {
            Some(digits) if digits.len() % 2 == 0 => Ok(Self(
                digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect(),
            )),
            _ => Err("two hexadecimal digits for each byte".into()),
        }
    }
}

/// A number of 32 bits, hexadecimal after `0x`.
fn parse_number(text: &str) -> Result<u32, String> {
    let number = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| "a number of 32 bits, such as 0x00098130".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_make_a_byte() {
        assert_eq!("00 fF1a".parse(), Ok(Hex(vec![0, 0xFF, 0x1A])));
        assert_eq!("".parse(), Ok(Hex(Vec::new())));
        assert!("0".parse::<Hex>().is_err() && "0g".parse::<Hex>().is_err() && "ää".parse::<Hex>().is_err());
    }

    #[test]
    fn control_codes_are_hexadecimal_or_decimal() {
        assert_eq!(parse_number("0x00098130"), Ok(0x98130));
        assert_eq!(parse_number("622896"), Ok(0x98130));
        assert!(parse_number("98130x").is_err() && parse_number("0x100000000").is_err());
    }
}
