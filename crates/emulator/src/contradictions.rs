//! Settings of drives that contradict themselves or do not do as they say, each as a switch and its value:
//! see `docs/understanding/media.md`.

/// Drives that report falsehoods or refuse what they should not, although everything still works.
pub const CONTRADICTIONS: [(&str, &str); 47] = [
    ("next_writable_address_moves", "after-synchronize"),
    ("blank_next_writable_address_in_pregap", "yes"),
    ("tracks_count_pregap", "yes"),
    ("blank_track_starts_at_zero", "yes"),
    ("free_blocks_never_shrink", "yes"),
    ("long_track_information_refused", "yes"),
    ("no_invisible_track_is_not_ready", "yes"),
    ("last_track_stays", "yes"),
    ("open_session_counted_twice", "yes"),
    ("close_shows_late", "5"),
    ("multi_session_counts_always", "yes"),
    ("run_out", "no"),
    ("packets", "no"),
    ("write_parameters_length", "54"),
    ("toc", "refused"),
    ("toc", "one-track"),
    ("calibration", "fails"),
    ("optional_commands", "no"),
    ("read_capacity_blank", "no-medium"),
    ("closed_tracks_end_nowhere", "yes"),
    ("read_capacity_block_length", "2352"),
    ("disc_information_length", "24"),
    ("rubbish_behind_answers", "yes"),
    ("mode_data_length_short", "yes"),
    ("odd_write_parameters", "yes"),
    ("close_ends", "in-operation"),
    ("close_ends", "in-long-write"),
    ("close_ends", "with-attention"),
    ("operation_in_progress_polls", "3"),
    ("finalizes_by_minimal_radius", "yes"),
    ("wrong_address", "out-of-range"),
    ("wrong_address", "invalid-field"),
    ("first_write_out_of_sequence", "yes"),
    ("calibration", "write-protected"),
    ("calibration", "out-of-sequence"),
    ("calibration", "medium-not-supported"),
    ("removal_can_be_prevented", "no"),
    ("streaming_refused", "yes"),
    ("speed_can_be_set", "no"),
    ("blank_track_without_size", "yes"),
    ("long_full_toc_refused", "yes"),
    ("read_capacity_closed", "past-lead-out"),
    ("recovered_errors", "at-once"),
    ("recovered_errors", "deferred"),
    ("close_ends", "with-dummy-blocks"),
    ("wrong_address", "medium-error"),
    ("wrong_address", "loss-of-streaming"),
];

/// Drives that do not do as they say. Some requests cannot succeed, and must end with an error.
pub const LIES: [(&str, &str); 5] = [
    ("next_writable_address_moves", "never"),
    ("session_close", "nothing"),
    ("session_close", "appendable"),
    ("session_close", "finalized"),
    ("finalizing_without_effect", "yes"),
];

/// Commands that read-only drives do not know. Each of them reads a finalized disc whole and records nothing.
pub const READERS: [(&str, &str); 3] = [
    ("configuration", "no"),
    ("disc_information", "no"),
    ("track_information", "no"),
];

/// How drives differ in reserved tracks. Only a disc with such a track shows the difference.
pub const RESERVATIONS: [(&str, &str); 14] = [
    ("reserve_track", "no"),
    ("reservation_unit", "64"),
    ("reservation_unit", "1024"),
    ("track_gap", "0"),
    ("track_gap", "16"),
    ("track_gap", "32"),
    ("close_over_reserved", "incomplete-track"),
    ("close_over_reserved", "reserved-track"),
    ("close_over_reserved", "closed"),
    ("reserved_track_padded", "no"),
    ("closed_session_is_one_track", "yes"),
    ("unrecorded_blocks", "blank"),
    ("unrecorded_blocks", "medium-error"),
    ("unrecorded_blocks", "zeros"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;

    #[test]
    fn each_is_a_switch_that_is_off_by_default() {
        for (name, value) in CONTRADICTIONS
            .into_iter()
            .chain(LIES)
            .chain(READERS)
            .chain(RESERVATIONS)
        {
            let mut behaviour = Behaviour::default();
            assert!(behaviour.set(name, value), "{name} {value}");
            assert_eq!(behaviour.settings(), [(name, value.to_owned())]);
        }
    }
}
