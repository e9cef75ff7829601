//! Which names UDF can represent.

use std::fmt;

use ecma167::osta::cs0;

/// Why UDF cannot represent a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// It has a character that UDF does not allow (`UDF 2.60 2.1.1`).
    Character(char),
    /// It takes more than 254 bytes, with a byte per character up to U+00FF (`ECMA-167 4/14.4.4`).
    TooManyBytes(usize),
    /// It takes more than 127 units of UTF-16, because it has a character beyond U+00FF.
    TooManyUnits(usize),
}

/// Checks whether UDF can represent the name of a file.
///
/// ```
/// use oncefs::{NameError, check_name};
///
/// assert_eq!(check_name("plan.txt"), Ok(()));
/// assert_eq!(check_name(&"x".repeat(300)), Err(NameError::TooManyBytes(300)));
/// ```
///
/// # Errors
/// Fails if it cannot.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if cs0::fits_file_identifier(name) {
        return Ok(());
    }
    if let Some(character) = name.chars().find(|c| !cs0::is_recordable(*c)) {
        return Err(NameError::Character(character));
    }
    let bytes = name_bytes(name) - 1;
    Err(if name.chars().all(|c| c <= '\u{FF}') {
        NameError::TooManyBytes(bytes)
    } else {
        NameError::TooManyUnits(bytes / 2)
    })
}

/// Returns how many bytes a name takes in a directory, with the one for its compression ID.
#[must_use]
pub fn name_bytes(name: &str) -> usize {
    cs0::encoded_len(name)
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(character) => write!(
                f,
                "the name has the character U+{:04X}, which UDF does not allow (UDF 2.60 2.1.1)",
                u32::from(*character)
            ),
            Self::TooManyBytes(bytes) => write!(
                f,
                "the name takes {bytes} bytes in 8-bit form; at most 254 fit (ECMA-167 4/14.4.4)"
            ),
            Self::TooManyUnits(units) => write!(
                f,
                "the name takes {units} units in 16-bit form; at most 127 fit (ECMA-167 4/14.4.4)"
            ),
        }
    }
}

impl std::error::Error for NameError {}
