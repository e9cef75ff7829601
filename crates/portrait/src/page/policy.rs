//! The policy of a page: which script and style the browser may use.

use sha2::{Digest, Sha256};

/// The policy for a page with this script and this style, as the browser compares them: between the tags.
pub(super) fn of(script: &str, style: &str) -> String {
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        base64(&Sha256::digest(script.as_bytes())),
        base64(&Sha256::digest(style.as_bytes()))
    )
}

/// Base 64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let value = (0..3).fold(0_usize, |value, at| {
            value << 8 | usize::from(group.get(at).copied().unwrap_or(0))
        });
        for digit in 0..4 {
            if digit <= group.len() {
                text.push(char::from(DIGITS[value >> (18 - 6 * digit) & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_that_of_the_standard() {
        let encoded = ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }

    #[test]
    fn the_policy_allows_nothing_but_the_script_and_the_style() {
        let policy = of("a", "b");
        assert!(policy.starts_with(
            "default-src 'none'; script-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='"
        ));
        assert!(!policy.contains("unsafe") && !policy.contains('"'), "{policy}");
    }
}
