//! The status of each case, in the order of the checks: one test a row.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Bench, both};
use control::{
    DesiredAccess, Error, HandleTarget, IoStatus, NtStatus, Parameters, Request, Target, VolumeFlags,
    VolumeHandle,
};
use emulator::Behaviour;
use recording::Recording;

const CODE: u32 = 0x0009_8130;
const FALSE: Option<&[u8]> = Some(&[0]);
const TRUE: Option<&[u8]> = Some(&[1]);
const LOCK: u32 = 0x0009_0018;

fn send(handle: &mut VolumeHandle, code: u32, input: Option<&[u8]>) -> NtStatus {
    let IoStatus { status, information } = handle.device_io_control(code, input, None);
    assert_eq!(information, 0);
    status
}

#[test]
fn closing_an_open_session_succeeds() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.open(Target::Volume);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
    let closed = handle.last_closed().expect("what was done");
    assert!(closed.vat_icb.is_some() && !closed.finalized);
}

#[test]
fn a_handle_without_write_access_is_denied_before_any_other_check() {
    let bench = Bench::volume("dvd+r");
    let mut handle = VolumeHandle::open_target(
        bench.drive(),
        HandleTarget::File,
        DesiredAccess::FILE_READ_DATA,
        common::now(),
    );
    assert_eq!(send(&mut handle, CODE, None), NtStatus::ACCESS_DENIED);
    assert_eq!(send(&mut handle, 0x0009_8131, None), NtStatus::ACCESS_DENIED);
    assert_eq!(
        send(&mut handle, 0x0009_0130, FALSE),
        NtStatus::INVALID_DEVICE_REQUEST
    );
}

#[test]
fn write_access_alone_is_enough() {
    let bench = Bench::volume("dvd+r");
    let mut handle = VolumeHandle::open(bench.drive(), DesiredAccess::FILE_WRITE_DATA, common::now());
    assert_eq!(send(&mut handle, 0x0009_C130, FALSE), NtStatus::ACCESS_DENIED);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
}

#[test]
fn codes_that_differ_in_any_bit_are_unknown() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.handle();
    for bit in 0..32 {
        assert_eq!(
            send(&mut handle, CODE ^ 1 << bit, FALSE),
            NtStatus::INVALID_DEVICE_REQUEST,
            "bit {bit}"
        );
    }
    for code in [0x0009_0130, 0x0009_C130, 0x0009_8131] {
        assert_eq!(send(&mut handle, code, FALSE), NtStatus::INVALID_DEVICE_REQUEST);
    }
}

#[test]
fn a_medium_without_udf_knows_no_code() {
    let bench = Bench::blank("dvd+r");
    let mut handle = bench.handle();
    assert_eq!(send(&mut handle, CODE, None), NtStatus::INVALID_DEVICE_REQUEST);
    assert_eq!(handle.volume_flags(), None);
}

/// An image with a byte string at an offset in bytes.
fn marked(at: usize, mark: &[u8]) -> Vec<u8> {
    let mut image = vec![0; 1 << 20];
    image[at..at + mark.len()].copy_from_slice(mark);
    image
}

fn is_refused_as_not_udf(image: &[u8]) {
    let bench = Bench::holding(image);
    let mut handle = bench.open(Target::Volume);
    for input in [None, FALSE, TRUE] {
        assert_eq!(send(&mut handle, CODE, input), NtStatus::INVALID_DEVICE_REQUEST);
    }
    assert_eq!(handle.volume_information(), Err(NtStatus::UNRECOGNIZED_VOLUME));
    let file = bench.try_open(Target::Path("/file"), both(), common::share());
    assert_eq!(
        file.err().map(|failure| failure.status),
        Some(NtStatus::UNRECOGNIZED_VOLUME)
    );
}

#[test]
fn an_ext4_volume_knows_no_code() {
    is_refused_as_not_udf(&marked(1080, &[0x53, 0xEF]));
}

#[test]
fn an_ntfs_volume_as_on_a_cluster_shared_volume_knows_no_code() {
    is_refused_as_not_udf(&marked(3, b"NTFS    "));
}

#[test]
fn a_refs_volume_knows_no_code() {
    is_refused_as_not_udf(&marked(3, b"ReFS\0\0\0\0"));
}

