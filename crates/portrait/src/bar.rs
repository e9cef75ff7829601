//! A part of the surface as a line of cells.

use std::ops::Range;

use crate::kind::Kind;
use crate::surface::Surface;

/// A line of cells, each for the same number of blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    cells: Vec<Cell>,
}

/// Some blocks as one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What most of its blocks are; unreadable if any is.
    pub kind: Kind,
    /// The generation that recorded most of those.
    pub generation: Option<u32>,
    /// Its first block.
    pub start: u32,
    /// The number of blocks.
    pub blocks: u32,
}

impl Bar {
    /// Some blocks in `width` cells, or fewer if there are fewer blocks.
    #[must_use]
    pub fn of(surface: &Surface, blocks: &Range<u32>, width: usize) -> Self {
        let length = u64::from(blocks.end.saturating_sub(blocks.start));
        let width = (width as u64).min(length);
        let mut cells = Vec::new();
        let mut at = blocks.start;
        for cell in 1..=width {
            let end = u32::try_from(length * cell / width).unwrap_or(u32::MAX);
            let end = blocks.start.saturating_add(end);
            cells.push(Cell::of(surface, at..end));
            at = end;
        }
        Self { cells }
    }

    /// The cells.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The letters of the kinds.
    #[must_use]
    pub fn letters(&self) -> String {
        self.cells.iter().map(|cell| cell.kind.letter()).collect()
    }
}

impl Cell {
    fn of(surface: &Surface, blocks: Range<u32>) -> Self {
        let mut totals = [0_u64; Kind::ALL.len()];
        // The longest run of the kind that the cell gets.
        let mut longest = [(0, None); Kind::ALL.len()];
        let mut kinds = Kind::ALL;
        for run in surface.within(blocks.clone()) {
            let at = run.kind.index();
            totals[at] += u64::from(run.blocks);
            if run.blocks > longest[at].0 {
                longest[at] = (run.blocks, run.generation);
                kinds[at] = run.kind;
            }
        }
        let unreadable = Kind::Unreadable.index();
        let most = (0..totals.len()).max_by_key(|at| (*at == unreadable && totals[*at] > 0, totals[*at]));
        let most = most.unwrap_or_default();
        Self {
            kind: kinds[most],
            generation: longest[most].1,
            start: blocks.start,
            blocks: blocks.end - blocks.start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::Run;

    fn surface(kinds: &[(Kind, u32)]) -> Surface {
        let mut start = 0;
        let run = |(kind, blocks): &(Kind, u32)| {
            let run = Run {
                start,
                blocks: *blocks,
                kind: *kind,
                generation: Some(1),
                owner: None,
            };
            start += blocks;
            run
        };
        Surface::new(kinds.iter().map(run).collect())
    }

    #[test]
    fn a_cell_is_what_most_of_its_blocks_are() {
        let surface = surface(&[(Kind::Data, 7), (Kind::Padding, 3), (Kind::Free, 10)]);
        assert_eq!(Bar::of(&surface, &(0..20), 2).letters(), "D.");
        assert_eq!(Bar::of(&surface, &(0..20), 20).letters(), "DDDDDDD000..........");
    }

    #[test]
    fn one_unreadable_block_shows() {
        let surface = surface(&[(Kind::Data, 1000), (Kind::Unreadable, 1), (Kind::Data, 999)]);
        assert_eq!(Bar::of(&surface, &(0..2000), 4).letters(), "DDXD");
    }

    #[test]
    fn fewer_blocks_than_cells_have_a_cell_each() {
        let surface = surface(&[(Kind::Vat, 2)]);
        assert_eq!(Bar::of(&surface, &(0..2), 80).letters(), "VV");
        assert_eq!(Bar::of(&surface, &(2..2), 80).letters(), "");
    }
}
