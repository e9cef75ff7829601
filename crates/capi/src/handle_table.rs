//! The handles of this process. A handle is a number, never a pointer, and never used twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use control::{NtStatus, VolumeHandle};

use crate::bool_answer::answer;
use crate::event::Event;
use crate::held::held;
use crate::last_error::Fault;
use crate::pending::Pending;
use crate::types::{Bool, Handle};

/// What a handle is on.
#[derive(Clone)]
pub(crate) enum Object {
    /// A volume, file or directory.
    File(Arc<FileObject>),
    /// An event.
    Event(Arc<Event>),
}

/// A volume, file or directory that is open.
pub(crate) struct FileObject {
    /// The handle of the control.
    pub volume: Arc<Mutex<VolumeHandle>>,
    /// It was opened with `FILE_FLAG_OVERLAPPED`.
    pub overlapped: bool,
    /// The calls on it that run beside their callers.
    pub pending: Pending,
}

#[derive(Default)]
struct Table {
    objects: Option<HashMap<usize, Object>>,
    last: usize,
}

static TABLE: Mutex<Table> = Mutex::new(Table {
    objects: None,
    last: 0,
});

/// Adds a handle: multiples of 4, as on Windows.
pub(crate) fn insert(object: Object) -> Result<Handle, NtStatus> {
    let mut table = held(&TABLE);
    let number = table
        .last
        .checked_add(4)
        .ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
    table.last = number;
    table.objects.get_or_insert_default().insert(number, object);
    Ok(std::ptr::without_provenance_mut(number))
}

/// What a handle is on.
pub(crate) fn object(handle: Handle) -> Result<Object, NtStatus> {
    let table = held(&TABLE);
    let object = table
        .objects
        .as_ref()
        .and_then(|objects| objects.get(&handle.addr()));
    object.cloned().ok_or(NtStatus::INVALID_HANDLE)
}

/// The file of a handle.
pub(crate) fn file(handle: Handle) -> Result<Arc<FileObject>, NtStatus> {
    match object(handle)? {
        Object::File(file) => Ok(file),
        Object::Event(_) => Err(NtStatus::INVALID_HANDLE),
    }
}

/// The event of a handle.
pub(crate) fn event(handle: Handle) -> Result<Arc<Event>, NtStatus> {
    match object(handle)? {
        Object::Event(event) => Ok(event),
        Object::File(_) => Err(NtStatus::INVALID_HANDLE),
    }
}

/// Closes a handle. Calls still running on it have the caller's buffers: those that have recorded nothing are
/// cancelled, the others are waited for.
#[unsafe(no_mangle)]
pub extern "C" fn CloseHandle(handle: Handle) -> Bool {
    answer(|| {
        let mut table = held(&TABLE);
        let object = table
            .objects
            .as_mut()
            .and_then(|objects| objects.remove(&handle.addr()));
        drop(table);
        match object.ok_or(Fault::Status(NtStatus::INVALID_HANDLE))? {
            Object::File(file) => file.pending.end(),
            Object::Event(_) => {}
        }
        Ok(())
    })
}