#[test]
fn a_network_or_cluster_file_system_knows_no_code() {
    let bench = Bench::volume("dvd+r");
    let mut source = bench.source();
    source.on_network = true;
    let mut handle = source.open();
    for input in [None, FALSE, TRUE] {
        assert_eq!(send(&mut handle, CODE, input), NtStatus::INVALID_DEVICE_REQUEST);
    }
    // It can still be read.
    assert!(handle.volume_information().is_ok());
}

#[test]
fn a_handle_on_a_file_or_directory_is_an_invalid_parameter() {
    let bench = Bench::files("dvd+r");
    let cases = [
        ("/", HandleTarget::Directory),
        ("/directory", HandleTarget::Directory),
        ("/directory/file.txt", HandleTarget::File),
    ];
    for (path, target) in cases {
        let mut handle = bench.open(Target::Path(path));
        assert_eq!(handle.target(), target);
        for input in [None, FALSE] {
            assert_eq!(send(&mut handle, CODE, input), NtStatus::INVALID_PARAMETER);
        }
    }
}

#[test]
fn a_missing_or_empty_buffer_is_an_invalid_parameter() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.handle();
    assert_eq!(send(&mut handle, CODE, None), NtStatus::INVALID_PARAMETER);
    assert_eq!(send(&mut handle, CODE, Some(&[])), NtStatus::INVALID_PARAMETER);
}

#[test]
fn a_longer_buffer_and_an_output_buffer_are_accepted() {
    let bench = Bench::volume("dvd+r");
    let mut output = [0xAA; 8];
    let status = bench
        .handle()
        .device_io_control(CODE, Some(&[0, 1, 1]), Some(&mut output));
    assert_eq!(
        status,
        IoStatus {
            status: NtStatus::SUCCESS,
            information: 0
        }
    );
    assert_eq!(output, [0xAA; 8]);
    assert_eq!(bench.drive().medium().status, drive::Status::Appendable);
}

#[test]
fn a_dismounted_volume_is_reported() {
    let bench = Bench::volume("dvd+r");
    let (mut handle, mut other) = (bench.open(Target::Volume), bench.open(Target::Volume));
    assert_eq!(send(&mut other, 0x0009_0020, None), NtStatus::SUCCESS);
    assert_eq!(send(&mut handle, CODE, None), NtStatus::INVALID_PARAMETER);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::VOLUME_DISMOUNTED);
    drop((handle, other));
    assert_eq!(
        send(&mut bench.open(Target::Volume), CODE, FALSE),
        NtStatus::SUCCESS
    );
}

#[test]
fn an_empty_drive_is_reported() {
    let bench = Bench::volume("dvd+r");
    let source = bench.source();
    let mut handle = source.open();
    source.break_by("remove before command 1");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::NO_MEDIA_IN_DEVICE);
    // A handle opens on an empty drive too, and reports it on the first request.
    let mut handle = source.open();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::NO_MEDIA_IN_DEVICE);
    source.break_by("");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::VERIFY_REQUIRED);
}

#[test]
fn a_missing_image_is_a_missing_medium() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.open(Target::Volume);
    std::fs::remove_file(bench.path()).expect("the image goes");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::NO_MEDIA_IN_DEVICE);
}

#[test]
fn a_medium_taken_out_while_recording_is_reported() {
    let bench = Bench::volume("dvd+r");
    let source = bench.source();
    let mut handle = source.open();
    source.break_by("remove before WRITE(10) 1");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::NO_MEDIA_IN_DEVICE);
}

#[test]
fn a_changed_medium_must_be_verified() {
    let bench = Bench::volume("dvd+r");
    let source = bench.source();
    let mut handle = source.open();
    for at in ["READ(10) 3", "WRITE(10) 1"] {
        source.break_by(&format!("fail 6/28/00 at {at}"));
        assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::VERIFY_REQUIRED, "{at}");
    }
    source.break_by("");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
}

#[test]
fn another_image_of_the_same_volume_must_be_verified() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.open(Target::Volume);
    bench.exchange(&bench.copy());
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::VERIFY_REQUIRED);
}

