//! The size of a blank disc if the drive reports none: some report a track of 0 blocks but write to it.

use mmc::command::ReadFormatCapacities;
use mmc::reply::{CapacityDescriptor, CapacityListHeader};
use mmc::{BLOCK_SIZE, Data};
use zerocopy::FromBytes as _;

use crate::error::DriveError;
use crate::initiator::Initiator;
use crate::tracks::ReportedTrack;

/// Bytes of READ FORMAT CAPACITIES up to and including the current capacity.
const LENGTH: u16 = 12;
/// Blocks at the end of a CD that the run-out of the last track needs.
const RUN_OUT: u32 = 2;

impl Initiator {
    /// Gives the track of a blank disc the size of the disc if the drive reports none. On a CD that is up to
    /// the last possible lead-out; on other media it is the capacity in READ FORMAT CAPACITIES or, as in
    /// cdrecord, GET PERFORMANCE.
    pub(crate) fn give_size_to_blank(
        &mut self,
        reported: &mut [ReportedTrack],
        last_lead_out: Option<u32>,
    ) -> Result<(), DriveError> {
        if !reported.iter().any(ReportedTrack::has_no_room) {
            return Ok(());
        }
        let blocks = match last_lead_out {
            Some(lead_out) => lead_out.saturating_sub(RUN_OUT),
            None => match self.format_capacity()? {
                0 => self.end_by_performance()?,
                blocks => blocks,
            },
        };
        self.blocks_of_blank = Some(blocks);
        reported
            .iter_mut()
            .for_each(|reported| reported.give_size(blocks));
        Ok(())
    }

    /// The current capacity of READ FORMAT CAPACITIES, in blocks; 0 if the drive does not report it.
    fn format_capacity(&mut self) -> Result<u32, DriveError> {
        let mut reply = [0; LENGTH as usize];
        match self.control(ReadFormatCapacities::new(LENGTH), Data::In(&mut reply)) {
            Ok(_) => {}
            Err(DriveError::Sense { .. }) => return Ok(0),
            Err(other) => return Err(other),
        }
        let descriptor = CapacityListHeader::read_from_prefix(&reply)
            .ok()
            .and_then(|(_, rest)| CapacityDescriptor::read_from_prefix(rest).ok());
        let Some((descriptor, _)) = descriptor else {
            return Ok(0);
        };
        let [high, middle, low] = descriptor.block_length;
        let bytes = u32::from_be_bytes([0, high, middle, low]);
        let has_blocks = usize::try_from(bytes).is_ok_and(|bytes| bytes == BLOCK_SIZE);
        Ok(if has_blocks {
            descriptor.number_of_blocks.get()
        } else {
            0
        })
    }
}
