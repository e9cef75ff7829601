//! The emulated recorder at the ring of the kernel.

use emulator::Recorder;
use mmc::{Data, Failure, Transport};
use tcmu::Device;

/// A recorder that the kernel can reset.
pub struct Emulated(pub Recorder);

impl Transport for Emulated {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        self.0.execute(command, data)
    }
}

impl Device for Emulated {
    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Replaces a recorder whose program is gone: every command finds no medium.
pub struct Gone;

impl Transport for Gone {
    fn execute(&mut self, _: &[u8], _: Data<'_>) -> Result<usize, Failure> {
        Err(mmc::Sense::MEDIUM_NOT_PRESENT.into())
    }
}

impl Device for Gone {
    fn reset(&mut self) {}
}
