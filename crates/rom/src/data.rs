//! Where a plain volume has the bytes of a file: in the file's own blocks, in a run of zeros for its holes,
//! or in a copy.

use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalSector, PartitionReference};
use iso9660::Section;
use smallvec::SmallVec;
use volume::{Body, CorruptKind, ExtentKind, Node, Scattered, Volume};

use crate::allocation::{Extent, allocation_extents};
use crate::error::Error;
use crate::options::{Bridge, Copying, Options};

/// The fewest blocks in the run of zeros that all holes share: 1 MiB.
const LEAST_ZEROS: u32 = 512;

/// The most blocks in that run: the largest power of two that one short allocation descriptor can name.
const MOST_ZEROS: u32 = 1 << 18;

/// Extents that a file with holes may have if there is no room for a longer run of zeros: enough for holes of
/// 8 GiB.
const MANY_EXTENTS: usize = 8192;

/// The most bytes, in whole blocks, that a short allocation descriptor names (`ECMA-167 4/14.14.1.1`).
const LONGEST_EXTENT: u64 = (1 << 30) - BLOCK_BYTES as u64;

/// The longest file, in bytes, that is copied only because of libarchive.
pub(crate) const LONGEST_COPY: u64 = 64 << 20;

/// The bytes of holes that a copy may always have: 1 MiB. If they are more, a copy takes at most twice the
/// data.
const SHORTEST_HOLES: u64 = 1 << 20;

/// The part of a medium that zeros may take so that a file with holes has as few extents as readers follow.
const SHARE_OF_ZEROS: u32 = 64;

/// The longest run of zeros that holes name on a medium, unless even that makes too many extents, in blocks.
fn most_zeros(capacity: u32) -> u32 {
    let share = capacity / SHARE_OF_ZEROS;
    let power = share.checked_ilog2().map_or(0, |power| 1 << power);
    power.clamp(LEAST_ZEROS, MOST_ZEROS)
}

/// The most bytes of the records of one extent in both trees of a bridge, with the free end of a block.
const BYTES_OF_RECORDS: u64 = 2 * 254 + 100;

/// A part of a file: consecutive blocks on the disc, or a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its first sector; `None` for a hole.
    pub at: Option<LogicalSector>,
    /// Its length in bytes; whole blocks except for the last run of a file.
    pub bytes: u64,
}

/// The runs of a file in its order. Most files have at most one, which takes no memory of its own.
pub type Runs = SmallVec<[Run; 1]>;

/// Where the bytes of a file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    /// In its own blocks and, for its holes, in a run of at least `zeros` blocks of zeros, to which extents
    /// refer repeatedly; `zeros` is 0 if it has no hole.
    Shared { runs: Runs, zeros: u32 },
    /// In a copy of this many bytes.
    Copied(u64),
}

impl Data {
    /// The data of a node as recorded on the disc.
    pub fn of(volume: &mut Volume, node: &Node, options: &Options) -> Result<Self, Error> {
        let body = volume.body(node)?;
        Ok(match runs(volume, &body, options)? {
            Some(runs) => Self::of_runs(runs, options.copying(), options.scattered),
            None => Self::Copied(body.len()),
        })
    }

    /// The data of a file with these runs.
    pub fn of_runs(runs: Runs, copying: Copying, scattered: Scattered) -> Self {
        let length: u64 = runs.iter().map(|run| run.bytes).sum();
        let holes: u64 = runs
            .iter()
            .filter(|run| run.at.is_none())
            .map(|run| run.bytes)
            .sum();
        // A copy takes the blocks of its holes.
        let is_cheap = length <= LONGEST_COPY && holes <= (length - holes).max(SHORTEST_HOLES);
        let few = copying.bridge.most_extents();
        let many = MANY_EXTENTS.max(few + 2 * runs.len());
        let zeros = match scattered {
            Scattered::InPlace => zeros(&runs, length, many, MOST_ZEROS),
            Scattered::Copied => zeros(&runs, length, few, most_zeros(copying.capacity))
                .or_else(|| zeros(&runs, length, many, MOST_ZEROS).filter(|zeros| *zeros > 0 && !is_cheap)),
        };
        let Some(zeros) = zeros else {
            return Self::Copied(length);
        };
        let data = Self::Shared { runs, zeros };
        let is_bridge = copying.bridge == Bridge::Iso9660;
        if is_bridge && scattered == Scattered::Copied && !data.ascends() && is_cheap {
            return Self::Copied(length);
        }
        data
    }

