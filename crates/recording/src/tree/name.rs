//! Names that a file identifier descriptor can hold.

use ecma167::osta::cs0;

use crate::error::{Error, NameFault};

/// Fails for a name that no file identifier can hold (`UDF 2.60 2.1.1`).
///
/// # Errors
/// [`Error::Name`] with the reason.
pub fn require_name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::Name(NameFault::Empty));
    }
    if matches!(name, "." | "..") {
        return Err(Error::Name(NameFault::Reserved));
    }
    if name.bytes().any(|byte| matches!(byte, b'/' | 0)) || !cs0::are_recordable(name) {
        return Err(Error::Name(NameFault::Character));
    }
    if cs0::encoded_len(name) > cs0::MAX_FILE_IDENTIFIER {
        let wide = name.chars().any(|character| u32::from(character) > 0xFF);
        let units = if wide {
            name.encode_utf16().count()
        } else {
            name.chars().count()
        };
        return Err(Error::Name(NameFault::TooLong { units }));
    }
    Ok(())
}
