//! Sense as the text of traces and scripts.

use std::fmt;
use std::str::FromStr;

use crate::sense::{Sense, SenseKey};

/// Key, code and qualifier of sense as `K/AA/QQ` in hexadecimal, without the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenseText(pub Sense);

/// A text that is not sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a sense code in the form K/AA/QQ: {0:?}")]
pub struct ParseSenseError(pub String);

impl fmt::Display for SenseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:02X}/{:02X}", self.0.key as u8, self.0.asc, self.0.ascq)
    }
}

impl FromStr for SenseText {
    type Err = ParseSenseError;

    fn from_str(text: &str) -> Result<Self, ParseSenseError> {
        parse(text)
            .map(Self)
            .ok_or_else(|| ParseSenseError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Sense> {
    let mut parts = text.split('/').map(|part| u8::from_str_radix(part, 16).ok());
    let (key, asc, ascq) = (parts.next()??, parts.next()??, parts.next()??);
    (key < 16 && parts.next().is_none()).then(|| Sense::new(SenseKey::from_bits(key), asc, ascq))
}
