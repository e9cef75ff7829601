//! Numbers recorded in both byte orders: least significant byte first, then most significant byte first.

use zerocopy::{BigEndian, FromBytes, Immutable, IntoBytes, KnownLayout, LittleEndian, U16, U32, Unaligned};

use crate::malformed::{Malformed, MalformedKind};

macro_rules! both_endian {
    ($(#[$doc:meta])* $name:ident, $inner:ident, $number:ty, $clause:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
        #[repr(C)]
        pub struct $name {
            little: $inner<LittleEndian>,
            big: $inner<BigEndian>,
        }

        impl $name {
            /// The number in both orders.
            #[must_use]
            pub fn new(number: $number) -> Self {
                Self {
                    little: number.into(),
                    big: number.into(),
                }
            }

            /// The number; `field` is the name of its field.
            ///
            /// # Errors
            /// [`MalformedKind::ByteOrders`] if the two differ.
            pub fn get(&self, field: &'static str) -> Result<$number, Malformed> {
                let number = self.little.get();
                if number != self.big.get() {
                    return Err(Malformed {
                        kind: MalformedKind::ByteOrders(field),
                        structure: stringify!($name),
                        clause: $clause,
                    });
                }
                Ok(number)
            }
        }

        impl From<$number> for $name {
            fn from(number: $number) -> Self {
                Self::new(number)
            }
        }
    };
}

both_endian! {
    /// A number of 16 bits in both orders (`ECMA-119 7.2.3`).
    BothU16, U16, u16, "ECMA-119 7.2.3"
}

both_endian! {
    /// A number of 32 bits in both orders (`ECMA-119 7.3.3`).
    BothU32, U32, u32, "ECMA-119 7.3.3"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_are_recorded_and_have_to_agree() {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(BothU32::new(0x0102_0304).as_bytes());
        assert_eq!(bytes, [4, 3, 2, 1, 1, 2, 3, 4]);
        assert_eq!(BothU32::ref_from_bytes(&bytes).unwrap().get("x"), Ok(0x0102_0304));
        bytes[7] = 5;
        let refused = BothU32::ref_from_bytes(&bytes).unwrap().get("x").unwrap_err();
        assert_eq!(refused.kind, MalformedKind::ByteOrders("x"));
        assert_eq!(BothU16::new(0x0102).as_bytes(), [2, 1, 1, 2]);
    }
}
