//! Sorts a directory within a given amount of memory.

use std::collections::BinaryHeap;

/// Sorts the children of a directory by their keys, a part of them in each walk.
///
/// Each walk offers every child; the window keeps the first of those that it has not returned yet, as many as
/// fit its memory. A directory that fits takes one walk. With identifiers of 20 bytes and values of 4, a
/// child takes about 64 bytes, and a window of 16 MiB holds some 250,000.
///
/// ```
/// use iso9660::Window;
///
/// let names = ["c", "a", "b"];
/// let mut window = Window::new(1 << 20);
/// loop {
///     for (child, name) in (0..).zip(names) {
///         window.offer(name.as_bytes(), child, ());
///     }
///     let sorted = window.take();
///     assert_eq!(sorted.children.iter().map(|(child, ())| *child).collect::<Vec<u32>>(), [1, 2, 0]);
///     if sorted.is_last {
///         break;
///     }
/// }
/// ```
pub struct Window<T> {
    memory: usize,
    used: usize,
    heap: BinaryHeap<Waiting<T>>,
    /// The last child returned: anything not greater has been returned.
    given: Option<Position>,
    /// The first child that did not fit in this walk: those after it do not fit either.
    ceiling: Option<Position>,
}

/// The key of a child, and its number to order equal keys.
type Position = (Box<[u8]>, u32);

/// Children in order.
pub struct Sorted<T> {
    /// The number and value of each.
    pub children: Vec<(u32, T)>,
    /// Whether there are no more.
    pub is_last: bool,
}

struct Waiting<T> {
    position: Position,
    value: T,
}

impl<T> Ord for Waiting<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.position.cmp(&other.position)
    }
}

impl<T> PartialOrd for Waiting<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Waiting<T> {
    fn eq(&self, other: &Self) -> bool {
        self.position == other.position
    }
}

impl<T> Eq for Waiting<T> {}

/// Approximate overhead of an allocation in bytes.
const ALLOCATION: usize = 16;

impl<T: Copy> Window<T> {
    /// A window of about this many bytes; it always holds at least one child.
    #[must_use]
    pub fn new(memory: usize) -> Self {
        Self {
            memory,
            used: 0,
            heap: BinaryHeap::new(),
            given: None,
            ceiling: None,
        }
    }

    /// Adds the next child of a walk: its key, from [`primary::order_key`](crate::names::primary::order_key)
    /// or [`joliet::order_key`](crate::names::joliet::order_key), its number, and a value to return with it.
    pub fn offer(&mut self, key: &[u8], child: u32, value: T) {
        let is_after = |position: &Position| (key, child) > (&*position.0, position.1);
        if self.given.as_ref().is_some_and(|given| !is_after(given))
            || self.ceiling.as_ref().is_some_and(is_after)
        {
            return;
        }
        self.used += cost::<T>(key);
        self.heap.push(Waiting {
            position: (key.into(), child),
            value,
        });
        while self.used > self.memory && self.heap.len() > 1 {
            if let Some(last) = self.heap.pop() {
                self.used -= cost::<T>(&last.position.0);
                self.ceiling = Some(last.position);
            }
        }
    }

    /// Ends a walk: returns the next children in order. If they are not the last, another walk is needed.
    pub fn take(&mut self) -> Sorted<T> {
        let waiting = std::mem::take(&mut self.heap).into_sorted_vec();
        self.used = 0;
        let mut children = Vec::with_capacity(waiting.len());
        for Waiting { position, value } in waiting {
            children.push((position.1, value));
            self.given = Some(position);
        }
        Sorted {
            children,
            is_last: self.ceiling.take().is_none(),
        }
    }
}

/// Bytes per child: once here, and again when it is returned.
fn cost<T>(key: &[u8]) -> usize {
    key.len() + ALLOCATION + size_of::<Waiting<T>>() + size_of::<(u32, T)>()
}
