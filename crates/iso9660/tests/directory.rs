//! A directory is read as it was recorded, and takes the computed number of blocks.

use iso9660::names::{Distinction, Identifier, Kind, joliet, primary, rock_ridge};
use iso9660::rock_ridge::{Attributes, Gathered, RockRidge, Special, Target};
use iso9660::susp::{self, Continuation};
use iso9660::{
    Block, Child, Content, DirectoryEncoder, DirectoryRecord, DirectorySize, FileFlags, Own, Part,
    RecordDate, Section, records,
};
use proptest::prelude::*;

const BLOCK: u32 = 1000;

#[derive(Clone, Debug)]
struct Facts {
    name: String,
    what: What,
    serial: u32,
}

#[derive(Clone, Debug)]
enum What {
    File(Vec<Section>),
    Directory(Section),
    Link(String),
    Device(u32, u32),
}

const DATE: RecordDate = RecordDate {
    years: 70,
    month: 1,
    day: 2,
    hour: 3,
    minute: 4,
    second: 5,
    offset: 0,
};

fn attributes(serial: u32) -> Attributes {
    Attributes {
        mode: 0o100_644,
        links: 1,
        uid: 1000,
        gid: 100,
        serial,
        modified: DATE,
        accessed: DATE,
        changed: DATE,
    }
}

fn own(is_root: bool, extent: Section, attributes: Option<[&Attributes; 2]>) -> Own<'_> {
    Own {
        is_root,
        extent,
        parent: Section {
            block: 7,
            bytes: 2048,
        },
        dates: [DATE, DATE],
        attributes,
    }
}

impl Facts {
    fn kind(&self) -> Kind {
        match self.what {
            What::File(_) => Kind::File,
            What::Directory(_) => Kind::Directory,
            What::Link(_) | What::Device(..) => Kind::Special,
        }
    }

    fn content(&self) -> Content<'_> {
        match &self.what {
            What::File(sections) => Content::File(sections),
            What::Directory(extent) => Content::Directory(*extent),
            What::Link(_) | What::Device(..) => Content::Special,
        }
    }

    fn special(&self) -> Special<'_> {
        match &self.what {
            What::Link(target) => Special::Target(Target::new(target.as_bytes()).unwrap()),
            What::Device(major, minor) => Special::Device {
                major: *major,
                minor: *minor,
            },
            _ => Special::None,
        }
    }

    /// Passes it on as a child of the tree.
    fn child<T>(&self, in_joliet: bool, take: impl FnOnce(&Child<'_>) -> T) -> T {
        let kind = self.kind();
        let distinction = Distinction::default();
        let name = rock_ridge::name(&self.name, kind, distinction).identifier;
        let attributes = attributes(self.serial);
        let identifier = if in_joliet {
            joliet::identifier(&self.name, distinction).identifier
        } else {
            primary::identifier(&self.name, kind, distinction).identifier
        };
        take(&Child {
            identifier: &identifier,
            date: DATE,
            content: self.content(),
            rock_ridge: (!in_joliet).then_some(RockRidge {
                name: &name,
                attributes: &attributes,
                special: self.special(),
            }),
        })
    }
}

/// The blocks of a directory: those of its records, and those of its continuations.
fn encoded(is_root: bool, in_joliet: bool, facts: &[Facts]) -> [Vec<Block>; 2] {
    let (this, parent) = (attributes(1), attributes(2));
    let attributes = (!in_joliet).then_some([&this, &parent]);
    let mut size = DirectorySize::new(&own(is_root, Section::default(), attributes));
    for facts in facts {
        facts.child(in_joliet, |child| size.add(child));
    }
    let own = own(is_root, size.extent(BLOCK).unwrap(), attributes);
    let parts = [Part::Records, Part::Continuations].map(|part| {
        let mut encoder = DirectoryEncoder::new(part, &own);
        for facts in facts {
            facts.child(in_joliet, |child| encoder.push(child));
        }
        encoder.finish();
        std::iter::from_fn(|| encoder.take()).collect::<Vec<Block>>()
    });
    let blocks = [size.record_blocks().unwrap(), size.continuation_blocks().unwrap()];
    assert_eq!(
        [&parts[0], &parts[1]].map(|part| part.len()),
        blocks.map(|blocks| blocks as usize)
    );
    parts
}

/// All entries of a record, in the order in which they are recorded.
fn gathered(
    record: &DirectoryRecord<'_>,
    [of_records, continuations]: &[Vec<Block>; 2],
) -> (Gathered, usize) {
    let (mut gathered, mut area, mut followed) = (Gathered::default(), record.system_use, 0);
    loop {
        let mut next = None;
        for entry in susp::entries(area) {
            let entry = entry.unwrap();
            gathered.take(&entry).unwrap();
            if let Some(continuation) = Continuation::read(&entry) {
                next = Some(continuation.unwrap().get().unwrap());
            }
        }
        let Some((block, offset, bytes)) = next else {
            return (gathered, followed);
        };
        let number = block as usize - BLOCK as usize - of_records.len();
        area = &continuations[number][offset as usize..][..bytes as usize];
        followed += 1;
    }
}

