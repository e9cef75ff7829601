//! Drives that differ where MMC lets them.

use emulator::{Behaviour, CONTRADICTIONS, LastAddress, NextWritableAddress};
use proptest::prelude::*;
use std::ops::RangeInclusive;

fn address() -> impl Strategy<Value = LastAddress> {
    prop::sample::select(vec![
        LastAddress::Zero,
        LastAddress::LastRecorded,
        LastAddress::BeforeLeadOut,
        LastAddress::BeforeNextWritable,
        LastAddress::LastOfMedium,
    ])
}

/// Each contradiction is drawn as often as any other switch.
#[allow(clippy::cast_possible_truncation)] // some dozens
const OF_CONTRADICTIONS: u32 = CONTRADICTIONS.len() as u32;

/// One switch with a value other than the default.
fn switch() -> impl Strategy<Value = Switch> {
    let next = prop::sample::select(vec![
        NextWritableAddress::TrackFfOnly,
        NextWritableAddress::NumberOnly,
    ]);
    prop_oneof![
        1 => (any::<bool>(), address()).prop_map(|(valid, address)| Switch::Addresses(valid, address)),
        1 => next.prop_map(Switch::Next),
        1 => prop::sample::select(vec![0, 64, 5000]).prop_map(Switch::Gap),
        1 => (1..4u32).prop_map(Switch::Underrun),
        1 => (prop::sample::select(vec![16, 32]), any::<bool>())
            .prop_map(|(loss, valid)| Switch::Loss(loss, valid)),
        1 => Just(Switch::Toc),
        1 => Just(Switch::ShortTrack),
        1 => Just(Switch::SynchronizeCloses),
        1 => Just(Switch::CloseRefused),
        1 => Just(Switch::LinksAsErrors),
        1 => Just(Switch::TestWrite),
        1 => Just(Switch::Slow),
        OF_CONTRADICTIONS => prop::sample::select(CONTRADICTIONS.to_vec())
            .prop_map(|(name, value)| Switch::Contradiction(name, value)),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Switch {
    Addresses(bool, LastAddress),
    Next(NextWritableAddress),
    Gap(u32),
    Underrun(u32),
    Loss(u32, bool),
    Toc,
    ShortTrack,
    SynchronizeCloses,
    CloseRefused,
    LinksAsErrors,
    TestWrite,
    Slow,
    Contradiction(&'static str, &'static str),
}

impl Switch {
    fn set(self, behaviour: &mut Behaviour) {
        match self {
            Self::Addresses(valid, address) => {
                behaviour.last_recorded_address_valid = Some(valid);
                behaviour.read_capacity_blank = address;
                behaviour.read_capacity_open = address;
                behaviour.read_capacity_closed = address;
            }
            Self::Next(next) => behaviour.next_writable_address = next,
            Self::Gap(gap) => behaviour.session_gap = Some(gap),
            Self::Underrun(writes) => {
                behaviour.buffer_underrun_protection = false;
                behaviour.underrun_after_writes = writes;
            }
            Self::Loss(loss, valid) => {
                behaviour.linking_loss = loss;
                behaviour.last_recorded_address_valid = Some(valid);
            }
            Self::Toc => behaviour.toc_last_session_start = false,
            Self::ShortTrack => behaviour.short_track_information = true,
            Self::SynchronizeCloses => behaviour.synchronize_closes_track = true,
            Self::CloseRefused => behaviour.close_track_refused_after_synchronize = true,
            Self::LinksAsErrors => behaviour.link_blocks_as_medium_error = true,
            Self::TestWrite => behaviour.test_write_after_power_on = true,
            Self::Slow => {
                behaviour.unit_attention_after_load = true;
                behaviour.becoming_ready_polls = 3;
                behaviour.long_write_polls = 3;
            }
            Self::Contradiction(name, value) => {
                let is_known = behaviour.set(name, value);
                debug_assert!(is_known, "{name} {value}");
            }
        }
    }
}

/// Drives with up to two switches changed from the default.
pub fn behaviour() -> impl Strategy<Value = Behaviour> {
    behaviours(0..=2)
}

/// Drives with this many switches changed from the default; fewer if one is drawn twice.
pub(crate) fn behaviours(switches: RangeInclusive<usize>) -> impl Strategy<Value = Behaviour> {
    prop::collection::vec(switch(), switches).prop_map(|switches| {
        let mut behaviour = Behaviour::default();
        for switch in switches {
            switch.set(&mut behaviour);
        }
        behaviour
    })
}
