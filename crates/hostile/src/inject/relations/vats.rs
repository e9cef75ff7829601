//! The VAT: its entries, its copies, and the chain of earlier ones.

use ecma167::BLOCK_SIZE;
use volume::{Body, ExtentKind};

use super::blocks::{put, sealed, with};
use super::maker::Maker;
use crate::repair::half;

pub fn break_chain(maker: &mut Maker<'_>) {
    let Some(vat) = maker.volume.vat().cloned() else {
        return;
    };
    let start = maker.volume.maps()[0].partition().expect("a usable map").start.0;
    let icb = start + vat.icb.0;
    let copy = maker.disc.block(icb - 1);
    let third = half(&copy, 0) == 266;
    if copy[27] == maker.disc.block(icb)[27] && half(&copy, 0) == half(&maker.disc.block(icb), 0) {
        let other = sealed(&copy, |block| block[if third { 92 } else { 84 }] ^= 1);
        maker.broken(
            "differing copies of the VAT ICB at N-1 and N",
            vec![(icb - 1, other)],
        );
    }
    let Body::Extents(extents) = &vat.body else { return };
    let place = |offset: u64| {
        let mut first = 0;
        extents.iter().find_map(|extent| {
            let ExtentKind::Recorded(address) = extent.kind else {
                return None;
            };
            let here = first..first + extent.length;
            first += extent.length;
            let inside = here.contains(&offset).then(|| offset - here.start)?;
            let block = u32::try_from(inside / BLOCK_SIZE as u64).ok()?;
            Some((
                start + address.block + block,
                usize::try_from(inside % BLOCK_SIZE as u64).ok()?,
            ))
        })
    };
    let at = |address: u64| place(vat.entries_offset + 4 * address).expect("an entry");
    let ((one, first), (two, second)) = (at(1), at(2));
    assert_eq!(one, two, "entries of one block");
    let block = maker.disc.block(one);
    let (root, other) = (
        block[first..first + 4].to_vec(),
        block[second..second + 4].to_vec(),
    );
    let swapped = with(&block, |block| {
        put(block, first, &other);
        put(block, second, &root);
    });
    maker.broken("two VAT entries with each other's block", vec![(one, swapped)]);
    let same = with(&block, |block| put(block, second, &root));
    maker.broken("two VAT entries with one block", vec![(one, same)]);
    let previous = match vat.form {
        volume::VatForm::V200 => place(132),
        volume::VatForm::V150 => place(4 * u64::from(vat.entries) + 32),
    };
    let (sector, field) = previous.expect("a previous location");
    let block = maker.disc.block(sector);
    let mut chain = vec![vat.clone()];
    while let Ok(Some(before)) = maker.volume.previous_vat(chain.last().expect("a VAT")) {
        chain.push(before);
    }
    assert!(chain.len() > 3, "several generations");
    let mut name = |what, to: u32| {
        let changed = with(&block, |block| put(block, field, &to.to_le_bytes()));
        maker.broken(what, vec![(sector, changed)]);
    };
    name("previous VAT: two generations back", chain[2].icb.0);
    name("previous VAT: the first", chain[chain.len() - 1].icb.0);
    name("previous VAT: itself", vat.icb.0);
    name("previous VAT: not a VAT", vat.icb.0 - 40);
    name("previous VAT: none, although there is one", u32::MAX);
}
