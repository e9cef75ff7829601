//! The Rock Ridge Interchange Protocol (IEEE P1282): the POSIX attributes of a file, as SUSP entries.

use std::borrow::Cow;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::both_endian::BothU32;
use crate::date::RecordDate;
use crate::malformed::{Malformed, MalformedKind};
use crate::names::Name;
use crate::section::TooLarge;
use crate::susp::{Entry, HEADER_BYTES, MAX_ENTRY_BYTES, push};

/// Identifier, description and source of RRIP 1.12 in ER.
pub const EXTENSION: [&str; 3] = [
    "IEEE_P1282",
    "THE IEEE P1282 PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS",
    "PLEASE CONTACT THE IEEE STANDARDS DEPARTMENT, PISCATAWAY, NJ, USA FOR THE P1282 SPECIFICATION",
];

/// Maximum length of a symbolic link target in bytes: for a longer one, xorriso refuses the whole image and
/// isoinfo aborts.
pub const MAX_TARGET_BYTES: usize = 1023;

/// The POSIX attributes of a file, without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// `st_mode`: type and permissions.
    pub mode: u32,
    /// `st_nlink`.
    pub links: u32,
    /// `st_uid`.
    pub uid: u32,
    /// `st_gid`.
    pub gid: u32,
    /// File serial number, `st_ino`: the same for all names of a file, and different for every other file.
    /// libarchive takes adjacent files with the same number for hard links.
    pub serial: u32,
    /// Last change of the data.
    pub modified: RecordDate,
    /// Last access.
    pub accessed: RecordDate,
    /// Last change of these attributes.
    pub changed: RecordDate,
}

/// The Rock Ridge data of a child of a directory.
#[derive(Clone, Copy, Debug)]
pub struct RockRidge<'a> {
    /// Its name.
    pub name: &'a Name,
    /// Its attributes.
    pub attributes: &'a Attributes,
    /// Data of some types only.
    pub special: Special<'a>,
}

/// Data of symbolic links and devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special<'a> {
    /// Any other file.
    None,
    /// The target of a symbolic link.
    Target(Target<'a>),
    /// Device numbers.
    Device {
        /// The major number.
        major: u32,
        /// The minor number.
        minor: u32,
    },
}

/// The target of a symbolic link, at most [`MAX_TARGET_BYTES`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a>(&'a [u8]);

impl<'a> Target<'a> {
    /// A target in POSIX form.
    ///
    /// # Errors
    /// If it is too long.
    pub fn new(target: &'a [u8]) -> Result<Self, TooLarge> {
        if target.len() > MAX_TARGET_BYTES {
            return Err(TooLarge {
                structure: "SL",
                asked: target.len() as u64,
                most: MAX_TARGET_BYTES as u64,
            });
        }
        Ok(Self(target))
    }
}

/// PX in the form of RRIP 1.12, with the serial number (`RRIP 1.12 4.1.1`).
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Px {
    mode: BothU32,
    links: BothU32,
    uid: BothU32,
    gid: BothU32,
    serial: BothU32,
}

pub(crate) const PX_BYTES: usize = HEADER_BYTES + size_of::<Px>();
/// Bytes of NM without the name.
pub(crate) const NM_BYTES: usize = HEADER_BYTES + 1;
/// TF with three times in the short form.
pub(crate) const TF_BYTES: usize = HEADER_BYTES + 1 + 3 * size_of::<RecordDate>();

/// In TF: which times are recorded (`RRIP 1.12 4.1.6`). The others are not used here.
const TF_MODIFY: u8 = 0x02;
const TF_ACCESS: u8 = 0x04;
const TF_ATTRIBUTES: u8 = 0x08;
const TF_KNOWN: u8 = 0x7F;
const TF_LONG_FORM: u8 = 0x80;

/// In NM, SL and components of SL: the next one continues this one.
const CONTINUE: u8 = 0x01;
const COMPONENT_CURRENT: u8 = 0x02;
const COMPONENT_PARENT: u8 = 0x04;
const COMPONENT_ROOT: u8 = 0x08;

pub(crate) fn push_px(into: &mut Vec<u8>, attributes: &Attributes) {
    let px = Px {
        mode: attributes.mode.into(),
        links: attributes.links.into(),
        uid: attributes.uid.into(),
        gid: attributes.gid.into(),
        serial: attributes.serial.into(),
    };
    push(into, *b"PX", &[px.as_bytes()]);
}

