//! Drives that contradict themselves or report falsehoods: which replies count, and which errors follow.

mod common;

use common::{append, blank_as, blocks, folder, open, read_one, recorder, traced};
use drive::{AppendPoint, Disposition, Drive, DriveError, ReadOnly, SaysOfDisc, SessionState, Status};
use emulator::{
    AddressMoves, Behaviour, Calibration, LastAddress, Medium, NextWritableAddress, Recorder,
    RecoveredErrors, SessionClose, Toc,
};
use mmc::Lba;

const MULTI: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn odd(change: impl FnOnce(&mut Behaviour)) -> Behaviour {
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    behaviour
}

/// Records three sessions of 320 blocks and finds each where it was recorded; the last one finalizes.
fn three_sessions(medium: Medium, behaviour: &Behaviour) {
    let what = format!("{medium} {:?}", behaviour.settings());
    let folder = folder();
    let mut drive = blank_as(&folder, medium, behaviour.clone());
    let mut starts = Vec::new();
    for number in 1..=3 {
        let state = drive.medium().recordable_session().unwrap().state;
        assert_eq!(state, SessionState::Empty, "{what}");
        let session = drive.medium().recordable_session().unwrap().start;
        let at = append(&mut drive, 320);
        assert_eq!(session, at, "{what}");
        let open = drive.refresh().unwrap().recordable_session().copied().unwrap();
        assert_eq!((open.state, open.start), (SessionState::Open, at), "{what}");
        assert_eq!(open.last_recorded, Some(Lba(at.0 + 319)), "{what}");
        starts.push(at);
        let last = number == 3;
        let end = if last {
            Disposition::Finalized
        } else {
            Disposition::Appendable
        };
        drive
            .close_session(end)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let closed = drive.medium().last_session_with_data().unwrap();
        assert_eq!((closed.state, closed.start), (SessionState::Closed, at), "{what}");
        assert_eq!(closed.last_recorded, Some(Lba(at.0 + 319)), "{what}");
    }
    assert_eq!(drive.medium().status, Status::Finalized, "{what}");
    let sessions = &drive.medium().sessions;
    let found: Vec<Lba> = sessions.iter().map(|session| session.start).collect();
    assert_eq!(found, starts, "{what}");
    for start in starts {
        assert_eq!(read_one(&mut drive, start).unwrap(), start.0, "{what}");
    }
}

#[test]
fn sessions_follow_each_other_whatever_a_drive_reports() {
    let all: [(&str, Behaviour); 21] = [
        ("pregap", odd(|odd| odd.tracks_count_pregap = true)),
        (
            "blank at -150",
            odd(|odd| odd.blank_next_writable_address_in_pregap = true),
        ),
        ("blank at 0", odd(|odd| odd.blank_track_starts_at_zero = true)),
        ("free", odd(|odd| odd.free_blocks_never_shrink = true)),
        ("36 bytes", odd(|odd| odd.long_track_information_refused = true)),
        ("not ready", odd(|odd| odd.no_invisible_track_is_not_ready = true)),
        ("last track", odd(|odd| odd.last_track_stays = true)),
        (
            "last track without FFh",
            odd(|odd| {
                odd.last_track_stays = true;
                odd.next_writable_address = NextWritableAddress::NumberOnly;
            }),
        ),
        ("counted twice", odd(|odd| odd.open_session_counted_twice = true)),
        ("late", odd(|odd| odd.close_shows_late = 5)),
        ("multi-session", odd(|odd| odd.multi_session_counts_always = true)),
        ("no TOC", odd(|odd| odd.toc = Toc::Refused)),
        ("one track", odd(|odd| odd.toc = Toc::OneTrack)),
        ("OPC", odd(|odd| odd.calibration = Calibration::Fails)),
        ("no size", odd(|odd| odd.blank_track_without_size = true)),
        (
            "recovered",
            odd(|odd| odd.recovered_errors = RecoveredErrors::AtOnce),
        ),
        (
            "deferred",
            odd(|odd| odd.recovered_errors = RecoveredErrors::Deferred),
        ),
        (
            "past the lead-out",
            odd(|odd| odd.read_capacity_closed = LastAddress::PastLeadOut),
        ),
        ("long page", odd(|odd| odd.write_parameters_length = 54)),
        (
            "multi-session in an odd page",
            odd(|odd| {
                odd.multi_session_counts_always = true;
                odd.odd_write_parameters = true;
            }),
        ),
        (
            "no medium",
            odd(|odd| odd.read_capacity_blank = LastAddress::NoMedium),
        ),
    ];
    for (_, behaviour) in &all {
        for medium in MULTI {
            three_sessions(medium, behaviour);
        }
    }
}

