//! How the host records: mode page 05h, the speed, a session at once, test writing.

use crate::behaviour::Behaviour;
use crate::medium::{Family, Medium};
use crate::session_at_once::SessionAtOnce;
use mmc::{MultiSession, WriteParameters, WriteType};

/// Blocks of the pause before an audio track.
pub(crate) const AUDIO_PAUSE: u16 = 150;

/// The host's settings for recording, and the progress of the recording.
#[derive(Debug)]
pub(crate) struct WriteMode {
    parameters: WriteParameters,
    /// In kB/s.
    speed: u32,
    /// The session at once that a cue sheet has announced.
    session: Option<SessionAtOnce>,
    /// Blocks of test writing after the next writable address.
    tested: u32,
    /// Number of WRITEs to CD packets, for underruns.
    writes: u32,
}

impl WriteMode {
    /// The settings after power on.
    pub(crate) fn new(medium: Medium, behaviour: &Behaviour) -> Self {
        Self {
            parameters: parameters_after_power_on(medium, behaviour),
            speed: fastest(medium),
            session: None,
            tested: 0,
            writes: 0,
        }
    }

    /// Restores mode page and speed to their values after power on.
    pub(crate) fn restore(&mut self, medium: Medium, behaviour: &Behaviour) {
        self.parameters = parameters_after_power_on(medium, behaviour);
        self.speed = fastest(medium);
    }

    /// Restores both, and ends an announced session and test writing.
    pub(crate) fn reset(&mut self, medium: Medium, behaviour: &Behaviour) {
        self.restore(medium, behaviour);
        self.end_test();
        self.session = None;
    }

    /// Mode page 05h.
    pub(crate) const fn parameters(&self) -> &WriteParameters {
        &self.parameters
    }

    pub(crate) fn set_parameters(&mut self, parameters: WriteParameters) {
        self.parameters = parameters;
    }

    /// The write speed in kB/s.
    pub(crate) const fn speed(&self) -> u32 {
        self.speed
    }

    /// Sets the fastest speed of the medium that is not above `asked`, or else the slowest. In kB/s.
    pub(crate) fn set_speed(&mut self, medium: Medium, asked: u32) {
        let speeds = medium.write_speeds();
        let slowest = speeds.last().copied().unwrap_or(asked);
        let taken = speeds.iter().copied().find(|speed| *speed <= asked);
        self.speed = taken.unwrap_or(slowest);
    }

    /// The announced session at once that is not yet fully recorded.
    pub(crate) const fn session(&self) -> Option<SessionAtOnce> {
        self.session
    }

    pub(crate) fn set_session(&mut self, session: Option<SessionAtOnce>) {
        self.session = session;
    }

    /// Blocks of test writing; 0 if it is off.
    pub(crate) fn tested(&self) -> u32 {
        if self.parameters.test_write() {
            self.tested
        } else {
            0
        }
    }

    /// Adds `count` blocks of test writing.
    pub(crate) fn test(&mut self, count: u32) {
        self.tested += count;
    }

    /// Starts test writing again at the next writable address.
    pub(crate) fn end_test(&mut self) {
        self.tested = 0;
    }

    /// Counts a WRITE to a CD packet. Whether it is the last of each `regular` WRITEs; never if `regular` is
    /// 0.
    pub(crate) fn is_nth_write(&mut self, regular: u32) -> bool {
        self.writes = self.writes.wrapping_add(1);
        regular != 0 && self.writes.is_multiple_of(regular)
    }
}

/// Mode page 05h after power on: track at once on a CD, incremental on a DVD-R, one session.
pub(crate) fn parameters_after_power_on(medium: Medium, behaviour: &Behaviour) -> WriteParameters {
    let mut page = WriteParameters::new();
    page.data_block_type = 8;
    // Without mode page 05h the host could neither start nor end test writing.
    page.set_test_write(behaviour.test_write_after_power_on && medium.has_write_parameters());
    page.set_multi_session(MultiSession::None);
    if medium.family() == Family::DvdR {
        page.set_write_type(WriteType::Packet);
        page.set_fixed_packets(true);
        page.set_track_mode(5);
        page.packet_size = medium.write_unit().into();
    } else {
        page.set_write_type(WriteType::TrackAtOnce);
        page.set_track_mode(4);
        page.audio_pause_length = AUDIO_PAUSE.into();
    }
    if behaviour.odd_write_parameters {
        page.session_format = u8::MAX;
        page.audio_pause_length = u16::MAX.into();
    }
    page
}

/// The speed after power on: the fastest.
fn fastest(medium: Medium) -> u32 {
    medium.write_speeds().first().copied().unwrap_or(0)
}
