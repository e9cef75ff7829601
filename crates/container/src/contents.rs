//! What an image without a UDF volume is.

use std::fmt;

use crate::bytes::{Bytes, peek, read_up_to};
use crate::form::Form;
use crate::place::whole;
use crate::udf::Region;

/// Bytes examined of a text file.
const TEXT: usize = 4096;
/// Bytes of the root directory searched for the folder of a DVD-Video.
const ROOT: usize = 64 << 10;

/// What an image without a UDF volume is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The kind, by what a user can do with it.
    pub kind: Kind,
    name: String,
}

/// A kind of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A volume of another file system.
    FileSystem,
    /// A compressed file, which may contain an image.
    Compressed,
    /// An archive, or an image of another program, which may contain an image.
    Archive,
    /// An encrypted volume.
    Encrypted,
    /// A part of a DVD-Video.
    DvdVideo,
    /// Sound or a CD of it.
    Sound,
    /// Text.
    Text,
    /// Only zeros where a volume would be.
    Zeros,
    /// Nothing.
    Empty,
    /// A disk with a partition table.
    Disk,
}

impl Contents {
    pub(crate) fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }
}

impl fmt::Display for Contents {
    /// The name with its article, such as `an ext4 file system`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A signature at a byte.
type Signature = (u64, &'static [u8], Kind, &'static str);

/// The signatures at fixed places, the most specific first.
const SIGNATURES: &[Signature] = &[
    (0, b"LUKS\xBA\xBE", Kind::Encrypted, "a LUKS encrypted volume"),
    (3, b"NTFS    ", Kind::FileSystem, "an NTFS file system"),
    (3, b"EXFAT   ", Kind::FileSystem, "an exFAT file system"),
    (3, b"-FVE-FS-", Kind::Encrypted, "a BitLocker encrypted volume"),
    (82, b"FAT32   ", Kind::FileSystem, "a FAT file system"),
    (54, b"FAT1", Kind::FileSystem, "a FAT file system"),
    (54, b"FAT     ", Kind::FileSystem, "a FAT file system"),
    (1024, b"H+\0\x04", Kind::FileSystem, "an HFS+ file system"),
    (1024, b"HX\0\x05", Kind::FileSystem, "an HFS+ file system"),
    (1024, b"BD", Kind::FileSystem, "an HFS file system"),
    (32, b"NXSB", Kind::FileSystem, "an APFS container"),
    (0, b"XFSB", Kind::FileSystem, "an XFS file system"),
    (0x10040, b"_BHRfS_M", Kind::FileSystem, "a Btrfs file system"),
    (0, b"hsqs", Kind::FileSystem, "a SquashFS file system"),
    (32_777, b"CDROM", Kind::FileSystem, "a High Sierra volume"),
    (
        0,
        b"DVDVIDEO-V",
        Kind::DvdVideo,
        "a part of a DVD-Video (IFO or BUP)",
    ),
    (
        0,
        b"\0\0\x01\xBA",
        Kind::DvdVideo,
        "an MPEG program stream, such as a VOB file of a DVD-Video",
    ),
    (0, b"\x1F\x8B\x08", Kind::Compressed, "a gzip file"),
    (0, b"\xFD7zXZ\0", Kind::Compressed, "an xz file"),
    (0, b"\x28\xB5\x2F\xFD", Kind::Compressed, "a zstd file"),
    (4, b"1AY&SY", Kind::Compressed, "a bzip2 file"),
    (0, b"\x04\x22\x4D\x18", Kind::Compressed, "an lz4 file"),
    (0, b"LZIP", Kind::Compressed, "an lzip file"),
    (0, b"PK\x03\x04", Kind::Archive, "a zip archive"),
    (0, b"PK\x05\x06", Kind::Archive, "a zip archive"),
    (0, b"7z\xBC\xAF\x27\x1C", Kind::Archive, "a 7z archive"),
    (0, b"Rar!\x1A\x07", Kind::Archive, "a rar archive"),
    (257, b"ustar", Kind::Archive, "a tar archive"),
    (0, b"QFI\xFB", Kind::Archive, "a qcow2 disk image"),
    (0, b"KDMV", Kind::Archive, "a VMDK disk image"),
    (0, b"vhdxfile", Kind::Archive, "a VHDX disk image"),
    (0, b"MComprHD", Kind::Archive, "a CHD disk image"),
    (0, b"CISO", Kind::Archive, "a CISO compressed image"),
    (0, b"DAA\0", Kind::Archive, "a DAA compressed image"),
    (0, b"IsZ!", Kind::Archive, "an ISZ compressed image"),
    (8, b"WAVEfmt ", Kind::Sound, "a sound file (WAV)"),
    (0, b"fLaC", Kind::Sound, "a sound file (FLAC)"),
];

/// Recognises contents by a signature, in any form of sectors.
pub(crate) fn signed(bytes: &dyn Bytes, forms: &[Form]) -> Option<Contents> {
    if bytes.length() == 0 {
        return Some(Contents::new(Kind::Empty, "an empty file"));
    }
    let iso9660 = [Form::PLAIN].iter().chain(forms).find_map(|form| {
        let region = whole(bytes, *form);
        region.has_iso9660().then(|| iso9660(&region))
    });
    iso9660.or_else(|| ext(bytes)).or_else(|| {
        let signature = SIGNATURES.iter().find(|(at, magic, ..)| is_at(bytes, *at, magic));
        signature.map(|(_, _, kind, name)| Contents::new(*kind, *name))
    })
}

/// Recognises contents without a signature: text.
pub(crate) fn unsigned(bytes: &dyn Bytes) -> Option<Contents> {
    let head = read_up_to(bytes, 0, TEXT)?;
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x1B | 0x20..=0x7E | 0x80..);
    let valid = match std::str::from_utf8(&head) {
        Ok(_) => true,
        // The last character may be cut.
        Err(error) => error.error_len().is_none(),
    };
    (valid && !head.is_empty() && head.iter().all(printable))
        .then(|| Contents::new(Kind::Text, "a text file"))
}

