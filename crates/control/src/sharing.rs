//! Who has a disc open in this process: share modes, volume lock, dismount, one request at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use ecma167::RecordedAddress;

use crate::{DesiredAccess, DiscIdentity, NtStatus, ShareMode};

/// The discs with open handles.
static DISCS: Mutex<BTreeMap<DiscIdentity, Weak<Shared>>> = Mutex::new(BTreeMap::new());

/// What the handles on one disc share.
#[derive(Default)]
struct Shared {
    /// Held by a request while it needs the disc.
    gate: Mutex<()>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    seats: Vec<Occupant>,
    last_number: u64,
    /// The handle that has locked the volume.
    locked_by: Option<u64>,
    /// Counts dismounts: a handle from before the last one has no volume any more.
    mounts: u64,
}

/// What is open. Share modes apply between handles on the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    Volume,
    Node(RecordedAddress),
}

/// One of the handles on a disc.
struct Occupant {
    number: u64,
    opened: Opened,
    access: DesiredAccess,
    share: ShareMode,
}

/// The place of one handle among those on its disc. Dropping it unlocks and leaves.
pub(crate) struct Seat {
    disc: Arc<Shared>,
    number: u64,
    mount: u64,
}

/// The right to use the disc, for one request.
pub(crate) struct Turn<'a>(#[expect(dead_code, reason = "held until it is dropped")] MutexGuard<'a, ()>);

impl Seat {
    /// Takes a place on a disc if the other handles share this access.
    pub(crate) fn take(
        disc: DiscIdentity,
        opened: Opened,
        access: DesiredAccess,
        share: ShareMode,
    ) -> Result<Self, NtStatus> {
        let disc = shared(disc);
        let mut table = held(&disc.table);
        if table.locked_by.is_some() {
            return Err(NtStatus::ACCESS_DENIED);
        }
        // A handle without access conflicts with nobody.
        let counts = |one: &DesiredAccess| !one.is_empty();
        let others = table.seats.iter().filter(|other| other.opened == opened);
        for other in others.filter(|other| counts(&access) && counts(&other.access)) {
            if !other.share.allows(access) || !share.allows(other.access) {
                return Err(NtStatus::SHARING_VIOLATION);
            }
        }
        table.last_number += 1;
        let number = table.last_number;
        table.seats.push(Occupant {
            number,
            opened,
            access,
            share,
        });
        let mount = table.mounts;
        drop(table);
        Ok(Self { disc, number, mount })
    }

    /// The place of a handle that keeps its drive: no other handle is on the disc.
    pub(crate) fn alone() -> Self {
        let disc = Arc::<Shared>::default();
        held(&disc.table).seats.push(Occupant {
            number: 0,
            opened: Opened::Volume,
            access: DesiredAccess::empty(),
            share: ShareMode::empty(),
        });
        Self {
            disc,
            number: 0,
            mount: 0,
        }
    }

    /// Waits until no other handle of this process uses the disc.
    pub(crate) fn turn(&self) -> Turn<'_> {
        Turn(held(&self.disc.gate))
    }

    /// Fails if another handle has locked the volume.
    pub(crate) fn check_lock(&self) -> Result<(), NtStatus> {
        match held(&self.disc.table).locked_by {
            Some(number) if number != self.number => Err(NtStatus::ACCESS_DENIED),
            _ => Ok(()),
        }
    }

    /// Fails if the volume was dismounted after the handle was opened.
    pub(crate) fn check_mounted(&self) -> Result<(), NtStatus> {
        if held(&self.disc.table).mounts == self.mount {
            Ok(())
        } else {
            Err(NtStatus::VOLUME_DISMOUNTED)
        }
    }

    /// Locks the volume, unless another handle has locked it or a file or directory is open on it.
    pub(crate) fn lock(&self) -> Result<(), NtStatus> {
        let mut table = held(&self.disc.table);
        let in_use = table.seats.iter().any(|seat| seat.opened != Opened::Volume);
        if table.locked_by.is_some() || in_use {
            return Err(NtStatus::ACCESS_DENIED);
        }
        table.locked_by = Some(self.number);
        Ok(())
    }

    /// Whether this handle has locked the volume.
    pub(crate) fn has_locked(&self) -> bool {
        held(&self.disc.table).locked_by == Some(self.number)
    }

    /// Removes the lock of this handle.
    pub(crate) fn unlock(&self) -> Result<(), NtStatus> {
        let mut table = held(&self.disc.table);
        if table.locked_by != Some(self.number) {
            return Err(NtStatus::NOT_LOCKED);
        }
        table.locked_by = None;
        Ok(())
    }

    /// Dismounts the volume from every handle that is open on it, this one included.
    pub(crate) fn dismount(&self) {
        held(&self.disc.table).mounts += 1;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = held(&self.disc.table);
        table.seats.retain(|seat| seat.number != self.number);
        if table.locked_by == Some(self.number) {
            table.locked_by = None;
        }
    }
}

