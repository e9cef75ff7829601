//! The text of `oncefs info`.

use std::fmt;

use oncefs::nodes::defined_stream;

use super::{DiscInfo, MediumInfo, RomInfo, SessionInfo, SpaceInfo, VolumeInfo};
use crate::commands::add::size;
use crate::output::count;
use crate::terminal::Shown;

impl fmt::Display for DiscInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.medium.fmt(f)?;
        if let Some(image) = self.image.as_ref().and_then(|image| image.text.as_deref()) {
            // Names in tables and sheets may be hostile.
            writeln!(f, "image       {}", Shown(image))?;
        }
        for session in &self.sessions {
            session.fmt(f)?;
        }
        match &self.volume {
            Some(volume) => volume.fmt(f)?,
            None => writeln!(f, "volume      none")?,
        }
        if let Some(space) = &self.space {
            space.fmt(f)?;
        }
        match &self.plan {
            Some(plan) => writeln!(f, "plan        {plan}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for MediumInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let once = if self.single_session {
            ", closing the session finalizes it"
        } else {
            ""
        };
        match &self.profile {
            Some(profile) => writeln!(f, "medium      {profile}, {}{once}", self.status)?,
            None => writeln!(
                f,
                "medium      unknown without a side file: it is read as a finished disc that ends where the image does"
            )?,
        }
        writeln!(f, "capacity    {}", blocks(self.capacity_blocks))?;
        write!(f, "free        {}", blocks(self.free_blocks))?;
        if let Some(next) = self.next_writable_address {
            write!(f, ", next writable address {next}")?;
        }
        writeln!(f, "\nunit        {}", blocks(self.write_unit_blocks))
    }
}

impl fmt::Display for SpaceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.used_blocks {
            Some(used) => write!(f, "used        {} by files and directories", blocks(used))?,
            None => f.write_str(
                "used        not counted: `--space` reads all files and directories, but no data",
            )?,
        }
        if self.unreadable_nodes > 0 {
            let nodes = count(self.unreadable_nodes, "unreadable node", "unreadable nodes");
            write!(f, ", without {nodes}")?;
        }
        writeln!(f)?;
        if let Some(dead) = self.dead_blocks {
            let dead = blocks(dead);
            writeln!(
                f,
                "dead        {dead}: superseded, deleted, or structures of sessions"
            )?;
        }
        match (self.kept_back_blocks, self.free_blocks) {
            (Some(kept_back), Some(free)) => writeln!(
                f,
                "room        {} for files; {kept_back} blocks are kept back for a commit and closing",
                blocks(u32::try_from(free).unwrap_or(u32::MAX))
            ),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for SessionInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number, start, state, ..
        } = self;
        match self.last_recorded {
            Some(last) => writeln!(f, "session {number:<3} {state}, blocks {start} to {last}"),
            None => writeln!(f, "session {number:<3} {state}, from block {start}"),
        }
    }
}

impl fmt::Display for VolumeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<u32>| number.map_or_else(|| "?".into(), |number| number.to_string());
        writeln!(
            f,
            "volume      '{}', UDF {}",
            Shown(&self.label),
            self.udf_revision
        )?;
        writeln!(
            f,
            "files       {}, directories {}",
            number(self.files),
            number(self.directories)
        )?;
        if let Some(vat_icb) = self.vat_icb {
            writeln!(f, "generation  {}, VAT ICB at block {vat_icb}", self.generation)?;
        }
        writeln!(f, "times       {}", self.times)?;
        writeln!(f, "volume set  '{}'", Shown(&self.volume_set))?;
        writeln!(f, "state       {}", self.state)?;
        match &self.rom {
            _ if self.is_lacking => writeln!(f, "readers     unknown, because the newest state is missing")?,
            Some(rom) => rom.fmt(f)?,
            None if self.has_vat && self.takes_plain_volume => writeln!(
                f,
                "readers     those with VAT; `oncefs close DISC --rom bridge` adds a plain volume for multi-session readers"
            )?,
            None if self.has_vat => writeln!(f, "readers     those with VAT")?,
            None => {}
        }
        writeln!(
            f,
            "flags       {} ({:#010x})",
            self.flags.join(" "),
            self.flags_value
        )?;
        for stream in &self.system_streams {
            write!(f, "about it    '{}', a stream of the file set", Shown(stream))?;
            match defined_stream(stream) {
                Some(defined) => writeln!(f, ": {}", defined.meaning)?,
                None => writeln!(f)?,
            }
        }
        for attribute in &self.root_attributes {
            let name = Shown(&attribute.identifier);
            write!(f, "about it    '{name}', an extended attribute of the root")?;
            match attribute.meaning {
                Some(meaning) => writeln!(f, ": {meaning}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for RomInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.bridge { "UDF or ISO 9660" } else { "UDF" };
        let others = if self.is_in_first_session {
            "show session 1"
        } else {
            "find no volume"
        };
        let those = match self.session {
            Some(2..) => format!("multi-session readers of {kind}"),
            _ => format!("any reader of {kind}"),
        };
        f.write_str("readers     ")?;
        match (self.session, self.open) {
            (None, None) => {
                f.write_str("those with VAT; no session was closed with a plain volume for others")?
            }
            (None, Some(_)) => write!(f, "oncefs; any reader of {kind} once the session is closed")?,
            (Some(session), None) if self.is_newest => {
                write!(f, "{those}, as session {session} was closed")?;
            }
            (Some(session), None) => write!(
                f,
                "those with VAT; {those}, as session {session} was closed: the last session has no plain volume"
            )?,
            (Some(session), Some(_)) => write!(
                f,
                "{those}, as session {session} was closed, and what is newer once this session is closed"
            )?,
        }
        if let Some(2..) = self.session {
            write!(f, "; others, such as 7-Zip, {others}")?;
        }
        if self.links {
            f.write_str("; 7-Zip refuses the UDF volume if it has links or special files")?;
        }
        if self.open.is_some() {
            write!(f, "; Linux now with `{}`", self.mount_of_open())?;
        }
        writeln!(f)
    }
}

impl RomInfo {
    /// The Linux command that mounts the open session.
    fn mount_of_open(&self) -> String {
        match self.linux_options_for_open.as_deref() {
            None | Some("") => "mount -t udf".to_owned(),
            Some(options) => format!("mount -t udf -o {options}"),
        }
    }
}

fn blocks(blocks: u32) -> String {
    format!("{blocks} blocks, {}", size(u64::from(blocks) * 2048))
}
