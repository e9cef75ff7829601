//! READ CAPACITY, READ FORMAT CAPACITIES, READ BUFFER CAPACITY.

use crate::behaviour::LastAddress;
use crate::commands::pace::BUFFER_BLOCKS;
use crate::data_phase::reply;
use crate::layout::Status;
use crate::medium::Family;
use crate::recorder::Recorder;
use mmc::command::{ReadBufferCapacity, ReadFormatCapacities};
use mmc::reply::{BufferCapacity, CapacityDescriptor, CapacityKind, CapacityListHeader, ReadCapacityData};
use mmc::{Data, Failure, Sense};
use zerocopy::IntoBytes as _;

const BLOCK_LENGTH: u16 = 2048;
/// Blocks that READ CAPACITY of a CD may report in excess.
const PAST_LEAD_OUT: u32 = 75;

impl Recorder {
    pub(super) fn read_capacity(&self, data: Data<'_>) -> Result<usize, Failure> {
        if self.last_address_is() == LastAddress::NoMedium {
            return Err(Sense::MEDIUM_NOT_PRESENT.into());
        }
        let answer = ReadCapacityData {
            last_logical_block_address: self.last_address().into(),
            block_length: self.behaviour.read_capacity_block_length.into(),
        };
        reply(data, size_of::<ReadCapacityData>(), answer.as_bytes())
    }

    fn last_address_is(&self) -> LastAddress {
        let disc = &self.disc;
        let open = !disc.last_session_empty() && disc.lead_out(disc.last_session()).is_none();
        match disc.status() {
            Status::Blank => self.behaviour.read_capacity_blank,
            Status::Appendable if open => self.behaviour.read_capacity_open,
            Status::Appendable | Status::Finalized => self.behaviour.read_capacity_closed,
        }
    }

    pub(super) fn last_address(&self) -> u32 {
        let disc = &self.disc;
        let blocks = match self.last_address_is() {
            LastAddress::Zero | LastAddress::NoMedium => 0,
            LastAddress::LastRecorded => disc.recorded_end(),
            LastAddress::BeforeLeadOut => disc.lead_out(disc.last_closed_session()).unwrap_or(0),
            LastAddress::PastLeadOut => disc
                .lead_out(disc.last_closed_session())
                .map_or(0, |lead_out| lead_out + PAST_LEAD_OUT),
            LastAddress::BeforeNextWritable => disc
                .invisible_track()
                .map_or(disc.recorded_end(), |track| track.next),
            LastAddress::LastOfMedium => disc.capacity(),
        };
        blocks.saturating_sub(1)
    }

    pub(super) fn format_capacities(
        &self,
        command: &ReadFormatCapacities,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        let (kind, blocks) = match self.disc.status() {
            Status::Blank => (CapacityKind::Unformatted, self.disc.capacity()),
            _ => (CapacityKind::Formatted, self.last_address().saturating_add(1)),
        };
        let [high, low] = BLOCK_LENGTH.to_be_bytes();
        let descriptor = CapacityDescriptor {
            number_of_blocks: blocks.into(),
            kind: kind.to_bits(),
            block_length: [0, high, low],
        };
        let mut descriptors = vec![descriptor];
        if self.disc.status() == Status::Blank && self.disc.medium().family() == Family::BdR {
            // The type of a formattable descriptor takes the place of the kind. Type 00h leaves the disc as
            // it is.
            descriptors.push(CapacityDescriptor {
                kind: 0,
                ..descriptor
            });
        }
        let header = CapacityListHeader {
            capacity_list_length: u8::try_from(8 * descriptors.len()).unwrap_or(u8::MAX),
            ..CapacityListHeader::default()
        };
        let allocation = usize::from(command.allocation_length.get());
        reply(
            data,
            allocation,
            &[header.as_bytes(), descriptors.as_bytes()].concat(),
        )
    }

    /// READ BUFFER CAPACITY. Every WRITE goes to the image at once, but according to the clock the drive may
    /// lag.
    pub(super) fn buffer_capacity(
        &self,
        command: &ReadBufferCapacity,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        let in_blocks = command.flags & 1;
        let unit = if in_blocks == 1 {
            1
        } else {
            u32::from(BLOCK_LENGTH)
        };
        if command.flags & !1 != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let answer = BufferCapacity {
            data_length: 10.into(),
            flags: in_blocks,
            length_of_buffer: (BUFFER_BLOCKS * unit).into(),
            available_length: (self.free_buffer() * unit).into(),
            ..BufferCapacity::default()
        };
        reply(
            data,
            usize::from(command.allocation_length.get()),
            answer.as_bytes(),
        )
    }
}
