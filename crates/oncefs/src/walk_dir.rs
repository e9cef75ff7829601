//! The entries of a directory and of all directories below it.

use volume::{Missed, Node, Step, Walk, Why};

use crate::error::{AtPath, Error, ErrorKind, Result};
use crate::read_dir::DirEntry;
use crate::turn::Turn;

/// An iterator over the entries of a directory and of all directories below it, in the order on the disc.
/// Each directory comes before its contents.
///
/// It ends on any disc, even a hostile one: it enters no directory twice and limits the depth. After an
/// error, it continues with the rest. After an error of the drive, there may be no rest.
pub struct WalkDir<'v> {
    turn: &'v Turn,
    walk: Walk<recording::OpenVolume>,
}

impl<'v> WalkDir<'v> {
    pub(crate) fn new(turn: &'v Turn, directory: Node, path: &str) -> Self {
        let walk = Walk::new(directory, path);
        Self { turn, walk }
    }

    fn step(&mut self) -> Option<Result<DirEntry<'v>>> {
        let mut open = self.turn.lock();
        loop {
            let (path, named) = match self.walk.step(&mut open)? {
                Ok(Step::Entry { path, named }) => (path, named),
                Ok(Step::Leave) => continue,
                Err(missed) => return Some(Err(error(missed))),
            };
            if named.is_directory {
                match open.node(named.address).at(&path) {
                    Ok(node) => self.walk.enter(node, &path),
                    Err(error) => return Some(Err(error)),
                }
            }
            return Some(Ok(DirEntry::new(self.turn, path, named)));
        }
    }
}

impl<'v> Iterator for WalkDir<'v> {
    type Item = Result<DirEntry<'v>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step()
    }
}

pub(crate) fn error(missed: Missed<recording::Error>) -> Error {
    let error = match missed.why {
        Why::NotOpened(error) | Why::Names(error) => error.into(),
        Why::SecondName => Error::new(
            ErrorKind::Damaged,
            "a directory with a second name (ECMA-167 4/8.8) is not entered again",
        ),
        Why::TooDeep => Error::new(ErrorKind::TooLarge, "too deep to be entered"),
    };
    error.at(if missed.path.is_empty() { "/" } else { &missed.path })
}

impl std::fmt::Debug for WalkDir<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WalkDir").finish_non_exhaustive()
    }
}
