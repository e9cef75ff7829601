//! What a file without a name contains, by its first bytes.

use oncefs::nodes::{Node, NodeKind, Volume};

/// Bytes that are looked at.
const LOOKED_AT: usize = 8192;

/// The usual ending of the names of such files.
pub fn ending(volume: &mut Volume, node: &Node) -> Option<&'static str> {
    if node.kind != NodeKind::File {
        return None;
    }
    let mut bytes = vec![0; LOOKED_AT];
    let body = volume.body(node).ok()?;
    let length = volume.read_readable(&body, 0, &mut bytes).ok()?;
    let bytes = bytes.get(..length)?;
    match infer::get(bytes) {
        Some(kind) => Some(kind.extension()),
        None => is_text(bytes).then_some("txt"),
    }
}

/// Whether bytes are text, which may end inside a character.
fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_usual = |character: char| !character.is_control() || matches!(character, '\n' | '\r' | '\t');
    !text.is_empty() && text.chars().all(is_usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_may_end_inside_a_character_and_has_no_control_characters() {
        let cut = "Grüße".as_bytes();
        assert!(is_text(b"a\tb\r\n") && is_text(&cut[..3]));
        assert!(!is_text(b"") && !is_text(b"a\0b") && !is_text(b"\xff\xfe"));
    }
}
