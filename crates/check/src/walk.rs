//! The tree from the file set descriptor down: every reachable node, once.

use ecma167::file::{FileCharacteristics, FileSetDescriptor, FileType, LongAd};
use ecma167::general::{DString, TagIdentifier};
use ecma167::osta::unique_id;
use ecma167::{LogicalSector, RecordedAddress, VirtualAddress};
use zerocopy::{FromBytes, IntoBytes};

use crate::basic::Entity;
use crate::body::Body;
use crate::claims::{Owner, Use};
use crate::directory::Fid;
use crate::entry::{Loaded, Role};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map, Nowhere};
use crate::nodes::{Kind, NOBODY, Node, Tree};
use crate::rules::FindingKind as K;

/// Maximum number of ancestor directories checked for a loop.
const DEEPEST: usize = 1024;

/// Maximum bytes of a path (`UDF 2.60 2`, basic restrictions).
const LONGEST_PATH: u32 = 1023;

impl Judge<'_> {
    pub fn walk(&mut self, layout: &Layout) -> Tree {
        let mut tree = Tree::default();
        let Some(file_set) = self.file_set(layout, &mut tree) else {
            tree.incomplete = true;
            return tree;
        };
        let root = self.reach(
            layout,
            &mut tree,
            FindingPlace::Volume,
            &file_set.root_directory_icb,
            Role::Root,
        );
        match root {
            Some(root) => {
                if let Some(node) = tree.node_mut(root) {
                    node.parent = root;
                }
            }
            None => {
                tree.incomplete = true;
                let address = file_set.root_directory_icb.address();
                self.find(K::RootIcb, FindingPlace::Volume, format_args!("{address}"));
            }
        }
        let streams = file_set.system_stream_directory_icb;
        if streams.length().bytes() != 0 && layout.is_third_edition() {
            self.reach(
                layout,
                &mut tree,
                FindingPlace::Volume,
                &streams,
                Role::StreamDirectory,
            );
        }
        while let Some(number) = tree.waiting.pop() {
            self.visit(layout, &mut tree, number);
        }
        tree
    }

    fn file_set(&mut self, layout: &Layout, tree: &mut Tree) -> Option<FileSetDescriptor> {
        let contents = &layout.logical.logical_volume_contents_use;
        let address = contents.address();
        let place = layout.place(address);
        let sector = match layout.resolve(address) {
            Ok(sector) => sector,
            Err(Nowhere::Breaks(kind)) => {
                let place = FindingPlace::Sector(layout.logical_sector);
                self.find(kind, place, format_args!("file set descriptor at {address}"));
                return None;
            }
            Err(Nowhere::NotJudged) => {
                self.find(K::NotJudged, place, format_args!("the file set and all below it"));
                return None;
            }
        };
        tree.file_set = Some(address);
        let block = self.sector(sector, place, "file set descriptor")?;
        self.claim_in(
            sector.0,
            1,
            Owner::FileSet,
            Use::Structure,
            layout.is_below(address),
        );
        self.self_numbered(layout, address, sector);
        let identifier = TagIdentifier::FILE_SET_DESCRIPTOR;
        let tag = self.tag(place, &block, identifier, &[address.block])?;
        let length = size_of::<FileSetDescriptor>();
        self.crc_length(place, &tag, &[length]);
        self.trailing(place, &block, length);
        let (found, _) = FileSetDescriptor::read_from_prefix(&block).ok()?;
        self.file_set_fields(layout, place, &found);
        Some(found)
    }

    fn file_set_fields(&mut self, layout: &Layout, place: FindingPlace, found: &FileSetDescriptor) {
        const CLAUSE: &str = "ECMA-167 4/14.1";
        self.timestamp(
            place,
            CLAUSE,
            "recording date and time",
            &found.recording_date_and_time,
        );
        let levels = (
            found.interchange_level.get(),
            found.maximum_interchange_level.get(),
        );
        if levels != (3, 3) {
            self.find(K::FileSetLevel, place, format_args!("{levels:?}"));
        }
        let lists = (
            found.character_set_list.get(),
            found.maximum_character_set_list.get(),
        );
        if lists != (1, 1) {
            self.find_by(
                K::CharacterSetList,
                "UDF 2.60 2.3.2.3",
                place,
                format_args!("{lists:?}"),
            );
        }
        let numbers = (
            found.file_set_number.get(),
            found.file_set_descriptor_number.get(),
        );
        if numbers != (0, 0) {
            self.find(K::FileSetNumber, place, format_args!("{numbers:?}"));
        }
        self.charspec(
            place,
            "UDF 2.60 2.3.2.5",
            "logical volume identifier character set",
            &found.logical_volume_identifier_character_set,
        );
        self.charspec(
            place,
            "UDF 2.60 2.3.2.6",
            "file set character set",
            &found.file_set_character_set,
        );
        let name = found.logical_volume_identifier.as_bytes();
        self.dstring(place, CLAUSE, "logical volume identifier", name);
        let expected = layout.logical.logical_volume_identifier.as_bytes();
        self.same_name(place, name, expected, "file set descriptor");
        let identifiers = [
            ("file set identifier", &found.file_set_identifier),
            ("copyright file identifier", &found.copyright_file_identifier),
            ("abstract file identifier", &found.abstract_file_identifier),
        ];
        for (field, identifier) in identifiers {
            self.dstring(place, CLAUSE, field, &identifier.0);
        }
        if found.file_set_identifier == DString::EMPTY {
            self.find(
                K::VolumeIdentifierEmpty,
                place,
                format_args!("file set identifier"),
            );
        }
        let domain = &found.domain_identifier;
        self.entity(
            place,
            "UDF 2.60 2.3.2.7",
            "domain identifier",
            domain,
            Entity::Domain,
        );
        self.same_revision(place, "file set descriptor", domain.revision(), layout.revision);
        if found.next_extent != LongAd::default() {
            let next = found.next_extent.address();
            self.find(K::FileSetNext, place, format_args!("next extent at {next}"));
        }
        self.no_address_use(place, "root directory ICB", &found.root_directory_icb);
        let streams = &found.system_stream_directory_icb;
        if !layout.is_third_edition() && *streams != LongAd::default() {
            self.find(
                K::StreamDirectory,
                place,
                format_args!("in UDF {}", layout.revision),
            );
        } else if streams.length().bytes() == 0 && *streams != LongAd::default() {
            self.find(
                K::IcbExtent,
                place,
                format_args!("system stream directory of length 0"),
            );
        }
        self.zeros(place, CLAUSE, "reserved", &found.reserved);
    }

    /// Linux takes a node whose block equals its virtual address for the VAT.
    fn self_numbered(&mut self, layout: &Layout, address: RecordedAddress, sector: LogicalSector) {
        let Some(Map::Virtual(partition)) = layout.maps.get(usize::from(address.partition.0)) else {
            return;
        };
        if sector.0.checked_sub(partition.start) == Some(address.block) {
            let place = FindingPlace::Virtual(VirtualAddress(address.block));
            self.find(
                K::VatSelfNumbered,
                place,
                format_args!("logical block {}", address.block),
            );
        }
    }

    /// The node that an ICB field names, already known or added to the table; `None` if it leads nowhere.
    pub fn reach(
        &mut self,
        layout: &Layout,
        tree: &mut Tree,
        place: FindingPlace,
        icb: &LongAd,
        role: Role,
    ) -> Option<u32> {
        let (address, sector) = self.icb(layout, place, icb)?;
        if let Some(number) = tree.find(address) {
            self.reached_again(layout, tree, place, number, role);
            return Some(number);
        }
        let node_place = layout.place(address);
        let loaded = self.load(layout, sector, node_place, &[address.block], role);
        let Some(number) = tree.add(node(address, role, loaded.as_ref()), self.options.nodes) else {
            tree.incomplete = true;
            if self.report.count(K::LimitReached) == 0 {
                let most = self.options.nodes;
                self.find(
                    K::LimitReached,
                    FindingPlace::Volume,
                    format_args!("more than {most} nodes"),
                );
            }
            return None;
        };
        let is_file = loaded
            .as_ref()
            .is_some_and(|loaded| loaded.entry.icb_tag.file_type == FileType::FILE);
        let used_for = if is_file && layout.is_physical(address) {
            Use::FileEntry
        } else {
            Use::Structure
        };
        self.claim_in(
            sector.0,
            1,
            Owner::Node(number),
            used_for,
            layout.is_below(address),
        );
        self.self_numbered(layout, address, sector);
        let Some(loaded) = loaded else {
            tree.incomplete = true;
            return Some(number);
        };
        if role == Role::Stream {
            tree.stream_lengths
                .insert(number, loaded.entry.information_length);
        }
        match loaded.entry.icb_tag.file_type {
            FileType::DIRECTORY | FileType::STREAM_DIRECTORY => tree.waiting.push(number),
            FileType::SYMBOLIC_LINK => {
                let body = self.body(layout, &loaded, address, Owner::Node(number), true);
                self.symbolic_link(layout, loaded.place, &body);
            }
            _ => {
                self.body(layout, &loaded, address, Owner::Node(number), false);
            }
        }
        self.side_icbs(layout, tree, number, &loaded);
        Some(number)
    }

    /// Only a FID may name a known node, and only a node of the tree.
    fn reached_again(&mut self, layout: &Layout, tree: &Tree, place: FindingPlace, number: u32, role: Role) {
        let Some(node) = tree.node(number) else { return };
        let in_tree = matches!(role, Role::Root | Role::Named);
        if node.is_in_tree() && in_tree {
            return;
        }
        let at = layout.place(node.address);
        let (found, before) = (role.words(), node.role.words());
        if role == node.role {
            self.find(K::SideTwice, place, format_args!("{found} at {at}, named twice"));
        } else {
            self.find(
                K::NodeOfTwoKinds,
                place,
                format_args!("{found} at {at}, which is {before}"),
            );
        }
    }

    /// Reaches a stream directory, and extended attributes with their own ICB.
    fn side_icbs(&mut self, layout: &Layout, tree: &mut Tree, number: u32, loaded: &Loaded) {
        // Streams have no streams of their own: this recurses only once.
        if matches!(
            loaded.role,
            Role::ExtendedAttributes | Role::Stream | Role::StreamDirectory
        ) {
            let entry = &loaded.entry;
            if [entry.stream_directory_icb, entry.extended_attribute_icb] != [LongAd::default(); 2] {
                self.find(
                    K::StreamOfStream,
                    loaded.place,
                    format_args!("{}", loaded.role.words()),
                );
            }
            return;
        }
        let sides = [
            (&loaded.entry.stream_directory_icb, Role::StreamDirectory),
            (&loaded.entry.extended_attribute_icb, Role::ExtendedAttributes),
        ];
        for (icb, role) in sides {
            if icb.length().bytes() == 0 {
                if *icb != LongAd::default() {
                    self.find(K::IcbExtent, loaded.place, format_args!("{role:?} of length 0"));
                }
                continue;
            }
            if let Some(node) = tree.node_mut(number) {
                node.has_sides = true;
            }
            self.no_address_use(loaded.place, role.words(), icb);
            let entry = &loaded.entry;
            if role == Role::StreamDirectory && entry.extended {
                let beyond = entry.object_size.wrapping_sub(entry.information_length);
                tree.streams.insert(number, (beyond, 0));
            }
            let reached = self.reach(layout, tree, loaded.place, icb, role);
            if let Some(side) = reached.and_then(|reached| tree.node_mut(reached))
                && side.role == role
                && side.parent == NOBODY
            {
                side.parent = number;
            }
        }
    }

    /// Examines a directory of the table.
    fn visit(&mut self, layout: &Layout, tree: &mut Tree, number: u32) {
        let Some(node) = tree.node(number).copied() else {
            return;
        };
        let Ok(sector) = layout.resolve(node.address) else {
            return;
        };
        // Its fields were judged when it was first reached, so their findings are not repeated.
        let Some(loaded) = self.reload(layout, node.address, sector) else {
            return;
        };
        if node.kind == Kind::Directory {
            tree.directories += 1;
        }
        let body: Body = self.body(layout, &loaded, node.address, Owner::Node(number), true);
        self.directory(layout, tree, number, &loaded, node.address, &body);
    }

    /// The FID of the parent must name the directory that contains this one.
    pub fn parent_fid(&mut self, layout: &Layout, tree: &mut Tree, number: u32, fid: &Fid<'_>) {
        let place = fid.place;
        if !fid.identifier.is_empty() || !fid.is(FileCharacteristics::DIRECTORY) {
            self.find(
                K::FidParentName,
                place,
                format_args!(
                    "identifier of {} bytes, {:?}",
                    fid.identifier.len(),
                    fid.characteristics
                ),
            );
        }
        let Some((address, _)) = self.icb(layout, place, &fid.icb) else {
            return;
        };
        let Some(examined) = tree.node(number).copied() else {
            return;
        };
        let found = tree.find(address);
        if let Some(node) = found.and_then(|found| tree.node_mut(found)) {
            node.links += 1;
        }
        let is_directory = examined.kind == Kind::Directory;
        // The parent of a stream directory is its node; that of the system stream directory has none, and
        // names the root or itself.
        let of_system = !is_directory && examined.parent == NOBODY;
        if !of_system && found != Some(examined.parent) {
            self.find(K::FidParentIcb, place, format_args!("{address}"));
        }
        let parent = tree.node(examined.parent).map(|parent| parent.unique_id);
        if let Some(expected) = parent.filter(|_| is_directory && layout.is_third_edition()) {
            let stated = fid.icb.unique_id();
            if stated != unique_id::low_half(expected) {
                self.find(
                    K::FidUniqueIdOfParent,
                    place,
                    format_args!("{stated} instead of {expected}"),
                );
            }
        }
    }

    /// Judges what a FID names.
    pub fn named(&mut self, layout: &Layout, tree: &mut Tree, number: u32, fid: &Fid<'_>) {
        let Some(examined) = tree.node(number).copied() else {
            return;
        };
        let in_streams = examined.kind == Kind::StreamDirectory;
        let role = if in_streams { Role::Stream } else { Role::Named };
        if !fid.is(FileCharacteristics::DIRECTORY) && !in_streams {
            tree.files += 1;
        }
        let Some(reached) = self.reach(layout, tree, fid.place, &fid.icb, role) else {
            tree.incomplete = true;
            return;
        };
        let Some(node) = tree.node_mut(reached) else {
            return;
        };
        node.links += 1;
        let node = *node;
        if let Some(length) = tree.stream_lengths.get(&reached)
            && let Some((_, met)) = tree.streams.get_mut(&examined.parent)
        {
            *met = met.wrapping_add(*length);
        }
        let place = fid.place;
        if node.kind != Kind::Bad && (node.kind == Kind::Directory) != fid.is(FileCharacteristics::DIRECTORY)
        {
            self.find(K::FidDirectoryBit, place, format_args!("{}", fid.name()));
        }
        // The compression ID of each identifier counts as the separator between names.
        let identifier = u32::try_from(fid.identifier.len()).unwrap_or(u32::MAX);
        let path = u32::from(examined.path).saturating_add(identifier);
        if path > LONGEST_PATH && !in_streams {
            self.find(K::PathLength, place, format_args!("{path} bytes"));
        }
        if node.kind == Kind::Directory {
            self.named_directory(tree, number, reached, fid, path);
        }
        if layout.is_third_edition() && !in_streams {
            let stated = fid.icb.unique_id();
            if stated < 16 {
                self.find(K::FidUniqueId, place, format_args!("{stated} of {}", fid.name()));
            }
            if tree.fids.len() < 2 * self.options.nodes {
                tree.fids.push((stated, reached));
            }
        }
    }

    fn named_directory(&mut self, tree: &mut Tree, parent: u32, reached: u32, fid: &Fid<'_>, path: u32) {
        let Some(node) = tree.node_mut(reached) else {
            return;
        };
        if node.parent == NOBODY {
            node.parent = parent;
            node.path = u16::try_from(path).unwrap_or(u16::MAX);
            return;
        }
        let mut above = parent;
        // A loop longer than any path is found as a directory that is named twice.
        for _ in 0..DEEPEST {
            if above == reached {
                self.find(K::DirectoryLoop, fid.place, format_args!("{}", fid.name()));
                return;
            }
            match tree.node(above) {
                Some(node) if node.parent != above => above = node.parent,
                _ => break,
            }
        }
        self.find(K::DirectoryTwice, fid.place, format_args!("{}", fid.name()));
    }
}

fn node(address: RecordedAddress, role: Role, loaded: Option<&Loaded>) -> Node {
    let entry = loaded.map(|loaded| &loaded.entry);
    Node {
        address,
        kind: match entry.map(|entry| entry.icb_tag.file_type) {
            None => Kind::Bad,
            Some(FileType::DIRECTORY) => Kind::Directory,
            Some(FileType::STREAM_DIRECTORY) => Kind::StreamDirectory,
            Some(_) => Kind::Other,
        },
        role,
        has_sides: false,
        parent: NOBODY,
        unique_id: entry.map_or(0, |entry| entry.unique_id),
        links: 0,
        stated_links: entry.map_or(0, |entry| entry.file_link_count),
        path: 0,
    }
}
