//! The structures of the shared memory, as in `linux/target_core_user.h` (version 2), in native byte order.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The version of the mailbox that this crate supports.
pub(crate) const MAILBOX_VERSION: u16 = 2;
/// Commands may complete in any order.
pub(crate) const CAP_OUT_OF_ORDER: u16 = 1 << 0;
/// A completion may contain the number of bytes read.
pub(crate) const CAP_READ_LENGTH: u16 = 1 << 1;

/// Offset of the head of the ring in the mailbox.
pub(crate) const HEAD_AT: u64 = 12;
/// Offset of the tail, which has a cache line of its own.
pub(crate) const TAIL_AT: u64 = 64;

/// The low bits of an entry's length, which contain its kind.
pub(crate) const KIND_MASK: u32 = 0x7;
/// An entry to skip.
pub(crate) const KIND_PAD: u32 = 0;
/// A command.
pub(crate) const KIND_COMMAND: u32 = 1;
/// A task management request, which notifies this process.
pub(crate) const KIND_TASK_MANAGEMENT: u32 = 2;

/// The completion of an entry of unknown kind.
pub(crate) const FLAG_UNKNOWN: u8 = 0x1;
/// [`Response::read_length`] is valid.
pub(crate) const FLAG_READ_LENGTH: u8 = 0x2;

/// Bytes of sense in a completion.
pub(crate) const SENSE_LENGTH: usize = 96;

/// Declares a structure of the shared memory and asserts its size.
macro_rules! shared {
    ($(#[$meta:meta])* $name:ident [$size:literal] { $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
        #[repr(C, packed)]
        pub(crate) struct $name { $($(#[$field_meta])* pub(crate) $field: $type),* }

        const _: () = assert!(size_of::<$name>() == $size);
    };
}

shared! {
    /// `struct tcmu_mailbox`, up to the head.
    Mailbox [16] {
        version: u16,
        flags: u16,
        /// Offset of the ring in the shared memory.
        ring_offset: u32,
        /// Size of the ring in bytes.
        ring_size: u32,
        head: u32,
    }
}

shared! {
    /// `struct tcmu_cmd_entry_hdr`.
    EntryHeader [8] {
        /// Length of the entry in bytes, a multiple of 8, with its kind in the low bits.
        length_and_kind: u32,
        command_id: u16,
        kernel_flags: u8,
        user_flags: u8,
    }
}

impl EntryHeader {
    pub(crate) const fn length(self) -> u32 {
        self.length_and_kind & !KIND_MASK
    }

    pub(crate) const fn kind(self) -> u32 {
        self.length_and_kind & KIND_MASK
    }
}

shared! {
    /// The request of `struct tcmu_cmd_entry`, after its header. The segments follow.
    Request [40] {
        segments: u32,
        segments_back: u32,
        segments_of_protection: u32,
        alignment: u32,
        /// Offset of the command block in the shared memory.
        command_block: u64,
        pad: [u64; 2],
    }
}

shared! {
    /// `struct iovec` of a 64-bit kernel, with an offset into the shared memory as its address.
    Segment [16] {
        offset: u64,
        length: u64,
    }
}

shared! {
    /// The response of `struct tcmu_cmd_entry`, which takes the place of the request.
    Response [104] {
        status: u8,
        pad: [u8; 3],
        read_length: u32,
        sense: [u8; SENSE_LENGTH],
    }
}

shared! {
    /// `struct tcmu_tmr_entry` after its header. The numbers of the aborted commands (2 bytes each) follow.
    TaskManagement [24] {
        kind: u8,
        pad: [u8; 3],
        commands: u32,
        pads: [u64; 2],
    }
}

/// The first task management code that resets the unit; lower codes abort commands.
pub(crate) const FIRST_RESET: u8 = 5;
/// A reset for a persistent reservation, which resets nothing.
pub(crate) const RESET_FOR_RESERVATION: u8 = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn the_mailbox_is_laid_out_as_in_the_kernel() {
        assert_eq!(offset_of!(Mailbox, flags), 2);
        assert_eq!(offset_of!(Mailbox, ring_offset), 4);
        assert_eq!(offset_of!(Mailbox, ring_size), 8);
        assert_eq!(offset_of!(Mailbox, head) as u64, HEAD_AT);
    }

    #[test]
    fn an_entry_is_laid_out_as_in_the_kernel() {
        assert_eq!(offset_of!(EntryHeader, command_id), 4);
        assert_eq!(offset_of!(EntryHeader, user_flags), 7);
        // Only the outermost structure of the header is packed; the 64-bit fields in it are aligned.
        assert_eq!(offset_of!(Request, command_block), 16);
        assert_eq!(size_of::<EntryHeader>() + size_of::<Request>(), 48);
        assert_eq!(offset_of!(Response, read_length), 4);
        assert_eq!(offset_of!(Response, sense), 8);
        assert_eq!(offset_of!(TaskManagement, commands), 4);
        assert_eq!(size_of::<EntryHeader>() + size_of::<TaskManagement>(), 32);
    }

    #[test]
    fn length_and_kind_share_a_word() {
        let header = EntryHeader {
            length_and_kind: 128 | KIND_COMMAND,
            command_id: 0,
            kernel_flags: 0,
            user_flags: 0,
        };
        assert_eq!((header.length(), header.kind()), (128, KIND_COMMAND));
    }
}
