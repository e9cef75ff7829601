//! Arbitrary command blocks and data, and the texts that the emulated recorder reads.

use std::fs;

use emulator::{Behaviour, FaultScript, Medium, Recorder};
use mmc::{Data, TraceEntry, Transport as _};

use crate::bench::Bench;
use crate::recipe::Input;

/// First bytes from here on mean the text of a side file.
const SIDE_FILE: u8 = 0xE0;
/// First bytes from here on mean a script of faults.
const FAULTS: u8 = 0xF0;
/// Maximum bytes of one data phase.
const LONGEST: usize = 1 << 20;
/// Blocks of the disc.
const CAPACITY: u32 = 2_016;

/// Sends commands to a recorder with a blank disc, or uses the input as the text of its side file or of
/// faults.
pub fn commands(input: &[u8]) {
    let mut input = Input(input);
    let Some(first) = input.byte() else { return };
    match first {
        FAULTS.. => faults(input),
        SIDE_FILE.. => side_file(input),
        _ => blank(first, input),
    }
}

fn blank(first: u8, mut input: Input<'_>) {
    let medium = Medium::ALL[usize::from(first) % Medium::ALL.len()];
    let (Some(which), Some(value)) = (input.byte(), input.byte()) else {
        return;
    };
    let behaviour = behaving(which, value);
    let bench = Bench::new();
    let Ok(recorder) = Recorder::create(&bench.path(), medium, Some(CAPACITY), behaviour) else {
        return;
    };
    run(&bench, recorder, input);
}

/// The drive's behaviour where MMC leaves a choice, from two bytes.
fn behaving(which: u8, value: u8) -> Behaviour {
    let bit = |number: u8| which & 1 << number != 0;
    let some = |number: u8| if bit(number) { u32::from(value) } else { 0 };
    Behaviour {
        last_recorded_address_valid: bit(0).then_some(value & 1 == 0),
        short_track_information: bit(1) && value & 2 == 0,
        buffer_underrun_protection: !bit(1),
        underrun_after_writes: some(1),
        synchronize_closes_track: bit(2),
        close_track_refused_after_synchronize: bit(3),
        session_gap: bit(4).then(|| u32::from(value) << (value & 24)),
        linking_loss: some(5),
        link_blocks_as_medium_error: bit(5),
        test_write_after_power_on: bit(6) && value & 1 == 0,
        unit_attention_after_load: bit(6),
        becoming_ready_polls: some(6),
        long_write_polls: some(7),
        ..Behaviour::default()
    }
}

fn side_file(input: Input<'_>) {
    // The text ends with a byte that no text contains; commands follow.
    let (text, rest) = input.0.split_at(
        input
            .0
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(input.0.len()),
    );
    let bench = Bench::new();
    fs::write(Recorder::side_file(&bench.path()), text).expect("a side file in memory");
    fs::write(bench.path(), vec![0x11; 100 * mmc::BLOCK_SIZE]).expect("an image in memory");
    if let Ok(recorder) = Recorder::open_accepting(&bench.path()) {
        run(&bench, recorder, Input(rest));
    }
}

fn faults(input: Input<'_>) {
    let (text, rest) = input.0.split_at(
        input
            .0
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(input.0.len()),
    );
    let text = String::from_utf8_lossy(text);
    let _ = text.parse::<TraceEntry>();
    let Ok(script) = text.parse::<FaultScript>() else {
        return;
    };
    assert_eq!(
        script.to_string().parse().as_ref(),
        Ok(&script),
        "a script is read back from its text"
    );
    let bench = Bench::new();
    let medium = Medium::ALL[text.len() % Medium::ALL.len()];
    let Ok(mut recorder) = Recorder::create(&bench.path(), medium, Some(CAPACITY), Behaviour::default())
    else {
        return;
    };
    recorder.set_faults(script);
    run(&bench, recorder, Input(rest));
}

/// Sends the commands of the input: each a byte of kind, then a command block according to its group, and
/// data.
fn run(bench: &Bench, recorder: Recorder, mut input: Input<'_>) {
    let mut recorder = Some(recorder);
    for _ in 0..64 {
        let Some(open) = recorder.as_mut() else { return };
        let Some(kind) = input.byte() else { break };
        match kind {
            0..=0x0F => {
                recorder = None;
                recorder = recorder.or_else(|| Recorder::open_accepting(&bench.path()).ok());
            }
            0x10..=0x4F => write_next(open, kind),
            _ => step(open, kind, &mut input),
        }
    }
    drop(recorder);
    let _ = Recorder::open_read_only(&bench.path());
}

fn step(recorder: &mut Recorder, kind: u8, input: &mut Input<'_>) {
    let Some(code) = input.0.first() else { return };
    let length = match code >> 5 {
        0 => 6,
        1 | 2 => 10,
        4 => 16,
        _ => 12,
    };
    let command = input.bytes(length);
    let count = usize::from(input.half().unwrap_or_default());
    let count = if kind & 1 == 0 {
        count
    } else {
        count * mmc::BLOCK_SIZE
    }
    .min(LONGEST);
    let _ = match kind >> 1 & 3 {
        0 => recorder.execute(command, Data::None),
        1 => recorder.execute(command, Data::In(&mut vec![0; count])),
        2 => recorder.execute(command, Data::Out(input.bytes(count))),
        _ => recorder.execute(command, Data::Out(&vec![0xA5; count])),
    };
}

/// Asks for the next writable address and writes there, as a well-behaved host does.
fn write_next(recorder: &mut Recorder, kind: u8) {
    let mut track = [0; 36];
    if recorder
        .execute(&[0x52, 1, 0, 0, 0, 0xFF, 0, 0, 36, 0], Data::In(&mut track))
        .is_err()
    {
        return;
    }
    let count = kind & 0x3F;
    let mut command = [0x2A, 0, 0, 0, 0, 0, 0, 0, count, 0];
    command[2..6].copy_from_slice(&track[12..16]);
    let _ = recorder.execute(
        &command,
        Data::Out(&vec![kind; usize::from(count) * mmc::BLOCK_SIZE]),
    );
}
