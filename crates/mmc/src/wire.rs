//! Macros that declare a structure of the wire once, with its size.

/// Declares a structure whose fields are its bytes, and asserts its size.
macro_rules! wire {
    ($(#[$meta:meta])* pub struct $name:ident [$size:literal] {
        $($(#[$field_meta:meta])* pub $field:ident : $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq,
            zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::KnownLayout, zerocopy::Immutable,
            zerocopy::Unaligned,
        )]
        #[repr(C)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),* }

        const _: () = assert!(size_of::<$name>() == $size);
    };
}

/// Declares a field of two to four bits in a structure, as a type that has every value of the field.
macro_rules! field {
    ($(#[$meta:meta])* pub enum $name:ident from $mask:literal {
        $($(#[$variant_meta:meta])* $variant:ident = $value:literal),* $(,)?
        ; $(#[$other_meta:meta])* $other:ident
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            $(#[$other_meta])* $other(u8),
        }

        impl $name {
            /// The value of the field, right-aligned.
            #[must_use]
            pub const fn to_bits(self) -> u8 {
                match self { $(Self::$variant => $value,)* Self::$other(bits) => bits & $mask }
            }

            /// The value of a right-aligned field; higher bits are ignored.
            #[must_use]
            pub const fn from_bits(bits: u8) -> Self {
                match bits & $mask { $($value => Self::$variant,)* other => Self::$other(other) }
            }
        }
    };
}