impl ShareMode {
    /// Whether this share mode lets another handle have this access.
    fn allows(self, access: DesiredAccess) -> bool {
        let reading = access.contains(DesiredAccess::FILE_READ_DATA);
        let writing = access.contains(DesiredAccess::FILE_WRITE_DATA);
        (!reading || self.contains(Self::FILE_SHARE_READ))
            && (!writing || self.contains(Self::FILE_SHARE_WRITE))
    }
}

fn shared(disc: DiscIdentity) -> Arc<Shared> {
    let mut discs = held(&DISCS);
    discs.retain(|_, shared| shared.strong_count() > 0);
    match discs.get(&disc).and_then(Weak::upgrade) {
        Some(shared) => shared,
        None => {
            let shared = Arc::<Shared>::default();
            discs.insert(disc, Arc::downgrade(&shared));
            shared
        }
    }
}

/// What a panic leaves here is still whole: each change is one assignment.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: DesiredAccess = DesiredAccess::FILE_READ_DATA;
    const BOTH: DesiredAccess = READ.union(DesiredAccess::FILE_WRITE_DATA);
    const SHARE_READ: ShareMode = ShareMode::FILE_SHARE_READ;
    const SHARE_BOTH: ShareMode = SHARE_READ.union(ShareMode::FILE_SHARE_WRITE);

    fn disc(file: u64) -> DiscIdentity {
        DiscIdentity { device: 0, file }
    }

    fn take(file: u64, access: DesiredAccess, share: ShareMode) -> Result<Seat, NtStatus> {
        Seat::take(disc(file), Opened::Volume, access, share)
    }

    #[test]
    fn two_handles_must_each_share_the_access_of_the_other() {
        let first = take(1, READ, SHARE_BOTH).map(drop);
        assert_eq!(first, Ok(()));
        let _first = take(1, READ, SHARE_READ);
        assert!(take(1, READ, SHARE_READ).is_ok());
        assert_eq!(take(1, BOTH, SHARE_BOTH).err(), Some(NtStatus::SHARING_VIOLATION));
        assert_eq!(
            take(1, READ, ShareMode::empty()).err(),
            Some(NtStatus::SHARING_VIOLATION)
        );
    }

    #[test]
    fn a_handle_without_access_conflicts_with_nobody() {
        let first = take(2, BOTH, ShareMode::empty());
        let nothing = take(2, DesiredAccess::empty(), ShareMode::empty());
        assert!(nothing.is_ok());
        drop(first);
        assert!(take(2, BOTH, SHARE_BOTH).is_ok());
    }

    #[test]
    fn handles_on_different_discs_are_independent() {
        let _first = take(3, BOTH, ShareMode::empty());
        assert!(take(4, BOTH, ShareMode::empty()).is_ok());
    }

    #[test]
    fn a_closed_handle_gives_up_its_place_and_its_lock() {
        let first = take(5, BOTH, SHARE_BOTH).expect("a seat");
        let second = take(5, BOTH, SHARE_BOTH).expect("a seat");
        assert_eq!(first.lock(), Ok(()));
        assert_eq!(second.check_lock(), Err(NtStatus::ACCESS_DENIED));
        assert_eq!(second.unlock(), Err(NtStatus::NOT_LOCKED));
        assert_eq!(take(5, BOTH, SHARE_BOTH).err(), Some(NtStatus::ACCESS_DENIED));
        drop(first);
        assert_eq!(second.check_lock(), Ok(()));
    }
}