#[test]
fn a_blank_track_without_a_size_has_that_of_the_disc() {
    for medium in MULTI {
        let room = |behaviour| {
            let folder = folder();
            let mut drive = blank_as(&folder, medium, behaviour);
            let point = drive.append_point().unwrap();
            (point.free_blocks, drive.medium().capacity_blocks)
        };
        let expected = room(Behaviour::default());
        for optional_commands in [true, false] {
            let behaviour = odd(|odd| {
                odd.blank_track_without_size = true;
                odd.optional_commands = optional_commands;
            });
            assert_eq!(room(behaviour), expected, "{medium}, {optional_commands}");
        }
    }
}

/// The ends of the tracks of a CD with two sessions, in a drive whose closed tracks are endless.
fn ends_in(behaviour: Behaviour) -> Vec<Option<u32>> {
    let folder = folder();
    let mut drive = blank_as(&folder, Medium::CdR80, behaviour);
    for _ in 0..2 {
        append(&mut drive, 320);
        drive.close_session(Disposition::Appendable).unwrap();
    }
    append(&mut drive, 320);
    let medium = drive.refresh().unwrap();
    let closed = medium.tracks.iter().take(2);
    closed
        .map(|track| track.end_is_reported.then_some(track.end().0 - track.start.0))
        .collect()
}

#[test]
fn an_endless_closed_track_ends_at_the_lead_out_of_its_session() {
    let nowhere = |toc, long| {
        odd(|odd| {
            odd.closed_tracks_end_nowhere = true;
            odd.long_full_toc_refused = long;
            odd.toc = toc;
        })
    };
    for long in [false, true] {
        assert_eq!(ends_in(nowhere(Toc::ByFormat, long)), [Some(322), Some(322)]);
    }
    // Nothing after the last closed session could end its track.
    assert_eq!(ends_in(nowhere(Toc::Refused, false)), [None, None]);
}

#[test]
fn an_endless_track_ends_before_the_next_track() {
    let folder = folder();
    let behaviour = odd(|odd| {
        odd.closed_tracks_end_nowhere = true;
        odd.last_recorded_address_valid = Some(false);
        odd.read_capacity_closed = LastAddress::LastOfMedium;
    });
    let mut drive = blank_as(&folder, Medium::DvdR, behaviour);
    append(&mut drive, 320);
    drive.close_session(Disposition::Appendable).unwrap();
    // The table of contents also has this track, although it is open, and a lead-out at the end of READ
    // CAPACITY.
    append(&mut drive, 320);
    drive.refresh().unwrap();
    assert!(!drive.medium().tracks[0].end_is_reported);
    drive.close_session(Disposition::Finalized).unwrap();
    let reported: Vec<bool> = drive
        .medium()
        .tracks
        .iter()
        .map(|track| track.end_is_reported)
        .collect();
    assert_eq!(reported, [false, true]);
}

#[test]
fn an_endless_track_ends_at_the_lead_out_whatever_read_capacity_says() {
    for capacity in [
        LastAddress::Zero,
        LastAddress::BeforeLeadOut,
        LastAddress::BeforeNextWritable,
        LastAddress::LastOfMedium,
    ] {
        for end in [Disposition::Appendable, Disposition::Finalized] {
            let folder = folder();
            let behaviour = odd(|odd| {
                odd.closed_tracks_end_nowhere = true;
                odd.last_recorded_address_valid = Some(false);
                odd.read_capacity_closed = capacity;
            });
            let mut drive = blank_as(&folder, Medium::DvdR, behaviour);
            append(&mut drive, 320);
            drive.close_session(end).unwrap();
            let track = drive.medium().tracks[0];
            assert_eq!(
                (track.end(), track.end_is_reported),
                (Lba(320), true),
                "{capacity:?}, {end:?}"
            );
        }
    }
}