    /// Whether all its extents are blocks of the file itself.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Shared { zeros: 0, .. })
    }

    /// Whether it has no hole and its parts ascend on the disc. libarchive reads no other files.
    pub fn ascends(&self) -> bool {
        let Self::Shared { runs, .. } = self else {
            return true;
        };
        runs.iter().all(|run| run.at.is_some()) && runs.is_sorted_by_key(|run| run.at)
    }

    /// Blocks that its copy takes in the plain volume.
    pub fn copied_blocks(&self) -> u64 {
        match self {
            Self::Shared { .. } => 0,
            Self::Copied(bytes) => bytes.div_ceil(u64::from(BLOCK_BYTES)),
        }
    }

    /// Blocks that it alone takes in the plain volume: its copy, or its allocation extents.
    pub fn own_blocks(&self) -> u64 {
        match self {
            Self::Shared { .. } => allocation_extents(self.extent_count()).into(),
            Self::Copied(_) => self.copied_blocks(),
        }
    }

    /// The number of its extents; a copy counts as one.
    pub fn extent_count(&self) -> usize {
        match self {
            Self::Shared { runs, zeros } => count(runs, *zeros),
            Self::Copied(_) => 1,
        }
    }

    /// Blocks in the run of zeros that its holes need.
    pub fn zero_blocks(&self) -> u32 {
        match self {
            Self::Shared { zeros, .. } => *zeros,
            Self::Copied(_) => 0,
        }
    }

    /// Its extents for UDF, with its copy at `copy` and the run of zeros at `zeros`.
    pub fn extents(&self, copy: LogicalSector, zeros: LogicalSector) -> Vec<Extent> {
        match self {
            Self::Copied(bytes) => {
                let run = Run {
                    at: Some(copy),
                    bytes: *bytes,
                };
                extents(&[run], (zeros, 0)).collect()
            }
            Self::Shared { runs, zeros: blocks } => extents(runs, (zeros, *blocks)).collect(),
        }
    }

    /// Its sections for ISO 9660; adjacent extents are merged.
    pub fn sections(&self, copy: LogicalSector, zeros: LogicalSector) -> Result<Vec<Section>, Error> {
        let mut sections = Vec::new();
        let mut rest = self.extents(copy, zeros).into_iter().peekable();
        while let Some(first) = rest.next() {
            let mut run = Run {
                at: Some(first.at),
                bytes: first.bytes.into(),
            };
            while let Some(next) = rest.next_if(|next| follows(&run, Some(next.at))) {
                run.bytes += u64::from(next.bytes);
            }
            sections.extend(iso9660::sections(first.at.0, run.bytes)?);
        }
        Ok(sections)
    }
}

/// What a file takes in a plain volume beyond its entry, one record in each directory, and the copy of an
/// embedded body: in blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtraBlocks {
    /// Its copy or its allocation extents.
    pub of_file: u64,
    /// The records of further extents, which each of its names takes.
    pub of_name: u64,
    /// Zeros for its holes, which all files share.
    pub zeros: u32,
}

impl ExtraBlocks {
    /// What a file with these runs takes.
    #[must_use]
    pub fn of(runs: Runs, copying: Copying) -> Self {
        let data = Data::of_runs(runs, copying, Scattered::Copied);
        Self::of_data(&data, copying.bridge)
    }

    /// What a file of `length` bytes without holes takes that has `runs` runs or more, if it is copied
    /// because those are too many.
    #[must_use]
    pub fn of_scattered(length: u64, runs: usize, copying: Copying) -> Option<Self> {
        (runs > copying.bridge.most_extents()).then(|| Self::of_data(&Data::Copied(length), copying.bridge))
    }

