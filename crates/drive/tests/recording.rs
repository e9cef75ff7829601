//! Appending: where the drive writes, what it refuses, what it is asked only once.

mod common;

use common::{append, blank, blank_as, blocks, folder, open, read_one, recorder, traced};
use drive::{DriveError, ReadOnly};
use emulator::{Behaviour, Medium};
use mmc::Lba;

#[test]
fn appended_data_reads_back_on_every_medium() {
    let folder = folder();
    for medium in Medium::ALL {
        let mut drive = blank(&folder, medium);
        let first = append(&mut drive, 1);
        let second = append(&mut drive, 512);
        assert!(second.0 >= first.0 + medium.write_unit());
        assert_eq!(read_one(&mut drive, first).unwrap(), first.0);
        let mut bytes = vec![0; 512 * 2048];
        drive.read(second, &mut bytes).unwrap();
        assert_eq!(bytes, blocks(second.0, 512));
    }
}

#[test]
fn a_write_elsewhere_is_refused_and_the_drive_continues() {
    let folder = folder();
    for medium in Medium::ALL {
        let mut drive = blank(&folder, medium);
        append(&mut drive, 32);
        for wrong in [Lba(0), Lba(10_000)] {
            let error = drive.write(wrong, &blocks(0, 1)).unwrap_err();
            assert!(
                matches!(error, DriveError::NotNextWritable { at } if at == wrong),
                "{medium}: {error}"
            );
        }
        append(&mut drive, 32);
    }
}

#[test]
fn consecutive_writes_do_not_ask_for_the_append_point() {
    let folder = folder();
    for medium in Medium::ALL {
        let mut drive = blank(&folder, medium);
        let at = drive.append_point().unwrap();
        for run in 0..4 {
            let next = Lba(at.address.0 + run * 32);
            drive.write(next, &blocks(next.0, 32)).unwrap();
        }
        drive.synchronize().unwrap();
        let after = drive.append_point().unwrap();
        assert!(after.address.0 >= at.address.0 + 128);
        assert!(after.free_blocks <= at.free_blocks - 128);
        assert_eq!(drive.recorded_end(), after.address);
        assert_eq!(drive.medium().next_writable_address, Some(after.address));
    }
}

#[test]
fn a_packet_that_ends_by_itself_moves_the_append_point() {
    let folder = folder();
    let behaviour = Behaviour {
        buffer_underrun_protection: false,
        underrun_after_writes: 2,
        ..Behaviour::default()
    };
    let mut drive = blank_as(&folder, Medium::CdR80, behaviour);
    assert!(drive.medium().packets_may_end);
    let mut at = drive.append_point().unwrap().address;
    let mut moved = 0;
    for _ in 0..10 {
        match drive.write(at, &blocks(at.0, 8)) {
            Ok(()) => at = Lba(at.0 + 8),
            Err(DriveError::NotNextWritable { .. }) => {
                let next = drive.append_point().unwrap().address;
                assert_eq!(next.0, at.0 + 7);
                at = next;
                moved += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(moved >= 3);
}

#[test]
fn only_whole_blocks_up_to_the_limit_are_moved() {
    let folder = folder();
    let mut drive = blank(&folder, Medium::BdR);
    let limit = drive.transfer_limit();
    assert_eq!(limit, 1 << 20);
    for length in [0, 1, 2047, limit + 2048] {
        let error = drive.write(Lba(0), &vec![0; length]).unwrap_err();
        assert!(matches!(error, DriveError::Length { bytes } if bytes == length));
    }
    assert!(matches!(
        drive.read(Lba(0), &mut [0; 100]),
        Err(DriveError::Length { bytes: 100 })
    ));
    drive.set_transfer_limit(100_000);
    assert_eq!(drive.transfer_limit(), 65_536);
    drive.set_transfer_limit(0);
    assert_eq!(drive.transfer_limit(), 65_536);
    append(&mut drive, 32);
}

#[test]
fn write_parameters_and_power_are_prepared_once() {
    let folder = folder();
    for (medium, selects) in [
        (Medium::CdR80, 1),
        (Medium::DvdR, 1),
        (Medium::DvdPlusR, 0),
        (Medium::BdR, 0),
    ] {
        let mut recorder = recorder(&folder, medium, Behaviour::default());
        let names = traced(&mut recorder);
        let mut drive = open(recorder).unwrap();
        drive.prepare_recording().unwrap();
        append(&mut drive, 16);
        append(&mut drive, 16);
        drive.prepare_recording().unwrap();
        let names = names.lock().unwrap();
        let count = |name: &str| names.iter().filter(|sent| *sent == name).count();
        assert_eq!(count("MODE SELECT(10)"), selects, "{medium}");
        assert_eq!(count("SEND OPC INFORMATION"), 1, "{medium}");
    }
}

#[test]
fn a_test_write_bit_that_is_set_at_power_on_is_cleared() {
    let folder = folder();
    let behaviour = Behaviour {
        test_write_after_power_on: true,
        ..Behaviour::default()
    };
    for medium in [Medium::CdR80, Medium::DvdR] {
        let mut drive = blank_as(&folder, medium, behaviour.clone());
        let at = append(&mut drive, 16);
        assert_eq!(read_one(&mut drive, at).unwrap(), at.0);
    }
}

#[test]
fn an_unrecorded_or_link_block_is_unreadable() {
    let folder = folder();
    let mut drive = blank(&folder, Medium::CdR80);
    append(&mut drive, 20);
    append(&mut drive, 20);
    for at in [Lba(20), Lba(26), Lba(5000)] {
        assert!(
            matches!(read_one(&mut drive, at), Err(DriveError::Unreadable { .. })),
            "{at}"
        );
    }
    assert_eq!(read_one(&mut drive, Lba(27)).unwrap(), 27);
}

#[test]
fn a_write_protected_drive_is_known_before_a_write() {
    let folder = folder();
    drop(blank(&folder, Medium::BdR));
    let image = folder.path().join("bd-r.img");
    let mut drive = open(emulator::Recorder::open_read_only(&image).unwrap()).unwrap();
    assert!(drive.is_read_only());
    for error in [
        drive.write(Lba(0), &[0; 2048]).unwrap_err(),
        drive.append_point().unwrap_err(),
        drive.synchronize().unwrap_err(),
        drive.prepare_recording().unwrap_err(),
    ] {
        assert!(
            matches!(error, DriveError::ReadOnly(ReadOnly::NotARecorder)),
            "{error}"
        );
    }
}
