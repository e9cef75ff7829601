//! A named stream of a file.

use ecma167::RecordedAddress;
use ecma167::file::{
    AllocationForm, FileCharacteristics, FileEntry, FileIdentifier, FileType, IcbFlags, LongAd,
};
use ecma167::general::tag;

use super::metadata::in_metadata;
use super::volumed::Volumed;

/// Adds a stream to the node at this address.
pub fn add_stream(volumed: &mut Volumed, owner: RecordedAddress, entry: &FileEntry) {
    let content = b"[ZoneTransfer]";
    let (directory, stream) = (volumed.blocks.len(), volumed.blocks.len() + 1);
    let embedded = |file_type, links, body: Vec<u8>| {
        let mut new = entry.clone();
        new.icb_tag.file_type = file_type;
        let flags = IcbFlags::STREAM.with_form(AllocationForm::Embedded);
        new.icb_tag.set_icb_flags(flags);
        new.file_link_count = links;
        new.information_length = body.len() as u64;
        new.object_size = new.information_length;
        new.allocation_descriptors = body;
        new.unique_id = 0;
        new
    };
    let mut fids = Vec::new();
    let none = FileCharacteristics::empty();
    let named = FileIdentifier::new("Zone.Identifier", none, LongAd::icb(in_metadata(stream)));
    for fid in [FileIdentifier::parent(LongAd::icb(owner)), named.expect("a name")] {
        let location = u32::try_from(directory).expect("a small number");
        let mut fid = fid.encode(volumed.version(), location).expect("a short name");
        tag::set_serial_number(&mut fid, volumed.serial_number());
        fids.extend(fid);
    }
    for (number, new) in [
        (directory, embedded(FileType::STREAM_DIRECTORY, 0, fids)),
        (stream, embedded(FileType::FILE, 1, content.to_vec())),
    ] {
        let location = u32::try_from(number).expect("a small number");
        let at = volumed.push(new.encode(volumed.version(), location).expect("a short body"));
        volumed.blocks.push(at);
    }
    let mut with_stream = entry.clone();
    with_stream.stream_directory_icb = LongAd::icb(in_metadata(directory));
    with_stream.object_size += content.len() as u64;
    let sector = volumed.start + volumed.blocks[owner.block as usize];
    *volumed.image.block_mut(sector) = with_stream
        .encode(volumed.version(), owner.block)
        .expect("a short body");
}
