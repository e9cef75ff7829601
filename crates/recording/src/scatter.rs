//! Which blocks of a scattered body are worth recording once more, so that it stands in fewer runs.
//!
//! Blocks that changed one by one leave short pieces between long ones. Recording the short ones again, behind each other,
//! removes most runs for the fewest blocks: a long body need not be recorded as a whole.

use crate::body::Blocks;

/// A part of a body that is one run, or that is dirty and becomes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    first: u64,
    count: u64,
    dirty: bool,
}

/// The clean blocks to be made dirty, so that at most `most` runs are left.
pub(crate) fn worth_recording(body: &Blocks, most: usize) -> Vec<u64> {
    let pieces = pieces(body);
    let lengths = std::iter::successors(Some(1_u64), |length| length.checked_mul(2));
    let least = body.count().max(1);
    let choices = lengths
        .take_while(|length| *length < 2 * least)
        .filter_map(|longest| {
            let (runs, blocks) = outcome(&pieces, longest);
            let removed = pieces.len().saturating_sub(runs).max(1) as u64;
            (runs <= most.max(1)).then_some((blocks * 1024 / removed, longest))
        });
    let longest = choices.min().map_or(u64::MAX, |(_, longest)| longest);
    let short = pieces
        .iter()
        .filter(|piece| !piece.dirty && piece.count <= longest);
    short
        .flat_map(|piece| piece.first..piece.first + piece.count)
        .collect()
}

/// Runs that are left, and blocks that are recorded, where clean pieces of at most `longest` blocks are recorded again.
fn outcome(pieces: &[Piece], longest: u64) -> (usize, u64) {
    let (mut runs, mut blocks) = (0, 0);
    let mut joins = false;
    for piece in pieces {
        let recorded = piece.dirty || piece.count <= longest;
        if recorded {
            blocks += piece.count;
        }
        if !(recorded && joins) {
            runs += 1;
        }
        joins = recorded;
    }
    (runs, blocks)
}

fn pieces(body: &Blocks) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut expected = None;
    for number in 0..body.count() {
        let dirty = body.dirty.contains_key(&number);
        let at = body.map.get(number);
        match pieces.last_mut() {
            Some(last) if last.dirty == dirty && (dirty || at == expected) => last.count += 1,
            _ => pieces.push(Piece {
                first: number,
                count: 1,
                dirty,
            }),
        }
        expected = at.map(|block| ecma167::LogicalBlock(block.0.saturating_add(1)));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecma167::{BLOCK_SIZE, LogicalBlock};

    /// A body whose blocks stand in runs of these lengths, each somewhere else.
    fn body(runs: &[u32]) -> Blocks {
        let mut body = Blocks::default();
        let (mut first, mut at) = (0, 0);
        for &count in runs {
            at += 10_000;
            body.map.set(first, count, LogicalBlock(at));
            first += u64::from(count);
        }
        body.length = first * BLOCK_SIZE as u64;
        body
    }

    #[test]
    fn short_runs_are_recorded_again_and_long_ones_stay() {
        let runs: Vec<u32> = [1, 2, 1, 500].repeat(40);
        let chosen = worth_recording(&body(&runs), 95);
        assert_eq!(chosen.len(), 4 * 40);
        assert_eq!(chosen[..5], [0, 1, 2, 3, 504]);
    }

    #[test]
    fn where_all_runs_are_long_all_are_recorded_again() {
        let runs = [64_u32; 191];
        assert_eq!(worth_recording(&body(&runs), 95).len(), 64 * 191);
    }

    #[test]
    fn what_is_left_is_never_more_than_asked_for() {
        for seed in 1_u64..200 {
            let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut next = move || {
                random ^= random >> 12;
                random ^= random << 25;
                random ^= random >> 27;
                u32::try_from(random >> 40).unwrap_or(1)
            };
            let runs: Vec<u32> = (0..191).map(|_| 1 + next() % 50).collect();
            let mut body = body(&runs);
            let zeros = || Box::new([0; BLOCK_SIZE]);
            for number in worth_recording(&body, 95) {
                body.dirty.insert(number, zeros());
            }
            assert!(pieces(&body).len() <= 95);
        }
    }
}
