//! The fields of every structure, and which of them may change unnoticed because the standard allows the new
//! value too.

use std::ops::Range;

/// A field of a structure.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the standard.
    pub name: String,
    /// Its byte range in the structure.
    pub bytes: Range<usize>,
    /// Its bits, if the bits of the field are judged one by one.
    pub mask: Option<u32>,
    /// Why another value may also be correct; `None` if each change must be found.
    pub legal: Option<String>,
}

// "any valid" leaves the value to the writer, as for a time, name, owner, attribute or implementation; "free"
// bytes are for the implementation or application.

/// The first fields of a structure are those of its tag (`ECMA-167 3/7.2`, `4/7.2`).
pub const TAG: &str = "
0 2 tag identifier
2 2 descriptor version
4 1 tag checksum
5 1 reserved byte of the tag
6 2 tag serial number
8 2 descriptor CRC
10 2 descriptor CRC length
12 4 tag location
";

pub const ANCHOR: &str = "
16 4 main sequence, length
20 4 main sequence, location
24 4 reserve sequence, length
28 4 reserve sequence, location
32 480 reserved
";

pub const PRIMARY: &str = "
16 4 volume descriptor sequence number | any valid
20 4 primary volume descriptor number
24 32 volume identifier | any valid
56 2 volume sequence number
58 2 maximum volume sequence number
60 2 interchange level
62 2 maximum interchange level | 2 and 3 are both allowed
64 4 character set list
68 4 maximum character set list
72 128 volume set identifier | any valid
200 64 descriptor character set
264 64 explanatory character set
328 4 volume abstract, length
332 4 volume abstract, location
336 4 volume copyright notice, length
340 4 volume copyright notice, location
entity 344 application identifier
376 12 recording date and time | any valid
entity 388 implementation identifier
420 64 implementation use | free
484 4 predecessor location
bits 488 0xFFFE flags, but bit 0
bits 488 0x0001 flags, bit 0 | any valid
490 22 reserved
";

pub const INFORMATION: &str = "
16 4 volume descriptor sequence number | any valid
udf 20 identifier of LV info
52 64 LVI charset
116 128 logical volume identifier
244 36 LV info 1 | any valid
280 36 LV info 2 | any valid
316 36 LV info 3 | any valid
entity 352 implementation ID
384 128 implementation use | free
";

pub const PARTITION: &str = "
16 4 volume descriptor sequence number | any valid
20 2 partition flags
22 2 partition number
24 24 partition contents
48 8 suffix of the partition contents | free
56 8 unallocated space table
64 4 unallocated space bitmap, length | any that it fits, if there is one
68 4 unallocated space bitmap, location
72 8 partition integrity table
80 8 freed space table
88 8 freed space bitmap
96 88 reserved bytes of the partition header
184 4 access type
188 4 partition starting location
192 4 partition length
entity 196 implementation identifier
228 128 implementation use | free
356 156 reserved
";

pub const LOGICAL: &str = "
16 4 volume descriptor sequence number | any valid
20 64 descriptor character set
84 128 logical volume identifier
212 4 logical block size
216 24 domain identifier
240 2 UDF revision
242 1 domain flags
243 5 reserved bytes of the domain suffix
248 4 file set extent, length
252 4 file set extent, location
256 2 file set extent, partition reference
258 6 file set extent, implementation use
264 4 map table length
268 4 number of partition maps
entity 272 implementation identifier
304 128 implementation use | free
432 4 integrity sequence extent, length
436 4 integrity sequence extent, location
";

pub const MAP_1: &str = "
0 1 partition map type
1 1 partition map length
2 2 volume sequence number
4 2 partition number
";

pub const MAP_2: &str = "
0 1 partition map type
1 1 partition map length
2 2 reserved
4 24 partition type identifier
28 2 UDF revision
bits 30 0x00FF operating system | any valid
bits 30 0xFF00 operating system | any valid
32 4 reserved bytes of the identifier suffix
36 2 volume sequence number
38 2 partition number
";

pub const MAP_VIRTUAL: &str = "
40 24 reserved
";

pub const MAP_SPARABLE: &str = "
40 2 packet length
42 1 number of sparing tables
43 1 reserved
44 4 size of each sparing table | any that the table fits
48 16 locations of sparing tables
";

pub const MAP_METADATA: &str = "
40 4 metadata file location
44 4 metadata mirror file location
48 4 metadata bitmap file location
52 4 allocation unit size | any that divides the extents
56 2 alignment unit size | any that divides the extents
58 1 flags
59 5 reserved
";