    pub(crate) fn of_data(data: &Data, bridge: Bridge) -> Self {
        let records = match bridge {
            Bridge::No => 0,
            Bridge::Iso9660 => data.extent_count().saturating_sub(1) as u64 * BYTES_OF_RECORDS,
        };
        // The copy of an embedded body is part of the share of each name.
        let is_short = matches!(data, Data::Copied(bytes) if *bytes <= u64::from(BLOCK_BYTES));
        Self {
            of_file: if is_short { 0 } else { data.own_blocks() },
            of_name: records.div_ceil(u64::from(BLOCK_BYTES)),
            zeros: data.zero_blocks(),
        }
    }

    /// What it takes with this many names, but not the zeros.
    #[must_use]
    pub fn with_names(&self, names: u16) -> u64 {
        self.of_name
            .saturating_mul(names.into())
            .saturating_add(self.of_file)
    }
}

/// The runs of a body, with adjacent extents merged; `None` if it must be copied.
fn runs(volume: &mut Volume, body: &Body, options: &Options) -> Result<Option<Runs>, Error> {
    let Body::Extents(extents) = body else {
        return Ok(body.is_empty().then(Runs::new));
    };
    let mut runs = Runs::new();
    for extent in extents {
        let at = match extent.kind {
            ExtentKind::NotRecorded => None,
            ExtentKind::Lost(entry) => {
                return Err(volume::Error::corrupt(CorruptKind::BodyTooShort, entry).into());
            }
            ExtentKind::Recorded(address) => {
                if !is_in_a_row(volume, address.partition) {
                    return Ok(None);
                }
                let at = volume.resolve(address)?;
                if at < options.partition_start {
                    return Ok(None);
                }
                Some(at)
            }
        };
        if let Some(last) = runs.last_mut()
            && follows(last, at)
        {
            last.bytes += extent.length;
        } else {
            runs.push(Run {
                at,
                bytes: extent.length,
            });
        }
    }
    Ok(Some(runs))
}

/// Whether adjacent blocks of a partition are adjacent on the disc.
fn is_in_a_row(volume: &Volume, partition: PartitionReference) -> bool {
    volume.physical_partition() == Some(partition)
}

/// Whether a run continues at `at`.
fn follows(run: &Run, at: Option<LogicalSector>) -> bool {
    match (run.at, at) {
        (None, None) => true,
        (Some(start), Some(at)) => {
            run.bytes.is_multiple_of(BLOCK_SIZE as u64)
                && u64::from(start.0) + run.bytes / BLOCK_SIZE as u64 == u64::from(at.0)
        }
        _ => false,
    }
}

/// The shortest run of zeros with which a file has at most `most` extents; `None` if a copy is cheaper or no
/// length helps.
fn zeros(runs: &[Run], length: u64, most: usize, most_zeros: u32) -> Option<u32> {
    let has_hole = runs.iter().any(|run| run.at.is_none());
    if !has_hole {
        return (count(runs, most_zeros) <= most).then_some(0);
    }
    let sizes = std::iter::successors(Some(LEAST_ZEROS), |zeros| zeros.checked_mul(2));
    let zeros = sizes
        .take_while(|zeros| *zeros <= most_zeros)
        .find(|zeros| count(runs, *zeros) <= most)?;
    (u64::from(zeros) <= length.div_ceil(BLOCK_SIZE as u64).max(u64::from(LEAST_ZEROS))).then_some(zeros)
}

fn count(runs: &[Run], zeros: u32) -> usize {
    extents(runs, (LogicalSector(0), zeros)).count()
}

