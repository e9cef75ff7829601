//! Files that stay open while names, commits and sessions come and go.

use crate::apply::{Held, Sides, done};
use crate::broken::Broken;
use crate::operation::content;

impl Sides<'_> {
    /// Opens a file, and removes this name of it.
    pub fn hold(&mut self, path: &str) -> Result<(), Broken> {
        let Some(number) = self.model.number(path).filter(|_| self.model.is_file(path)) else {
            return Ok(());
        };
        let node = self.node(path)?;
        self.recording.open_node(node)?;
        self.held.push(Held { node, number });
        self.remove(path)
    }

    /// Writes each file that is held at its end, reads it, and closes it.
    pub fn release(&mut self, length: usize) -> Result<(), Broken> {
        let now = self.moment();
        for Held { node, number } in std::mem::take(self.held) {
            let Some(expected) = self.model.numbered(number) else {
                continue;
            };
            let more = content(length, length.to_le_bytes()[0]);
            let end = expected.bytes.len() as u64;
            if done(self.recording.write(node, end, &more))?.is_some() {
                expected.bytes.extend(&more);
                expected.modified = now;
            }
            let mut found = vec![0; expected.bytes.len() + 1];
            let read = self.recording.read(node, 0, &mut found)?;
            found.truncate(read);
            let is_same = found == expected.bytes;
            self.recording.close_node(node);
            if !is_same {
                return Err(Broken::Contradiction(format!(
                    "a file that was held open has other contents: {node:?}"
                )));
            }
        }
        Ok(())
    }

    /// Closes the files that are held, because what is pending is dropped.
    pub fn let_go(&mut self) {
        for Held { node, .. } in self.held.drain(..) {
            self.recording.close_node(node);
        }
    }
}
