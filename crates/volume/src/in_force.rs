//! What is known about the generation in force; it is forgotten with that generation.

use ecma167::file::FileSetDescriptor;

/// Each field is read or counted on first use.
#[derive(Default)]
pub(crate) struct InForce {
    file_set: Option<FileSetDescriptor>,
    number: Option<u32>,
    is_ended: bool,
}

impl InForce {
    /// The file set descriptor; `read` supplies it if it is not known.
    pub(crate) fn file_set<E>(
        &mut self,
        read: impl FnOnce() -> Result<FileSetDescriptor, E>,
    ) -> Result<&FileSetDescriptor, E> {
        let file_set = match self.file_set.take() {
            Some(known) => known,
            None => read()?,
        };
        Ok(self.file_set.insert(file_set))
    }

    /// Whether a plain volume of this generation is all that was recorded after it.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Notes that a plain volume of this generation is all that was recorded after it.
    pub(crate) fn end(&mut self) {
        self.is_ended = true;
    }

    /// The number of the generation, counted from 1.
    pub(crate) fn number(&self) -> Option<u32> {
        self.number
    }

    pub(crate) fn set_number(&mut self, number: u32) {
        self.number = Some(number);
    }

    /// Another generation comes into force, possibly the next one.
    pub(crate) fn replace(&mut self, is_next: bool) {
        let next = self
            .number
            .filter(|_| is_next)
            .map(|number| number.saturating_add(1));
        *self = Self {
            file_set: None,
            number: next,
            is_ended: false,
        };
    }
}
