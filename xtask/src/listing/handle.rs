//! Reaches nodes by number instead of by name, through the file handles that the kernel gives to NFS servers.
//!
//! For a directory the kernel returns names and node numbers in one pass. To look up a name it reads the
//! directory from the beginning, so that looking up all of 50,000 names takes an hour in an emulated machine.
//! A handle of UDF contains the virtual address of a node, and the kernel opens it without any directory. So
//! all addresses are opened in turn, and each name gets the node with the number that the directory returned
//! for it.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// How many handles to try beyond the last node found before the rest count as missing.
const BEYOND: u32 = 1 << 16;

/// The head of `struct file_handle`, and the content for UDF without a parent (`FILEID_UDF_WITHOUT_PARENT`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Handle {
    handle_bytes: u32,
    handle_type: i32,
    block: u32,
    partition_reference: u16,
    parent_partition_reference: u16,
    generation: u32,
}

const CONTENT_BYTES: u32 = 12;
const FILEID_UDF_WITHOUT_PARENT: i32 = 0x51;
const _: () = assert!(size_of::<Handle>() == 8 + CONTENT_BYTES as usize);

/// Opens every regular file on the volume of `directory` that has one of the node numbers, and passes it to
/// `seen` with its number. `example` is any name in that directory: its handle contains the partition.
pub fn open_files(
    directory: &Path,
    example: &str,
    numbers: &HashSet<u64>,
    mut seen: impl FnMut(u64, File) -> Result<()>,
) -> Result<()> {
    let mount = File::open(directory)?;
    let partition_reference = partition_of(&directory.join(example))?;
    let mut missing = numbers.clone();
    let mut last = 0;
    for block in 0_u32.. {
        if missing.is_empty() {
            break;
        }
        ensure!(
            block - last < BEYOND,
            "{} of {} node numbers of {} have no file handle",
            missing.len(),
            numbers.len(),
            directory.display()
        );
        let node = open(&mount, block, partition_reference, libc::O_PATH);
        let Ok(metadata) = node.and_then(|node| node.metadata()) else {
            continue;
        };
        last = block;
        if missing.remove(&metadata.ino()) && metadata.is_file() {
            let file = open(&mount, block, partition_reference, libc::O_RDONLY)
                .with_context(|| format!("cannot open virtual address {block}"))?;
            seen(metadata.ino(), file)?;
        }
    }
    Ok(())
}

/// The partition reference in the handle of a path.
#[expect(unsafe_code, reason = "no crate in use wraps name_to_handle_at")]
fn partition_of(path: &Path) -> Result<u16> {
    let name = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    let mut handle = handle(0, 0);
    let mut mount = 0;
    // SAFETY: the name ends with NUL, and the handle has room for the number of bytes in its first field.
    let answer = unsafe {
        libc::name_to_handle_at(
            libc::AT_FDCWD,
            name.as_ptr(),
            (&raw mut handle).cast(),
            &raw mut mount,
            0,
        )
    };
    if answer != 0 {
        return Err(io::Error::last_os_error())
            .with_context(|| format!("no file handle of {}", path.display()));
    }
    ensure!(
        (handle.handle_bytes, handle.handle_type) == (CONTENT_BYTES, FILEID_UDF_WITHOUT_PARENT),
        "{} has a handle of type {:#x}, which is not one of UDF",
        path.display(),
        handle.handle_type
    );
    Ok(handle.partition_reference)
}

#[expect(unsafe_code, reason = "no crate in use wraps open_by_handle_at")]
fn open(mount: &File, block: u32, partition_reference: u16, flags: i32) -> io::Result<File> {
    let mut handle = handle(block, partition_reference);
    // SAFETY: the handle has the number of bytes in its first field, and the kernel only reads them.
    let descriptor = unsafe {
        libc::open_by_handle_at(
            mount.as_raw_fd(),
            (&raw mut handle).cast(),
            flags | libc::O_CLOEXEC,
        )
    };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just opened, and nothing else owns it.
    Ok(unsafe { File::from_raw_fd(descriptor) })
}

/// Generation 0 matches any.
fn handle(block: u32, partition_reference: u16) -> Handle {
    Handle {
        handle_bytes: CONTENT_BYTES,
        handle_type: FILEID_UDF_WITHOUT_PARENT,
        block,
        partition_reference,
        parent_partition_reference: 0,
        generation: 0,
    }
}