pub(crate) fn push_tf(into: &mut Vec<u8>, attributes: &Attributes) {
    let flags = [TF_MODIFY | TF_ACCESS | TF_ATTRIBUTES];
    let times = [attributes.modified, attributes.accessed, attributes.changed];
    push(into, *b"TF", &[&flags, times.as_bytes()]);
}

pub(crate) fn push_nm(into: &mut Vec<u8>, name: &Name) {
    push(into, *b"NM", &[&[0], name.as_bytes()]);
}

/// PN (`RRIP 1.12 4.1.2`).
///
/// libarchive and xorriso combine both fields into a 64-bit `dev_t` of Linux, whose lower half has 12 bits of
/// the major number above 8 of the minor one. Linux does the same with a lower half beyond 8 bits if the
/// upper half is 0. Numbers that do not fit are recorded separately, a form that only Linux reads.
pub(crate) fn push_pn(into: &mut Vec<u8>, major: u32, minor: u32) {
    let (major, minor) = if major < 1 << 12 && minor < 1 << 8 {
        (0, major << 8 | minor)
    } else {
        (major, minor)
    };
    push(
        into,
        *b"PN",
        &[BothU32::new(major).as_bytes(), BothU32::new(minor).as_bytes()],
    );
}

/// Maximum bytes of the components in one SL.
const SL_ROOM: usize = MAX_ENTRY_BYTES - HEADER_BYTES - 1;
/// Bytes of the flags and length of a component.
const COMPONENT_BYTES: usize = 2;

/// The SL entries of a target (`RRIP 1.12 4.1.3`). Slashes that follow another one or end the target are left
/// out.
///
/// A full entry ends inside a component that continues in the next entry, even if with no bytes: between the
/// last whole component of an entry and the first of the next one, libarchive puts no slash, and Linux does.
pub(crate) fn push_sl(into: &mut Vec<u8>, Target(target): Target<'_>) {
    let mut components = Vec::with_capacity(SL_ROOM);
    if target.starts_with(b"/") {
        components.extend([COMPONENT_ROOT, 0]);
    }
    let mut names = target
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty())
        .peekable();
    while let Some(mut name) = names.next() {
        loop {
            let (flags, bytes): (u8, &[u8]) = match name {
                b"." => (COMPONENT_CURRENT, b""),
                b".." => (COMPONENT_PARENT, b""),
                _ => (0, name),
            };
            // Another component follows, so its beginning needs room in this entry.
            let next = if names.peek().is_some() {
                COMPONENT_BYTES
            } else {
                0
            };
            if components.len() + COMPONENT_BYTES + bytes.len() + next <= SL_ROOM {
                push_component(&mut components, flags, bytes);
                break;
            }
            let room = SL_ROOM - components.len() - COMPONENT_BYTES;
            let (now, later) = name.split_at(room.min(name.len().saturating_sub(1)));
            push_component(&mut components, CONTINUE, now);
            push(into, *b"SL", &[&[CONTINUE], &components]);
            components.clear();
            name = later;
            // The rest of ".." is a name like any other.
            if name == b"." {
                push_component(&mut components, 0, name);
                break;
            }
        }
    }
    push(into, *b"SL", &[&[0], &components]);
}

fn push_component(into: &mut Vec<u8>, flags: u8, name: &[u8]) {
    into.push(flags);
    into.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    into.extend_from_slice(name);
}

/// The data in the entries of one file, gathered in the order in which they are recorded, including
/// continuations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// `st_mode`, `st_nlink`, `st_uid`, `st_gid`, and `st_ino` if it is recorded.
    pub posix: Option<(u32, u32, u32, u32, Option<u32>)>,
    /// Times of data modification, of access, and of attribute change.
    pub times: [Option<RecordDate>; 3],
    /// The name.
    pub name: Option<Vec<u8>>,
    /// The target of a symbolic link.
    pub target: Option<Vec<u8>>,
    /// Device numbers, major and minor.
    pub device: Option<(u32, u32)>,
    /// Whether the last NM is continued.
    name_goes_on: bool,
    /// Whether the last component of SL is continued.
    component_goes_on: bool,
}