#[test]
fn the_endless_last_track_of_a_full_medium_ends_at_read_capacity() {
    let folder = folder();
    let behaviour = odd(|odd| {
        odd.closed_tracks_end_nowhere = true;
        odd.packets = false;
    });
    let image = folder.path().join("full.img");
    let recorder = Recorder::create(&image, Medium::CdR80, Some(600), behaviour).unwrap();
    let mut drive = open(recorder).unwrap();
    append(&mut drive, 400);
    // The track ended by a synchronize is in the open session, which no table of contents contains.
    let medium = drive.refresh().unwrap();
    assert_eq!(medium.read_only, Some(ReadOnly::NoNextWritableAddress));
    let last = medium.last_session_with_data().unwrap().last_recorded;
    assert_eq!(last, Some(Lba(399)));
}

#[test]
fn the_last_block_is_found_if_read_capacity_is_75_blocks_too_high() {
    let folder = folder();
    let mut drive = blank_as(&folder, Medium::CdR80, Behaviour::default());
    append(&mut drive, 320);
    drive.close_session(Disposition::Finalized).unwrap();
    drop(drive);
    let image = folder.path().join(format!("{}.img", Medium::CdR80));
    let mut recorder = Recorder::open(&image).unwrap();
    recorder.set_behaviour(odd(|odd| {
        odd.track_information = false;
        odd.toc = Toc::OneTrack;
        odd.read_capacity_closed = LastAddress::PastLeadOut;
    }));
    let drive = open(recorder).unwrap();
    let last = drive.medium().last_session_with_data().unwrap().last_recorded;
    assert_eq!(last, Some(Lba(319)));
}

#[test]
fn a_close_reported_late_is_no_media_change() {
    for late in 1..9 {
        for medium in MULTI {
            three_sessions(medium, &odd(|odd| odd.close_shows_late = late));
        }
    }
}

#[test]
fn pregaps_and_blank_tracks_at_zero_are_told_apart() {
    let both = odd(|odd| {
        odd.tracks_count_pregap = true;
        odd.blank_track_starts_at_zero = true;
    });
    three_sessions(Medium::CdR80, &both);
}

#[test]
fn a_track_ended_by_a_synchronize_remains_in_its_open_session() {
    for medium in MULTI {
        let odd = odd(|odd| {
            odd.synchronize_closes_track = true;
            odd.open_session_counted_twice = true;
            odd.last_track_stays = true;
        });
        let folder = folder();
        let mut drive = blank_as(&folder, medium, odd);
        append(&mut drive, 320);
        append(&mut drive, 320);
        let medium_now = drive.refresh().unwrap();
        assert_eq!(medium_now.sessions.len(), 1, "{medium}");
        assert_eq!(medium_now.sessions[0].state, SessionState::Open, "{medium}");
        assert!(medium_now.tracks.len() >= 2, "{medium}");
    }
}

/// The append point that the drive reports.
fn append_point(drive: &mut Drive) -> Result<AppendPoint, DriveError> {
    drive.append_point()
}

#[test]
fn an_address_that_never_moves_is_an_error_that_names_both() {
    for medium in MULTI {
        let odd = odd(|odd| odd.next_writable_address_moves = AddressMoves::Never);
        let folder = folder();
        let mut drive = blank_as(&folder, medium, odd);
        drive.write(Lba(0), &blocks(0, 320)).unwrap();
        let lost = append_point(&mut drive).unwrap_err();
        assert!(
            matches!(
                lost,
                DriveError::Lost {
                    sent: Lba(320),
                    next: Lba(0)
                }
            ),
            "{medium}: {lost}"
        );
        let said = lost.to_string();
        assert!(said.contains("320") && said.contains("reports block 0"), "{said}");
    }
}

