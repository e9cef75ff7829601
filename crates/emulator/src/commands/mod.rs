//! The commands. Each file is an `impl Recorder` for a group of them, and changes its state through the
//! methods of its parts.

mod at_once;
mod cache;
mod close;
mod execute;
mod information;
mod manners;
mod mode;
mod pace;
mod power;
mod read;
mod reserve;
mod speed;
mod tray;
mod write;
