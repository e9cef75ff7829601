//! A window returns every child once and in order, whatever its memory.

use iso9660::Window;
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_child_is_returned_once_and_in_order(
        keys in prop::collection::vec("[ab]{0,40}", 0..80),
        memory in 0_usize..4000,
    ) {
        let mut window = Window::new(memory);
        let mut found = Vec::new();
        loop {
            for (child, key) in (0..).zip(&keys) {
                window.offer(key.as_bytes(), child, key.len());
            }
            let sorted = window.take();
            found.extend(sorted.children);
            if sorted.is_last {
                break;
            }
        }
        let mut expected: Vec<(&String, u32)> = keys.iter().zip(0..).collect();
        expected.sort();
        let expected: Vec<(u32, usize)> =
            expected.into_iter().map(|(key, child)| (child, key.len())).collect();
        prop_assert_eq!(found, expected);
    }
}
