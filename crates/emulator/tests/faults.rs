//! Faults on demand, media changes and the trace.

mod bench;

use bench::{Bench, refused, refused_at};
use emulator::{Behaviour, Event, FaultScript, Medium};
use mmc::command::{GetEventStatusNotification, PreventAllowMediumRemoval, RequestSense, StartStopUnit};
use mmc::reply::{EventHeader, MediaEventCode};
use mmc::{CloseFunction, Data, Lba, Outcome, Sense, SenseKey, TraceEntry};
use std::sync::{Arc, Mutex};

const CAPACITY: u32 = 2_000;

#[test]
fn the_nth_command_of_a_name_fails_once_without_effect() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench
        .recorder()
        .set_faults("fail 3/0C/00 at WRITE(10) 2".parse().unwrap());
    bench.write(0, 16, 1).unwrap();
    refused(bench.write(16, 16, 2), Sense::WRITE_ERROR);
    assert_eq!(bench.next(), 16);
    bench.write(16, 16, 2).unwrap();
}

#[test]
fn a_failed_block_costs_its_unit_and_recording_continues_after_it() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench
        .recorder()
        .set_faults(FaultScript::new().fail_block(20, Sense::WRITE_ERROR));
    refused_at(bench.write(0, 48, 1), Sense::WRITE_ERROR, 20);
    assert_eq!(bench.next(), 32);
    assert_eq!(bench.read(19, 1).unwrap(), [1]);
    bench.write(32, 16, 2).unwrap();
    bench.synchronize();
    bench.reopen().unwrap();
    refused_at(bench.read(16, 20), Sense::L_EC_UNCORRECTABLE_ERROR, 20);
    assert_eq!(bench.read(32, 1).unwrap(), [2]);
}

#[test]
fn the_session_after_a_wholly_failed_unit_begins_after_that_unit() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench
        .recorder()
        .set_faults(FaultScript::new().fail_block(32, Sense::WRITE_ERROR));
    refused_at(bench.write(0, 64, 1), Sense::WRITE_ERROR, 32);
    bench.synchronize();
    bench.close(CloseFunction::Session, 0).unwrap();
    assert_eq!(bench.next(), 64);
}

#[test]
fn a_cd_continues_after_the_links_of_a_failed_block() {
    let mut bench = Bench::new(Medium::CdR80, CAPACITY);
    bench
        .recorder()
        .set_faults(FaultScript::new().fail_block(3, Sense::WRITE_ERROR));
    refused_at(bench.write(0, 8, 1), Sense::WRITE_ERROR, 3);
    assert_eq!(bench.next(), 4 + 7);
    bench.write(11, 2, 2).unwrap();
    refused_at(bench.read(0, 8), Sense::L_EC_UNCORRECTABLE_ERROR, 3);
    refused_at(bench.read(4, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK, 4);
}

#[test]
fn an_unprotected_underrun_ends_the_packet_after_one_write() {
    for protection in [true, false] {
        let drive = Behaviour {
            buffer_underrun_protection: protection,
            ..Behaviour::default()
        };
        let mut bench = Bench::with(Medium::CdR80, CAPACITY, drive);
        let mut page = bench.write_parameters();
        page.set_buffer_underrun_free(true);
        bench.select(&page).unwrap();
        bench
            .recorder()
            .set_faults("underrun after WRITE(10) 2".parse().unwrap());
        bench.write(0, 5, 1).unwrap();
        bench.write(5, 5, 1).unwrap();
        let next = if protection { 10 } else { 17 };
        assert_eq!(bench.next(), next);
        bench.write(next, 5, 1).unwrap();
        bench.write(next + 5, 5, 1).unwrap();
    }
}

#[test]
fn blocks_can_become_unreadable() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 64, 1).unwrap();
    bench.recorder().set_faults(
        "unreadable 40..42\nunreadable 50..51 with 3/11/00"
            .parse()
            .unwrap(),
    );
    assert_eq!(bench.read(0, 40).unwrap(), [1; 40]);
    refused_at(bench.read(32, 32), Sense::L_EC_UNCORRECTABLE_ERROR, 40);
    refused_at(bench.read(42, 20), Sense::UNRECOVERED_READ_ERROR, 50);
}

#[test]
fn a_long_write_keeps_the_drive_busy_for_some_polls() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench
        .recorder()
        .set_faults(FaultScript::new().busy(Event::command(2), 2));
    bench.write(0, 16, 1).unwrap();
    refused(bench.write(16, 16, 1), Sense::LONG_WRITE_IN_PROGRESS);
    refused(bench.ready(), Sense::LONG_WRITE_IN_PROGRESS);
    bench.ready().unwrap();
    bench.write(16, 16, 1).unwrap();
}

