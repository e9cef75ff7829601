//! Decoded output buffers.

use std::fmt::{self, Display};

use jiff::{SignedDuration, Timestamp};
use oncefs::control::{ControlCode, FileQueryOnDiskVolInfoBuffer, FileQuerySparingBuffer};
use serde::Serialize;
use zerocopy::FromBytes;

use crate::terminal::Shown;

/// A decoded output buffer.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Decoded {
    /// Of `FSCTL_QUERY_ON_DISK_VOLUME_INFO`.
    Volume(Box<OnDiskVolumeInformation>),
    /// Of `FSCTL_QUERY_SPARING_INFO`.
    Sparing(SparingInformation),
}

/// `FILE_QUERY_ON_DISK_VOL_INFO_BUFFER`; unknown values are null in JSON and left out of the text.
#[derive(Serialize)]
pub struct OnDiskVolumeInformation {
    directory_count: Option<u64>,
    file_count: Option<u64>,
    fs_format_maj_version: u16,
    fs_format_min_version: u16,
    fs_format_name: String,
    format_time: Option<String>,
    last_update_time: Option<String>,
    copyright_info: String,
    abstract_info: String,
    formatting_implementation_info: String,
    last_modifying_implementation_info: String,
}

/// `FILE_QUERY_SPARING_BUFFER`.
#[derive(Serialize)]
pub struct SparingInformation {
    sparing_unit_bytes: u32,
    software_sparing: bool,
    total_spare_blocks: u32,
    free_spare_blocks: u32,
}

impl Decoded {
    /// Decodes the output of a code; `None` if it has none.
    pub fn of(code: ControlCode, output: &[u8]) -> Option<Self> {
        match code {
            ControlCode::QUERY_ON_DISK_VOLUME_INFO => {
                let buffer = FileQueryOnDiskVolInfoBuffer::read_from_bytes(output).ok()?;
                Some(Self::Volume(Box::new(OnDiskVolumeInformation::of(&buffer))))
            }
            ControlCode::QUERY_SPARING_INFO => {
                let buffer = FileQuerySparingBuffer::read_from_bytes(output).ok()?;
                Some(Self::Sparing(SparingInformation {
                    sparing_unit_bytes: buffer.sparing_unit_bytes.get(),
                    software_sparing: buffer.software_sparing != 0,
                    total_spare_blocks: buffer.total_spare_blocks.get(),
                    free_spare_blocks: buffer.free_spare_blocks.get(),
                }))
            }
            _ => None,
        }
    }
}

impl OnDiskVolumeInformation {
    fn of(buffer: &FileQueryOnDiskVolInfoBuffer) -> Self {
        let text = FileQueryOnDiskVolInfoBuffer::text_of;
        Self {
            directory_count: u64::try_from(buffer.directory_count.get()).ok(),
            file_count: u64::try_from(buffer.file_count.get()).ok(),
            fs_format_maj_version: buffer.fs_format_maj_version.get(),
            fs_format_min_version: buffer.fs_format_min_version.get(),
            fs_format_name: text(&buffer.fs_format_name),
            format_time: rfc3339(buffer.format_time.get()),
            last_update_time: rfc3339(buffer.last_update_time.get()),
            copyright_info: text(&buffer.copyright_info),
            abstract_info: text(&buffer.abstract_info),
            formatting_implementation_info: text(&buffer.formatting_implementation_info),
            last_modifying_implementation_info: text(&buffer.last_modifying_implementation_info),
        }
    }
}

/// A time in units of 100 ns since 1601-01-01 UTC, at the resolution of UDF; `None` if unknown.
fn rfc3339(hundreds: i64) -> Option<String> {
    let epoch = "1601-01-01T00:00:00Z".parse::<Timestamp>().ok()?;
    let hundreds = u64::try_from(hundreds).ok()?;
    let since = SignedDuration::from_micros(i64::try_from(hundreds / 10).ok()?);
    epoch.checked_add(since).ok().map(|time| format!("{time:.6}"))
}

impl Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Volume(volume) => volume.fmt(f),
            Self::Sparing(sparing) => sparing.fmt(f),
        }
    }
}

impl Display for OnDiskVolumeInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = |value: Option<String>| value.unwrap_or_else(|| "unknown".into());
        let (major, minor) = (self.fs_format_maj_version, self.fs_format_min_version);
        let name = Shown(&self.fs_format_name);
        writeln!(f, "format         {name} {major}.{minor:02}")?;
        let count = |count: Option<u64>| known(count.map(|count| count.to_string()));
        writeln!(f, "directories    {}", count(self.directory_count))?;
        writeln!(f, "files          {}", count(self.file_count))?;
        writeln!(f, "formatted      {}", known(self.format_time.clone()))?;
        writeln!(f, "last update    {}", known(self.last_update_time.clone()))?;
        for (what, text) in [
            ("copyright", &self.copyright_info),
            ("abstract", &self.abstract_info),
            ("formatted by", &self.formatting_implementation_info),
            ("changed by", &self.last_modifying_implementation_info),
        ] {
            if !text.is_empty() {
                writeln!(f, "{what:14} {}", Shown(text))?;
            }
        }
        Ok(())
    }
}

impl Display for SparingInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.software_sparing {
            "software"
        } else {
            "no software"
        };
        writeln!(f, "sparing by     {by}")?;
        writeln!(f, "unit           {} bytes", self.sparing_unit_bytes)?;
        writeln!(f, "spare blocks   {}", self.total_spare_blocks)?;
        writeln!(f, "of these free  {}", self.free_spare_blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_1601_and_minus_one_is_unknown() {
        assert_eq!(rfc3339(-1), None);
        assert_eq!(rfc3339(0).as_deref(), Some("1601-01-01T00:00:00.000000Z"));
        assert_eq!(
            rfc3339(116_444_736_010_000_050).as_deref(),
            Some("1970-01-01T00:00:01.000005Z")
        );
        assert_eq!(rfc3339(i64::MAX), None);
    }

    #[test]
    fn a_buffer_of_another_length_is_not_read() {
        assert!(Decoded::of(ControlCode::QUERY_SPARING_INFO, &[0; 15]).is_none());
        assert!(Decoded::of(ControlCode::LOCK_VOLUME, &[]).is_none());
    }
}
