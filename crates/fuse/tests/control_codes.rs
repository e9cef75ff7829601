//! Control codes on a mounted volume.

mod common;

use std::fs::{self, File};
use std::io::Write;

use common::Bench;
use control::{ControlCode, NtStatus};
use emulator::Medium;
use fuse::send_control;

const MAKE: u32 = ControlCode::MAKE_MEDIA_COMPATIBLE.0;

fn status(path: &std::path::Path, code: u32, input: Option<&[u8]>) -> NtStatus {
    send_control(path, code, input, 0).unwrap().status
}

#[test]
fn the_session_is_closed_under_open_files_and_later_writes_open_another() {
    let bench = Bench::new(Medium::DvdPlusR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let mut file = File::create(mounted.at("open")).unwrap();
    file.write_all(&[1; 5000]).unwrap();
    let answer = send_control(&mounted.path, MAKE, Some(&[0]), 0).unwrap();
    assert_eq!(answer.status, NtStatus::SUCCESS);
    let closed = answer.closed.unwrap();
    assert!(closed.blocks > 256 && closed.vat_icb.is_some() && !closed.finalized);
    file.write_all(&[2; 5000]).unwrap();
    drop(file);
    fs::write(mounted.at("later"), "later").unwrap();
    mounted.end().unwrap();
    let drive = bench.drive();
    let sessions = &drive.medium().sessions;
    assert_eq!(
        sessions
            .iter()
            .filter(|session| session.last_recorded.is_some())
            .count(),
        2
    );
    drop(drive);
    let mounted = bench.mount_to_read(true).unwrap();
    let expected = [[1; 5000], [2; 5000]].concat();
    assert_eq!(fs::read(mounted.at("open")).unwrap(), expected);
    assert_eq!(fs::read_to_string(mounted.at("later")).unwrap(), "later");
}

#[test]
fn after_close_disc_the_mount_takes_no_changes() {
    let bench = Bench::new(Medium::BdR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    fs::write(mounted.at("file"), "content").unwrap();
    assert_eq!(status(&mounted.path, MAKE, Some(&[1])), NtStatus::SUCCESS);
    let error = fs::write(mounted.at("other"), "x").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    assert_eq!(fs::read_to_string(mounted.at("file")).unwrap(), "content");
    assert_eq!(
        status(&mounted.path, MAKE, Some(&[0])),
        NtStatus::MEDIA_WRITE_PROTECTED
    );
    mounted.end().unwrap();
    assert_eq!(bench.drive().medium().status, drive::Status::Finalized);
    // Mounted again, it is the medium that refuses changes, not the mount.
    let mounted = bench.mount_to_read(false).unwrap();
    assert_eq!(
        status(&mounted.path, MAKE, Some(&[1])),
        NtStatus::MEDIA_WRITE_PROTECTED
    );
}

#[test]
fn each_status_that_a_mount_can_have() {
    let bench = Bench::new(Medium::CdR80, 60_000);
    let Some(mounted) = bench.mount() else { return };
    fs::write(mounted.at("file"), "content").unwrap();
    fs::create_dir(mounted.at("directory")).unwrap();
    for name in ["file", "directory"] {
        assert_eq!(
            status(&mounted.at(name), MAKE, Some(&[0])),
            NtStatus::INVALID_PARAMETER
        );
    }
    assert_eq!(status(&mounted.path, MAKE, None), NtStatus::INVALID_PARAMETER);
    assert_eq!(
        status(&mounted.path, MAKE, Some(&[])),
        NtStatus::INVALID_PARAMETER
    );
    assert_eq!(
        status(&mounted.path, 0x98131, Some(&[0])),
        NtStatus::INVALID_DEVICE_REQUEST
    );
    for code in [0x90018, 0x9001C, 0x90020] {
        assert_eq!(
            status(&mounted.path, code, None),
            NtStatus::INVALID_DEVICE_REQUEST
        );
    }
    assert_eq!(status(&mounted.path, 0x90028, None), NtStatus::SUCCESS);
    let answer = send_control(&mounted.path, 0x9013C, None, 336).unwrap();
    assert_eq!((answer.status, answer.output.len()), (NtStatus::SUCCESS, 336));
    let answer = send_control(&mounted.path, 0x9013C, None, 335).unwrap();
    assert_eq!(answer.status, NtStatus::BUFFER_TOO_SMALL);
    mounted.end().unwrap();
    let mounted = bench.mount_to_read(true).unwrap();
    assert_eq!(status(&mounted.path, MAKE, Some(&[0])), NtStatus::ACCESS_DENIED);
    drop(mounted);
    let elsewhere = send_control(&bench.mountpoint(), MAKE, Some(&[0]), 0).unwrap_err();
    assert_eq!(elsewhere.raw_os_error(), Some(25));
}
