//! Path components, the body of a symbolic link (`ECMA-167 4/8.7`, `4/14.16`, `UDF 2.60 2.3.12`).

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::malformed::{Malformed, MalformedKind, TooLong};
use crate::osta::cs0::{self, EncodeError};

/// The 4 bytes before the component identifier (`ECMA-167 4/14.16.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Front {
    component_type: u8,
    length_of_component_identifier: u8,
    component_file_version_number: U16,
}

const _: () = assert!(size_of::<Front>() == 4);

/// The root of the host's hierarchy: a path that begins with '/'. L_CI is 0.
const ROOT_OF_HOST: u8 = 1;
/// The root of the hierarchy that contains the link.
const ROOT_OF_VOLUME: u8 = 2;
/// "..".
const PARENT: u8 = 3;
/// ".".
const SELF: u8 = 4;
/// A name.
const NAME: u8 = 5;

fn component(component_type: u8, identifier: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let too_long = TooLong {
        structure: "path component",
        asked: identifier.len(),
        room: usize::from(u8::MAX),
    };
    let front = Front {
        component_type,
        length_of_component_identifier: u8::try_from(identifier.len()).map_err(|_| too_long)?,
        component_file_version_number: 0.into(),
    };
    out.extend_from_slice(front.as_bytes());
    out.extend_from_slice(identifier);
    Ok(())
}

/// The body of a symbolic link to a POSIX path.
///
/// Only components are recorded, so repeated and trailing slashes are lost.
///
/// # Errors
/// A component that CS0 cannot express or that exceeds its field of 255 bytes; a NUL, which no path contains.
pub fn encode(path: &str) -> Result<Vec<u8>, EncodeError> {
    if path.contains('\0') {
        return Err(EncodeError::Character(0));
    }
    let mut out = Vec::new();
    if path.starts_with('/') {
        component(ROOT_OF_HOST, &[], &mut out)?;
    }
    for name in path.split('/').filter(|name| !name.is_empty()) {
        match name {
            "." => component(SELF, &[], &mut out)?,
            ".." => component(PARENT, &[], &mut out)?,
            name => component(NAME, &cs0::encode(name)?, &mut out)?,
        }
    }
    Ok(out)
}

/// The POSIX path in the body of a symbolic link.
///
/// This skips a root whose meaning is only agreed between implementations (type 1 with an identifier). A root
/// of either kind starts the path again.
///
/// # Errors
/// A component that extends beyond the body, has an unknown type, is not CS0, or cannot be a component of a
/// POSIX path.
pub fn decode(body: &[u8]) -> Result<String, Malformed> {
    let fault = |kind| Malformed {
        kind,
        structure: "path component",
        clause: "ECMA-167 4/14.16.1",
    };
    let mut path = String::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (front, after) = Front::read_from_prefix(rest).map_err(|_| fault(MalformedKind::Truncated))?;
        let (identifier, after) = after
            .split_at_checked(usize::from(front.length_of_component_identifier))
            .ok_or(fault(MalformedKind::Truncated))?;
        rest = after;
        let name = match front.component_type {
            ROOT_OF_HOST if !identifier.is_empty() => continue,
            ROOT_OF_HOST | ROOT_OF_VOLUME => {
                path.clear();
                path.push('/');
                continue;
            }
            PARENT => "..".to_owned(),
            SELF => ".".to_owned(),
            NAME => cs0::decode(identifier)
                .ok()
                // A path would split the name at these characters.
                .filter(|name| !name.contains(['/', '\0']))
                .ok_or(fault(MalformedKind::Field("component identifier")))?,
            _ => return Err(fault(MalformedKind::Field("component type"))),
        };
        if !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(&name);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_component_has_its_type() {
        let body = encode("/a/./../b").unwrap();
        assert_eq!(
            body,
            b"\x01\0\0\0\x05\x02\0\0\x08a\x04\0\0\0\x03\0\0\0\x05\x02\0\0\x08b"
        );
        assert_eq!(decode(&body).unwrap(), "/a/./../b");
    }

    #[test]
    fn the_root_alone_is_a_path() {
        assert_eq!(decode(&encode("/").unwrap()).unwrap(), "/");
    }

    #[test]
    fn repeated_and_trailing_slashes_are_lost() {
        assert_eq!(decode(&encode("//a//b/").unwrap()).unwrap(), "/a/b");
    }

    #[test]
    fn the_root_of_the_volume_is_a_root_too() {
        assert_eq!(decode(b"\x02\0\0\0\x05\x02\0\0\x08a").unwrap(), "/a");
    }

    #[test]
    fn a_root_by_agreement_is_skipped() {
        assert_eq!(decode(b"\x01\x01\0\0X\x05\x02\0\0\x08a").unwrap(), "a");
    }

    #[test]
    fn unknown_types_and_short_bodies_are_errors() {
        assert_eq!(
            decode(b"\x06\0\0\0").unwrap_err().kind,
            MalformedKind::Field("component type")
        );
        assert_eq!(
            decode(b"\x05\x03\0\0\x08a").unwrap_err().kind,
            MalformedKind::Truncated
        );
        assert_eq!(decode(b"\x05").unwrap_err().kind, MalformedKind::Truncated);
    }

    #[test]
    fn a_name_of_several_components_is_an_error() {
        for body in [&b"\x05\x04\0\0\x08a/b"[..], b"\x05\x04\0\0\x08a\0b"] {
            assert_eq!(
                decode(body).unwrap_err().kind,
                MalformedKind::Field("component identifier")
            );
        }
    }

    #[test]
    fn a_component_that_is_too_long_is_an_error() {
        assert!(encode(&"x".repeat(254)).is_ok());
        assert!(encode(&"x".repeat(255)).is_err());
        assert_eq!(encode("a\0b"), Err(EncodeError::Character(0)));
    }
}
