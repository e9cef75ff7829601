//! Commands that no host should send, in any order: nothing panics, and the disc stays consistent.

mod bench;

use bench::Bench;
use emulator::{Medium, Recorder};
use mmc::{Data, Failure, Transport as _};
use proptest::prelude::*;

/// The next step of a random host.
#[derive(Clone, Debug)]
enum Step {
    Raw(Vec<u8>, u16),
    Write(u32, u16),
    WriteNext(u16),
    Read(u32, u16),
    Synchronize,
    Close(u8, u16),
    Reserve(u32),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let known = prop::sample::select(vec![
        0x00u8, 0x03, 0x12, 0x1A, 0x1B, 0x1E, 0x23, 0x25, 0x35, 0x43, 0x46, 0x4A, 0x51, 0x52, 0x53, 0x54,
        0x55, 0x5A, 0x5B, 0x5C, 0xA8, 0xAD, 0xB6, 0xBB,
    ]);
    let raw = (
        prop_oneof![known, any::<u8>()],
        prop::collection::vec(any::<u8>(), 0..12),
        0u16..300,
    )
        .prop_map(|(code, rest, length)| {
            let mut command = vec![code];
            command.extend(rest);
            Step::Raw(command, length)
        });
    prop_oneof![
        2 => raw,
        1 => (0u32..2_100, 0u16..70).prop_map(|(at, count)| Step::Write(at, count)),
        4 => (1u16..70).prop_map(Step::WriteNext),
        2 => (0u32..2_100, 0u16..70).prop_map(|(at, count)| Step::Read(at, count)),
        2 => Just(Step::Synchronize),
        1 => (0u8..8, 0u16..5).prop_map(|(function, number)| Step::Close(function, number)),
        1 => (0u32..700).prop_map(Step::Reserve),
        1 => Just(Step::Reopen),
    ]
}

fn take(bench: &mut Bench, step: Step) {
    let next = bench.track(0xFF).ok().and_then(|track| track.next_writable());
    match step {
        Step::Raw(command, length) => {
            let mut data = vec![0; usize::from(length)];
            let _ = bench.recorder().execute(&command, Data::In(&mut data));
            let _ = bench.recorder().execute(&command, Data::Out(&data));
            // A step may have ejected the medium or changed the write parameters.
            let _ = bench.recorder().execute(&[0x1B, 0, 0, 0, 3, 0], Data::None);
            let _ = bench.ready();
        }
        Step::Write(at, count) => drop(bench.write(at, count, 1)),
        Step::WriteNext(count) => {
            if let Some(next) = next {
                let _ = bench.write(next.0, count, 2);
            }
        }
        Step::Read(at, count) => drop(bench.read(at, count)),
        Step::Synchronize => bench.synchronize(),
        Step::Close(function, number) => {
            let [high, low] = number.to_be_bytes();
            let command = [0x5B, 0, function, 0, high, low, 0, 0, 0, 0];
            if let Err(Failure::Transport(error)) = bench.recorder().execute(&command, Data::None) {
                panic!("{error}");
            }
        }
        Step::Reserve(blocks) => drop(bench.reserve(blocks)),
        Step::Reopen => bench.reopen().unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_life_leaves_a_valid_side_file_and_an_image_up_to_the_last_block(
        medium in prop::sample::select(Medium::ALL.to_vec()), gap in 0u32..200,
        steps in prop::collection::vec(step(), 0..60)
    ) {
        let behaviour = emulator::Behaviour { session_gap: Some(gap), ..Default::default() };
        let mut bench = Bench::with(medium, 2_000, behaviour);
        for step in steps {
            let power_on = matches!(step, Step::Reopen);
            let busy = bench.recorder().occupied();
            take(&mut bench, step);
            prop_assert!(bench.recorder().occupied() >= busy || power_on, "time went back");
        }
        bench.reopen().unwrap();
        let before = bench.disc();
        let blocks = bench.image_blocks();
        if blocks > 0 {
            // The last block is recorded, although it may be a spoiled or link block.
            prop_assert!(bench.read(u32::try_from(blocks).unwrap() - 1, 1).is_ok());
        }
        prop_assert!(bench.read(u32::try_from(blocks).unwrap(), 1).is_err());
        bench.recorder = Some({ bench.recorder = None; Recorder::open_read_only(&bench.image).unwrap() });
        prop_assert_eq!(bench.disc(), before);
    }
}
