//! The structures of the shared memory, as `linux/target_core_user.h` lays them out (version 2): native byte order.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The version of the mailbox that this crate knows.
pub(crate) const MAILBOX_VERSION: u16 = 2;
/// Commands may be completed in any order.
pub(crate) const CAP_OUT_OF_ORDER: u16 = 1 << 0;
/// A completion may say how many bytes were read.
pub(crate) const CAP_READ_LENGTH: u16 = 1 << 1;

/// Where the head of the ring stands in the mailbox.
pub(crate) const HEAD_AT: u64 = 12;
/// Where its tail stands: on a cache line of its own.
pub(crate) const TAIL_AT: u64 = 64;

/// The low bits of an entry's length that hold its kind.
pub(crate) const KIND_MASK: u32 = 0x7;
/// An entry to be skipped.
pub(crate) const KIND_PAD: u32 = 0;
/// A command.
pub(crate) const KIND_COMMAND: u32 = 1;
/// A task management request, of which the host is told.
pub(crate) const KIND_TASK_MANAGEMENT: u32 = 2;

/// The completion of an entry whose kind is not known.
pub(crate) const FLAG_UNKNOWN: u8 = 0x1;
/// [`Response::read_length`] counts.
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
        /// Where the ring starts in the shared memory.
        ring_offset: u32,
        /// Bytes of the ring.
        ring_size: u32,
        head: u32,
    }
}

shared! {
    /// `struct tcmu_cmd_entry_hdr`.
    EntryHeader [8] {
        /// Bytes of the entry, a multiple of 8, with its kind in the low bits.
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
    /// The request of `struct tcmu_cmd_entry`, behind its header; the segments follow.
    Request [40] {
        segments: u32,
        segments_back: u32,
        segments_of_protection: u32,
        alignment: u32,
        /// Where the command block stands in the shared memory.
        command_block: u64,
        pad: [u64; 2],
    }
}

shared! {
    /// `struct iovec` of a 64-bit kernel, with an offset into the shared memory for an address.
    Segment [16] {
        offset: u64,
        length: u64,
    }
}

shared! {
    /// The response of `struct tcmu_cmd_entry`, in the place of the request.
    Response [104] {
        status: u8,
        pad: [u8; 3],
        read_length: u32,
        sense: [u8; SENSE_LENGTH],
    }
}

shared! {
    /// `struct tcmu_tmr_entry` behind its header; the numbers of the aborted commands (2 bytes each) follow.
    TaskManagement [24] {
        kind: u8,
        pad: [u8; 3],
        commands: u32,
        pads: [u64; 2],
    }
}

/// Task management that resets the unit, from this number on; below it commands are aborted.
pub(crate) const FIRST_RESET: u8 = 5;
/// A reset for a persistent reservation, which resets nothing.
pub(crate) const RESET_FOR_RESERVATION: u8 = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn the_mailbox_is_laid_out_as_the_kernel_has_it() {
        assert_eq!(offset_of!(Mailbox, flags), 2);
        assert_eq!(offset_of!(Mailbox, ring_offset), 4);
        assert_eq!(offset_of!(Mailbox, ring_size), 8);
        assert_eq!(offset_of!(Mailbox, head) as u64, HEAD_AT);
    }

    #[test]
    fn an_entry_is_laid_out_as_the_kernel_has_it() {
        assert_eq!(offset_of!(EntryHeader, command_id), 4);
        assert_eq!(offset_of!(EntryHeader, user_flags), 7);
        // Only the outermost structure of the header is packed: the 64-bit fields inside are aligned.
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
