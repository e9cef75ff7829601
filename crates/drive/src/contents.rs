//! READ TOC/PMA/ATIP: tracks and sessions, as a second source besides track information.

use mmc::command::{ReadTocPmaAtip, TocFormat};
use mmc::reply::{FullTocEntry, TocHeader, TocTrack, msf_to_lba};
use mmc::{Data, Lba};
use zerocopy::FromBytes;

use crate::error::DriveError;
use crate::initiator::Initiator;
use crate::tracks::{LeadOut, ReportedTrack};

/// More bytes than the lead-ins of any CD: at most 99 tracks in 99 sessions, and ten more entries per
/// session.
const MOST_BYTES: u16 = 16_384;

/// Bytes of the length field and of the first and last session.
const HEAD: u16 = 4;

impl Initiator {
    /// The tracks in the lead-ins of a CD's closed sessions; empty if the drive does not report them.
    pub(crate) fn contents(&mut self, reported: &[ReportedTrack]) -> Result<Vec<TocTrack>, DriveError> {
        const LENGTH: usize = size_of::<TocHeader>() + 100 * size_of::<TocTrack>();
        if reported
            .iter()
            .all(|reported| reported.track.next_writable_address.is_some())
        {
            return Ok(Vec::new());
        }
        let mut reply = vec![0; LENGTH];
        let length = u16::try_from(LENGTH).unwrap_or(u16::MAX);
        match self.control(
            ReadTocPmaAtip::new(TocFormat::Toc, 0, length),
            Data::In(&mut reply),
        ) {
            Ok(_) => {}
            Err(DriveError::Sense { .. }) => return Ok(Vec::new()),
            Err(other) => return Err(other),
        }
        let Ok((header, entries)) = TocHeader::read_from_prefix(&reply) else {
            return Ok(Vec::new());
        };
        let length = usize::from(header.data_length.get()).saturating_sub(2);
        let entries = entries[..length.min(entries.len())].chunks_exact(size_of::<TocTrack>());
        Ok(entries
            .filter_map(|entry| TocTrack::read_from_bytes(entry).ok())
            .collect())
    }

    /// The number of the last closed session and of its first track; `None` if the drive does not report
    /// them.
    pub(crate) fn last_session(&mut self) -> Result<Option<(u16, u16)>, DriveError> {
        const LENGTH: u16 = 12;
        let command = ReadTocPmaAtip::new(TocFormat::SessionInformation, 0, LENGTH);
        let mut reply = [0; LENGTH as usize];
        match self.control(command, Data::In(&mut reply)) {
            Ok(_) => {}
            Err(DriveError::Sense { .. }) => return Ok(None),
            Err(other) => return Err(other),
        }
        let Ok((header, entry)) = TocHeader::read_from_prefix(&reply) else {
            return Ok(None);
        };
        let entry = TocTrack::read_from_bytes(entry).ok();
        Ok(entry.map(|entry| (header.last.into(), entry.track_number.into())))
    }

    /// The lead-outs of a CD's closed sessions according to the lead-ins; empty if the drive does not report
    /// them.
    pub(crate) fn lead_outs(&mut self) -> Result<Vec<LeadOut>, DriveError> {
        // Some drives refuse an allocation length beyond their data.
        let head = self.full_toc(HEAD)?;
        let Some((header, _)) = head
            .as_deref()
            .and_then(|head| TocHeader::read_from_prefix(head).ok())
        else {
            return Ok(Vec::new());
        };
        let length = header.data_length.get().saturating_add(2).min(MOST_BYTES);
        let Some(reply) = self.full_toc(length)? else {
            return Ok(Vec::new());
        };
        let entries = reply.get(usize::from(HEAD)..).unwrap_or_default();
        let entries = entries.chunks_exact(size_of::<FullTocEntry>());
        let entries = entries.filter_map(|entry| FullTocEntry::read_from_bytes(entry).ok());
        let lead_outs =
            entries.filter(|entry| entry.point == FullTocEntry::LEAD_OUT && entry.adr_control >> 4 == 1);
        Ok(lead_outs
            .filter_map(|entry| {
                Some(LeadOut {
                    session: entry.session_number.into(),
                    start: Lba(msf_to_lba(entry.p_msf)?),
                })
            })
            .collect())
    }

    /// The first `length` bytes of the lead-ins of all sessions; `None` if the drive does not report them.
    fn full_toc(&mut self, length: u16) -> Result<Option<Vec<u8>>, DriveError> {
        let mut reply = vec![0; usize::from(length)];
        let command = ReadTocPmaAtip::new(TocFormat::FullToc, 1, length);
        match self.control(command, Data::In(&mut reply)) {
            Ok(_) => Ok(Some(reply)),
            Err(DriveError::Sense { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }
}
