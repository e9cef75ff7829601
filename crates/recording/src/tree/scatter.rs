//! Which blocks of a scattered body to record again, so that it has fewer runs.
//!
//! Blocks that changed one by one leave short pieces between long ones. Recording the short pieces again, one
//! after another, removes most runs for the fewest blocks. A long body need not be recorded as a whole.

use super::body::Blocks;

/// A part of a body that is one run, or that is dirty and becomes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    first: u64,
    count: u64,
    dirty: bool,
}

/// A small set of clean blocks that, made dirty, leave at most `most` runs.
pub(crate) fn worth_recording(body: &Blocks, most: usize) -> Vec<u64> {
    let pieces = pieces(body);
    let most = most.max(1);
    // Searches for the lowest worth of a run, in blocks, that leaves few enough runs. A worth above all
    // blocks leaves one.
    let (mut too_little, mut worth) = (0, body.count().saturating_add(1));
    while too_little < worth {
        let middle = too_little + (worth - too_little) / 2;
        if runs(&cheapest(&pieces, middle)) <= most {
            worth = middle;
        } else {
            too_little = middle + 1;
        }
    }
    let mut recorded = cheapest(&pieces, worth);
    spare_the_longest(&pieces, &mut recorded, most);
    let chosen = pieces.iter().zip(recorded);
    chosen
        .filter(|(piece, recorded)| *recorded && !piece.dirty)
        .flat_map(|(piece, _)| piece.first..piece.first + piece.count)
        .collect()
}

/// Chooses the pieces to record so that blocks recorded and runs left cost least in total; a run costs
/// `worth` blocks.
fn cheapest(pieces: &[Piece], worth: u64) -> Vec<bool> {
    const NEVER: u64 = u64::MAX / 2;
    // The least cost of all pieces so far, if the last of them is kept and if it is recorded.
    let (mut kept, mut recorded) = (0_u64, NEVER);
    // For both cases, whether the previous piece is recorded.
    let mut before = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let own_run = kept.saturating_add(worth);
        before.push((recorded < kept, recorded <= own_run));
        let (blocks, keeping) = if piece.dirty {
            (0, NEVER)
        } else {
            (piece.count, kept.min(recorded).saturating_add(worth))
        };
        recorded = recorded.min(own_run).saturating_add(blocks);
        kept = keeping;
    }
    let mut is_recorded = recorded <= kept;
    let mut choices = Vec::with_capacity(pieces.len());
    for (where_kept, where_recorded) in before.into_iter().rev() {
        choices.push(is_recorded);
        is_recorded = if is_recorded { where_recorded } else { where_kept };
    }
    choices.reverse();
    choices
}

/// Runs left: each piece that is kept, and each sequence of recorded pieces.
fn runs(recorded: &[bool]) -> usize {
    let joined = recorded.windows(2).filter(|pair| pair[0] && pair[1]).count();
    recorded.len() - joined
}

/// Keeps those chosen pieces that need not be recorded, the longest first.
fn spare_the_longest(pieces: &[Piece], recorded: &mut [bool], most: usize) {
    let mut left = runs(recorded);
    let mut chosen: Vec<usize> = (0..pieces.len())
        .filter(|index| recorded[*index] && !pieces[*index].dirty)
        .collect();
    chosen.sort_by_key(|index| (std::cmp::Reverse(pieces[*index].count), *index));
    for index in chosen {
        let neighbours = [index.checked_sub(1), index.checked_add(1)];
        let joined = neighbours.into_iter().flatten();
        let joined = joined.filter(|at| recorded.get(*at).is_some_and(|recorded| *recorded));
        let more = joined.count();
        if left + more <= most {
            recorded[index] = false;
            left += more;
        }
    }
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

    /// A body with runs of these lengths, none adjacent to another.
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
        // Four blocks remove two of 160 runs, and 65 must go.
        assert_eq!(chosen.len(), 4 * 33 - 1);
        assert!(chosen.iter().all(|block| block % 504 < 4));
    }

    #[test]
    fn no_more_long_runs_are_recorded_again_than_necessary() {
        let runs = [64_u32; 191];
        assert_eq!(worth_recording(&body(&runs), 95).len(), 64 * 97);
    }

    #[test]
    fn the_cheaper_of_two_short_runs_is_recorded_again() {
        let runs = [100, 1, 30, 1, 100, 1, 3, 1, 100];
        let recorded: Vec<u64> = worth_recording(&body(&runs), 7);
        assert_eq!(recorded, [232, 233, 234, 235, 236]);
    }

    #[test]
    fn no_more_runs_are_left_than_requested() {
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
