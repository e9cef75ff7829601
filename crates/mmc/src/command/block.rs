//! What every command block has, and how to declare one.

use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A command block: a structure whose first byte is its operation code.
pub trait CommandBlock: FromBytes + IntoBytes + Immutable + Copy + Default {
    /// The operation code.
    const OPERATION_CODE: u8;
    /// The name of the command in the standard.
    const NAME: &'static str;
}

/// Declares a command block. `operation_code` is the first field, and `Default` sets it.
macro_rules! command {
    ($(#[$meta:meta])* $code:literal $title:literal pub struct $name:ident [$size:literal] {
        $($(#[$field_meta:meta])* pub $field:ident : $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[doc = concat!("\n\nThe command block of ", $title, ".")]
        #[doc(alias = $title)]
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq,
            zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::KnownLayout, zerocopy::Immutable,
            zerocopy::Unaligned,
        )]
        #[repr(C)]
        pub struct $name {
            /// The operation code.
            pub operation_code: u8,
            $($(#[$field_meta])* pub $field: $type),*
        }

        const _: () = assert!(size_of::<$name>() == $size);

        impl Default for $name {
            fn default() -> Self {
                Self { operation_code: $code, $($field: Default::default()),* }
            }
        }

        impl crate::command::block::CommandBlock for $name {
            const OPERATION_CODE: u8 = $code;
            const NAME: &'static str = $title;
        }
    };
}
pub(super) use command;