pub const UNALLOCATED: &str = "
16 4 volume descriptor sequence number | any valid
20 4 number of allocation descriptors
";

pub const TERMINATING: &str = "
16 496 reserved
";

pub const INTEGRITY: &str = "
16 12 recording date and time | any valid
28 4 integrity type
32 4 next integrity extent, length
36 4 next integrity extent, location
40 8 unique ID | any above all in use; with a VAT, which has its own, any from 16 on
48 24 reserved
72 4 number of partitions
76 4 length of implementation use
";

pub const INTEGRITY_USE: &str = "
entity 0 implementation ID
32 4 number of files
36 4 number of directories
40 2 minimum UDF read revision | any supporting the volume's features
42 2 minimum UDF write revision | any from the minimum read revision on
44 2 maximum UDF write revision | any from the minimum write revision on
";

pub const FILE_SET: &str = "
16 12 recording date and time | any valid
28 2 interchange level
30 2 maximum interchange level
32 4 character set list
36 4 maximum character set list
40 4 file set number
44 4 file set descriptor number
48 64 logical volume identifier character set
112 128 logical volume identifier
240 64 file set character set
304 32 file set identifier | any valid
336 32 copyright file identifier | any valid
368 32 abstract file identifier | any valid
400 4 root directory ICB, length
404 4 root directory ICB, location
408 2 root directory ICB, partition reference
410 6 root directory ICB, implementation use
416 24 domain identifier
440 2 UDF revision
442 1 domain flags
443 5 reserved bytes of the domain suffix
448 16 next extent
464 16 system stream directory ICB
480 32 reserved
";

pub const ICB_TAG: &str = "
16 4 prior recorded number of direct entries
20 2 strategy type
22 2 strategy parameter
24 2 maximum number of entries
26 1 reserved byte of the ICB tag
28 6 parent ICB location
bits 34 0xD808 flags: sorted, transformed, multi-version, reserved
bits 34 0x07F0 flags: not relocatable, archive, setuid, setgid, sticky, contiguous, system | any valid
36 8 uid and gid | any valid
bits 44 0x7FFF permissions | any valid
bits 46 0xFFFF reserved bits of the permissions
50 1 record format
51 1 record display attributes
52 4 record length
56 8 information length
";

pub const FILE_ENTRY: &str = "
64 8 logical blocks recorded
72 36 times | any valid
108 4 checkpoint | any but 0
112 16 extended attribute ICB
entity 128 implementation identifier
168 4 length of extended attributes
172 4 length of allocation descriptors
";

pub const EXTENDED_FILE_ENTRY: &str = "
64 8 object size
72 8 logical blocks recorded
80 48 times | any valid
128 4 checkpoint | any but 0
132 4 reserved
136 16 extended attribute ICB
152 16 stream directory ICB
entity 168 implementation identifier
208 4 length of extended attributes
212 4 length of allocation descriptors
";

pub const ATTRIBUTE_HEADER: &str = "
16 4 implementation attributes location
20 4 application attributes location
";

pub const ATTRIBUTE: &str = "
0 4 attribute type
4 1 attribute subtype
5 3 reserved
8 4 attribute length
";

pub const DEVICE: &str = "
12 4 implementation use length
16 8 major and minor device identification | any valid
entity 24 implementation identifier
";

pub const USE_ATTRIBUTE: &str = "
12 4 implementation use length
16 1 flags of the identifier
17 23 identifier
40 8 suffix of the identifier | free
48 2 header checksum
";

pub const VAT_EXTENSION: &str = "
50 8 verification ID
58 4 number of files
62 4 number of directories
66 128 logical volume identifier | a name: the volume may be renamed
";

pub const SHORT_AD: &str = "
0 4 extent length and type
";

pub const LONG_AD: &str = "
0 4 extent length and type
8 2 partition reference
10 2 implementation use, flags
12 4 implementation use, the rest | free
";

pub const ALLOCATION_EXTENT: &str = "
16 4 previous allocation extent location
20 4 length of allocation descriptors
";

pub const FID: &str = "
16 2 file version number
bits 18 0x001E characteristics: directory, deleted, parent, metadata
bits 18 0x00E0 reserved characteristics
19 1 length of file identifier
20 4 ICB, length
24 4 ICB, location
28 2 ICB, partition reference
30 2 ICB, flags
36 2 length of implementation use
";

pub const FID_HIDDEN: &str = "
bits 18 0x0001 characteristics: hidden | any valid
";

