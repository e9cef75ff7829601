//! Opening handles: what exists, what is shared, and locks.

mod common;

use common::{Bench, both, share};
use control::{
    ControlCode, DesiredAccess, FSCTL_DISMOUNT_VOLUME, FSCTL_IS_VOLUME_MOUNTED, FSCTL_LOCK_VOLUME,
    FSCTL_QUERY_ON_DISK_VOLUME_INFO, FSCTL_UNLOCK_VOLUME, NtStatus, ShareMode, Target, VolumeHandle,
};

const READ: DesiredAccess = DesiredAccess::FILE_READ_DATA;
const FILE: Target<'static> = Target::Path("/directory/file.txt");

fn send(handle: &mut VolumeHandle, code: ControlCode) -> NtStatus {
    let mut output = [0; 336];
    handle.device_io_control(code.0, None, Some(&mut output)).status
}

fn fails(bench: &Bench, target: Target<'_>, access: DesiredAccess, share: ShareMode) -> Option<NtStatus> {
    bench
        .try_open(target, access, share)
        .err()
        .map(|failure| failure.status)
}

#[test]
fn only_what_is_on_the_volume_can_be_opened() {
    let bench = Bench::files("bd-r");
    let status = |path| fails(&bench, Target::Path(path), READ, share());
    assert_eq!(status("/directory/file.txt"), None);
    assert_eq!(status("/nothing"), Some(NtStatus::OBJECT_NAME_NOT_FOUND));
    assert_eq!(
        status("/directory/file.txt/nothing"),
        Some(NtStatus::OBJECT_PATH_NOT_FOUND)
    );
}

#[test]
fn a_missing_disc_is_not_found() {
    let bench = Bench::volume("bd-r");
    std::fs::remove_file(bench.path()).expect("the image goes");
    assert_eq!(
        fails(&bench, Target::Volume, READ, share()),
        Some(NtStatus::OBJECT_NAME_NOT_FOUND)
    );
}

#[test]
fn a_handle_that_shares_nothing_keeps_others_from_the_same_target_only() {
    let bench = Bench::files("bd-r");
    let first = bench.try_open(Target::Volume, both(), ShareMode::empty());
    assert_eq!(
        fails(&bench, Target::Volume, READ, share()),
        Some(NtStatus::SHARING_VIOLATION)
    );
    assert_eq!(fails(&bench, FILE, READ, share()), None);
    drop(first);
    assert_eq!(fails(&bench, Target::Volume, READ, share()), None);
}

#[test]
fn a_disc_that_another_process_records_on_is_a_sharing_violation() {
    let bench = Bench::volume("bd-r");
    let recorder = bench.drive();
    assert_eq!(
        fails(&bench, Target::Volume, READ, share()),
        Some(NtStatus::SHARING_VIOLATION)
    );
    drop(recorder);
    assert_eq!(fails(&bench, Target::Volume, READ, share()), None);
}

#[test]
fn an_open_handle_keeps_nobody_from_the_disc() {
    let bench = Bench::volume("bd-r");
    let mut handle = bench.open(Target::Volume);
    assert_eq!(
        send(&mut handle, FSCTL_QUERY_ON_DISK_VOLUME_INFO),
        NtStatus::SUCCESS
    );
    drop(bench.drive());
    assert_eq!(send(&mut handle, FSCTL_IS_VOLUME_MOUNTED), NtStatus::SUCCESS);
}

#[test]
fn a_locked_volume_is_closed_to_others_until_it_is_unlocked() {
    let bench = Bench::files("bd-r");
    let mut handle = bench.open(Target::Volume);
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::SUCCESS);
    assert_eq!(
        fails(&bench, Target::Volume, READ, share()),
        Some(NtStatus::ACCESS_DENIED)
    );
    assert_eq!(fails(&bench, FILE, READ, share()), Some(NtStatus::ACCESS_DENIED));
    let elsewhere = emulator::Recorder::open_read_only(&bench.path());
    assert!(matches!(elsewhere, Err(emulator::Error::InUse(_))));
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::ACCESS_DENIED);
    assert_eq!(send(&mut handle, FSCTL_UNLOCK_VOLUME), NtStatus::SUCCESS);
    assert_eq!(send(&mut handle, FSCTL_UNLOCK_VOLUME), NtStatus::NOT_LOCKED);
    assert_eq!(fails(&bench, FILE, READ, share()), None);
    assert!(emulator::Recorder::open_read_only(&bench.path()).is_ok());
}

#[test]
fn a_lock_ends_with_its_handle() {
    let bench = Bench::volume("bd-r");
    let mut handle = bench.open(Target::Volume);
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::SUCCESS);
    drop(handle);
    assert_eq!(fails(&bench, Target::Volume, both(), share()), None);
    drop(bench.drive());
}

