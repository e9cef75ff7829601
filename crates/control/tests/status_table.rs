//! The status of each case, in the order in which they are checked: a test a row.

mod common;

use common::Bench;
use control::{DesiredAccess, Error, HandleTarget, IoStatus, NtStatus, VolumeHandle};

const CODE: u32 = 0x0009_8130;
const FALSE: Option<&[u8]> = Some(&[0]);
const TRUE: Option<&[u8]> = Some(&[1]);

fn both() -> DesiredAccess {
    DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA
}

fn send(handle: &mut VolumeHandle, code: u32, input: Option<&[u8]>) -> NtStatus {
    let IoStatus { status, information } = handle.device_io_control(code, input, None);
    assert_eq!(information, 0);
    status
}

#[test]
fn closing_an_open_session_succeeds() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.handle();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
    let closed = handle.last_closed().expect("what was done");
    assert!(closed.vat_icb.is_some() && !closed.finalized);
}

#[test]
fn a_handle_without_write_access_is_denied_before_anything_else_is_looked_at() {
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

#[test]
fn a_handle_on_a_file_or_directory_is_a_wrong_parameter() {
    let bench = Bench::volume("dvd+r");
    for target in [HandleTarget::File, HandleTarget::Directory] {
        let mut handle = VolumeHandle::open_target(bench.drive(), target, both(), common::now());
        assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::INVALID_PARAMETER);
    }
}

#[test]
fn a_missing_or_empty_buffer_is_a_wrong_parameter() {
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
fn a_volume_that_is_not_sequential_write_once_refuses() {
    let bench = Bench::volume("dvd+r");
    bench.drop_virtual_partition();
    let mut handle = bench.bare_handle();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::INVALID_DEVICE_REQUEST);
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
fn a_read_only_image_is_write_protected() {
    let bench = Bench::volume("dvd+r");
    assert_eq!(
        send(&mut bench.bare_handle(), CODE, FALSE),
        NtStatus::MEDIA_WRITE_PROTECTED
    );
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
fn with_no_session_open_true_finalizes_dvd_plus_and_bd_by_the_function_alone() {
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
fn with_no_session_open_true_finalizes_cd_and_dvd_minus_by_one_more_session() {
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
fn false_finalizes_a_medium_of_one_session() {
    let bench = Bench::volume("dvd-r-dl");
    let mut handle = bench.handle();
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::SUCCESS);
    assert!(handle.last_closed().is_some_and(|closed| closed.finalized));
}

#[test]
fn a_medium_without_room_for_the_end_of_the_session_is_full() {
    let bench = Bench::volume("dvd+r");
    bench.forget_medium();
    let mut handle = bench.adopted_handle("dvd+r", 400);
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::DISK_FULL);
}

#[test]
fn a_drive_that_fails_is_an_io_error_with_its_sense_kept() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.faulty_handle("fail 3/0C/00 at CLOSE TRACK/SESSION 2");
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
fn a_medium_that_is_gone_is_told() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.faulty_handle("remove before WRITE(10) 1");
    assert_eq!(send(&mut handle, CODE, FALSE), NtStatus::NO_MEDIA_IN_DEVICE);
}

#[test]
fn structures_that_contradict_each_other_are_told() {
    let bench = Bench::volume("dvd+r");
    bench.destroy_descriptors();
    assert_eq!(
        send(&mut bench.handle(), CODE, FALSE),
        NtStatus::DISK_CORRUPT_ERROR
    );
}

#[test]
fn the_flags_tell_write_once_and_read_only() {
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
