//! What readers of a plain volume do not see, as numbers of an envelope.

use recording::PlainVolumeDifferences;

/// How many numbers there are.
pub(crate) const COUNTS: usize = 11;

/// Its numbers. A count that is too large becomes the largest number.
pub(crate) fn counts_of(differences: &PlainVolumeDifferences) -> [u32; COUNTS] {
    let PlainVolumeDifferences {
        left_out,
        long_links,
        cut_in_udf,
        changed_in_joliet,
        changed_in_rock_ridge,
        streams,
        unordered,
        beyond_isofs,
        in_allocation_extents,
        copied,
        copied_blocks,
    } = *differences;
    [
        left_out,
        long_links,
        cut_in_udf,
        changed_in_joliet,
        changed_in_rock_ridge,
        streams,
        unordered,
        beyond_isofs,
        in_allocation_extents,
        copied,
        copied_blocks,
    ]
    .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// The counts in the numbers.
pub(crate) fn differences_of(counts: [u32; COUNTS]) -> PlainVolumeDifferences {
    let [
        left_out,
        long_links,
        cut_in_udf,
        changed_in_joliet,
        changed_in_rock_ridge,
        streams,
        unordered,
        beyond_isofs,
        in_allocation_extents,
        copied,
        copied_blocks,
    ] = counts.map(u64::from);
    PlainVolumeDifferences {
        left_out,
        long_links,
        cut_in_udf,
        changed_in_joliet,
        changed_in_rock_ridge,
        streams,
        unordered,
        beyond_isofs,
        in_allocation_extents,
        copied,
        copied_blocks,
    }
}
