//! The other control codes of the family, and the volume information.

mod common;

use common::Bench;
use control::{
    ControlCode, FSCTL_QUERY_ON_DISK_VOLUME_INFO, FSCTL_QUERY_SPARING_INFO, FSCTL_SET_DEFECT_MANAGEMENT,
    FileQueryOnDiskVolInfoBuffer, FileQuerySparingBuffer, FileSetDefectMgmtBuffer, IoStatus, NtStatus,
    Target, VolumeHandle,
};
use zerocopy::FromBytes;

const FILE: Target<'static> = Target::Path("/directory/file.txt");

fn query(handle: &mut VolumeHandle, code: ControlCode, length: usize) -> (IoStatus, Vec<u8>) {
    let mut output = vec![0xAA; length];
    let io = handle.device_io_control(code.0, None, Some(&mut output));
    (io, output)
}

fn on_disk(bench: &Bench, target: Target<'_>) -> FileQueryOnDiskVolInfoBuffer {
    let (io, output) = query(&mut bench.open(target), FSCTL_QUERY_ON_DISK_VOLUME_INFO, 400);
    assert_eq!((io.status, io.information), (NtStatus::SUCCESS, 336));
    assert!(output[336..].iter().all(|byte| *byte == 0xAA));
    FileQueryOnDiskVolInfoBuffer::read_from_bytes(&output[..336]).expect("336 bytes")
}

#[test]
fn the_volume_reports_what_its_structures_say() {
    let bench = Bench::files("dvd+r");
    for target in [Target::Volume, FILE] {
        let answer = on_disk(&bench, target);
        let text = FileQueryOnDiskVolInfoBuffer::text_of;
        assert_eq!((answer.directory_count.get(), answer.file_count.get()), (2, 1));
        assert_eq!(answer.fs_format_maj_version.get(), 2);
        assert_eq!(answer.fs_format_min_version.get(), 1);
        assert_eq!(text(&answer.fs_format_name), "UDF");
        // 1,800,000,000 seconds after 1970.
        assert_eq!(answer.format_time.get(), 134_444_736_000_000_000);
        assert_eq!(answer.last_update_time.get(), 134_444_736_000_000_000);
        assert_eq!(text(&answer.copyright_info), "");
        assert_eq!(text(&answer.abstract_info), "");
        assert_eq!(text(&answer.formatting_implementation_info), "*oncefs");
        assert_eq!(text(&answer.last_modifying_implementation_info), "*oncefs");
    }
}

#[test]
fn a_vat_of_udf_1_50_does_not_count() {
    let bench = Bench::revision("dvd+r", ecma167::osta::Revision::V1_50);
    let answer = on_disk(&bench, Target::Volume);
    assert_eq!((answer.directory_count.get(), answer.file_count.get()), (-1, -1));
    assert_eq!(
        (
            answer.fs_format_maj_version.get(),
            answer.fs_format_min_version.get()
        ),
        (1, 50)
    );
}

#[test]
fn a_buffer_too_short_for_the_answer_stays_unchanged() {
    let bench = Bench::volume("dvd+r");
    let mut handle = bench.open(Target::Volume);
    let cases = [
        (FSCTL_QUERY_ON_DISK_VOLUME_INFO, 335, NtStatus::BUFFER_TOO_SMALL),
        (FSCTL_QUERY_ON_DISK_VOLUME_INFO, 0, NtStatus::BUFFER_TOO_SMALL),
        (FSCTL_QUERY_SPARING_INFO, 15, NtStatus::INVALID_PARAMETER),
        (FSCTL_QUERY_SPARING_INFO, 0, NtStatus::INVALID_PARAMETER),
    ];
    for (code, length, status) in cases {
        let (io, output) = query(&mut handle, code, length);
        assert_eq!((io.status, io.information), (status, 0), "{code:?}");
        assert!(output.iter().all(|byte| *byte == 0xAA));
        let io = handle.device_io_control(code.0, None, None);
        assert_eq!(io.status, status, "{code:?}");
    }
}

#[test]
fn software_replaces_no_blocks() {
    for (medium, unit) in [("cd-r", 2048), ("dvd+r", 16 * 2048), ("bd-r", 32 * 2048)] {
        let bench = Bench::files(medium);
        for target in [Target::Volume, FILE] {
            let (io, output) = query(&mut bench.open(target), FSCTL_QUERY_SPARING_INFO, 16);
            assert_eq!((io.status, io.information), (NtStatus::SUCCESS, 16));
            let answer = FileQuerySparingBuffer::read_from_bytes(&output).expect("16 bytes");
            assert_eq!(answer.sparing_unit_bytes.get(), unit, "{medium}");
            assert_eq!(answer.software_sparing, 0);
            assert_eq!(answer.reserved, [0; 3]);
            assert_eq!(answer.total_spare_blocks.get(), 0);
            assert_eq!(answer.free_spare_blocks.get(), 0);
        }
    }
}

#[test]
fn a_medium_without_defect_management_refuses_to_set_it() {
    let bench = Bench::files("dvd+r");
    for target in [Target::Volume, Target::Path("/directory"), FILE] {
        let mut handle = bench.open(target);
        for disable in [false, true] {
            let input = FileSetDefectMgmtBuffer { disable }.to_bytes();
            let io = handle.device_io_control(FSCTL_SET_DEFECT_MANAGEMENT.0, Some(&input), None);
            assert_eq!(io.status, NtStatus::INVALID_DEVICE_REQUEST);
        }
    }
}

#[test]
fn a_query_needs_no_access() {
    let bench = Bench::volume("dvd+r");
    let nothing = control::DesiredAccess::empty();
    let handle = bench.try_open(Target::Volume, nothing, common::share());
    let mut handle = handle.expect("the handle opens");
    let (io, _) = query(&mut handle, FSCTL_QUERY_ON_DISK_VOLUME_INFO, 336);
    assert_eq!(io.status, NtStatus::SUCCESS);
    let (io, _) = query(&mut handle, FSCTL_SET_DEFECT_MANAGEMENT, 0);
    assert_eq!(io.status, NtStatus::ACCESS_DENIED);
}

#[test]
fn a_medium_without_udf_knows_none_of_the_family() {
    let bench = Bench::blank("dvd+r");
    let mut handle = bench.open(Target::Volume);
    for code in ControlCode::KNOWN {
        let io = handle.device_io_control(code.0, Some(&[0]), Some(&mut [0; 336]));
        assert_eq!(io.status, NtStatus::INVALID_DEVICE_REQUEST, "{code:?}");
    }
}

#[test]
fn a_volume_has_a_name_a_serial_number_and_flags() {
    let bench = Bench::files("dvd+r");
    let one = bench.open(Target::Volume).volume_information().expect("a volume");
    assert_eq!(one.name, "bench");
    assert_eq!(one.maximum_component_length, 254);
    assert_eq!(one.file_system_name, "UDF");
    assert_eq!(one.flags.bits(), 0x0050_0007);
    assert_ne!(one.serial_number, 0);
    assert_eq!(bench.open(FILE).volume_information(), Ok(one.clone()));
    let other = Bench::volume("dvd+r").open(Target::Volume).volume_information();
    assert_ne!(other.expect("a volume").serial_number, one.serial_number);
}
