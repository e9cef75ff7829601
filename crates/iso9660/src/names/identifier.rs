//! The results of mapping names.

use std::fmt;

use bitflags::bitflags;

/// The kind of node with the name; it determines the maximum length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// Anything else: a symbolic link, a device, a FIFO, a socket.
    Special,
}

bitflags! {
    /// How the result differs from the name.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Changes: u8 {
        /// Characters were replaced; in the primary tree also lower case by upper case.
        const REPLACED = 0x01;
        /// Something was left out.
        const CUT = 0x02;
        /// A mark was added, or replaced something, to distinguish the name from others.
        const MARKED = 0x04;
    }
}

/// The result of mapping a name, and how it differs from the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped<T> {
    /// The result.
    pub identifier: T,
    /// How it differs from the name.
    pub changes: Changes,
}

macro_rules! bytes_of_bounded_length {
    ($(#[$doc:meta])* $name:ident, $most:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name {
            bytes: [u8; $most],
            length: u8,
        }

        impl $name {
            pub(crate) const EMPTY: Self = Self {
                bytes: [0; $most],
                length: 0,
            };

            /// The bytes as they are recorded.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.bytes[..usize::from(self.length)]
            }

            /// Appends as many bytes as there is room for.
            pub(crate) fn extend(&mut self, bytes: &[u8]) {
                let start = usize::from(self.length);
                let fitting = bytes.len().min($most - start);
                self.bytes[start..start + fitting].copy_from_slice(&bytes[..fitting]);
                self.length = u8::try_from(start + fitting).unwrap_or($most);
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.as_bytes().escape_ascii())
            }
        }
    };
}

bytes_of_bounded_length! {
    /// An identifier of a file or directory in the primary tree or Joliet, of at most 128 bytes (`ECMA-119
    /// 7.5`, `7.6`).
    Identifier, 128
}

bytes_of_bounded_length! {
    /// A Rock Ridge name of at most 157 bytes.
    Name, 157
}

impl Identifier {
    /// The directory itself, and the root wherever it is named (`ECMA-119 7.6.2`).
    pub const SELF: Self = Self {
        bytes: [0; 128],
        length: 1,
    };

    /// The parent of a directory (`ECMA-119 7.6.2`).
    pub const PARENT: Self = {
        let mut bytes = [0; 128];
        bytes[0] = 1;
        Self { bytes, length: 1 }
    };
}

/// The parts of a name before and after its last full stop. There is no extension if nothing precedes the
/// full stop.
pub(super) fn parts(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, Some(extension)),
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_at_its_last_full_stop() {
        assert_eq!(parts("a.tar.gz"), ("a.tar", Some("gz")));
        assert_eq!(parts(".profile"), (".profile", None));
        assert_eq!(parts("end."), ("end", Some("")));
        assert_eq!(parts("plain"), ("plain", None));
    }

    #[test]
    fn bytes_that_do_not_fit_are_left_out() {
        let mut name = Name::EMPTY;
        name.extend(&[b'a'; 156]);
        name.extend(b"bc");
        assert_eq!(name.as_bytes().len(), 157);
        assert_eq!(name.as_bytes()[156], b'b');
    }
}
