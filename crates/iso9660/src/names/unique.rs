//! Finds which names of a directory clash, and what distinguishes them.

use std::hash::{DefaultHasher, Hasher as _};

use thiserror::Error;

use super::identifier::{Changes, Kind};
use super::mark::Distinction;
use super::{joliet, primary, rock_ridge};

/// A set of identifiers that must differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// The primary tree.
    Primary,
    /// Joliet; identifiers that differ only in case are the same.
    Joliet,
    /// Rock Ridge.
    RockRidge,
}

/// Why no distinctions were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FinderError {
    /// A directory has more children than 32-bit numbers.
    #[error("more than 4,294,967,295 names in a directory")]
    TooMany,
    /// A walk found a different number of names than the previous one.
    #[error("a walk found a different number of names than the previous one")]
    OtherNames,
    /// Some names still clash.
    #[error("some names of a directory could not be told apart")]
    Exhausted,
}

/// Finds what distinguishes the names of one directory in one namespace.
///
/// ```
/// # use iso9660::names::{Finder, FinderError, Kind, Namespace, joliet};
/// # fn main() -> Result<(), FinderError> {
/// let names = ["a:b", "a?b"];
/// let mut finder = Finder::new(Namespace::Joliet, names.len());
/// let distinctions = loop {
///     for name in names {
///         finder.offer(name, Kind::File)?;
///     }
///     finder = match finder.settle()? {
///         Ok(distinctions) => break distinctions,
///         Err(again) => again,
///     };
/// };
/// let of = |child: u32| joliet::identifier(names[child as usize], distinctions.of(child)).identifier;
/// assert_ne!(of(0), of(1));
/// # Ok(())
/// # }
/// ```
///
/// Stores no names. During the search it takes 12 bytes per child, for a digest of the identifier, and one
/// more byte once some clash; [`Distinctions`] keep that byte. A directory takes one walk if no names clash,
/// a second if some do, and hardly ever a third.
pub struct Finder {
    namespace: Namespace,
    /// For each child: half a digest; the other half, with the last bit set if the identifier differs from
    /// the name; and the child's number.
    seen: Vec<[u32; 3]>,
    distinctions: Distinctions,
    /// The number of children in the first walk.
    children: Option<usize>,
}

/// The last bit of a digest: the identifier differs from the name.
const DIFFERS: u32 = 1;
/// By then names differ by digests of their numbers, six times over.
const LAST_ATTEMPT: u8 = 10;

impl Finder {
    /// For a directory of about this many children. If the number is correct, memory never exceeds the stated
    /// amount.
    #[must_use]
    pub fn new(namespace: Namespace, children: usize) -> Self {
        Self {
            namespace,
            seen: Vec::with_capacity(children),
            distinctions: Distinctions::default(),
            children: None,
        }
    }

    /// Adds the next name of a walk.
    ///
    /// # Errors
    /// [`FinderError::TooMany`].
    pub fn offer(&mut self, name: &str, kind: Kind) -> Result<(), FinderError> {
        let child = u32::try_from(self.seen.len()).map_err(|_| FinderError::TooMany)?;
        let distinction = self.distinctions.of(child);
        let (digest, changes) = match self.namespace {
            Namespace::Primary => {
                let mapped = primary::identifier(name, kind, distinction);
                let key = primary::order_key(&mapped.identifier);
                (digest(key.as_bytes()), mapped.changes)
            }
            Namespace::Joliet => {
                let mapped = joliet::identifier(name, distinction);
                let key = joliet::folded(&mapped.identifier);
                (digest(key.as_bytes()), mapped.changes)
            }
            Namespace::RockRidge => {
                let mapped = rock_ridge::name(name, kind, distinction);
                (digest(mapped.identifier.as_bytes()), mapped.changes)
            }
        };
        let [high, low] = halves(digest);
        let differs = if changes == Changes::empty() { 0 } else { DIFFERS };
        self.seen.push([high, low & !DIFFERS | differs, child]);
        Ok(())
    }

    /// Ends a walk: returns the distinctions, or the finder if it needs another walk over the same names.
    ///
    /// # Errors
    /// [`FinderError::OtherNames`] or [`FinderError::Exhausted`].
    pub fn settle(mut self) -> Result<Result<Distinctions, Self>, FinderError> {
        let children = *self.children.get_or_insert(self.seen.len());
        if self.seen.len() != children {
            return Err(FinderError::OtherNames);
        }
        self.seen.sort_unstable();
        let mut clashes = false;
        for same in self.seen.chunk_by(|a, b| identifier_of(a) == identifier_of(b)) {
            let [first, second, ..] = same else { continue };
            clashes = true;
            // If exactly one has its full name as identifier, it keeps it.
            let keeps = first[1] & DIFFERS < second[1] & DIFFERS;
            for [.., child] in &same[usize::from(keeps)..] {
                self.distinctions.raise(*child, children)?;
            }
        }
        if !clashes {
            return Ok(Ok(self.distinctions));
        }
        self.seen.clear();
        Ok(Err(self))
    }
}

/// Digests that are equal by chance cause an unneeded distinction, which does no harm.
fn digest(identifier: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(identifier);
    hasher.finish()
}

fn halves(digest: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = digest.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

fn identifier_of([high, low, _]: &[u32; 3]) -> (u32, u32) {
    (*high, low & !DIFFERS)
}

/// What distinguishes each child of a directory from the others: nothing if none clash, otherwise one byte
/// per child.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distinctions {
    attempts: Vec<u8>,
}

impl Distinctions {
    /// The distinction of the child with this number in the walks.
    #[must_use]
    pub fn of(&self, child: u32) -> Distinction {
        let attempt = usize::try_from(child)
            .ok()
            .and_then(|child| self.attempts.get(child));
        Distinction {
            attempt: attempt.copied().unwrap_or(0),
            child,
        }
    }

    fn raise(&mut self, child: u32, children: usize) -> Result<(), FinderError> {
        if self.attempts.is_empty() {
            self.attempts.reserve_exact(children);
            self.attempts.resize(children, 0);
        }
        let attempt = usize::try_from(child)
            .ok()
            .and_then(|child| self.attempts.get_mut(child));
        match attempt {
            Some(attempt) if *attempt < LAST_ATTEMPT => *attempt += 1,
            _ => return Err(FinderError::Exhausted),
        }
        Ok(())
    }
}
