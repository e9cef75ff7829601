//! Opens a volume, or a file or directory on it.

use std::ffi::{OsStr, OsString, c_char};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use control::{DesiredAccess, HandleTarget, NtStatus, ShareMode, Target, VolumeHandle};
use disc::Disc;
use ecma167::BLOCK_BYTES;
use ecma167::general::Timestamp;

use crate::bool_answer::or_last_error;
use crate::environment;
use crate::handle_table::{self, FileObject, Object};
use crate::name::{self, Name, Named};
use crate::pending::Pending;
use crate::pointer;
use crate::types::{Handle, INVALID_HANDLE_VALUE, SecurityAttributes};
use crate::volume_map;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
const MAXIMUM_ALLOWED: u32 = 0x0200_0000;

const OPEN_EXISTING: u32 = 3;
const OPEN_ALWAYS: u32 = 4;
const DISPOSITIONS: std::ops::RangeInclusive<u32> = 1..=5;

const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;

/// The arguments of `CreateFile` besides the name.
struct Asked {
    access: u32,
    share: u32,
    disposition: u32,
    flags: u32,
}

impl Asked {
    fn new(access: u32, share: u32, disposition: u32, flags: u32) -> Self {
        Self {
            access,
            share,
            disposition,
            flags,
        }
    }
}

/// Opens a name in UTF-8; the path of an image may be any bytes. Security attributes and template are
/// ignored.
///
/// # Safety
/// `name` is null or points to a name that ends with a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateFileA(
    name: *const c_char,
    desired_access: u32,
    share_mode: u32,
    _security_attributes: *mut SecurityAttributes,
    creation_disposition: u32,
    flags_and_attributes: u32,
    _template_file: Handle,
) -> Handle {
    let asked = Asked::new(
        desired_access,
        share_mode,
        creation_disposition,
        flags_and_attributes,
    );
    // SAFETY: by the contract of this function.
    unsafe { create(name.cast::<u8>(), &asked, |name| Some(OsString::from_vec(name))) }
}

/// Opens a name in UTF-16. Security attributes and template are ignored.
///
/// # Safety
/// `name` is null or points to a name that ends with a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateFileW(
    name: *const u16,
    desired_access: u32,
    share_mode: u32,
    _security_attributes: *mut SecurityAttributes,
    creation_disposition: u32,
    flags_and_attributes: u32,
    _template_file: Handle,
) -> Handle {
    let asked = Asked::new(
        desired_access,
        share_mode,
        creation_disposition,
        flags_and_attributes,
    );
    // SAFETY: by the contract of this function.
    unsafe {
        create(name, &asked, |name| {
            String::from_utf16(&name).ok().map(OsString::from)
        })
    }
}

/// Opens a name of either width; `decode` returns it if it is one. A null name is a path that is not found.
///
/// # Safety
/// `name` is null or points to a name that ends with a zero.
unsafe fn create<T: Copy + PartialEq + From<u8>>(
    name: *const T,
    asked: &Asked,
    decode: impl FnOnce(Vec<T>) -> Option<OsString>,
) -> Handle {
    or_last_error(INVALID_HANDLE_VALUE, || {
        if name.is_null() {
            return Err(NtStatus::OBJECT_PATH_NOT_FOUND.into());
        }
        // SAFETY: by the contract of this function.
        let name = unsafe { pointer::name(name) }?;
        let name = decode(name).ok_or(NtStatus::OBJECT_NAME_INVALID)?;
        Ok(open(&name, asked)?)
    })
}

fn open(name: &OsStr, asked: &Asked) -> Result<Handle, NtStatus> {
    let Name { disc, path } = name::parse(name)?;
    check_disposition(asked, path.is_some())?;
    let disc = match disc {
        Named::Host(disc) => disc,
        Named::Letter(letter) => volume_map::path_of(letter).ok_or(if path.is_some() {
            NtStatus::OBJECT_PATH_NOT_FOUND
        } else {
            NtStatus::OBJECT_NAME_NOT_FOUND
        })?,
    };
    check_file_type(&disc)?;
    let mut disc = Disc::new(disc);
    if environment::accepts_image() {
        disc = disc.accepting_image();
    }
    let target = path.as_deref().map_or(Target::Volume, Target::Path);
    let opened = VolumeHandle::open_on(
        Box::new(disc),
        target,
        access(asked.access),
        ShareMode::from_bits_truncate(asked.share),
        now(),
    );
    let mut volume = opened.map_err(|failure| failure.status)?;
    if environment::accepts_losses() {
        volume.accept_losses();
    }
    if volume.target() == HandleTarget::Directory && asked.flags & FILE_FLAG_BACKUP_SEMANTICS == 0 {
        return Err(NtStatus::ACCESS_DENIED);
    }
    handle_table::insert(Object::File(Arc::new(FileObject {
        volume: Arc::new(Mutex::new(volume)),
        overlapped: asked.flags & FILE_FLAG_OVERLAPPED != 0,
        pending: Pending::default(),
    })))
}

/// Checks that a path is an image or a device, or does not exist. Opening a pipe would wait for its other
/// end.
fn check_file_type(disc: &Path) -> Result<(), NtStatus> {
    let found = std::fs::metadata(disc).map_err(|error| match error.kind() {
        ErrorKind::NotFound
            if disc
                .parent()
                .is_some_and(|parent| parent == Path::new("") || parent.is_dir()) =>
        {
            NtStatus::OBJECT_NAME_NOT_FOUND
        }
        ErrorKind::NotFound | ErrorKind::NotADirectory => NtStatus::OBJECT_PATH_NOT_FOUND,
        ErrorKind::PermissionDenied => NtStatus::ACCESS_DENIED,
        ErrorKind::InvalidInput | ErrorKind::InvalidFilename => NtStatus::OBJECT_NAME_INVALID,
        _ => NtStatus::OBJECT_NAME_NOT_FOUND,
    })?;
    // A volume needs more than a block.
    let is_image = found.is_file() && found.len() >= BLOCK_BYTES.into();
    let found = found.file_type();
    if found.is_dir() {
        return Err(NtStatus::ACCESS_DENIED);
    }
    let is_recorder = || Disc::new(disc).medium_is_known();
    if is_image || found.is_block_device() || found.is_char_device() && is_recorder() {
        return Ok(());
    }
    Err(NtStatus::UNRECOGNIZED_VOLUME)
}

/// Checks that the call opens what exists: a handle creates, truncates and deletes nothing.
fn check_disposition(asked: &Asked, is_path: bool) -> Result<(), NtStatus> {
    if !DISPOSITIONS.contains(&asked.disposition) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    if asked.flags & FILE_FLAG_DELETE_ON_CLOSE != 0 {
        return Err(NtStatus::NOT_SUPPORTED);
    }
    match asked.disposition {
        OPEN_EXISTING | OPEN_ALWAYS => Ok(()),
        _ if is_path => Err(NtStatus::NOT_SUPPORTED),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// Maps the generic rights to those of a file.
fn access(asked: u32) -> DesiredAccess {
    let mut access = DesiredAccess::from_bits_truncate(asked);
    let all = asked & (GENERIC_ALL | MAXIMUM_ALLOWED) != 0;
    if all || asked & GENERIC_READ != 0 {
        access |= DesiredAccess::FILE_READ_DATA;
    }
    if all || asked & GENERIC_WRITE != 0 {
        access |= DesiredAccess::FILE_WRITE_DATA;
    }
    access
}

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix(since.as_secs().cast_signed(), since.subsec_nanos())
}
