//! Messages on standard error, and names without characters that would move the cursor of a terminal.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints to standard error. If its reader is gone, the command continues.
pub fn tell(words: impl Display) {
    let _ = write!(io::stderr().lock(), "{words}");
}

/// A name for a terminal: control characters would move its cursor.
pub struct Shown<'a>(pub &'a str);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.0.contains(char::is_control) {
            return f.write_str(self.0);
        }
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(Shown("a\x1b[2Jü\n").to_string(), "a\\u{1b}[2Jü\\n");
    }
}