fn assert_read(facts: &Facts, records: &[DirectoryRecord<'_>], parts: &[Vec<Block>; 2]) {
    let (gathered, followed) = gathered(&records[0], parts);
    let name = rock_ridge::name(&facts.name, facts.kind(), Distinction::default());
    assert_eq!(gathered.name.as_deref(), Some(name.identifier.as_bytes()));
    assert_eq!(
        gathered.posix,
        Some((0o100_644, 1, 1000, 100, Some(facts.serial)))
    );
    if facts.kind() == Kind::Special {
        assert_eq!(gathered.times, [Some(DATE); 3]);
    } else {
        assert_eq!(followed, 0);
    }
    let recorded: Vec<Section> = records.iter().map(|record| record.section).collect();
    match &facts.what {
        What::File(sections) if sections.is_empty() => assert_eq!(recorded, [Section::default()]),
        What::File(sections) => assert_eq!(&recorded, sections),
        What::Directory(extent) => assert_eq!(recorded, [*extent]),
        What::Link(target) => assert_eq!(gathered.target.as_deref(), Some(target.as_bytes())),
        What::Device(major, minor) => assert_eq!(gathered.device, Some((*major, *minor))),
    }
    let flags: Vec<bool> = records
        .iter()
        .map(|record| record.flags.contains(FileFlags::MULTI_EXTENT))
        .collect();
    assert!(
        flags
            .split_last()
            .is_some_and(|(last, others)| !last && others.iter().all(|more| *more))
    );
}

fn section() -> impl Strategy<Value = Section> {
    (any::<u32>(), any::<u32>()).prop_map(|(block, bytes)| Section { block, bytes })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => prop::collection::vec(section(), 0..4).prop_map(What::File),
        1 => prop::collection::vec(section(), 90..100).prop_map(What::File),
        2 => section().prop_map(What::Directory),
        2 => "[a-z]{1,250}(/[a-z.]{1,250}){0,3}".prop_map(What::Link),
        1 => (1_u32.., any::<u32>()).prop_map(|(major, minor)| What::Device(major, minor)),
    ]
}

fn facts() -> impl Strategy<Value = Vec<Facts>> {
    let name = prop_oneof!["[a-z]{1,20}", "\\PC{1,254}", "x{110,253}"];
    let one = (name, what(), any::<u32>()).prop_map(|(name, what, serial)| Facts { name, what, serial });
    prop::collection::vec(one, 0..30)
}

#[test]
fn the_root_announces_rock_ridge_in_a_continuation() {
    let [of_records, continuations] = encoded(true, false, &[]);
    let root = DirectoryRecord::read(&of_records[0]).unwrap();
    assert_eq!(root.identifier, Identifier::SELF.as_bytes());
    assert_eq!(susp::skipped(root.system_use), Some(0));
    let er = susp::entries(&continuations[0]).next().unwrap().unwrap();
    assert_eq!((er.signature, &er.data[4..14]), (*b"ER", &b"IEEE_P1282"[..]));
    let [_, others] = encoded(false, false, &[]);
    assert!(others.is_empty());
}

#[test]
fn a_directory_names_itself_and_its_parent_first() {
    let [of_records, _] = encoded(false, true, &[]);
    let found: Vec<DirectoryRecord<'_>> = records(of_records.as_flattened()).map(Result::unwrap).collect();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].identifier, found[0].section.block), (&[0][..], BLOCK));
    assert_eq!((found[1].identifier, found[1].section.block), (&[1][..], 7));
    assert!(found.iter().all(|record| record.flags == FileFlags::DIRECTORY));
}

#[test]
fn a_directory_beyond_the_last_block_is_refused() {
    let size = DirectorySize::new(&own(false, Section::default(), None));
    assert!(size.extent(u32::MAX - 1).is_ok());
    assert!(size.extent(u32::MAX).is_err());
}

#[test]
fn a_target_that_is_too_long_is_refused() {
    assert!(Target::new(&[b'a'; 1023]).is_ok());
    assert!(Target::new(&[b'a'; 1024]).is_err());
}

proptest! {
    #[test]
    fn children_are_read_as_they_were_recorded(facts in facts(), is_root in any::<bool>()) {
        let parts = encoded(is_root, false, &facts);
        let found: Vec<DirectoryRecord<'_>> = records(parts[0].as_flattened()).map(Result::unwrap).collect();
        let mut rest = &found[2..];
        for facts in &facts {
            let count = match &facts.what {
                What::File(sections) => sections.len().max(1),
                _ => 1,
            };
            let (now, later) = rest.split_at(count);
            assert_read(facts, now, &parts);
            rest = later;
        }
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn joliet_has_only_names_and_data(facts in facts()) {
        let parts = encoded(true, true, &facts);
        prop_assert!(parts[1].is_empty());
        let found: Vec<DirectoryRecord<'_>> = records(parts[0].as_flattened()).map(Result::unwrap).collect();
        prop_assert!(found.iter().all(|record| record.system_use.is_empty()));
        let names: Vec<&[u8]> = found.iter().skip(2).map(|record| record.identifier).collect();
        for facts in &facts {
            let identifier = joliet::identifier(&facts.name, Distinction::default()).identifier;
            prop_assert!(names.contains(&identifier.as_bytes()));
        }
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        for record in records(&bytes).flatten() {
            let mut gathered = Gathered::default();
            for entry in susp::entries(record.system_use).flatten() {
                let _ = gathered.take(&entry);
            }
        }
        for entry in susp::entries(&bytes).flatten() {
            let _ = Gathered::default().take(&entry);
            let _ = Continuation::read(&entry).map(|continuation| continuation.map(|c| c.get()));
        }
    }
}
