//! Control codes on a mounted volume: its volume handle is an open root directory.

use control::{ControlCode, DesiredAccess, HandleTarget, NtStatus, VolumeHandle};
use fuser::INodeNo;

use crate::envelope::Envelope;
use crate::error::Error;
use crate::files::Caller;
use crate::served::Served;
use crate::tree::Tree;

/// These keep other programs from the volume: a mount is locked and dismounted by unmounting it.
const NOT_ON_A_MOUNT: [ControlCode; 3] = [
    ControlCode::LOCK_VOLUME,
    ControlCode::UNLOCK_VOLUME,
    ControlCode::DISMOUNT_VOLUME,
];

impl Served {
    /// Answers a control code sent to the node with this number.
    pub fn control(
        &mut self,
        caller: Caller,
        number: INodeNo,
        envelope: Envelope,
    ) -> Result<Envelope, Error> {
        let target = if number == INodeNo::ROOT {
            HandleTarget::Volume
        } else {
            HandleTarget::File
        };
        let access = self.access(caller);
        let input = match envelope.input() {
            Ok(input) => input,
            Err(status) => return Ok(envelope.reply(status, &[], "")),
        };
        let code = ControlCode(envelope.control_code);
        let allowed = access.allows(code.required_access());
        if allowed && NOT_ON_A_MOUNT.contains(&code) {
            return Ok(envelope.reply(NtStatus::INVALID_DEVICE_REQUEST, &[], ""));
        }
        let now = (self.clock)();
        let volume = self.tree.take().ok_or(Error::Ended)?.into_open();
        let mut handle = VolumeHandle::of_volume(volume, target, access, now);
        let mut output = vec![0; envelope.room()];
        let io = handle.device_io_control(code.0, input.as_deref(), Some(&mut output));
        let (closed, used) = (handle.last_closed(), handle.last_used());
        let differences = handle.last_differences().copied();
        let message = handle.take_last_error().map(|error| error.to_string());
        self.tree = handle.into_volume().map(Tree::new);
        // Pending changes were committed before the session was closed.
        if io.status == NtStatus::SUCCESS && code == ControlCode::MAKE_MEDIA_COMPATIBLE {
            self.waiting_since = None;
            self.used_at_commit += used;
        }
        let envelope = envelope.closing(closed, differences.as_ref(), used);
        Ok(envelope.reply(io.status, &output[..io.information], &message.unwrap_or_default()))
    }

    /// A directory cannot be opened for writing, so write access belongs to root and to whoever mounted the
    /// volume for changes.
    fn access(&self, caller: Caller) -> DesiredAccess {
        let may_write = !self.read_only && [0, self.owner.uid].contains(&caller.uid);
        let mut access = DesiredAccess::FILE_READ_DATA;
        access.set(DesiredAccess::FILE_WRITE_DATA, may_write);
        access
    }
}
