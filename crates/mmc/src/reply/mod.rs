//! The answers of the drive, each a structure of its bytes.

mod capacity;
mod configuration;
mod disc_information;
mod disc_structure;
mod event;
mod inquiry;
mod toc;
mod track_information;

pub use capacity::{
    BufferCapacity, CapacityDescriptor, CapacityKind, CapacityListHeader, ReadCapacityData,
    StreamingDescriptor,
};
pub use configuration::FeatureHeader;
pub use disc_information::{DiscInformation, DiscStatus, SessionStatus};
pub use disc_structure::{BdDiscInformationUnit, DiscStructureHeader, DvdPhysicalFormat};
pub use event::{EventHeader, MediaEvent, MediaEventCode};
pub use inquiry::InquiryData;
pub use toc::{Atip, FullTocEntry, TocHeader, TocTrack, lba_to_msf};
pub use track_information::TrackInformation;
