//! No decoder panics on any input, be it random bytes or random bytes after a tag that verifies.

use ecma167::file::{
    AllocationExtent, AllocationForm, FileEntry, FileIdentifier, FileSetDescriptor, IndirectEntry,
    TerminalEntry, allocation_descriptor, extended_attribute, path_component,
};
use ecma167::general::tag::{self, Descriptor, Tag, TagIdentifier, TagVersion};
use ecma167::general::{DString, Timestamp};
use ecma167::osta::sparing::{SparingTable, SparingTableHeader};
use ecma167::osta::vat::{VatHeader, VatTail};
use ecma167::osta::{Revision, cs0};
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor, LogicalVolumeDescriptor,
    LogicalVolumeIntegrityDescriptor, PartitionDescriptor, PartitionMap, PrimaryVolumeDescriptor,
    TerminatingDescriptor, UnallocatedSpaceDescriptor, VolumeDescriptorPointer,
};
use ecma167::{BLOCK_SIZE, PartitionReference, recognition};
use proptest::collection::vec;
use proptest::prelude::*;
use zerocopy::FromBytes;

fn fixed<D: Descriptor>(bytes: &[u8]) {
    let _ = D::read(bytes, None);
}

fn decode_everything(bytes: &[u8]) {
    let _ = Tag::peek(bytes);
    let _ = recognition::recognise(bytes);
    fixed::<PrimaryVolumeDescriptor>(bytes);
    fixed::<AnchorVolumeDescriptorPointer>(bytes);
    fixed::<VolumeDescriptorPointer>(bytes);
    fixed::<ImplementationUseVolumeDescriptor>(bytes);
    fixed::<PartitionDescriptor>(bytes);
    fixed::<TerminatingDescriptor>(bytes);
    fixed::<FileSetDescriptor>(bytes);
    fixed::<IndirectEntry>(bytes);
    fixed::<TerminalEntry>(bytes);
    let _ = LogicalVolumeDescriptor::decode(bytes, None);
    let _ = UnallocatedSpaceDescriptor::decode(bytes, None);
    let _ = LogicalVolumeIntegrityDescriptor::decode(bytes, None);
    let _ = AllocationExtent::decode(bytes, None);
    let _ = FileIdentifier::stated_len(bytes);
    let _ = FileIdentifier::decode(bytes, None).map(|(fid, _)| fid.name());
    let _ = extended_attribute::decode(bytes, None);
    let _ = path_component::decode(bytes);
    let _ = PartitionMap::decode(bytes);
    let _ = VatHeader::decode(bytes, u64::MAX);
    let _ = VatTail::decode(bytes);
    let _ = SparingTableHeader::peek(bytes).map(|header| header.table_len());
    let _ = SparingTable::decode(bytes, None);
    let _ = cs0::decode(bytes);
    let _ = cs0::decode_lossy(bytes);
    if let Ok(entry) = FileEntry::decode(bytes, None) {
        let _ = extended_attribute::decode(&entry.extended_attributes, None);
        let _ = entry.extents(PartitionReference(0)).map(Iterator::count);
    }
    for form in [
        AllocationForm::Short,
        AllocationForm::Long,
        AllocationForm::Extended,
        AllocationForm::Embedded,
    ] {
        let extents = allocation_descriptor::parse(form, PartitionReference(0), bytes);
        assert!(extents.count() <= bytes.len().div_ceil(form.descriptor_len()));
    }
}

const IDENTIFIERS: [TagIdentifier; 16] = [
    TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR,
    TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER,
    TagIdentifier::VOLUME_DESCRIPTOR_POINTER,
    TagIdentifier::IMPLEMENTATION_USE_VOLUME_DESCRIPTOR,
    TagIdentifier::PARTITION_DESCRIPTOR,
    TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR,
    TagIdentifier::UNALLOCATED_SPACE_DESCRIPTOR,
    TagIdentifier::TERMINATING_DESCRIPTOR,
    TagIdentifier::LOGICAL_VOLUME_INTEGRITY_DESCRIPTOR,
    TagIdentifier::FILE_SET_DESCRIPTOR,
    TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR,
    TagIdentifier::ALLOCATION_EXTENT_DESCRIPTOR,
    TagIdentifier::INDIRECT_ENTRY,
    TagIdentifier::FILE_ENTRY,
    TagIdentifier::EXTENDED_ATTRIBUTE_HEADER_DESCRIPTOR,
    TagIdentifier::EXTENDED_FILE_ENTRY,
];

/// Mostly small bytes, so that lengths among them are often plausible.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(0), 2 => 0..64_u8, 1 => any::<u8>()]
}

proptest! {
    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..=BLOCK_SIZE)) {
        decode_everything(&bytes);
    }

    #[test]
    fn random_bytes_after_a_tag_that_verifies(
        mut bytes in vec(byte(), 16..=BLOCK_SIZE), covered in 16..=BLOCK_SIZE, identifier in 0..IDENTIFIERS.len()
    ) {
        let covered = covered.min(bytes.len());
        tag::seal(&mut bytes[..covered], IDENTIFIERS[identifier], TagVersion::Three, 0);
        decode_everything(&bytes);
    }

    #[test]
    fn small_fields(bytes in vec(any::<u8>(), 32)) {
        let _ = Timestamp::read_from_prefix(&bytes).unwrap().0.to_unix();
        let field = DString::<32>::read_from_bytes(&bytes).unwrap();
        let _ = (field.decode(), field.decode_lossy(), field.characters());
        let _ = Revision(u16::from_le_bytes([bytes[0], bytes[1]])).to_string();
    }
}
