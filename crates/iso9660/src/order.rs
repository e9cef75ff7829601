//! The order of a directory, in as much memory as there is.

use std::collections::BinaryHeap;

/// Puts the children of a directory into the order of their keys, a part of them in each walk.
///
/// A walk offers every child; the window keeps the first of those that it has not given out yet, as many as
/// fit its memory. A directory that fits takes one walk. With identifiers of 20 bytes and values of 4 a child
/// takes about 64 bytes, and a window of 16 MiB holds some 250,000.
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
    /// The last that was given out: what is not greater has been.
    given: Option<Position>,
    /// The first that found no room in this walk: nor do those after it.
    ceiling: Option<Position>,
}

/// The key of a child and its number, for keys that are the same.
type Position = (Box<[u8]>, u32);

/// Children in their order.
pub struct Sorted<T> {
    /// The number and the value of each.
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

/// What an allocation takes beside its bytes, about.
const ALLOCATION: usize = 16;

impl<T: Copy> Window<T> {
    /// A window of about that many bytes; it holds one child in any case.
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

    /// Take the next child of a walk: its key, as [`primary::order_key`](crate::names::primary::order_key)
    /// and [`joliet::order_key`](crate::names::joliet::order_key) have it, its number, and what else is to
    /// come with it.
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

    /// A walk is over: the next children in their order. If they are not the last, another walk is to be
    /// made.
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

/// Bytes that a child takes: here, and once more where it is given out.
fn cost<T>(key: &[u8]) -> usize {
    key.len() + ALLOCATION + size_of::<Waiting<T>>() + size_of::<(u32, T)>()
}
