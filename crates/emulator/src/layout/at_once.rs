//! A session that is recorded at once.

use super::DiscLayout;

impl DiscLayout {
    /// Ends the track of a session at once immediately before the lead-out, without run-out.
    pub(crate) fn close_at_once(&mut self, lead_out: u32) {
        let Some(number) = self.invisible_track().map(|track| track.number) else {
            return;
        };
        if let Some(track) = self.track_mut(number) {
            track.recorded_end = lead_out;
            track.next = lead_out;
            track.end = lead_out;
            track.closed = true;
            track.packet_open = false;
        }
    }
}