#[test]
fn an_address_that_moves_when_all_is_written_is_waited_for() {
    for medium in MULTI {
        let odd = odd(|odd| odd.next_writable_address_moves = AddressMoves::AfterSynchronize);
        three_sessions(medium, &odd);
        let folder = folder();
        let mut drive = blank_as(&folder, medium, odd);
        drive.write(Lba(0), &blocks(0, 320)).unwrap();
        assert!(append_point(&mut drive).unwrap().address >= Lba(320), "{medium}");
    }
}

#[test]
fn a_track_with_data_that_is_writable_at_its_start_is_read_only() {
    for medium in MULTI {
        let folder = folder();
        drop({
            let mut drive = blank_as(&folder, medium, Behaviour::default());
            append(&mut drive, 320);
            drive
        });
        let image = folder.path().join(format!("{medium}.img"));
        let mut recorder = emulator::Recorder::open(&image).unwrap();
        recorder.set_behaviour(odd(|odd| odd.next_writable_address_moves = AddressMoves::Never));
        let mut drive = open(recorder).unwrap();
        let why = drive.medium().read_only;
        assert_eq!(why, Some(ReadOnly::NextWritableAddressStays), "{medium}");
        let session = drive.medium().sessions[0];
        assert_eq!(session.last_recorded, Some(Lba(319)), "{medium}");
        assert_eq!(read_one(&mut drive, Lba(319)).unwrap(), 319);
    }
}

#[test]
fn a_close_without_effect_is_an_error() {
    for (session_close, asked, says) in [
        (
            SessionClose::Nothing,
            Disposition::Appendable,
            SaysOfDisc::SessionOpen,
        ),
        (
            SessionClose::Nothing,
            Disposition::Finalized,
            SaysOfDisc::SessionOpen,
        ),
        (
            SessionClose::Appendable,
            Disposition::Finalized,
            SaysOfDisc::Appendable,
        ),
    ] {
        for medium in [Medium::CdR80, Medium::DvdR] {
            let folder = folder();
            let mut drive = blank_as(&folder, medium, odd(|odd| odd.session_close = session_close));
            append(&mut drive, 320);
            let error = drive.close_session(asked).unwrap_err();
            let is_reported = matches!(error, DriveError::NotClosed { asked: was, says: said } if was == asked && said == says);
            assert!(is_reported, "{medium}: {error}");
        }
    }
}

#[test]
fn finalizing_by_a_function_without_effect_is_an_error() {
    for medium in [Medium::DvdPlusR, Medium::BdR] {
        let folder = folder();
        let mut drive = blank_as(&folder, medium, odd(|odd| odd.finalizing_without_effect = true));
        append(&mut drive, 320);
        let open = drive.close_session(Disposition::Finalized);
        assert!(
            matches!(
                open,
                Err(DriveError::NotClosed {
                    says: SaysOfDisc::SessionOpen,
                    ..
                })
            ),
            "{medium}"
        );
        drive.close_session(Disposition::Appendable).unwrap();
        let closed = drive.finalize();
        assert!(
            matches!(
                closed,
                Err(DriveError::NotClosed {
                    says: SaysOfDisc::Appendable,
                    ..
                })
            ),
            "{medium}"
        );
    }
}

#[test]
fn a_disc_finalized_without_request_is_reported() {
    let folder = folder();
    let mut drive = blank_as(
        &folder,
        Medium::DvdPlusR,
        odd(|odd| odd.session_close = SessionClose::Finalized),
    );
    append(&mut drive, 320);
    drive.close_session(Disposition::Appendable).unwrap();
    assert_eq!(drive.medium().status, Status::Finalized);
}

#[test]
fn a_recorder_without_packets_records_a_track_at_once() {
    let folder = folder();
    let without = odd(|odd| odd.packets = false);
    let mut drive = blank_as(&folder, Medium::CdR80, without.clone());
    assert!(drive.medium().track_at_once);
    let first = append(&mut drive, 320);
    let second = append(&mut drive, 320);
    // Run-out and pregap are between them.
    assert_eq!(second.0, first.0 + 320 + 2 + 150);
    drive.close_session(Disposition::Finalized).unwrap();
    assert_eq!(drive.medium().status, Status::Finalized);
    assert_eq!(read_one(&mut drive, Lba(second.0 + 319)).unwrap(), second.0 + 319);
}

