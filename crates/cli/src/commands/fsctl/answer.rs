//! The answer to a request, for people and for programs.

use std::fmt;

use oncefs::control::NtStatus;
use serde::Serialize;

use super::decoded::Decoded;
use super::request::Request;

/// Where the status comes from.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The handle could not be opened, so nothing was sent.
    Open,
    /// The control code was answered.
    Control,
}

/// The status block of a request, and its output buffer.
#[derive(Serialize)]
pub struct Answer {
    step: Step,
    control_code: u32,
    /// The published name; `None` for an unknown status.
    name: Option<&'static str>,
    status: &'static str,
    value: u32,
    win32_error: &'static str,
    win32_value: u32,
    information: usize,
    /// The decoded output buffer.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Decoded>,
    /// The output buffer of a code sent by number.
    #[serde(skip_serializing_if = "Option::is_none")]
    output_hex: Option<String>,
}

impl Answer {
    /// A status without output.
    pub fn new(step: Step, request: &Request, status: NtStatus) -> Self {
        let win32 = status.win32_error();
        Self {
            step,
            control_code: request.code.0,
            name: request.code.name(),
            status: status.name().unwrap_or("unnamed"),
            value: status.0,
            win32_error: win32.name().unwrap_or("unnamed"),
            win32_value: win32.0,
            information: 0,
            output: None,
            output_hex: None,
        }
    }

    /// Adds the output buffer.
    pub fn take(&mut self, information: usize, output: &[u8], request: &Request) {
        self.information = information;
        if request.raw {
            self.output_hex = Some(output.iter().map(|byte| format!("{byte:02x}")).collect());
        } else {
            self.output = Decoded::of(request.code, output);
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            status,
            value,
            win32_error,
            win32_value,
            information,
            ..
        } = self;
        if self.step == Step::Open {
            write!(f, "the handle was not opened: ")?;
        }
        writeln!(f, "{status} ({value:#010x}), Win32 {win32_error} ({win32_value})")?;
        if let Some(output) = &self.output {
            write!(f, "{output}")?;
        }
        if let Some(hex) = &self.output_hex {
            writeln!(f, "information {information}")?;
            for line in hex.as_bytes().chunks(64) {
                writeln!(f, "{}", String::from_utf8_lossy(line))?;
            }
        }
        Ok(())
    }
}
