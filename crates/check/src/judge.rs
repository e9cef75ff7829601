//! The judge: what is known about the volume so far, and the order in which it is examined.

use std::fmt;

use drive::Drive;
use ecma167::LogicalSector;
use ecma167::recognition::Nsr;

use crate::claims::Claims;
use crate::descriptor::FoundDescriptor;
use crate::disc::{Block, JudgedDisc};
use crate::finding::{FindingPlace, Report};
use crate::layout::Layout;
use crate::options::Options;
use crate::rules::FindingKind as K;
use crate::sector_set::SectorSet;
use crate::stated::Stated;
use crate::volume_on_disc::{InterruptedClosing, VolumeOnDisc, Which};

pub(crate) struct Judge<'a> {
    pub disc: JudgedDisc<'a>,
    pub report: Report,
    pub options: Options,
    /// The edition of the first NSR descriptor: it determines the version of all tags.
    pub edition: Option<Nsr>,
    /// The serial number of the first tag.
    pub serial: Option<u16>,
    /// The owners of blocks.
    pub claims: Claims,
    /// Sectors of data already read: extents may be shared.
    pub data_read: SectorSet,
    /// Sectors that represent holes, and contain zeros.
    pub zeros: SectorSet,
    /// Number of blocks of bodies that may still be read: a good volume needs each only once.
    pub budget: u64,
    /// What the integrity descriptor states about the volume as a whole.
    pub stated: Option<Stated>,
    /// The volume being judged.
    pub which: Which,
    /// The plain volumes of the disc.
    pub plain: Vec<VolumeOnDisc>,
    /// Plain volumes whose closing was abandoned; their sessions are those of the volume with the VAT.
    pub abandoned: Vec<VolumeOnDisc>,
    /// An interrupted closing with a plain volume.
    pub interrupted_closing: Option<InterruptedClosing>,
}

/// A judged volume.
pub(crate) struct Judged {
    pub layout: Layout,
    /// Part of its tree was not walked.
    pub incomplete: bool,
    /// Its descriptor *UDF LV Info and its logical volume descriptor.
    pub information: Option<FoundDescriptor>,
    pub logical: FoundDescriptor,
}

/// Number of blocks of bodies that are read at most.
pub(crate) fn body_blocks(disc: &JudgedDisc<'_>) -> u64 {
    4 * disc.recorded_blocks() + 4096
}

impl<'a> Judge<'a> {
    pub fn new(drive: &'a mut Drive, options: &Options) -> Self {
        let disc = JudgedDisc::new(drive);
        Self {
            budget: body_blocks(&disc),
            disc,
            report: Report::default(),
            options: options.clone(),
            edition: None,
            serial: None,
            claims: Claims::default(),
            data_read: SectorSet::default(),
            zeros: SectorSet::default(),
            stated: None,
            which: Which::Only,
            plain: Vec::new(),
            abandoned: Vec::new(),
            interrupted_closing: None,
        }
    }

    pub fn run(mut self) -> Report {
        self.examine();
        self.report
    }

    fn examine(&mut self) {
        self.find_ends_of_sessions();
        self.report.unjudged = self.unjudged();
        if self.report.unjudged.is_some() {
            return;
        }
        self.set_sessions_aside();
        let volumes = self.volumes();
        match &volumes[..] {
            [only] if only.which == Which::Only => {
                self.recognition();
                self.judge_volume(only);
            }
            _ => self.judge_two_volumes(volumes),
        }
    }

    /// Judges a volume; `None` if its descriptors do not determine its layout.
    pub fn judge_volume(&mut self, volume: &VolumeOnDisc) -> Option<Judged> {
        let anchors = self.anchors(&volume.places);
        let Some(described) = self.volume_descriptors(&anchors) else {
            self.session_ends(&anchors, None);
            return None;
        };
        let mut layout = described.layout;
        self.metadata_partitions(&mut layout);
        self.integrity(&layout);
        layout.vat = self.vat(&layout);
        self.session_ends(&anchors, layout.virtual_partition());
        let bitmaps = self.bitmaps(&layout);
        let tree = self.walk(&layout);
        let incomplete = tree.incomplete;
        let free = self.space(&layout, &tree, &bitmaps);
        self.account(&layout, tree, &free);
        Some(Judged {
            layout,
            incomplete,
            information: described.information,
            logical: described.logical,
        })
    }

    /// Reports that a rule does not hold, with the rule's own clause.
    pub fn find(&mut self, kind: K, place: FindingPlace, detail: fmt::Arguments<'_>) {
        self.find_by(kind, kind.clause(), place, detail);
    }

    /// Reports that a rule for many structures does not hold, with the clause for this structure.
    pub fn find_by(
        &mut self,
        kind: K,
        clause: &'static str,
        place: FindingPlace,
        detail: fmt::Arguments<'_>,
    ) {
        match self.which {
            Which::Plain => self
                .report
                .add(kind, clause, place, format_args!("plain volume: {detail}")),
            Which::Only | Which::Vat => self.report.add(kind, clause, place, detail),
        }
    }

    /// A sector, which may be unreadable.
    pub fn peek(&mut self, sector: LogicalSector) -> Option<Block> {
        if self.report.interrupted().is_some() {
            return None;
        }
        match self.disc.read(sector) {
            Ok(block) => block,
            Err(failed) => {
                self.report.interrupt(failed);
                None
            }
        }
    }

    /// A sector that must have contents.
    pub fn sector(&mut self, sector: LogicalSector, place: FindingPlace, what: &str) -> Option<Block> {
        let block = self.peek(sector);
        if block.is_none() {
            let kind = if self.disc.is_recorded(sector.0, 1) {
                K::Unreadable
            } else {
                K::NotRecorded
            };
            self.find(kind, place, format_args!("{what} at {sector}"));
        }
        block
    }

    /// Deducts a block from the number of body blocks that may still be read.
    pub fn spend(&mut self) -> bool {
        if self.budget == 0 {
            if self.report.count(K::LimitReached) == 0 {
                self.find(
                    K::LimitReached,
                    FindingPlace::Volume,
                    format_args!("bodies are longer than what is recorded on the medium"),
                );
            }
            return false;
        }
        self.budget -= 1;
        true
    }
}
