//! Marks: a few characters from a digest of a name, which distinguish it from others that would become the
//! same.

use sha2::{Digest, Sha256};

/// What distinguishes a child of a directory from others; nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Distinction {
    /// How many times its identifier was taken.
    pub(super) attempt: u8,
    /// Its number in the directory.
    pub(super) child: u32,
}

/// From this attempt on, the child's number is part of the digest: only identical names, which no directory
/// should have, still clash by then.
const WITH_CHILD: u8 = 4;

/// 32 characters that are allowed everywhere, without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A mark of N characters, at most 12.
pub(super) fn mark<const N: usize>(name: &str, distinction: Distinction) -> Option<[u8; N]> {
    if distinction.attempt == 0 {
        return None;
    }
    let child = if distinction.attempt >= WITH_CHILD {
        distinction.child
    } else {
        0
    };
    let mut bits = digest(&[&[distinction.attempt], &child.to_le_bytes(), name.as_bytes()]);
    Some([(); N].map(|()| {
        let character = ALPHABET[(bits % 32) as usize];
        bits /= 32;
        character
    }))
}

/// 64 bits of a digest for which nobody can construct two equal names.
fn digest(parts: &[&[u8]]) -> u64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    digest
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_depends_on_name_and_attempt_and_later_on_the_child() {
        let of = |name, attempt, child| mark::<8>(name, Distinction { attempt, child });
        assert_eq!(of("a", 0, 1), None);
        assert_eq!(of("a", 1, 1), of("a", 1, 2));
        assert_ne!(of("a", 1, 1), of("b", 1, 1));
        assert_ne!(of("a", 1, 1), of("a", 2, 1));
        assert_ne!(of("a", 4, 1), of("a", 4, 2));
    }
}