impl Gathered {
    /// Reads one entry; those of other standards are ignored.
    ///
    /// # Errors
    /// If it is one of these entries but malformed.
    pub fn take(&mut self, entry: &Entry<'_>) -> Result<(), Malformed> {
        match &entry.signature {
            b"PX" => self.take_px(entry.data),
            b"TF" => self.take_tf(entry.data),
            b"NM" => self.take_nm(entry.data),
            b"SL" => self.take_sl(entry.data),
            b"PN" => {
                let (major, rest) = both("PN", "RRIP 1.12 4.1.2", entry.data)?;
                let (minor, _) = both("PN", "RRIP 1.12 4.1.2", rest)?;
                let is_joined = major == 0 && minor >= 1 << 8;
                self.device = Some(if is_joined {
                    (minor >> 8, minor & 0xFF)
                } else {
                    (major, minor)
                });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take_px(&mut self, data: &[u8]) -> Result<(), Malformed> {
        let next = |data| both("PX", "RRIP 1.12 4.1.1", data);
        let (mode, data) = next(data)?;
        let (links, data) = next(data)?;
        let (uid, data) = next(data)?;
        let (gid, data) = next(data)?;
        // RRIP 1.09 has no serial number.
        let serial = if data.is_empty() {
            None
        } else {
            Some(next(data)?.0)
        };
        self.posix = Some((mode, links, uid, gid, serial));
        Ok(())
    }

    fn take_tf(&mut self, data: &[u8]) -> Result<(), Malformed> {
        let wrong = |kind| Malformed {
            kind,
            structure: "TF",
            clause: "RRIP 1.12 4.1.6",
        };
        let (flags, mut rest) = data.split_first().ok_or(wrong(MalformedKind::Truncated))?;
        if flags & TF_LONG_FORM != 0 {
            return Err(wrong(MalformedKind::Field("flags")));
        }
        for bit in (0..7)
            .map(|bit| 1_u8 << bit)
            .filter(|bit| flags & TF_KNOWN & bit != 0)
        {
            let (date, after) =
                RecordDate::read_from_prefix(rest).map_err(|_| wrong(MalformedKind::Truncated))?;
            rest = after;
            match bit {
                TF_MODIFY => self.times[0] = Some(date),
                TF_ACCESS => self.times[1] = Some(date),
                TF_ATTRIBUTES => self.times[2] = Some(date),
                _ => {}
            }
        }
        Ok(())
    }

    fn take_nm(&mut self, data: &[u8]) -> Result<(), Malformed> {
        let (flags, piece) = data.split_first().ok_or(Malformed {
            kind: MalformedKind::Truncated,
            structure: "NM",
            clause: "RRIP 1.12 4.1.4",
        })?;
        let name = self.name.take().filter(|_| self.name_goes_on);
        let mut name = name.unwrap_or_default();
        name.extend_from_slice(piece);
        self.name_goes_on = flags & CONTINUE != 0;
        self.name = Some(name);
        Ok(())
    }

    fn take_sl(&mut self, data: &[u8]) -> Result<(), Malformed> {
        let wrong = |kind| Malformed {
            kind,
            structure: "SL",
            clause: "RRIP 1.12 4.1.3",
        };
        let (_, mut rest) = data.split_first().ok_or(wrong(MalformedKind::Truncated))?;
        let mut target = self.target.take().unwrap_or_default();
        while let Some((&[flags, length], after)) = rest.split_first_chunk::<COMPONENT_BYTES>() {
            let piece = after
                .get(..usize::from(length))
                .ok_or(wrong(MalformedKind::Truncated))?;
            rest = after.get(usize::from(length)..).unwrap_or(&[]);
            let piece: Cow<'_, [u8]> = match flags & !CONTINUE {
                COMPONENT_CURRENT => Cow::Borrowed(b"."),
                COMPONENT_PARENT => Cow::Borrowed(b".."),
                COMPONENT_ROOT => Cow::Borrowed(b"/"),
                0 => Cow::Borrowed(piece),
                _ => return Err(wrong(MalformedKind::Field("component flags"))),
            };
            if !self.component_goes_on && !target.is_empty() && target != b"/" {
                target.push(b'/');
            }
            target.extend_from_slice(&piece);
            self.component_goes_on = flags & CONTINUE != 0;
        }
        self.target = Some(target);
        Ok(())
    }
}

/// A number in both orders, and the bytes after it.
fn both<'a>(
    structure: &'static str,
    clause: &'static str,
    data: &'a [u8],
) -> Result<(u32, &'a [u8]), Malformed> {
    let (number, rest) = BothU32::read_from_prefix(data).map_err(|_| Malformed {
        kind: MalformedKind::Truncated,
        structure,
        clause,
    })?;
    Ok((number.get(structure)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::susp::entries;
    use proptest::prelude::*;

    fn gathered(area: &[u8]) -> Gathered {
        let mut gathered = Gathered::default();
        for entry in entries(area) {
            gathered.take(&entry.unwrap()).unwrap();
        }
        gathered
    }

    fn target_of(target: &[u8]) -> Vec<u8> {
        let mut area = Vec::new();
        push_sl(&mut area, Target(target));
        gathered(&area).target.unwrap()
    }

    #[test]
    fn attributes_are_read_as_they_were_recorded() {
        let date = |years| RecordDate {
            years,
            month: 1,
            ..RecordDate::UNSPECIFIED
        };
        let attributes = Attributes {
            mode: 0o104_755,
            links: 2,
            uid: 3,
            gid: 4,
            serial: 5,
            modified: date(1),
            accessed: date(2),
            changed: date(3),
        };
        let mut area = Vec::new();
        push_px(&mut area, &attributes);
        assert_eq!(area.len(), PX_BYTES);
        push_tf(&mut area, &attributes);
        assert_eq!(area.len(), PX_BYTES + TF_BYTES);
        push_pn(&mut area, 8, 1);
        let found = gathered(&area);
        assert_eq!(found.posix, Some((0o104_755, 2, 3, 4, Some(5))));
        assert_eq!(found.times, [Some(date(1)), Some(date(2)), Some(date(3))]);
        assert_eq!(found.device, Some((8, 1)));
    }

    #[test]
    fn device_numbers_that_fit_are_recorded_as_one() {
        for (device, fields) in [
            ((4, 64), (0, 0x440)),
            ((259, 3), (0, 0x1_0303)),
            ((8, 256), (8, 256)),
        ] {
            let mut area = Vec::new();
            push_pn(&mut area, device.0, device.1);
            let (high, rest) = both("PN", "", &area[4..]).unwrap();
            assert_eq!((high, both("PN", "", rest).unwrap().0), fields);
            assert_eq!(gathered(&area).device, Some(device));
        }
    }

    #[test]
    fn a_px_of_rrip_1_09_has_no_serial_number() {
        let mut area = Vec::new();
        push(&mut area, *b"PX", &[[BothU32::new(1); 4].as_bytes()]);
        assert_eq!(gathered(&area).posix, Some((1, 1, 1, 1, None)));
    }

    #[test]
    fn components_are_those_of_the_standard() {
        let mut area = Vec::new();
        push_sl(&mut area, Target(b"/../a/./b"));
        assert_eq!(area, b"SL\x11\x01\x00\x08\x00\x04\x00\x00\x01a\x02\x00\x00\x01b");
    }

    #[test]
    fn needless_slashes_are_left_out() {
        assert_eq!(target_of(b"//a//b/"), b"/a/b");
        assert_eq!(target_of(b"/"), b"/");
    }

    #[test]
    fn an_entry_that_is_continued_ends_inside_a_component() {
        for length in 240..260 {
            let target = [vec![b'x'; length], b"/../y/z".to_vec()].concat();
            let mut area = Vec::new();
            push_sl(&mut area, Target(&target));
            assert_eq!(target_of(&target), target);
            let first = entries(&area).next().unwrap().unwrap();
            let mut rest = &first.data[1..];
            let mut last = 0;
            while let Some((&[flags, length], after)) = rest.split_first_chunk::<2>() {
                (last, rest) = (flags, &after[usize::from(length)..]);
            }
            assert_eq!(first.data[0], last & CONTINUE);
        }
    }

    proptest! {
        #[test]
        fn any_target_is_read_as_it_was_recorded(
            names in prop::collection::vec("\\.|\\.\\.|[a-z]{1,400}", 1..60),
            root in any::<bool>(),
        ) {
            let target = format!("{}{}", if root { "/" } else { "" }, names.join("/"));
            prop_assert_eq!(target_of(target.as_bytes()), target.into_bytes());
        }
    }
}
