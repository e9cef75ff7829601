//! The operations of the kernel, each passed to the volume and answered.

use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use fuser::{
    BsdFileFlags, Errno, FileHandle, Filesystem, FopenFlags, Generation, INodeNo, InitFlags, IoctlFlags,
    KernelConfig, LockOwner, OpenAccMode, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData,
    ReplyDirectory, ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyIoctl, ReplyOpen, ReplyStatfs,
    ReplyWrite, ReplyXattr, Request, TimeOrNow, WriteFlags,
};
use recording::NodeKind;
use zerocopy::IntoBytes;

use crate::envelope;
use crate::error::Error;
use crate::files::{Caller, Setting};
use crate::served::{KEPT, Served, Shared};

/// A virtual address is never reused for another node.
const GENERATION: Generation = Generation(0);

/// The longest name, in bytes: 254 characters of one byte, or 127 of two (`UDF 2.60 2.1.1`).
const LONGEST_NAME: u32 = 254;

/// Names that could still be created. No count is kept: a volume has 2^32 virtual addresses.
const MORE_NAMES: u64 = 1 << 31;

/// The file system as the kernel sees it. The kernel does the missing operations itself, or asks only once:
/// nothing is held back for the end of a file (`flush`), and copying ranges and punching holes fall back to
/// reads and writes.
pub(crate) struct Dispatch(pub Shared);

impl Dispatch {
    /// Runs an operation. Faults of the disc are reported, because the kernel only gets an error number.
    fn run<R>(
        &self,
        what: &str,
        name: Option<&OsStr>,
        work: impl FnOnce(&mut Served) -> Result<R, Error>,
    ) -> Result<R, Errno> {
        let mut served = self.0.lock();
        let had_changes = served.waiting_since.is_some();
        let result = work(&mut served).map_err(|error| {
            if error.is_fault() {
                let name = name.map(|name| format!(" '{}'", name.to_string_lossy()));
                served.tell(&format!("{what}{}", name.unwrap_or_default()), &error);
            }
            error.errno()
        });
        if served.waiting_since.is_some() && !had_changes {
            self.0.wake();
        }
        result
    }
}

fn caller(request: &Request) -> Caller {
    Caller {
        uid: request.uid(),
        gid: request.gid(),
    }
}

impl Filesystem for Dispatch {
    fn init(&mut self, _request: &Request, config: &mut KernelConfig) -> std::io::Result<()> {
        let wanted = [
            InitFlags::FUSE_DO_READDIRPLUS,
            InitFlags::FUSE_READDIRPLUS_AUTO,
            InitFlags::FUSE_CACHE_SYMLINKS,
            InitFlags::FUSE_PARALLEL_DIROPS,
        ];
        for flag in wanted {
            // Without a capability the mount is only slower.
            let _ = config.add_capabilities(flag);
        }
        // The resolution of times in UDF.
        let _ = config.set_time_granularity(Duration::from_micros(1));
        Ok(())
    }

    /// However serving ends: commit pending changes, and let nobody wait for ever.
    fn destroy(&mut self) {
        self.0.end();
    }

    fn lookup(&self, _request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.run("looking up", Some(name), |served| served.lookup(parent, name)) {
            Ok(attributes) => reply.entry(&KEPT, &attributes, GENERATION),
            Err(errno) => reply.error(errno),
        }
    }

    fn getattr(&self, _request: &Request, number: INodeNo, _handle: Option<FileHandle>, reply: ReplyAttr) {
        match self.run("reading attributes", None, |served| served.attributes(number)) {
            Ok(attributes) => reply.attr(&KEPT, &attributes),
            Err(errno) => reply.error(errno),
        }
    }

    fn setattr(
        &self,
        _request: &Request,
        number: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        accessed: Option<TimeOrNow>,
        modified: Option<TimeOrNow>,
        _changed: Option<SystemTime>,
        _handle: Option<FileHandle>,
        _created: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _backup: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let setting = Setting {
            mode,
            uid,
            gid,
            size,
            accessed,
            modified,
        };
        match self.run("setting attributes", None, |served| served.set(number, &setting)) {
            Ok(attributes) => reply.attr(&KEPT, &attributes),
            Err(errno) => reply.error(errno),
        }
    }