fn extents(runs: &[Run], (zeros, zero_blocks): (LogicalSector, u32)) -> impl Iterator<Item = Extent> {
    let longest_hole = u64::from(zero_blocks) * BLOCK_SIZE as u64;
    runs.iter().flat_map(move |run| {
        let step = match run.at {
            Some(_) => LONGEST_EXTENT,
            None => longest_hole.clamp(BLOCK_SIZE as u64, LONGEST_EXTENT),
        };
        (0..run.bytes.div_ceil(step)).map(move |number| {
            let start = number * step;
            let blocks = u32::try_from(start / BLOCK_SIZE as u64).unwrap_or(u32::MAX);
            Extent {
                at: run
                    .at
                    .map_or(zeros, |at| LogicalSector(at.0.saturating_add(blocks))),
                bytes: u32::try_from((run.bytes - start).min(step)).unwrap_or(u32::MAX),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u64 = BLOCK_SIZE as u64;

    fn run(at: u32, bytes: u64) -> Run {
        Run {
            at: Some(LogicalSector(at)),
            bytes,
        }
    }

    const fn hole(bytes: u64) -> Run {
        Run { at: None, bytes }
    }

    #[test]
    fn a_file_of_five_gigabytes_has_extents_of_less_than_one_gibibyte() {
        let extents: Vec<_> = extents(&[run(1000, 5_000_000_000)], (LogicalSector(0), 0)).collect();
        assert_eq!(extents.len(), 5);
        assert_eq!(extents[1].at.0, 1000 + (1 << 19) - 1);
        assert_eq!(
            extents.iter().map(|extent| u64::from(extent.bytes)).sum::<u64>(),
            5_000_000_000
        );
    }

    #[test]
    fn a_hole_names_the_same_zeros_again_and_again() {
        let found: Vec<_> = extents(&[hole(3 << 20), run(7, 100)], (LogicalSector(9), 512)).collect();
        assert_eq!(
            found.iter().map(|extent| extent.at.0).collect::<Vec<_>>(),
            [9, 9, 9, 7]
        );
    }

    #[test]
    fn the_zeros_grow_with_the_hole() {
        assert_eq!(zeros(&[run(7, 100)], 100, 100, MOST_ZEROS), Some(0));
        assert_eq!(zeros(&[hole(1 << 20)], 1 << 20, 100, MOST_ZEROS), Some(512));
        assert_eq!(zeros(&[hole(1 << 30)], 1 << 30, 100, MOST_ZEROS), Some(8192));
    }

    #[test]
    fn what_has_too_many_extents_is_copied() {
        let runs: Vec<_> = (0..101).map(|number| run(number * 10, BLOCK)).collect();
        assert_eq!(zeros(&runs, 101 * BLOCK, 100, MOST_ZEROS), None);
        assert_eq!(zeros(&runs[1..], 100 * BLOCK, 100, MOST_ZEROS), Some(0));
        // No length of zeros helps, because each hole takes one extent anyway.
        let runs: Vec<_> = (0..99)
            .flat_map(|number| [run(number * 10, BLOCK), hole(BLOCK)])
            .collect();
        assert_eq!(zeros(&runs, 198 * BLOCK, 100, MOST_ZEROS), None);
    }

    #[test]
    fn long_holes_take_no_more_zeros_than_a_share_of_the_medium() {
        let data = |capacity| {
            let copying = Copying {
                bridge: Bridge::Iso9660,
                capacity,
            };
            let runs = [hole(20 << 30), run(7, 100)].into_iter().collect();
            Data::of_runs(runs, copying, Scattered::Copied)
        };
        assert_eq!(
            (data(12_000_000).zero_blocks(), data(12_000_000).extent_count()),
            (131_072, 81)
        );
        // It has more extents than some readers follow, but no copy of 20 GiB.
        assert_eq!(
            (data(360_000).zero_blocks(), data(360_000).extent_count()),
            (2048, 5121)
        );
    }

    #[test]
    fn a_copy_for_libarchive_has_few_holes() {
        let copying = Copying {
            bridge: Bridge::Iso9660,
            capacity: 360_000,
        };
        let data = |runs: &[Run]| Data::of_runs(runs.iter().copied().collect(), copying, Scattered::Copied);
        assert_eq!(data(&[hole(60 << 20), run(7, 100)]).copied_blocks(), 0);
        let length = (2 << 20) + 100;
        assert_eq!(
            data(&[hole(1 << 20), run(7, (1 << 20) + 100)]),
            Data::Copied(length)
        );
    }

    #[test]
    fn neighbours_are_one_run() {
        assert!(follows(&run(10, 2 * BLOCK), Some(LogicalSector(12))));
        assert!(!follows(&run(10, 2 * BLOCK), Some(LogicalSector(13))));
        assert!(!follows(&run(10, 100), Some(LogicalSector(11))));
        assert!(!follows(&hole(BLOCK), Some(LogicalSector(11))));
    }
}
