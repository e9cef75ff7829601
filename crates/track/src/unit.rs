//! The unit of writing, and the ends that fill one.

use ecma167::LogicalSector;

/// The number of blocks, at least `least`, from `at` to the end of a unit of writing at or after `least_end`.
pub(crate) fn blocks_of_end(at: LogicalSector, least: u32, least_end: LogicalSector, unit: u32) -> u32 {
    let end = at.0.saturating_add(least).max(least_end.0);
    end.checked_next_multiple_of(unit).unwrap_or(end) - at.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_fills_the_unit_and_reaches_the_shortest_track() {
        let blocks = |at, least_end| blocks_of_end(LogicalSector(at), 2, LogicalSector(least_end), 16);
        assert_eq!((blocks(5, 0), blocks(15, 0), blocks(5, 40)), (11, 17, 43));
    }
}
