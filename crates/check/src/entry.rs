//! File entries and extended file entries (`ECMA-167 4/14.6`, `4/14.9`, `4/14.17`, `UDF 2.60 2.3.5`,
//! `2.3.6`).

use ecma167::file::{ExtentType, FileEntry, FileType, IcbFlags, LongAd};
use ecma167::general::TagIdentifier;
use ecma167::osta::unique_id;
use ecma167::{LogicalSector, RecordedAddress};

use crate::basic::Entity;
use crate::disc::Block;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Nowhere};
use crate::rules::FindingKind as K;
use crate::tag::{identifier_of, resealed};

/// The role of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Vat,
    Root,
    /// Named by a FID of a directory.
    Named,
    StreamDirectory,
    /// Named by a FID of a stream directory.
    Stream,
    ExtendedAttributes,
    /// The file of a metadata partition, its mirror or its bitmap.
    Metadata,
}

impl Role {
    /// In words, for a finding.
    pub fn words(self) -> &'static str {
        match self {
            Self::Vat => "a VAT",
            Self::Root => "the root",
            Self::Named => "a file or directory",
            Self::StreamDirectory => "a stream directory",
            Self::Stream => "a stream",
            Self::ExtendedAttributes => "extended attributes",
            Self::Metadata => "a metadata file",
        }
    }
}

/// A usable entry.
pub(crate) struct Loaded {
    pub place: FindingPlace,
    pub sector: LogicalSector,
    pub role: Role,
    pub entry: FileEntry,
    pub block: Block,
}

/// Flags that must be 0: sorted, transformed, multi-version, reserved ones.
const UNUSED_FLAGS: u16 = 1 << 3 | 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15;
const UNUSED_PERMISSIONS: u32 = !0x7FFF;

