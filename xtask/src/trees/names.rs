//! Names of all character widths of UDF.

use std::path::Path;

use anyhow::Result;

use super::Contents;

/// Maximum bytes of UTF-8 in a name for the kernel.
const KERNEL_LIMIT: usize = 254;

/// Maximum units of CS0 in 16-bit form.
const UNITS: usize = 127;

/// First and last characters of the ranges that names are drawn from: ASCII, Latin-1, Greek and Cyrillic,
/// CJK, Hangul, and three beyond the basic plane.
const RANGES: &[(u32, u32)] = &[
    (0x21, 0x7E),
    (0xA1, 0xFF),
    (0x391, 0x3A1),
    (0x410, 0x44F),
    (0x4E00, 0x9FA5),
    (0xAC00, 0xD7A3),
    (0x1_0400, 0x1_044F),
    (0x1_F300, 0x1_F5FF),
    (0x2_0000, 0x2_A6DF),
];

/// Creates `top` with 1,000 names, each of the maximum length by one of the limits, or shorter.
pub fn unicode_names(top: &Path) -> Result<()> {
    std::fs::create_dir(top)?;
    let mut contents = Contents::new(77);
    for number in 0..1000 {
        let name = name(&mut contents, number);
        std::fs::write(top.join(&name), &name)?;
    }
    Ok(())
}

/// Legal names that are too long for the kernel: 127 units of three bytes, and 254 of Latin-1.
pub fn long_names_of_cs0() -> [String; 2] {
    ["語".repeat(UNITS), "é".repeat(KERNEL_LIMIT)]
}

/// A name that begins with its number, so that all are different.
fn name(contents: &mut Contents, number: usize) -> String {
    let mut name = format!("{number} ");
    let length = contents.below(KERNEL_LIMIT as u64 + 40);
    let (first, last) = RANGES[usize::try_from(contents.below(RANGES.len() as u64)).unwrap_or_default()];
    loop {
        let offset = u32::try_from(contents.below(u64::from(last - first + 1))).unwrap_or_default();
        let character = char::from_u32(first + offset)
            .filter(|c| *c != '/')
            .unwrap_or('_');
        let longer = format!("{name}{character}");
        if longer.len() as u64 > length || !legal(&longer) {
            return name;
        }
        name = longer;
    }
}

fn legal(name: &str) -> bool {
    let wide = name.chars().any(|c| u32::from(c) > 0xFF);
    name.len() <= KERNEL_LIMIT && (!wide || name.encode_utf16().count() <= UNITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_some_reach_a_limit() {
        let mut contents = Contents::new(1);
        let names: Vec<String> = (0..500).map(|number| name(&mut contents, number)).collect();
        assert!(names.iter().all(|name| legal(name) && !name.contains('/')));
        assert!(names.iter().any(|name| name.len() >= KERNEL_LIMIT - 1));
        assert!(
            names
                .iter()
                .any(|name| name.encode_utf16().count() >= UNITS - 1 && !name.is_ascii())
        );
    }
}