#[test]
fn a_track_of_packets_is_closed_before_a_recorder_without_them_writes() {
    let folder = folder();
    drop({
        let mut drive = blank_as(&folder, Medium::CdR80, Behaviour::default());
        append(&mut drive, 320);
        drive
    });
    let image = folder.path().join(format!("{}.img", Medium::CdR80));
    let mut other = emulator::Recorder::open(&image).unwrap();
    other.set_behaviour(odd(|odd| odd.packets = false));
    let mut drive = open(other).unwrap();
    let at = drive.append_point().unwrap().address;
    let begun = drive.write(at, &blocks(at.0, 1));
    assert!(matches!(begun, Err(DriveError::NotNextWritable { .. })));
    let at = append(&mut drive, 320);
    assert_eq!(at.0, 320 + 2 + 150);
    assert_eq!(drive.refresh().unwrap().sessions.len(), 1);
}

#[test]
fn a_snapshot_takes_few_commands_even_if_a_drive_miscounts_tracks() {
    let folder = folder();
    let behaviour = odd(|odd| {
        odd.last_track_stays = true;
        odd.synchronize_closes_track = true;
    });
    let mut recorder = recorder(&folder, Medium::DvdPlusR, behaviour);
    let names = traced(&mut recorder);
    let mut drive = open(recorder).unwrap();
    for _ in 0..20 {
        append(&mut drive, 16);
    }
    names.lock().unwrap().clear();
    assert_eq!(drive.refresh().unwrap().tracks.len(), 21);
    let sent = names.lock().unwrap().len();
    assert!(sent < 30, "{sent} commands for 21 tracks");
}

/// A drive that reports 16 blocks less than are recorded until it has been opened.
struct Concealing {
    recorder: emulator::Recorder,
    answers: u32,
}

impl mmc::Transport for Concealing {
    fn execute(&mut self, command: &[u8], mut data: mmc::Data<'_>) -> Result<usize, mmc::Failure> {
        let moved = self.recorder.execute(command, data.reborrow())?;
        let is_track = matches!(
            mmc::Command::decode(command),
            Ok(mmc::Command::ReadTrackInformation(_))
        );
        if let (true, 1.., mmc::Data::In(out)) = (is_track, self.answers, data) {
            self.answers -= 1;
            let next = u32::from_be_bytes(out[12..16].try_into().unwrap());
            out[12..16].copy_from_slice(&next.saturating_sub(16).to_be_bytes());
        }
        Ok(moved)
    }
}

#[test]
fn nothing_is_recorded_after_blocks_that_the_drive_concealed() {
    for medium in MULTI {
        let folder = folder();
        let mut drive = blank_as(&folder, medium, Behaviour::default());
        append(&mut drive, 320);
        drop(drive);
        let recorder = emulator::Recorder::open(&folder.path().join(format!("{medium}.img"))).unwrap();
        let concealing = Concealing { recorder, answers: 2 };
        let mut drive = Drive::open(Box::new(concealing)).unwrap();
        let overlooked = append_point(&mut drive);
        assert!(
            matches!(overlooked, Err(DriveError::Overlooked { .. })),
            "{medium}: {overlooked:?}"
        );
        drive.refresh().unwrap();
        append(&mut drive, 32);
    }
}

#[test]
fn endless_tracks_of_a_dvd_r_are_not_the_two_of_its_toc() {
    let folder = folder();
    let behaviour = Behaviour {
        closed_tracks_end_nowhere: true,
        ..Behaviour::default()
    };
    let mut drive = blank_as(&folder, Medium::DvdR, behaviour);
    let mut starts = Vec::new();
    for _ in 0..3 {
        starts.push(append(&mut drive, 320));
        drive.close_session(Disposition::Appendable).unwrap();
    }
    let tracks = &drive.medium().tracks[..3];
    let found: Vec<Lba> = tracks.iter().map(|track| track.start).collect();
    assert_eq!(found, starts);
    assert_eq!(tracks[2].end(), Lba(starts[2].0 + 320));
}
