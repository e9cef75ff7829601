//! The memory for a large directory, counted in bytes.

use std::alloc::System;

use cap::Cap;
use iso9660::Window;
use iso9660::names::{Finder, Kind, Namespace, joliet};

#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

const CHILDREN: u32 = 100_000;
const COUNT: usize = CHILDREN as usize;

/// Names of 170 bytes that are equal in everything that Joliet has room for.
fn name(child: u32) -> String {
    format!("{}{child:06}.txt", "x".repeat(160))
}

/// The peak of additional bytes while `run` runs.
fn most<T>(run: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATED.allocated();
    let peak = ALLOCATED.max_allocated();
    assert!(before <= peak);
    let result = run();
    (ALLOCATED.max_allocated() - before, result)
}

/// A single test, because the count is for the whole process.
#[test]
fn a_directory_takes_13_bytes_per_child_plus_the_window() {
    let mut walks = 0;
    let (bytes, distinctions) = most(|| {
        let mut finder = Finder::new(Namespace::Joliet, COUNT);
        loop {
            walks += 1;
            for child in 0..CHILDREN {
                finder.offer(&name(child), Kind::File).unwrap();
            }
            finder = match finder.settle().unwrap() {
                Ok(distinctions) => break distinctions,
                Err(again) => again,
            };
        }
    });
    assert!(bytes < COUNT * 13 + 4096, "{bytes} bytes");
    assert!(walks <= 3, "{walks} walks");

    const MEMORY: usize = 8 << 20;
    let (bytes, walks) = most(|| {
        let mut window = Window::new(MEMORY);
        let (mut walks, mut found) = (0, 0);
        loop {
            walks += 1;
            for child in 0..CHILDREN {
                let mapped = joliet::identifier(&name(child), distinctions.of(child));
                window.offer(joliet::order_key(&mapped.identifier).as_bytes(), child, ());
            }
            let sorted = window.take();
            found += sorted.children.len();
            if sorted.is_last {
                break;
            }
        }
        assert_eq!(found, COUNT);
        walks
    });
    assert!(bytes < MEMORY, "{bytes} bytes");
    assert!(walks <= 3, "{walks} walks");
}
