//! `--eject` and `--reload`

use clap::Args;

/// What to do with the tray after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tray {
    /// It opens.
    Open,
    /// It opens and closes, so that Linux rereads the disc.
    Reload,
}

/// The options for the tray.
#[derive(Args, Clone, Copy, Debug)]
pub struct TrayOptions {
    /// Open the tray of the drive when everything is done
    #[arg(long, global = true)]
    eject: bool,

    /// Open and close the tray when everything is done: Linux reads a disc only when it is inserted, and
    /// mounts the state it read then
    #[arg(long, global = true, conflicts_with = "eject")]
    reload: bool,
}

impl TrayOptions {
    /// The requested movement.
    pub fn wanted(self) -> Option<Tray> {
        match (self.eject, self.reload) {
            (true, _) => Some(Tray::Open),
            (false, true) => Some(Tray::Reload),
            (false, false) => None,
        }
    }
}

impl Tray {
    /// The option that requests it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Open => "--eject",
            Self::Reload => "--reload",
        }
    }
}
