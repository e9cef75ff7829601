//! Messages on standard error, and names without characters that would move the cursor of a terminal.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints to standard error. If its reader is gone, the command continues.
pub fn tell(words: impl Display) {
    let _ = write!(io::stderr().lock(), "{words}");
}

/// A name for a terminal: control characters would move its cursor, and some marks would show its letters in
/// another order or hide them.
pub struct Shown<'a>(pub &'a str);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.0.contains(misleads) {
            return f.write_str(self.0);
        }
        for character in self.0.chars() {
            if misleads(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// Whether a character moves the cursor, ends a line, changes the direction of others, or shows nothing.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_turn_or_hide_letters_are_escaped() {
        let shown = Shown("a\u{202E}gpj.exe\u{2028}\u{FEFF}אב\u{200D}").to_string();
        assert_eq!(shown, "a\\u{202e}gpj.exe\\u{2028}\\u{feff}אב\u{200D}");
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(Shown("a\x1b[2Jü\n").to_string(), "a\\u{1b}[2Jü\\n");
    }
}