#[test]
fn another_disc_is_the_wrong_volume() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.open(Target::Volume);
    bench.exchange(&Bench::volume("bd-r"));
    let before = bench.image();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::WRONG_VOLUME);
    assert_eq!(bench.image(), before);
    bench.exchange(&Bench::blank("dvd+r"));
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::WRONG_VOLUME);
}

#[test]
fn a_volume_that_is_not_sequential_write_once_refuses() {
    let bench = Bench::volume("dvd+r");
    bench.drop_virtual_partition();
    for mut handle in [bench.bare_handle(), bench.open(Target::Volume)] {
        assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::INVALID_DEVICE_REQUEST);
        assert_eq!(send(&mut handle, CODE, None), NtStatus::INVALID_PARAMETER);
    }
}

#[test]
fn a_finalized_medium_is_write_protected() {
    let bench = Bench::volume("dvd+r");
    assert_eq!(send(&mut bench.handle(), CODE, TRUE), NtStatus::SUCCESS);
    for input in [FALSE, TRUE] {
        assert_eq!(
            send(&mut bench.handle(), CODE, input),
            NtStatus::MEDIA_WRITE_PROTECTED
        );
    }
}

#[test]
fn a_disc_with_a_plain_volume_answers_as_the_volume_with_the_vat() {
    for medium in ["cd-r", "dvd-r", "dvd+r", "bd-r"] {
        let bench = Bench::rom(medium);
        for input in [FALSE, TRUE] {
            assert_eq!(
                send(&mut bench.handle(), CODE, input),
                NtStatus::SUCCESS,
                "{medium}"
            );
            assert!(volume::Volume::open_plain(bench.drive()).is_ok_and(|plain| plain.vat().is_none()));
            let flags = bench.handle().volume_flags().expect("a volume");
            assert!(
                flags.contains(VolumeFlags::FILE_SEQUENTIAL_WRITE_ONCE),
                "{medium}"
            );
            let is_finalized = input == TRUE;
            assert_eq!(
                flags.contains(VolumeFlags::FILE_READ_ONLY_VOLUME),
                is_finalized,
                "{medium}"
            );
        }
        for input in [FALSE, TRUE] {
            let answer = send(&mut bench.handle(), CODE, input);
            assert_eq!(answer, NtStatus::MEDIA_WRITE_PROTECTED, "{medium}");
        }
    }
}

#[test]
fn a_volume_is_write_protected_by_its_domain_flags() {
    let bench = Bench::files("bd-r");
    bench.protect();
    let keeping: fn(&Bench) -> VolumeHandle = Bench::handle;
    for open in [keeping, |bench| bench.open(Target::Volume)] {
        let mut handle = open(&bench);
        assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::MEDIA_WRITE_PROTECTED);
        let flags = handle.volume_flags().expect("a volume");
        assert!(flags.contains(VolumeFlags::FILE_READ_ONLY_VOLUME));
    }
}

#[test]
fn a_read_only_image_is_write_protected() {
    let bench = Bench::volume("dvd+r");
    assert_eq!(
        send(&mut bench.bare_handle(), CODE, FALSE),
        NtStatus::MEDIA_WRITE_PROTECTED
    );
}

#[test]
fn a_volume_that_another_handle_has_locked_is_denied() {
    let bench = Bench::volume("dvd+r");
    let (mut handle, mut other) = (bench.open(Target::Volume), bench.open(Target::Volume));
    assert_eq!(send(&mut other, LOCK, None), NtStatus::SUCCESS);
    for input in [FALSE, TRUE] {
        assert_eq!(send(&mut handle, CODE, input), NtStatus::ACCESS_DENIED);
    }
    // The handle that holds the lock can still do it, and keeps the lock.
    assert_eq!(send(&mut other, CODE, FALSE), NtStatus::SUCCESS);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::ACCESS_DENIED);
    drop(other);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
}

#[test]
fn a_refusal_by_the_medium_comes_before_a_lock_of_another_handle() {
    let bench = Bench::volume("dvd+r");
    assert_eq!(
        send(&mut bench.open(Target::Volume), CODE, TRUE),
        NtStatus::SUCCESS
    );
    let (mut handle, mut other) = (bench.open(Target::Volume), bench.open(Target::Volume));
    assert_eq!(send(&mut other, LOCK, None), NtStatus::SUCCESS);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::MEDIA_WRITE_PROTECTED);
}

