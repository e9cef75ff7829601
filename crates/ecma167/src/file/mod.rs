//! File structures (`ECMA-167 4`). They are in partitions, and their locations are logical blocks or virtual
//! addresses.

pub mod allocation_descriptor;
mod allocation_extent;
pub mod extended_attribute;
mod file_entry;
mod file_identifier;
mod file_set;
mod icb;
mod indirect;
mod lb_addr;
pub mod path_component;
pub mod permissions;

pub use allocation_descriptor::{ExtendedAd, Extent, ExtentLength, ExtentType, LongAd, ShortAd};
pub use allocation_extent::AllocationExtent;
pub use file_entry::FileEntry;
pub use file_identifier::{FileCharacteristics, FileIdentifier};
pub use file_set::FileSetDescriptor;
pub use icb::{AllocationForm, FileType, IcbFlags, IcbTag};
pub use indirect::{IndirectEntry, TerminalEntry};
pub use lb_addr::LbAddr;
pub use permissions::Permissions;
