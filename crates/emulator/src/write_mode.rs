//! How the host has said that it records: mode page 05h, the speed, a session at once, test writing.

use crate::behaviour::Behaviour;
use crate::medium::{Family, Medium};
use crate::session_at_once::SessionAtOnce;
use mmc::{MultiSession, WriteParameters, WriteType};

/// Blocks of the pause before an audio track.
pub(crate) const AUDIO_PAUSE: u16 = 150;

/// What the host has arranged for its recording, and how far that has come.
#[derive(Debug)]
pub(crate) struct WriteMode {
    parameters: WriteParameters,
    /// In kB/s.
    speed: u32,
    /// The session at once that a cue sheet has announced.
    session: Option<SessionAtOnce>,
    /// Blocks that test writing has come to, behind the next writable address.
    tested: u32,
    /// WRITEs of CD packets, for underruns.
    writes: u32,
}

impl WriteMode {
    /// As it is after power on.
    pub(crate) fn new(medium: Medium, behaviour: &Behaviour) -> Self {
        Self {
            parameters: parameters_after_power_on(medium, behaviour),
            speed: fastest(medium),
            session: None,
            tested: 0,
            writes: 0,
        }
    }

    /// Has mode page and speed as they are after power on.
    pub(crate) fn restore(&mut self, medium: Medium, behaviour: &Behaviour) {
        self.parameters = parameters_after_power_on(medium, behaviour);
        self.speed = fastest(medium);
    }

    /// The same, and ends what was announced or tried.
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

    /// The speed of writing in kB/s.
    pub(crate) const fn speed(&self) -> u32 {
        self.speed
    }

    /// Sets the fastest speed of the medium that is not faster than asked for, or the slowest. In kB/s.
    pub(crate) fn set_speed(&mut self, medium: Medium, asked: u32) {
        let speeds = medium.write_speeds();
        let slowest = speeds.last().copied().unwrap_or(asked);
        let taken = speeds.iter().copied().find(|speed| *speed <= asked);
        self.speed = taken.unwrap_or(slowest);
    }

    /// The session at once that was announced and is not recorded whole.
    pub(crate) const fn session(&self) -> Option<SessionAtOnce> {
        self.session
    }

    pub(crate) fn set_session(&mut self, session: Option<SessionAtOnce>) {
        self.session = session;
    }

    /// Blocks that test writing has come to; none while it is off.
    pub(crate) fn tested(&self) -> u32 {
        if self.parameters.test_write() {
            self.tested
        } else {
            0
        }
    }

    /// `count` blocks more are written in test writing.
    pub(crate) fn test(&mut self, count: u32) {
        self.tested += count;
    }

    /// Test writing begins anew at the next writable address.
    pub(crate) fn end_test(&mut self) {
        self.tested = 0;
    }

    /// Counts a WRITE of a CD packet; whether it is the last of so many, 0 for never.
    pub(crate) fn is_nth_write(&mut self, regular: u32) -> bool {
        self.writes = self.writes.wrapping_add(1);
        regular != 0 && self.writes.is_multiple_of(regular)
    }
}

/// Mode page 05h as it is after power on: track at once on a CD, incremental on a DVD-R, one session.
pub(crate) fn parameters_after_power_on(medium: Medium, behaviour: &Behaviour) -> WriteParameters {
    let mut page = WriteParameters::new();
    page.data_block_type = 8;
    // Without mode page 05h there is no test writing, nor a way to end it.
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

/// What the drive starts with: the fastest speed.
fn fastest(medium: Medium) -> u32 {
    medium.write_speeds().first().copied().unwrap_or(0)
}