    fn readlink(&self, _request: &Request, number: INodeNo, reply: ReplyData) {
        match self.run("reading a symbolic link", None, |served| served.target(number)) {
            Ok(target) => reply.data(target.as_bytes()),
            Err(errno) => reply.error(errno),
        }
    }

    fn mknod(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        device: u32,
        reply: ReplyEntry,
    ) {
        let caller = caller(request);
        let made = self.run("making", Some(name), |served| {
            served.make_node(caller, parent, name, mode, device)
        });
        match made {
            Ok(attributes) => reply.entry(&KEPT, &attributes, GENERATION),
            Err(errno) => reply.error(errno),
        }
    }

    fn mkdir(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        reply: ReplyEntry,
    ) {
        let caller = caller(request);
        let made = self.run("making directory", Some(name), |served| {
            served.create(caller, parent, name, NodeKind::Directory, mode)
        });
        match made {
            Ok(attributes) => reply.entry(&KEPT, &attributes, GENERATION),
            Err(errno) => reply.error(errno),
        }
    }

    fn unlink(&self, _request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        match self.run("removing", Some(name), |served| served.unlink(parent, name)) {
            Ok(()) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn rmdir(&self, _request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let removed = self.run("removing directory", Some(name), |served| {
            served.remove_directory(parent, name)
        });
        match removed {
            Ok(()) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn symlink(&self, request: &Request, parent: INodeNo, name: &OsStr, target: &Path, reply: ReplyEntry) {
        let caller = caller(request);
        let made = self.run("making", Some(name), |served| {
            served.make_link(caller, parent, name, target.as_os_str())
        });
        match made {
            Ok(attributes) => reply.entry(&KEPT, &attributes, GENERATION),
            Err(errno) => reply.error(errno),
        }
    }

    fn rename(
        &self,
        _request: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let renamed = self.run("renaming", Some(name), |served| {
            served.rename((parent, name), (new_parent, new_name), flags)
        });
        match renamed {
            Ok(()) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn link(&self, _request: &Request, number: INodeNo, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.run("linking", Some(name), |served| served.link(number, parent, name)) {
            Ok(attributes) => reply.entry(&KEPT, &attributes, GENERATION),
            Err(errno) => reply.error(errno),
        }
    }

    fn open(&self, _request: &Request, number: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        let writes = flags.acc_mode() != OpenAccMode::O_RDONLY;
        match self.run("opening", None, |served| served.open(number, writes)) {
            Ok(handle) => reply.opened(handle, FopenFlags::FOPEN_KEEP_CACHE),
            Err(errno) => reply.error(errno),
        }
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        let caller = caller(request);
        let made = self.run("making", Some(name), |served| {
            let attributes = served.create(caller, parent, name, NodeKind::File, mode)?;
            Ok((attributes, served.open(attributes.ino, true)?))
        });
        match made {
            Ok((attributes, handle)) => {
                reply.created(
                    &KEPT,
                    &attributes,
                    GENERATION,
                    handle,
                    FopenFlags::FOPEN_KEEP_CACHE,
                );
            }
            Err(errno) => reply.error(errno),
        }
    }

    fn read(
        &self,
        _request: &Request,
        _number: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let mut bytes = vec![0; size as usize];
        match self.run("reading", None, |served| served.read(handle, offset, &mut bytes)) {
            Ok(read) => reply.data(&bytes[..read]),
            Err(errno) => reply.error(errno),
        }
    }

    fn write(
        &self,
        _request: &Request,
        _number: INodeNo,
        handle: FileHandle,
        offset: u64,
        bytes: &[u8],
        _write_flags: WriteFlags,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.run("writing", None, |served| served.write(handle, offset, bytes)) {
            Ok(()) => reply.written(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
            Err(errno) => reply.error(errno),
        }
    }

    fn release(
        &self,
        _request: &Request,
        _number: INodeNo,
        handle: FileHandle,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        _flush: bool,
        reply: ReplyEmpty,
    ) {
        match self.run("closing a file", None, |served| served.release(handle)) {
            Ok(()) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn fsync(
        &self,
        _request: &Request,
        _number: INodeNo,
        _handle: FileHandle,
        _data: bool,
        reply: ReplyEmpty,
    ) {
        match self.run("committing", None, Served::commit) {
            Ok(_) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn opendir(&self, _request: &Request, number: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        match self.run("opening a directory", None, |served| {
            served.open_directory(number)
        }) {
            Ok(handle) => reply.opened(handle, FopenFlags::empty()),
            Err(errno) => reply.error(errno),
        }
    }

    fn readdir(
        &self,
        _request: &Request,
        _number: INodeNo,
        handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let read = self.run("reading a directory", None, |served| {
            served.hand_out(handle, offset, |served, next, number, name| {
                let (attributes, _) = served.attributes_in_listing(number);
                reply.add(number, next, attributes.kind, name)
            })
        });
        match read {
            Ok(()) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn readdirplus(
        &self,
        _request: &Request,
        _number: INodeNo,
        handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectoryPlus,
    ) {
        let read = self.run("reading a directory", None, |served| {
            served.hand_out(handle, offset, |served, next, number, name| {
                let (attributes, kept) = served.attributes_in_listing(number);
                reply.add(number, next, name, &kept, &attributes, GENERATION)
            })
        });
        match read {
            Ok(()) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn releasedir(
        &self,
        _request: &Request,
        _number: INodeNo,
        handle: FileHandle,
        _flags: OpenFlags,
        reply: ReplyEmpty,
    ) {
        drop(self.0.lock().handles.remove(handle));
        reply.ok();
    }

    fn fsyncdir(
        &self,
        request: &Request,
        number: INodeNo,
        handle: FileHandle,
        data: bool,
        reply: ReplyEmpty,
    ) {
        self.fsync(request, number, handle, data, reply);
    }

    fn statfs(&self, _request: &Request, _number: INodeNo, reply: ReplyStatfs) {
        match self.run("reading the space", None, Served::space) {
            Ok(space) => {
                let free_names = if space.free > 0 { MORE_NAMES } else { 0 };
                let all = space.names.saturating_add(free_names);
                let (free, size) = (space.free, space.block_size.bytes());
                reply.statfs(
                    space.blocks,
                    free,
                    free,
                    all,
                    free_names,
                    size,
                    LONGEST_NAME,
                    size,
                );
            }
            Err(errno) => reply.error(errno),
        }
    }

    fn getxattr(&self, _request: &Request, number: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        let value = self.run("reading a stream", Some(name), |served| {
            served.stream(number, name)
        });
        answer(value, size, reply);
    }

    fn listxattr(&self, _request: &Request, number: INodeNo, size: u32, reply: ReplyXattr) {
        let names = self.run("listing streams", None, |served| served.stream_names(number));
        answer(names, size, reply);
    }

    fn ioctl(
        &self,
        request: &Request,
        number: INodeNo,
        _handle: FileHandle,
        _flags: IoctlFlags,
        command: u32,
        input: &[u8],
        _output_size: u32,
        reply: ReplyIoctl,
    ) {
        let answered = envelope::open(command, input)
            .ok_or(Errno::ENOTTY)
            .and_then(|envelope| {
                self.run("a control code", None, |served| {
                    served.control(caller(request), number, envelope)
                })
            });
        match answered {
            Ok(envelope) => reply.ioctl(0, envelope.as_bytes()),
            Err(errno) => reply.error(errno),
        }
    }
}

/// Replies with the bytes, or with their number if the caller has no room yet.
fn answer(bytes: Result<Vec<u8>, Errno>, room: u32, reply: ReplyXattr) {
    match bytes {
        Ok(bytes) if room == 0 => reply.size(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
        Ok(bytes) if bytes.len() > room as usize => reply.error(Errno::ERANGE),
        Ok(bytes) => reply.data(&bytes),
        Err(errno) => reply.error(errno),
    }
}