impl Judge<'_> {
    /// The address in an ICB field, and its sector.
    pub fn icb(
        &mut self,
        layout: &Layout,
        place: FindingPlace,
        icb: &LongAd,
    ) -> Option<(RecordedAddress, LogicalSector)> {
        let length = icb.length();
        let address = icb.address();
        let size = self.disc.size().bytes();
        let is_block = length.bytes() == size && length.extent_type() == ExtentType::Recorded;
        if !is_block {
            if !self.is_icb_of_versions(layout, icb) {
                self.find(
                    K::IcbExtent,
                    place,
                    format_args!("length field {:#x} at {address}", length.0),
                );
            }
            // Other extents cannot have an entry.
            if length.bytes() < size || length.extent_type() != ExtentType::Recorded {
                return None;
            }
        }
        let flags = u16::from_le_bytes([icb.implementation_use[0], icb.implementation_use[1]]);
        if flags != 0 {
            self.find(K::AddressUse, place, format_args!("{flags:#06x}"));
        }
        match layout.resolve(address) {
            Ok(sector) => self.newest_version(layout, place, (address, sector)),
            Err(Nowhere::Breaks(kind)) => {
                self.find(kind, place, format_args!("ICB at {address}"));
                None
            }
            Err(Nowhere::NotJudged) => {
                self.find(K::NotJudged, place, format_args!("ICB at {address}"));
                None
            }
        }
    }

    /// Whether an extent of several blocks is an ICB of strategy 4096, with the next version after the first.
    fn is_icb_of_versions(&mut self, layout: &Layout, icb: &LongAd) -> bool {
        let length = icb.length();
        let size = self.disc.size().bytes();
        let whole = length.bytes() > size && length.bytes().is_multiple_of(size);
        if !whole || length.extent_type() != ExtentType::Recorded {
            return false;
        }
        let sector = layout.resolve(icb.address());
        sector.is_ok_and(|sector| self.has_versions(sector))
    }

    /// Checks the implementation use of an address outside FIDs: it contains no unique ID.
    pub fn no_address_use(&mut self, place: FindingPlace, field: &str, address: &LongAd) {
        if address.implementation_use[2..] != [0; 4] {
            let used = address.implementation_use;
            self.find(K::AddressUse, place, format_args!("{field}: {used:?}"));
        }
    }

    /// Reads and judges the entry in a sector; returns it if it is usable.
    pub fn load(
        &mut self,
        layout: &Layout,
        sector: LogicalSector,
        place: FindingPlace,
        locations: &[u32],
        role: Role,
    ) -> Option<Loaded> {
        let block = self.sector(sector, place, "ICB")?;
        let identifier = match identifier_of(&block) {
            TagIdentifier::FILE_ENTRY => TagIdentifier::FILE_ENTRY,
            TagIdentifier::EXTENDED_FILE_ENTRY => TagIdentifier::EXTENDED_FILE_ENTRY,
            _ if layout.is_third_edition() => TagIdentifier::EXTENDED_FILE_ENTRY,
            _ => TagIdentifier::FILE_ENTRY,
        };
        let tag = self.tag(place, &block, identifier, locations)?;
        if identifier == TagIdentifier::EXTENDED_FILE_ENTRY && !layout.is_third_edition() {
            self.find(K::EntryEdition, place, format_args!("in UDF {}", layout.revision));
        }
        let entry = match FileEntry::decode(&resealed(&block, identifier), None) {
            Ok(entry) => entry,
            Err(fault) => {
                let kind = match fault.kind {
                    ecma167::MalformedKind::Field("information length") => K::InformationLength,
                    _ => K::Malformed,
                };
                self.find_by(kind, fault.clause, place, format_args!("{}", fault.kind));
                return None;
            }
        };
        let length = FileEntry::header_len(entry.extended)
            + entry.extended_attributes.len()
            + entry.allocation_descriptors.len();
        self.crc_length(place, &tag, &[length]);
        self.trailing(place, &block, length);
        let loaded = Loaded {
            place,
            sector,
            role,
            entry,
            block,
        };
        self.icb_tag(&loaded);
        self.entry_fields(&loaded);
        self.extended_attributes(&loaded, locations);
        Some(loaded)
    }

    /// Rereads an entry that was already judged.
    pub fn reload(
        &mut self,
        layout: &Layout,
        address: RecordedAddress,
        sector: LogicalSector,
    ) -> Option<Loaded> {
        let block = self.peek(sector)?;
        let entry = FileEntry::decode(&resealed(&block, identifier_of(&block)), None).ok()?;
        Some(Loaded {
            place: layout.place(address),
            sector,
            role: Role::Named,
            entry,
            block,
        })
    }

    fn icb_tag(&mut self, loaded: &Loaded) {
        let (place, icb) = (loaded.place, &loaded.entry.icb_tag);
        let strategy = icb.strategy_type.get();
        match strategy {
            4 => {
                let most = icb.maximum_number_of_entries.get();
                let before = icb.prior_recorded_number_of_direct_entries.get();
                if icb.strategy_parameter != [0; 2] || most != 1 || before != 0 {
                    self.find(
                        K::IcbStrategyParameter,
                        place,
                        format_args!(
                            "parameter {:?}, at most {most}, {before} before",
                            icb.strategy_parameter
                        ),
                    );
                }
            }
            // In virtual space the VAT leads to the newest entry.
            4096 if !matches!(place, FindingPlace::Virtual(_)) => {}
            other => self.find(K::IcbStrategy, place, format_args!("{other}")),
        }
        self.zeros(place, "ECMA-167 4/14.6.5", "ICB tag, reserved", &[icb.reserved]);
        if icb.parent_icb_location != ecma167::file::LbAddr::default() {
            self.find(K::IcbParent, place, format_args!("{:?}", icb.parent_icb_location));
        }
        let flags = icb.flags.get();
        if flags & UNUSED_FLAGS != 0 {
            self.find(K::IcbFlags, place, format_args!("{flags:#06x}"));
        }
        let is_stream = icb.icb_flags().contains(IcbFlags::STREAM);
        let may_differ = match loaded.role {
            // A stream directory is not itself a stream, but some writers flag it as one.
            Role::StreamDirectory => true,
            Role::Stream => is_stream,
            _ => !is_stream,
        };
        if !may_differ {
            self.find(K::IcbStreamFlag, place, format_args!("{flags:#06x}"));
        }
        if !matches!(flags & 7, 0 | 1 | 3) {
            self.find(K::IcbForm, place, format_args!("form {}", flags & 7));
        }
        let found = icb.file_type;
        let allowed: &[FileType] = match loaded.role {
            // Judged with the VAT.
            Role::Vat | Role::Metadata => return,
            Role::Root => &[FileType::DIRECTORY],
            Role::StreamDirectory => &[FileType::STREAM_DIRECTORY],
            Role::ExtendedAttributes => &[FileType::EXTENDED_ATTRIBUTES],
            Role::Stream => &[FileType::FILE, FileType::REAL_TIME],
            Role::Named => &[
                FileType::DIRECTORY,
                FileType::FILE,
                FileType::BLOCK_DEVICE,
                FileType::CHARACTER_DEVICE,
                FileType::FIFO,
                FileType::SOCKET,
                FileType::SYMBOLIC_LINK,
                FileType::REAL_TIME,
            ],
        };
        if !allowed.contains(&found) {
            self.find(K::IcbFileType, place, format_args!("{found:?} ({})", found.0));
        }
    }

    fn entry_fields(&mut self, loaded: &Loaded) {
        let (place, entry, block) = (loaded.place, &loaded.entry, &loaded.block);
        let clause = if entry.extended {
            "ECMA-167 4/14.17"
        } else {
            "ECMA-167 4/14.9"
        };
        let permissions = entry.permissions.bits();
        if permissions & UNUSED_PERMISSIONS != 0 {
            self.find(K::Permissions, place, format_args!("{permissions:#010x}"));
        }
        if block[50..56].iter().any(|byte| *byte != 0) {
            self.find(K::RecordFormat, place, format_args!("{:?}", &block[50..56]));
        }
        let times = [
            ("access time", Some(entry.access_time)),
            ("modification time", Some(entry.modification_time)),
            ("creation time", entry.creation_time),
            ("attribute time", Some(entry.attribute_time)),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                self.timestamp(place, clause, name, &time);
            }
        }
        if entry.checkpoint == 0 {
            self.find(K::Checkpoint, place, format_args!("0"));
        }
        if entry.extended {
            self.zeros(place, clause, "reserved", &block[132..136]);
            self.object_size(loaded);
        }
        self.entity(
            place,
            "UDF 2.60 2.3.6",
            "implementation identifier",
            &entry.implementation_identifier,
            Entity::Implementation,
        );
        let is_special = matches!(
            entry.icb_tag.file_type,
            FileType::FIFO | FileType::SOCKET | FileType::BLOCK_DEVICE | FileType::CHARACTER_DEVICE
        );
        if is_special && entry.information_length != 0 {
            let (found, length) = (entry.icb_tag.file_type, entry.information_length);
            self.find(K::BodyOfSpecial, place, format_args!("{found:?}, {length} bytes"));
        }
        let low = unique_id::low_half(entry.unique_id);
        match loaded.role {
            Role::Root if entry.unique_id != 0 => {
                self.find(K::RootUniqueId, place, format_args!("{}", entry.unique_id));
            }
            Role::Named | Role::Vat if low < 16 => {
                self.find(K::UniqueIdReserved, place, format_args!("{}", entry.unique_id));
            }
            _ => {}
        }
    }

    /// Judges the object size; with streams, it is judged once their lengths are known.
    fn object_size(&mut self, loaded: &Loaded) {
        let entry = &loaded.entry;
        let has_streams = entry.stream_directory_icb.length().bytes() != 0;
        if !has_streams && entry.object_size != entry.information_length {
            self.find(
                K::ObjectSize,
                loaded.place,
                format_args!("{} of {} bytes", entry.object_size, entry.information_length),
            );
        }
    }
}
