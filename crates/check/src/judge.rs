//! The judge: what is known of the volume so far, and the order in which it is examined.

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
    /// The edition that the first NSR descriptor states: it decides the version of all tags.
    pub edition: Option<Nsr>,
    /// The serial number of the first tag.
    pub serial: Option<u16>,
    /// Which blocks belong to what.
    pub claims: Claims,
    /// Sectors of data that were read: extents may be shared.
    pub data_read: SectorSet,
    /// Sectors that stand for holes, and hold zeros.
    pub zeros: SectorSet,
    /// Blocks of bodies that may still be read: a good volume has none twice.
    pub budget: u64,
    /// What the integrity descriptor says of the volume as a whole.
    pub stated: Option<Stated>,
    /// Which volume is judged now.
    pub which: Which,
    /// The plain volumes of the disc.
    pub plain: Vec<VolumeOnDisc>,
    /// A closing with a plain volume that was interrupted.
    pub interrupted_closing: Option<InterruptedClosing>,
}

/// A volume that was judged.
pub(crate) struct Judged {
    pub layout: Layout,
    /// Not all of its tree was walked.
    pub incomplete: bool,
    /// Its descriptors *UDF LV Info and of the logical volume.
    pub information: Option<FoundDescriptor>,
    pub logical: FoundDescriptor,
}

impl<'a> Judge<'a> {
    pub fn new(drive: &'a mut Drive, options: &Options) -> Self {
        let disc = JudgedDisc::new(drive);
        Self {
            budget: 4 * disc.recorded_blocks() + 4096,
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

    /// Judges a volume; `None` where its descriptors do not lay it out.
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

    /// A rule does not hold, and the clause is its own.
    pub fn find(&mut self, kind: K, place: FindingPlace, detail: fmt::Arguments<'_>) {
        self.find_by(kind, kind.clause(), place, detail);
    }

    /// A rule of many structures does not hold, and the clause is that of this structure.
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

    /// A sector, which may not be readable.
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

    /// A sector in which something has to stand.
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

    /// Takes a block from what may still be read of bodies.
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
