//! The answers of the drive, each as a structure of its bytes.

mod capacity;
mod configuration;
mod cue_sheet;
mod disc_information;
mod disc_structure;
mod event;
mod inquiry;
mod toc;
mod track_information;

pub use capacity::{
    BufferCapacity, CapacityDescriptor, CapacityKind, CapacityListHeader, PerformanceHeader,
    ReadCapacityData, StreamingDescriptor, WriteSpeed,
};
pub use configuration::FeatureHeader;
pub use cue_sheet::CueSheetEntry;
pub use disc_information::{DiscInformation, DiscStatus, SessionStatus};
pub use disc_structure::{BdDiscInformationUnit, DiscStructureHeader, DvdPhysicalFormat};
pub use event::{EventHeader, MediaEvent, MediaEventCode};
pub use inquiry::InquiryData;
pub use toc::{Atip, FullTocEntry, TocHeader, TocTrack, lba_to_msf, msf_to_lba};
pub use track_information::TrackInformation;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zerocopy::{FromBytes, Immutable, IntoBytes};

    fn comes_back<T: FromBytes + IntoBytes + Immutable>(bytes: &[u8]) {
        let Ok((reply, rest)) = T::read_from_prefix(bytes) else {
            panic!("there are enough bytes")
        };
        assert_eq!(reply.as_bytes(), &bytes[..bytes.len() - rest.len()]);
    }

    proptest! {
        #[test]
        fn every_reply_is_its_own_bytes(bytes: [u8; 64]) {
            comes_back::<ReadCapacityData>(&bytes);
            comes_back::<CapacityListHeader>(&bytes);
            comes_back::<CapacityDescriptor>(&bytes);
            comes_back::<BufferCapacity>(&bytes);
            comes_back::<StreamingDescriptor>(&bytes);
            comes_back::<PerformanceHeader>(&bytes);
            comes_back::<WriteSpeed>(&bytes);
            comes_back::<FeatureHeader>(&bytes);
            comes_back::<DiscInformation>(&bytes);
            comes_back::<TrackInformation>(&bytes);
            comes_back::<DiscStructureHeader>(&bytes);
            comes_back::<DvdPhysicalFormat>(&bytes);
            comes_back::<BdDiscInformationUnit>(&bytes);
            comes_back::<EventHeader>(&bytes);
            comes_back::<MediaEvent>(&bytes);
            comes_back::<InquiryData>(&bytes);
            comes_back::<TocHeader>(&bytes);
            comes_back::<TocTrack>(&bytes);
            comes_back::<FullTocEntry>(&bytes);
            comes_back::<Atip>(&bytes);
        }
    }

    #[test]
    fn fields_are_where_the_standard_puts_them() {
        let mut bytes = [0; 48];
        bytes[12..16].copy_from_slice(&[0, 1, 2, 3]);
        bytes[28..32].copy_from_slice(&[4, 5, 6, 7]);
        bytes[7] = 3;
        let track = TrackInformation::read_from_bytes(&bytes).unwrap();
        assert_eq!(track.next_writable(), Some(crate::Lba(0x0001_0203)));
        assert_eq!(track.last_recorded(), Some(crate::Lba(0x0405_0607)));
    }
}
