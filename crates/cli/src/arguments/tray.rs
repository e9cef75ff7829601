//! `--eject` and `--reload`

use clap::Args;

/// What is to become of the tray behind a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tray {
    /// It opens.
    Open,
    /// It opens and closes, so that Linux looks at the disc again.
    Reload,
}

/// The options for it.
#[derive(Args, Clone, Copy, Debug)]
pub struct TrayOptions {
    /// Open the tray of the drive when all is done
    #[arg(long, global = true)]
    eject: bool,

    /// Open and close the tray when all is done: Linux looks at a disc only when it comes in, and mounts what it knows of it
    #[arg(long, global = true, conflicts_with = "eject")]
    reload: bool,
}

impl TrayOptions {
    /// What is asked for.
    pub fn wanted(self) -> Option<Tray> {
        match (self.eject, self.reload) {
            (true, _) => Some(Tray::Open),
            (false, true) => Some(Tray::Reload),
            (false, false) => None,
        }
    }
}

impl Tray {
    /// The option that asks for it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Open => "--eject",
            Self::Reload => "--reload",
        }
    }
}