pub const FID_UNIQUE: &str = "
32 4 ICB, UDF unique ID
";

pub const VAT_HEADER: &str = "
0 2 length of header
2 2 length of implementation use
4 128 logical volume identifier | a name: the volume may be renamed
132 4 previous VAT ICB location | a copy's
136 4 number of files
140 4 number of directories
144 2 minimum UDF read revision | any supporting the volume's features
146 2 minimum UDF write revision | any from the minimum read revision on
148 2 maximum UDF write revision | any from the minimum write revision on
150 2 reserved
";

pub const VAT_TAIL: &str = "
udf 0 entity identifier
32 4 previous VAT ICB location | a copy's
";

pub const SPACE_BITMAP: &str = "
16 4 number of bits
20 4 number of bytes
bits 24 0xFFFF bits of the first blocks
";

pub const SPARING_TABLE: &str = "
udf 16 sparing identifier
48 2 reallocation table length
50 2 reserved
52 4 sequence number | any, if all tables have the same
";

pub const SPARING_ENTRY: &str = "
0 4 original location | another packet that is not spared
4 4 mapped location | another place for a spare packet
";

/// The fields of a table, moved to the start of the structure or its part.
#[must_use]
pub fn fields(table: &str, base: usize) -> Vec<Field> {
    let mut found = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty()) {
        let (words, legal) = match line.split_once(" | ") {
            Some((words, legal)) => (words, Some(legal)),
            None => (line, None),
        };
        let (first, rest) = words.split_once(' ').expect("a place");
        let mut add = |name: String, bytes: Range<usize>, mask: Option<u32>, legal: Option<&str>| {
            found.push(Field {
                name,
                bytes: bytes.start + base..bytes.end + base,
                mask,
                legal: legal.map(str::to_owned),
            });
        };
        match first {
            "entity" | "udf" => {
                let (at, name) = rest.split_once(' ').expect("a name");
                let at: usize = at.parse().expect("an offset");
                add(format!("{name}, flags"), at..at + 1, None, None);
                if first == "udf" {
                    add(format!("{name}, identifier"), at + 1..at + 24, None, None);
                    add(format!("{name}, UDF revision"), at + 24..at + 26, None, None);
                    let system = Some("any valid");
                    add(
                        format!("{name}, operating system"),
                        at + 26..at + 28,
                        None,
                        system,
                    );
                    add(format!("{name}, reserved bytes"), at + 28..at + 32, None, None);
                } else {
                    add(
                        format!("{name}, identifier"),
                        at + 1..at + 24,
                        None,
                        Some("any valid"),
                    );
                    add(format!("{name}, suffix"), at + 24..at + 32, None, Some("free"));
                }
            }
            "bits" => {
                let (at, rest) = rest.split_once(' ').expect("a mask");
                let (mask, name) = rest.split_once(' ').expect("a name");
                let at: usize = at.parse().expect("an offset");
                let mask = u32::from_str_radix(mask.trim_start_matches("0x"), 16).expect("a mask");
                let length = if mask > 0xFF { 2 } else { 1 };
                add(name.to_owned(), at..at + length, Some(mask), legal);
            }
            at => {
                let (length, name) = rest.split_once(' ').expect("a name");
                let at: usize = at.parse().expect("an offset");
                let length: usize = length.parse().expect("a length");
                add(name.to_owned(), at..at + length, None, legal);
            }
        }
    }
    found
}

impl Field {
    /// The values to try instead: each bit of a mask; otherwise flips at both ends, all zeros, all ones, and
    /// one more.
    #[must_use]
    pub fn values(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let old = &bytes[self.bytes.clone()];
        let mut values: Vec<Vec<u8>> = Vec::new();
        if let Some(mask) = self.mask {
            for bit in (0..16).filter(|bit| mask >> bit & 1 == 1) {
                let mut value = old.to_vec();
                value[bit / 8] ^= 1 << (bit % 8);
                values.push(value);
            }
        } else {
            let last = old.len() - 1;
            let mut change = |change: &dyn Fn(&mut Vec<u8>)| {
                let mut value = old.to_vec();
                change(&mut value);
                values.push(value);
            };
            change(&|value| value[0] ^= 1);
            change(&|value| value[last] ^= 0x80);
            change(&|value| value.fill(0));
            change(&|value| value.fill(0xFF));
            change(&|value| value[0] = value[0].wrapping_add(1));
        }
        values.retain(|value| value != old);
        values.sort();
        values.dedup();
        values
    }
}
