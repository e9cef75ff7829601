//! The contents of the partition of an empty volume: file set, root directory and VAT.

use drive::Drive;
use ecma167::file::{FileIdentifier, FileSetDescriptor, LongAd};
use ecma167::general::{DString, Descriptor, tag};
use ecma167::osta::unique_id;
use ecma167::osta::vat::VatHeader;
use ecma167::{BLOCK_SIZE, LogicalSector, VirtualAddress};
use track::{End, Run, Source, Track};
use volume::{ExtraRoom, NodeKind};

use super::options::FormatOptions;
use crate::error::Error;
use crate::tree::{Blocks, Body, CachedNode, Counts, Form, Outside, PendingVat, VatLayout, VatStatement};

/// The file set descriptor is the first node of virtual space, the root directory the second.
pub(crate) const FILE_SET: VirtualAddress = VirtualAddress(0);
const ROOT: VirtualAddress = VirtualAddress(1);

/// A part of an empty volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Keeps logical block 0 empty: the file set descriptor has virtual address 0, and no node may have both
    /// equal.
    Filler,
    FileSet,
    Root,
    Vat,
    VatIcb,
}

/// An empty volume that is about to be recorded.
pub(crate) struct NewVolume {
    form: Form,
    file_set: FileSetDescriptor,
    root: CachedNode,
    vat: PendingVat,
    /// Room for what files add to a plain volume: no file yet.
    extra_room: Option<ExtraRoom>,
}

impl NewVolume {
    /// A volume with a name.
    pub fn new(form: Form, options: &FormatOptions, name: DString<128>) -> Result<Self, Error> {
        let root_icb = LongAd::icb(form.address_of(ROOT));
        let identifier = DString::truncated(&options.label);
        let mut root = CachedNode::new(NodeKind::Directory.into(), &options.root, form, unique_id::ROOT)?;
        root.body = Body::Embedded(FileIdentifier::parent(root_icb).encode(form.version, 0)?);
        Ok(Self {
            form,
            file_set: FileSetDescriptor::new(form.revision, name, identifier, root_icb, options.now),
            vat: vat(form, options, name, &root)?,
            root,
            extra_room: options.rom.is_some().then(ExtraRoom::default),
        })
    }

    /// Records it, and waits until the drive has recorded it.
    pub fn record(&mut self, drive: &mut Drive, track: &mut Track<Part>) -> Result<(), Error> {
        for part in [Part::FileSet, Part::Root, Part::Vat] {
            track.push(part, 0);
        }
        track.end_with(drive, self, Part::VatIcb, End::Commit)?;
        track.acknowledge(drive)?;
        Ok(())
    }
}

impl Source for NewVolume {
    type Item = Part;
    type Error = Error;

    fn lead(&mut self, part: &Part, at: LogicalSector) -> Result<Vec<Part>, Error> {
        let is_filled = *part == Part::FileSet && self.form.logical_block(at)?.0 == FILE_SET.0;
        Ok(if is_filled { vec![Part::Filler] } else { Vec::new() })
    }

    fn place(&mut self, run: Run<'_, Part>, at: LogicalSector) -> Result<(), Error> {
        let at = self.form.logical_block(at)?;
        match run.item {
            Part::FileSet => self.vat.place(FILE_SET, at),
            Part::Root => self.vat.place(ROOT, at),
            Part::Vat => self.vat.body.place(run.first, run.count, at),
            Part::Filler | Part::VatIcb => {}
        }
        Ok(())
    }

    fn encode(&mut self, part: &Part, number: u64, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        let at = self.form.logical_block(at)?;
        match part {
            Part::Filler => return Ok(()),
            Part::FileSet => slot.copy_from_slice(&self.file_set.to_block(self.form.version, FILE_SET.0)),
            Part::Root => {
                slot.copy_from_slice(&self.root.encode(ROOT, &Outside::default(), self.form, at)?)
            }
            Part::Vat => {
                if let Some(block) = self.vat.body.dirty.get(&number) {
                    slot.copy_from_slice(&block[..]);
                }
                return Ok(());
            }
            Part::VatIcb => slot.copy_from_slice(&self.vat.encode_icb(self.form, at, self.extra_room)?),
        }
        tag::set_serial_number(slot, self.form.serial);
        Ok(())
    }
}

/// A VAT with two entries, in one dirty block.
fn vat(
    form: Form,
    options: &FormatOptions,
    name: DString<128>,
    root: &CachedNode,
) -> Result<PendingVat, Error> {
    let statement = VatStatement {
        counts: Counts {
            files: 0,
            directories: 1,
        },
        previous: None,
        unique_id: unique_id::FIRST,
        now: options.now,
    };
    let (layout, entries_offset) = if form.extended() {
        let header = VatHeader::new(form.revision, name);
        (VatLayout::Header(Box::new(header)), VatHeader::LEN)
    } else {
        let name = Box::new(name);
        (VatLayout::Tail { name, counted: true }, 0)
    };
    let mut vat = PendingVat {
        body: Blocks::default(),
        entries_offset: entries_offset as u64,
        entries: 2,
        layout,
        entry: root.entry.clone(),
        others: Vec::new(),
        attributes: Vec::new(),
    };
    let (offset, statement) = vat.state(form, &statement)?;
    let start = usize::try_from(offset).unwrap_or(0);
    let stated = start + statement.len();
    let mut block = Box::new([0; BLOCK_SIZE]);
    block[start..stated].copy_from_slice(&statement);
    vat.body.length = (entries_offset + 2 * size_of::<u32>()).max(stated) as u64;
    vat.body.dirty.insert(0, block);
    Ok(vat)
}
