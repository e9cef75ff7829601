//! What ISO 9660 and Rock Ridge state about a node besides its name and location.

use ecma167::general::Timestamp;
use ecma167::osta::unique_id;
use iso9660::rock_ridge::Attributes;
use iso9660::{DateTime, RecordDate};
use volume::{Node, NodeKind};

/// What Rock Ridge states about a node.
pub(crate) fn attributes(node: &Node) -> Attributes {
    let entry = &node.entry;
    // One link for the directory itself and one for its name; its subdirectories count in UDF as in POSIX.
    let more = u32::from(node.kind == NodeKind::Directory);
    Attributes {
        mode: node.mode(),
        links: u32::from(entry.file_link_count) + more,
        uid: node.uid().unwrap_or(0),
        gid: node.gid().unwrap_or(0),
        serial: unique_id::low_half(node.unique_id()),
        modified: record_date(&entry.modification_time),
        accessed: record_date(&entry.access_time),
        changed: record_date(&entry.attribute_time),
    }
}

/// A time in the short form.
pub(crate) fn record_date(time: &Timestamp) -> RecordDate {
    date_time(time).map_or_else(RecordDate::default, |time| RecordDate::new(&time))
}

/// A time in the long form of ISO 9660; `None` if the node states none.
pub(crate) fn date_time(time: &Timestamp) -> Option<DateTime> {
    (time.year.get() != 0).then(|| DateTime {
        year: time.year.get(),
        month: time.month,
        day: time.day,
        hour: time.hour,
        minute: time.minute,
        second: time.second,
        centisecond: time.centiseconds,
        offset: i8::try_from(time.offset_minutes().unwrap_or(0) / 15).unwrap_or(0),
    })
}
