//! Volume structures (`ECMA-167 3`). They are in the volume space, and their locations are logical sectors.

mod anchor;
mod implementation_use;
mod integrity;
mod logical;
mod partition;
pub mod partition_map;
mod pointer;
mod primary;
mod terminating;
mod unallocated_space;

pub use anchor::AnchorVolumeDescriptorPointer;
pub use implementation_use::ImplementationUseVolumeDescriptor;
pub use integrity::{IntegrityImplementationUse, IntegrityType, LogicalVolumeIntegrityDescriptor};
pub use logical::LogicalVolumeDescriptor;
pub use partition::{AccessType, PartitionDescriptor, PartitionHeaderDescriptor};
pub use partition_map::PartitionMap;
pub use pointer::VolumeDescriptorPointer;
pub use primary::PrimaryVolumeDescriptor;
pub use terminating::TerminatingDescriptor;
pub use unallocated_space::UnallocatedSpaceDescriptor;

/// Logical sector of an anchor, counted from the start of the session (`ECMA-167 3/8.4.2.1`).
pub const ANCHOR_SECTOR: u32 = 256;
/// Smallest length of a volume descriptor sequence in sectors (`UDF 2.60 2.2.3.1`).
pub const MINIMUM_SEQUENCE_SECTORS: u32 = 16;
