//! Unique identifiers of files and their directory entries.

/// The first identifier to assign. Of the lower ones, 0 is that of the root and of the system stream
/// directory, and the others are reserved (`UDF 2.60 3.2.1.1`).
pub const FIRST: u64 = 16;

/// The identifier of the root directory and of the system stream directory (`UDF 2.60 3.2.1.1`).
pub const ROOT: u64 = 0;

/// The identifier after `current`. Its low 32 bits skip 0 to 15, because a FID holds only these 32 bits
/// (`UDF 2.60 3.2.1.1`).
#[must_use]
pub const fn next(current: u64) -> u64 {
    let next = current.wrapping_add(1);
    if (next & 0xFFFF_FFFF) < FIRST {
        (next & !0xFFFF_FFFF) | FIRST
    } else {
        next
    }
}

/// The half of an identifier that a FID repeats (`UDF 2.60 3.2.1.1`).
#[must_use]
pub const fn low_half(unique_id: u64) -> u32 {
    let [a, b, c, d, ..] = unique_id.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_low_half_skips_the_reserved_numbers() {
        assert_eq!(next(FIRST), 17);
        assert_eq!(next(0xFFFF_FFFF), 0x1_0000_0010);
        assert_eq!(next(0), FIRST);
    }
}
