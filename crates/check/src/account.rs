//! Judgements that need the whole tree: link counts, unique IDs, counts of the VAT, and what nothing reaches.

use std::fmt;

use ecma167::general::TagIdentifier;
use ecma167::osta::unique_id::{self, ROOT};
use ecma167::osta::vat::NONE;
use ecma167::{LogicalSector, PartitionReference, RecordedAddress, VirtualAddress};

use crate::claims::Owner;
use crate::entry::Role;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::judged_vat::JudgedVat;
use crate::layout::Layout;
use crate::nodes::{Kind, Tree};
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::tag::identifier_of;

impl Judge<'_> {
    pub fn account(&mut self, layout: &Layout, tree: Tree, free: &[(usize, u64)]) {
        let summary = &mut self.report.summary;
        summary.nodes = tree.nodes.len() as u64;
        summary.files = tree.files;
        summary.directories = tree.directories;
        self.link_counts(layout, &tree);
        self.object_sizes(layout, &tree);
        self.unique_ids(layout, &tree);
        self.fid_unique_ids(layout, &tree);
        self.stated_counts(layout, &tree, free);
        self.counts(layout, &tree);
        if let (Some(vat), Some(partition)) = (&layout.vat, layout.virtual_partition()) {
            self.entries_of_vat(layout, vat, &partition, &tree);
            self.vats_left_out(layout, &partition, vat);
        }
        let place = |owner| match owner {
            Owner::Volume | Owner::FileSet | Owner::Metadata => FindingPlace::Volume,
            Owner::Vat => layout
                .vat
                .as_ref()
                .map_or(FindingPlace::Volume, |vat| FindingPlace::Block(vat.icb)),
            Owner::Node(number) => tree
                .node(number)
                .map_or(FindingPlace::Volume, |node| layout.place(node.address)),
        };
        self.overlaps(place, |sector| layout.sharing(sector));
    }

    fn link_counts(&mut self, layout: &Layout, tree: &Tree) {
        // FIDs that could not be read may name any node.
        if tree.incomplete {
            return;
        }
        for node in &tree.nodes {
            let stated = u32::from(node.stated_links);
            // The parent FID of a stream directory names its node, and not all writers count it. A stream
            // directory is named by no FID except its own.
            let fits = match node.role {
                _ if node.kind == Kind::Bad => true,
                Role::ExtendedAttributes | Role::Vat => true,
                Role::StreamDirectory => stated <= node.links.max(1),
                _ if node.has_sides => stated == node.links || stated + 1 == node.links,
                _ => stated == node.links,
            };
            if !fits {
                // If no name is ever removed, no reader uses the link count.
                let kind = match layout.is_read_only() {
                    true => K::LinkCountReadOnly,
                    false => K::LinkCount,
                };
                self.find(
                    kind,
                    layout.place(node.address),
                    format_args!("{}, FIDs: {}", node.stated_links, node.links),
                );
            }
        }
    }

    /// The object size of a node is that of its body and its streams.
    fn object_sizes(&mut self, layout: &Layout, tree: &Tree) {
        if tree.incomplete {
            return;
        }
        let mut all: Vec<_> = tree
            .streams
            .iter()
            .filter(|(_, (beyond, met))| beyond != met)
            .collect();
        all.sort_unstable();
        for (number, (beyond, met)) in all {
            if let Some(node) = tree.node(*number) {
                self.find(
                    K::ObjectSize,
                    layout.place(node.address),
                    format_args!("{beyond} beyond its body, streams of {met}"),
                );
            }
        }
    }

    fn unique_ids(&mut self, layout: &Layout, tree: &Tree) {
        let usable = tree
            .nodes
            .iter()
            .filter(|node| node.kind != Kind::Bad && node.is_in_tree());
        let mut ids: Vec<(u64, RecordedAddress)> =
            usable.map(|node| (node.unique_id, node.address)).collect();
        ids.sort_unstable();
        for pair in ids.windows(2) {
            let [(one, first), (other, second)] = pair else {
                continue;
            };
            if one == other {
                let other = layout.place(*first);
                self.find(
                    K::UniqueIdTwice,
                    layout.place(*second),
                    format_args!("{one}, also of {other}"),
                );
            }
        }
        let (Some(vat), Some((highest, _))) = (&layout.vat, ids.last()) else {
            return;
        };
        let of_fids = tree.fids.iter().map(|(id, _)| u64::from(*id)).max();
        // Once the low half has wrapped around, the next ID is no longer above all others.
        let highest = of_fids
            .filter(|_| *highest <= 0xFFFF_FFFF)
            .map_or(*highest, |of_fids| of_fids.max(*highest));
        if vat.unique_id <= highest && highest != 0 {
            self.find(
                K::VatUniqueId,
                FindingPlace::Block(vat.icb),
                format_args!("{}, in use: {highest}", vat.unique_id),
            );
        }
    }

    fn fid_unique_ids(&mut self, layout: &Layout, tree: &Tree) {
        let mut fids = tree.fids.clone();
        fids.sort_unstable();
        for pair in fids.windows(2) {
            let [(one, first), (other, second)] = pair else {
                continue;
            };
            if one == other && *one >= 16 {
                self.fid_twice(layout, tree, *one, *first, *second);
            }
        }
        // The ID in a FID is that of its node, or one that no other node has.
        let mut nodes: Vec<(u32, u32)> = (0_u32..)
            .zip(&tree.nodes)
            .filter(|(_, node)| node.kind != Kind::Bad && node.is_in_tree())
            .map(|(number, node)| (unique_id::low_half(node.unique_id), number))
            .collect();
        nodes.sort_unstable();
        let mut named = vec![false; tree.nodes.len()];
        for (id, number) in &fids {
            let own = tree
                .node(*number)
                .is_some_and(|node| unique_id::low_half(node.unique_id) == *id);
            let place = tree
                .node(*number)
                .map_or(FindingPlace::Volume, |node| layout.place(node.address));
            if own {
                if let Some(named) = usize::try_from(*number).ok().and_then(|at| named.get_mut(at)) {
                    *named = true;
                }
            } else if let Ok(at) = nodes.binary_search_by_key(id, |(id, _)| *id) {
                let other = tree
                    .node(nodes[at].1)
                    .map_or(FindingPlace::Volume, |node| layout.place(node.address));
                self.find(
                    K::FidUniqueId,
                    place,
                    format_args!("{id} in a FID is that of {other}"),
                );
            }
        }
        for ((number, node), named) in (0_u32..).zip(&tree.nodes).zip(named) {
            let counts = node.kind != Kind::Bad && node.is_in_tree() && node.unique_id != ROOT;
            if layout.is_third_edition() && counts && !named && !tree.incomplete && node.links > 0 {
                let place = tree
                    .node(number)
                    .map_or(FindingPlace::Volume, |node| layout.place(node.address));
                self.find(K::FidUniqueIdOther, place, format_args!("{}", node.unique_id));
            }
        }
    }

    fn fid_twice(&mut self, layout: &Layout, tree: &Tree, id: u32, first: u32, second: u32) {
        let place = |number| {
            tree.node(number)
                .map_or(FindingPlace::Volume, |node| layout.place(node.address))
        };
        let other = place(first);
        self.find(
            K::FidUniqueIdTwice,
            place(second),
            format_args!("{id}, also of {other}"),
        );
    }

    fn counts(&mut self, layout: &Layout, tree: &Tree) {
        let Some(vat) = &layout.vat else { return };
        let Some((files, directories)) = vat.counts.filter(|_| !tree.incomplete) else {
            return;
        };
        let place = FindingPlace::Block(vat.icb);
        if u64::from(files) != tree.files {
            self.find(K::VatFiles, place, format_args!("{files}, FIDs: {}", tree.files));
        }
        if u64::from(directories) != tree.directories {
            self.find(
                K::VatDirectories,
                place,
                format_args!("{directories}, found: {}", tree.directories),
            );
        }
    }

    /// Judges the integrity descriptor. It is current if it was closed after everything else; with a VAT it
    /// is as old as the volume.
    fn stated_counts(&mut self, layout: &Layout, tree: &Tree, free: &[(usize, u64)]) {
        let Some(stated) = self.stated.take() else { return };
        let place = stated.place;
        let mut find = |kind, detail: fmt::Arguments<'_>| self.find(kind, place, detail);
        let all = |(files, directories): (u32, u32)| u64::from(files) + u64::from(directories);
        if layout.virtual_reference().is_some() {
            // Each node except the root has an ID, and so does each further name from 2.00 on.
            let given = stated.unique_id.saturating_sub(16);
            if let Some(counts) = stated.counts
                && stated.unique_id <= u64::from(u32::MAX)
                && (layout.is_third_edition() || given == 0)
                && all(counts) > given + 1
            {
                let (files, directories) = counts;
                find(
                    K::IntegrityCounts,
                    format_args!("{files} and {directories}, and {given} unique IDs were assigned"),
                );
            }
            return;
        }
        if !stated.closed {
            return;
        }
        for (reference, blocks) in free {
            if let Some(found) = stated.free.get(*reference)
                && u64::from(*found) != *blocks
            {
                find(
                    K::IntegrityFreeSpace,
                    format_args!("{found} of partition reference {reference}, free: {blocks}"),
                );
            }
        }
        if tree.incomplete {
            return;
        }
        if let Some((files, directories)) = stated.counts
            && (u64::from(files), u64::from(directories)) != (tree.files, tree.directories)
        {
            find(
                K::IntegrityCounts,
                format_args!(
                    "{files} and {directories}, found: {} and {}",
                    tree.files, tree.directories
                ),
            );
        }
        let of_nodes = tree
            .nodes
            .iter()
            .filter(|node| node.is_in_tree())
            .map(|node| node.unique_id);
        let of_fids = tree.fids.iter().map(|(id, _)| u64::from(*id));
        let highest = of_nodes.chain(of_fids);
        if let Some(highest) = highest
            .max()
            .filter(|highest| *highest >= stated.unique_id && *highest != 0)
        {
            find(
                K::IntegrityUniqueId,
                format_args!("{}, in use: {highest}", stated.unique_id),
            );
        }
    }

    /// Judges what entries of the VAT name although nothing reaches it: at least a structure with its own
    /// virtual address.
    fn entries_of_vat(&mut self, layout: &Layout, vat: &JudgedVat, partition: &Partition, tree: &Tree) {
        let Some(reference) = layout.virtual_reference() else {
            return;
        };
        for (number, entry) in (0_u32..).zip(&vat.entries) {
            let address = RecordedAddress {
                partition: PartitionReference(reference),
                block: number,
            };
            let outside = *entry == NONE || *entry >= partition.length;
            if outside || tree.find(address).is_some() || tree.file_set == Some(address) {
                continue;
            }
            let sector = LogicalSector(partition.start.saturating_add(*entry));
            if !self.disc.is_recorded(sector.0, 1) {
                continue;
            }
            let place = FindingPlace::Virtual(VirtualAddress(number));
            let Some(block) = self.peek(sector) else {
                self.unreadable_entry(place, sector);
                continue;
            };
            let identifier = identifier_of(&block);
            let known = [
                TagIdentifier::FILE_SET_DESCRIPTOR,
                TagIdentifier::FILE_ENTRY,
                TagIdentifier::EXTENDED_FILE_ENTRY,
            ];
            if !known.contains(&identifier) {
                self.find(K::VatEntryIcb, place, format_args!("{identifier:?} at {sector}"));
            } else if self.tag(place, &block, identifier, &[number]).is_some() && !tree.incomplete {
                self.find(
                    K::VatUnreached,
                    place,
                    format_args!("{} at {sector}", identifier.name()),
                );
            }
        }
    }

    fn unreadable_entry(&mut self, place: FindingPlace, sector: LogicalSector) {
        if self.report.interrupted().is_none() {
            self.find(K::Unreadable, place, format_args!("{sector}"));
        }
    }
}