#[test]
fn a_volume_with_an_open_file_or_another_user_is_not_locked() {
    let bench = Bench::files("bd-r");
    let mut handle = bench.open(Target::Volume);
    let file = bench.open(FILE);
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::ACCESS_DENIED);
    drop(file);
    let reader = emulator::Recorder::open_read_only(&bench.path()).expect("a reader");
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::ACCESS_DENIED);
    drop(reader);
    let recorder = bench.drive();
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::ACCESS_DENIED);
    drop(recorder);
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::SUCCESS);
}

#[test]
fn another_handle_neither_unlocks_nor_bypasses_a_lock() {
    let bench = Bench::volume("bd-r");
    let (mut handle, mut other) = (bench.open(Target::Volume), bench.open(Target::Volume));
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::SUCCESS);
    assert_eq!(send(&mut other, FSCTL_LOCK_VOLUME), NtStatus::ACCESS_DENIED);
    assert_eq!(send(&mut other, FSCTL_UNLOCK_VOLUME), NtStatus::NOT_LOCKED);
    assert_eq!(send(&mut other, FSCTL_DISMOUNT_VOLUME), NtStatus::ACCESS_DENIED);
    assert_eq!(
        send(&mut other, FSCTL_QUERY_ON_DISK_VOLUME_INFO),
        NtStatus::ACCESS_DENIED
    );
    assert_eq!(send(&mut other, FSCTL_IS_VOLUME_MOUNTED), NtStatus::SUCCESS);
}

#[test]
fn a_lock_outlives_a_failed_request() {
    let bench = Bench::files("dvd+r");
    let last = bench.drive().append_point().expect("an open disc").address.0;
    let source = bench.source();
    source.break_by(&format!("unreadable {}..{last}", last - 16));
    let mut handle = source.open();
    let close = |handle: &mut VolumeHandle| {
        let code = control::FSCTL_MAKE_MEDIA_COMPATIBLE.0;
        handle.device_io_control(code, Some(&[0]), None).status
    };
    assert_eq!(send(&mut handle, FSCTL_LOCK_VOLUME), NtStatus::SUCCESS);
    for _ in 0..2 {
        assert_eq!(close(&mut handle), NtStatus::DISK_CORRUPT_ERROR);
        let other = emulator::Recorder::open(&bench.path());
        assert!(matches!(other, Err(emulator::Error::InUse(_))));
    }
    handle.accept_losses();
    assert_eq!(close(&mut handle), NtStatus::SUCCESS);
}

#[test]
fn a_dismounted_volume_is_gone_for_its_handles_but_not_for_new_ones() {
    let bench = Bench::files("bd-r");
    let (mut handle, mut file) = (bench.open(Target::Volume), bench.open(FILE));
    assert_eq!(send(&mut handle, FSCTL_DISMOUNT_VOLUME), NtStatus::SUCCESS);
    for handle in [&mut handle, &mut file] {
        assert_eq!(send(handle, FSCTL_IS_VOLUME_MOUNTED), NtStatus::VOLUME_DISMOUNTED);
        assert_eq!(handle.volume_information(), Err(NtStatus::VOLUME_DISMOUNTED));
    }
    assert_eq!(
        send(&mut bench.open(FILE), FSCTL_IS_VOLUME_MOUNTED),
        NtStatus::SUCCESS
    );
}

#[test]
fn a_volume_is_dismounted_under_its_lock_and_then_unlocked() {
    let bench = Bench::volume("bd-r");
    let mut handle = bench.open(Target::Volume);
    for code in [FSCTL_LOCK_VOLUME, FSCTL_DISMOUNT_VOLUME, FSCTL_UNLOCK_VOLUME] {
        assert_eq!(send(&mut handle, code), NtStatus::SUCCESS);
    }
    drop(bench.drive());
}

#[test]
fn only_volume_handles_lock() {
    let bench = Bench::files("bd-r");
    let mut file = bench.open(FILE);
    for code in [FSCTL_LOCK_VOLUME, FSCTL_UNLOCK_VOLUME, FSCTL_DISMOUNT_VOLUME] {
        assert_eq!(send(&mut file, code), NtStatus::INVALID_PARAMETER);
    }
    assert_eq!(send(&mut file, FSCTL_IS_VOLUME_MOUNTED), NtStatus::SUCCESS);
}

#[test]
fn handles_of_one_disc_take_turns() {
    let bench = Bench::volume("bd-r");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut handle = bench.open(Target::Volume);
            scope.spawn(move || {
                for _ in 0..8 {
                    assert_eq!(
                        send(&mut handle, FSCTL_QUERY_ON_DISK_VOLUME_INFO),
                        NtStatus::SUCCESS
                    );
                    let code = control::FSCTL_MAKE_MEDIA_COMPATIBLE.0;
                    let io = handle.device_io_control(code, Some(&[0]), None);
                    assert_eq!(io.status, NtStatus::SUCCESS);
                }
            });
        }
    });
}