#[test]
fn request_sense_reports_why_the_drive_is_not_ready() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench
        .recorder()
        .set_faults(FaultScript::new().busy(Event::command(1), 2));
    refused(bench.ready(), Sense::LONG_WRITE_IN_PROGRESS);
    let mut sense = [0; 18];
    bench.run(RequestSense::new(), Data::In(&mut sense)).unwrap();
    assert!(Sense::decode(&sense).unwrap().is(Sense::LONG_WRITE_IN_PROGRESS));
    refused(bench.ready(), Sense::LONG_WRITE_IN_PROGRESS);
    bench.run(RequestSense::new(), Data::In(&mut sense)).unwrap();
    assert_eq!(Sense::decode(&sense).unwrap().key, SenseKey::NoSense);
}

#[test]
fn a_removed_medium_loses_unsynchronized_data_and_can_come_back() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench.write(0, 16, 1).unwrap();
    bench.synchronize();
    bench
        .recorder()
        .set_faults(FaultScript::new().remove(Event::command(2)));
    bench.write(16, 16, 1).unwrap();
    refused(bench.write(32, 16, 1), Sense::MEDIUM_NOT_PRESENT);
    refused(bench.ready(), Sense::MEDIUM_NOT_PRESENT);
    bench.run(StartStopUnit::load(), Data::None).unwrap();
    refused(bench.ready(), Sense::MEDIUM_MAY_HAVE_CHANGED);
    bench.ready().unwrap();
    assert_eq!(bench.next(), 16);
}

#[test]
fn an_ejected_medium_is_synchronized_first_and_causes_events() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    let event = |bench: &mut Bench| {
        let mut answer = [0; 8];
        let command = GetEventStatusNotification::poll(EventHeader::MEDIA, 8);
        bench.run(command, Data::In(&mut answer)).unwrap();
        (MediaEventCode::from_bits(answer[4]), answer[5])
    };
    assert_eq!(event(&mut bench), (MediaEventCode::NewMedia, 0b10));
    assert_eq!(event(&mut bench), (MediaEventCode::NoChange, 0b10));
    bench.write(0, 5, 1).unwrap();
    bench
        .run(PreventAllowMediumRemoval::new(true), Data::None)
        .unwrap();
    refused(
        bench.run(StartStopUnit::eject(), Data::None),
        Sense::MEDIUM_REMOVAL_PREVENTED,
    );
    bench
        .run(PreventAllowMediumRemoval::new(false), Data::None)
        .unwrap();
    bench.run(StartStopUnit::eject(), Data::None).unwrap();
    assert_eq!(event(&mut bench), (MediaEventCode::MediaRemoval, 0b01));
    refused(bench.ready(), Sense::MEDIUM_NOT_PRESENT_TRAY_OPEN);
    bench.run(StartStopUnit::load(), Data::None).unwrap();
    refused(bench.ready(), Sense::MEDIUM_MAY_HAVE_CHANGED);
    assert_eq!(bench.next(), 16);
}

#[test]
fn a_drive_may_need_attention_and_time_after_a_media_change() {
    let slow = Behaviour {
        unit_attention_after_load: true,
        becoming_ready_polls: 2,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, slow);
    refused(bench.ready(), Sense::MEDIUM_MAY_HAVE_CHANGED);
    refused(bench.ready(), Sense::BECOMING_READY);
    refused(bench.ready(), Sense::BECOMING_READY);
    bench.ready().unwrap();
}

#[test]
fn the_trace_has_every_command_with_its_blocks_and_outcome() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    bench.recorder().set_trace(Box::new(move |entry| {
        sink.lock().unwrap().push(entry.to_string())
    }));
    bench.write(0, 16, 1).unwrap();
    refused(bench.write(0, 16, 1), Sense::INVALID_ADDRESS_FOR_WRITE);
    bench.synchronize();
    let entries: Vec<TraceEntry> = lines
        .lock()
        .unwrap()
        .iter()
        .map(|line| line.parse().unwrap())
        .collect();
    assert_eq!(entries[0].blocks(), Some((Lba(0), 16)));
    assert_eq!(entries[0].outcome, Outcome::Done(16 * 2048));
    assert_eq!(
        entries[1].outcome,
        Outcome::Check(Sense::INVALID_ADDRESS_FOR_WRITE.at(Lba(0)))
    );
    assert_eq!(
        (entries[2].name(), entries[2].number),
        ("SYNCHRONIZE CACHE", entries[0].number + 2)
    );
}