#[test]
fn a_disc_held_by_another_process_is_busy() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.open(Target::Volume);
    // A flock(2) lock belongs to an open file: two in one process behave like two processes.
    let reader = emulator::Recorder::open_read_only(&bench.path()).expect("a reader");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::DEVICE_BUSY);
    drop(reader);
    let recorder = bench.drive();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::DEVICE_BUSY);
    drop(recorder);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
}

#[test]
fn with_no_session_open_false_records_nothing() {
    let bench = Bench::volume("bd-r");
    assert_eq!(send(&mut bench.handle(), CODE, FALSE), NtStatus::SUCCESS);
    let before = bench.image();
    assert_eq!(send(&mut bench.handle(), CODE, FALSE), NtStatus::SUCCESS);
    assert_eq!(bench.image(), before);
}

#[test]
fn true_without_a_session_finalizes_dvd_plus_and_bd_by_the_function_alone() {
    for medium in ["dvd+r", "bd-r"] {
        let bench = Bench::volume(medium);
        let mut handle = bench.handle();
        assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
        let before = bench.image();
        assert_eq!(send(&mut handle, CODE, TRUE), NtStatus::SUCCESS);
        drop(handle);
        assert_eq!(bench.image(), before, "{medium}");
        assert_eq!(
            bench.drive().medium().status,
            drive::Status::Finalized,
            "{medium}"
        );
    }
}

#[test]
fn true_without_a_session_finalizes_cd_and_dvd_minus_by_one_more() {
    for medium in ["cd-r", "dvd-r"] {
        let bench = Bench::volume(medium);
        assert_eq!(send(&mut bench.handle(), CODE, FALSE), NtStatus::SUCCESS);
        assert_eq!(send(&mut bench.handle(), CODE, TRUE), NtStatus::SUCCESS);
        let drive = bench.drive();
        let closed = |session: &&drive::Session| session.state == drive::SessionState::Closed;
        assert_eq!(
            drive.medium().sessions.iter().filter(closed).count(),
            2,
            "{medium}"
        );
        assert_eq!(drive.medium().status, drive::Status::Finalized, "{medium}");
    }
}

#[test]
fn false_finalizes_a_single_session_medium() {
    let bench = Bench::volume("dvd-r-dl");
    let mut handle = bench.handle();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
    assert!(handle.last_closed().is_some_and(|closed| closed.finalized));
}

#[test]
fn pending_changes_are_committed_before_the_session_is_closed() {
    let bench = Bench::volume("dvd+r");
    let mut recording = Recording::open(bench.drive(), common::now()).expect("the volume opens");
    common::add_files(&mut recording);
    let mut handle = VolumeHandle::of_volume(recording.into(), HandleTarget::Volume, both(), common::now());
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
    drop(handle);
    assert_eq!(
        bench.open(Target::Path("/directory/file.txt")).target(),
        HandleTarget::File
    );
}

#[test]
fn a_medium_without_room_for_the_end_of_the_session_is_full() {
    let bench = Bench::volume("dvd+r");
    bench.forget_medium();
    let mut handle = bench.adopted_handle("dvd+r", 400);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::DISK_FULL);
}

#[test]
fn a_medium_filled_by_another_program_is_full() {
    for medium in ["cd-r", "dvd-r", "dvd+r", "bd-r"] {
        let bench = Bench::volume(medium);
        bench.fill();
        let mut handle = bench.open(Target::Volume);
        for input in [FALSE, TRUE] {
            assert_eq!(send(&mut handle, CODE, input), NtStatus::DISK_FULL, "{medium}");
        }
    }
}

#[test]
fn a_drive_failure_is_an_io_error_that_keeps_its_sense() {
    let bench = Bench::volume("dvd+r");
    let source = bench.source();
    let mut handle = source.open();
    source.break_by("fail 3/0C/00 at CLOSE TRACK/SESSION 2");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::IO_DEVICE_ERROR);
    let error = handle.take_last_error();
    assert!(
        matches!(
            &error,
            Some(Error::Recording(recording::Error::Drive(
                drive::DriveError::Sense { .. }
            )))
        ),
        "{error:?}"
    );
}

