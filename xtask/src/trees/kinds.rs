//! Files of kinds that a program finds by their contents alone, whole and in pieces.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;

use super::Contents;

/// Bytes that a file in pieces gets at a time.
const PIECE: usize = 16 << 10;

/// Creates pictures, sounds, archives and documents below `top`, in three directories. Two of the pictures
/// are written by turns, so that a file system that allocates as it writes has pieces of them.
pub fn of_kinds(top: &Path) -> Result<()> {
    let mut contents = Contents::new(20);
    for folder in ["pictures/small", "pictures/in pieces", "others"] {
        fs::create_dir_all(top.join(folder))?;
    }
    for number in 0..4_u32 {
        let small = top.join("pictures/small");
        let (width, height) = (20 + 30 * number, 15 + 20 * number);
        fs::write(
            small.join(format!("{number}.bmp")),
            bitmap(&mut contents, width, height),
        )?;
        fs::write(
            small.join(format!("{number}.png")),
            png(&mut contents, width, height),
        )?;
    }
    let others = top.join("others");
    fs::write(others.join("sound.wav"), sound(&mut contents, 40_000))?;
    fs::write(others.join("archive.zip"), archive(&mut contents, 30_000))?;
    fs::write(
        others.join("text.txt"),
        "a line of text, as anyone may write it\n".repeat(300),
    )?;
    fs::write(others.join("short.txt"), "a short text\n".repeat(20))?;
    let pictures = ["one", "two"].map(|name| {
        let path = top.join("pictures/in pieces").join(format!("{name}.bmp"));
        (path, bitmap(&mut contents, 300, 200))
    });
    let mut files = Vec::new();
    for (path, bytes) in &pictures {
        files.push((File::create(path)?, bytes.chunks(PIECE)));
    }
    let most = pictures[0].1.len().div_ceil(PIECE);
    for _ in 0..most {
        for (file, pieces) in &mut files {
            if let Some(piece) = pieces.next() {
                file.write_all(piece)?;
                file.sync_all()?;
            }
        }
    }
    Ok(())
}

/// A picture of 24 bits a pixel.
fn bitmap(contents: &mut Contents, width: u32, height: u32) -> Vec<u8> {
    const HEADERS: u32 = 54;
    let row = (width * 3).next_multiple_of(4);
    let pixels = row * height;
    let mut bytes = b"BM".to_vec();
    for word in [HEADERS + pixels, 0, HEADERS, 40, width, height] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    for word in [0, pixels, 2835, 2835, 0, 0_u32] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(contents.bytes(pixels as usize));
    bytes
}

/// A grey picture whose pixels are stored, not compressed.
fn png(contents: &mut Contents, width: u32, height: u32) -> Vec<u8> {
    let mut rows = Vec::new();
    for _ in 0..height {
        rows.push(0);
        rows.extend(contents.bytes(width as usize));
    }
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]);
    // One block of deflate for fewer than 64 KiB.
    let length = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let mut data = vec![0x78, 0x01, 1];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(&rows);
    data.extend(adler32(&rows).to_be_bytes());
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", data), (b"IEND", Vec::new())] {
        bytes.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        let chunk = [&kind[..], &data].concat();
        bytes.extend(&chunk);
        bytes.extend(crc32(&chunk).to_be_bytes());
    }
    bytes
}

/// Sound of one channel.
fn sound(contents: &mut Contents, length: u32) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((length + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    for word in [16, 0x0001_0001, 8000, 8000, 0x0008_0001, 0x6174_6164, length] {
        bytes.extend(u32::to_le_bytes(word));
    }
    bytes.extend(contents.bytes(length as usize));
    bytes
}

/// An archive with one stored file.
fn archive(contents: &mut Contents, length: u32) -> Vec<u8> {
    const NAME: &[u8; 4] = b"data";
    /// Bytes before a file, and bytes of the directory.
    const HEADER: u32 = 34;
    const DIRECTORY: u32 = 50;
    let data = contents.bytes(length as usize);
    let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50];
    for word in [crc32(&data), length, length] {
        common.extend(word.to_le_bytes());
    }
    common.extend([4, 0, 0, 0]);
    let mut bytes = [&b"PK\x03\x04"[..], &common, NAME, &data].concat();
    bytes.extend([&b"PK\x01\x02\x14\x00"[..], &common, &[0; 14], NAME].concat());
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend([DIRECTORY.to_le_bytes(), (HEADER + length).to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

fn adler32(bytes: &[u8]) -> u32 {
    let (one, two) = bytes.iter().fold((1, 0), |(one, two), byte| {
        let one = (one + u32::from(*byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    two << 16 | one
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    !bytes
        .iter()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_published_examples() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }
}
