//! Runs independent pieces of work, some at a time.

use std::sync::Mutex;

/// Does all pieces on this many threads; returns the results in the order of completion.
pub fn in_parallel<W: Send, R: Send>(threads: usize, work: Vec<W>, run: impl Fn(W) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(work.into_iter());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(piece) = waiting.lock().ok().and_then(|mut waiting| waiting.next()) {
                    let result = run(piece);
                    if let Ok(mut done) = done.lock() {
                        done.push(result);
                    }
                }
            });
        }
    });
    done.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once() {
        let mut done = in_parallel(3, (0..100).collect(), |number: u32| number * 2);
        done.sort_unstable();
        assert_eq!(done, (0..100).map(|number| number * 2).collect::<Vec<_>>());
    }
}
