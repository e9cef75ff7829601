//! `GetVolumeInformationByHandleW`.

use crate::bool_answer::answer;
use crate::handle_table::{self};
use crate::held::held;
use crate::pointer;
use crate::types::{Bool, Handle};

/// Returns the name and the abilities of the volume of a handle. Each pointer may be null. Fails with
/// `ERROR_MORE_DATA` if a buffer is too short for its text.
///
/// # Safety
/// Each pointer is null or points to a number, or to a buffer of the given number of units.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetVolumeInformationByHandleW(
    file: Handle,
    volume_name: *mut u16,
    volume_name_size: u32,
    volume_serial_number: *mut u32,
    maximum_component_length: *mut u32,
    file_system_flags: *mut u32,
    file_system_name: *mut u16,
    file_system_name_size: u32,
) -> Bool {
    answer(|| {
        let file = handle_table::file(file)?;
        let numbers = [volume_serial_number, maximum_component_length, file_system_flags];
        numbers
            .iter()
            .try_for_each(|number| pointer::check_optional(*number))?;
        let information = held(&file.volume).volume_information()?;
        // SAFETY: by the contract of this function.
        unsafe { pointer::put_text(volume_name, volume_name_size, &information.name) }?;
        let name = information.file_system_name;
        // SAFETY: by the contract of this function.
        unsafe { pointer::put_text(file_system_name, file_system_name_size, name) }?;
        let values = [
            information.serial_number,
            information.maximum_component_length,
            information.flags.bits(),
        ];
        for (number, value) in numbers.into_iter().zip(values) {
            // SAFETY: checked above; points to a number by the contract of this function.
            unsafe { pointer::put(number, value) };
        }
        Ok(())
    })
}
