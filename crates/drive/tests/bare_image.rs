//! An image file without any other information.

mod common;

use common::{bare_image, blocks, folder, read_one};
use drive::{Disposition, Drive, DriveError, ReadOnly, SessionState, Status, UNKNOWN_PROFILE};
use mmc::Lba;

#[test]
fn a_bare_image_is_one_closed_session() {
    let folder = folder();
    let mut drive = Drive::open_image(&bare_image(&blocks(0, 700), folder.path())).unwrap();
    let medium = drive.medium();
    assert_eq!(
        (medium.profile, medium.status),
        (UNKNOWN_PROFILE, Status::Finalized)
    );
    assert_eq!(medium.capacity_blocks, 700);
    assert_eq!(medium.sessions.len(), 1);
    assert_eq!(medium.sessions[0].state, SessionState::Closed);
    assert_eq!(medium.last_recorded_candidates(), [Lba(699)]);
    assert_eq!(drive.recorded_end(), Lba(700));
    assert_eq!(read_one(&mut drive, Lba(699)).unwrap(), 699);
    let mut all = vec![0; 700 * 2048];
    drive.read(Lba(0), &mut all).unwrap();
    assert_eq!(all, blocks(0, 700));
    assert!(matches!(
        read_one(&mut drive, Lba(700)),
        Err(DriveError::Unreadable { at: Lba(700), .. })
    ));
    assert!(matches!(
        read_one(&mut drive, Lba(u32::MAX)),
        Err(DriveError::Unreadable { .. })
    ));
}

#[test]
fn nothing_is_recorded_on_a_bare_image() {
    let folder = folder();
    let mut drive = Drive::open_image(&bare_image(&blocks(0, 32), folder.path())).unwrap();
    assert!(drive.is_read_only() && !drive.is_recorder());
    for error in [
        drive.write(Lba(32), &[0; 2048]).unwrap_err(),
        drive.append_point().unwrap_err(),
        drive.prepare_recording().unwrap_err(),
        drive.synchronize().unwrap_err(),
        drive.close_session(Disposition::Finalized).unwrap_err(),
        drive.finalize().unwrap_err(),
    ] {
        assert!(
            matches!(error, DriveError::ReadOnly(ReadOnly::BareImage)),
            "{error}"
        );
    }
}

#[test]
fn bytes_after_the_last_whole_block_are_ignored() {
    let folder = folder();
    let mut bytes = blocks(0, 3);
    bytes.extend([1; 2047]);
    let drive = Drive::open_image(&bare_image(&bytes, folder.path())).unwrap();
    assert_eq!(drive.medium().capacity_blocks, 3);
}

#[test]
fn an_image_without_a_whole_block_is_refused() {
    let folder = folder();
    for length in [0, 2047] {
        let image = bare_image(&vec![0; length], folder.path());
        assert!(matches!(
            Drive::open_image(&image),
            Err(DriveError::Unsupported(_))
        ));
    }
    assert!(matches!(
        Drive::open_image(folder.path().join("none").as_path()),
        Err(DriveError::Transport(_))
    ));
}