#[test]
fn a_session_is_not_closed_over_a_later_state_that_is_unreadable() {
    let bench = Bench::files("dvd+r");
    let last = bench.drive().append_point().expect("an open disc").address.0;
    let source = bench.source();
    let mut handle = source.open();
    source.break_by(&format!("unreadable {}..{last}", last - 16));
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::DISK_CORRUPT_ERROR);
    let error = handle.take_last_error();
    assert!(
        matches!(
            &error,
            Some(Error::Recording(recording::Error::GenerationLost(_)))
        ),
        "{error:?}"
    );
    assert!(handle.losses().iter().any(|loss| loss.hides_generation()));
    handle.accept_losses();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
    let mut handle = source.open();
    assert_eq!(handle.losses(), []);
    assert_eq!(send(&mut handle, CODE, TRUE), NtStatus::SUCCESS);
}

#[test]
fn contradicting_structures_are_reported() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.open(Target::Volume);
    bench.destroy_descriptors();
    for mut handle in [bench.handle(), bench.open(Target::Volume)] {
        assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::DISK_CORRUPT_ERROR);
    }
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::DISK_CORRUPT_ERROR);
}

/// A disc whose drive takes more than half a second to become ready.
fn slow() -> Bench {
    let behaviour = Behaviour {
        becoming_ready_polls: 5,
        ..Behaviour::default()
    };
    Bench::behaving("dvd+r", behaviour).formatted()
}

fn start(handle: VolumeHandle, input: Option<&[u8]>) -> Request {
    let parameters = Parameters {
        code: CODE,
        input: input.map(<[u8]>::to_vec),
        ..Parameters::default()
    };
    Request::start(Arc::new(Mutex::new(handle)), parameters, |_| {}).expect("a thread")
}

#[test]
fn an_overlapped_request_is_pending() {
    let bench = slow();
    let request = start(bench.open(Target::Volume), FALSE);
    assert_eq!(request.status().status, NtStatus::PENDING);
    assert_eq!(request.wait_for(Duration::ZERO), None);
    assert_eq!(request.wait().io.status, NtStatus::SUCCESS);
    assert_eq!(request.status().status, NtStatus::SUCCESS);
}

#[test]
fn a_request_cancelled_before_its_first_block_records_nothing() {
    let bench = slow();
    let before = bench.image();
    let request = start(bench.open(Target::Volume), TRUE);
    request.cancel();
    assert_eq!(request.wait().io.status, NtStatus::CANCELLED);
    assert_eq!(bench.image(), before);
}

#[test]
fn a_request_that_has_recorded_a_block_runs_to_its_end() {
    let bench = Bench::volume("dvd+r");
    let running: Arc<Mutex<Option<Request>>> = Arc::default();
    let mut source = bench.source();
    let to_cancel = Arc::clone(&running);
    source.at_write = Some(Arc::new(move || {
        while to_cancel
            .lock()
            .expect("the request")
            .as_ref()
            .map(Request::cancel)
            .is_none()
        {
            std::thread::yield_now();
        }
    }));
    let request = start(source.open(), FALSE);
    *running.lock().expect("the request") = Some(request);
    let wait = || loop {
        let running = running.lock().expect("the request");
        let done = running
            .as_ref()
            .and_then(|request| request.wait_for(Duration::ZERO));
        drop(running);
        match done {
            Some(done) => return done,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    assert_eq!(wait().io.status, NtStatus::SUCCESS);
}

#[test]
fn the_flags_show_write_once_and_read_only() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.handle();
    assert_eq!(handle.volume_flags().map(|flags| flags.bits()), Some(0x0050_0007));
    assert_eq!(send(&mut handle, CODE, TRUE), NtStatus::SUCCESS);
    assert_eq!(handle.volume_flags().map(|flags| flags.bits()), Some(0x0058_0007));
    bench.drop_virtual_partition();
    assert_eq!(
        bench.bare_handle().volume_flags().map(|flags| flags.bits()),
        Some(0x0048_0007)
    );
}