fn is_at(bytes: &dyn Bytes, at: u64, magic: &[u8]) -> bool {
    read_up_to(bytes, at, magic.len()).is_some_and(|found| found == magic)
}

/// Tells the ext file systems apart by their features.
fn ext(bytes: &dyn Bytes) -> Option<Contents> {
    const SUPERBLOCK: u64 = 1024;
    const JOURNAL: u8 = 4;
    /// Extents, 64-bit numbers and flexible groups, which only ext4 has.
    const EXT4: u16 = 0x40 | 0x80 | 0x200;
    let superblock: [u8; 104] = peek(bytes, SUPERBLOCK)?;
    if superblock[56..58] != [0x53, 0xEF] {
        return None;
    }
    let name = if u16::from_le_bytes([superblock[96], superblock[97]]) & EXT4 != 0 {
        "an ext4 file system"
    } else if superblock[92] & JOURNAL != 0 {
        "an ext3 file system"
    } else {
        "an ext2 file system"
    };
    Some(Contents::new(Kind::FileSystem, name))
}

/// Describes an ISO 9660 volume: whether its root has the folder of a DVD-Video, and the form of its sectors.
fn iso9660(region: &Region<'_>) -> Contents {
    let mut name = "an ISO 9660 volume without UDF".to_owned();
    if has_video_folder(region) {
        name += " (DVD-Video)";
    }
    if let Some(form) = region.form.words() {
        name += &format!(", in {form}");
    }
    Contents::new(Kind::FileSystem, name)
}

fn has_video_folder(region: &Region<'_>) -> bool {
    /// The root directory record in the primary volume descriptor (`ECMA-119 8.4.18`).
    const ROOT_RECORD: usize = 156;
    let Some(primary) = region.block(16) else {
        return false;
    };
    let field = |at: usize| {
        let bytes = primary.get(ROOT_RECORD + at..ROOT_RECORD + at + 4);
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_le_bytes)
    };
    let (Some(first), Some(length)) = (field(2), field(10)) else {
        return false;
    };
    let length = usize::try_from(length).unwrap_or(ROOT).min(ROOT);
    let blocks = length.div_ceil(primary.len()) as u64;
    (0..blocks)
        .map_while(|by| region.block(u64::from(first) + by))
        .any(|block| block.windows(9).any(|name| name == b"\x08VIDEO_TS"))
}
