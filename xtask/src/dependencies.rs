//! Dependencies by other authors: their licences, and the oldest compiler that they need.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use xshell::cmd;

use crate::place::Place;

/// Licences that let anybody use the program under its own. In a licence expression, `OR` separates choices,
/// and all parts of an `AND` must be allowed.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates under other licences that are not part of what is shipped, with the reason.
const TOOLS: &[(&str, &str)] = &[("cbindgen", "compares the header of the C API in a test")];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    rust_version: Option<String>,
}

/// Checks every crate in the lock file and prints what is wrong.
pub fn run(place: &Place) -> Result<()> {
    let shell = place.shell()?;
    let text = cmd!(shell, "cargo metadata --locked --format-version 1")
        .quiet()
        .read()?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata")?;
    let is_ours = |package: &&Package| metadata.workspace_members.contains(&package.id);
    let ours = metadata.packages.iter().find(is_ours);
    let oldest = ours.and_then(|package| version(package.rust_version.as_deref()?));
    let oldest = oldest.context("Cargo.toml names no rust-version")?;
    let wrong: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| !is_ours(package))
        .flat_map(|package| faults(package, oldest))
        .collect();
    for line in &wrong {
        eprintln!("dependencies: {line}");
    }
    if !wrong.is_empty() {
        bail!("{} dependencies cannot be used", wrong.len());
    }
    let others = metadata.packages.len() - metadata.workspace_members.len();
    println!("dependencies: the licences and compilers of {others} crates fit");
    Ok(())
}

fn faults(package: &Package, oldest: (u32, u32)) -> Vec<String> {
    let (name, number) = (&package.name, &package.version);
    let mut faults = Vec::new();
    let is_tool = TOOLS.iter().any(|(tool, _)| tool == name);
    match package.license.as_deref() {
        Some(license) if is_tool || is_allowed(license) => {}
        Some(license) => faults.push(format!("{name} {number} is licensed as {license}")),
        None => faults.push(format!("{name} {number} names no licence")),
    }
    let wanted = package.rust_version.as_deref().and_then(version);
    if wanted.is_some_and(|wanted| wanted > oldest) {
        faults.push(format!(
            "{name} {number} needs Rust {}.{}, but Cargo.toml promises {}.{}",
            wanted.unwrap_or_default().0,
            wanted.unwrap_or_default().1,
            oldest.0,
            oldest.1
        ));
    }
    faults
}

/// Whether a licence expression contains an allowed choice. It may have at most one pair of brackets, around
/// a choice.
fn is_allowed(expression: &str) -> bool {
    let all = expression
        .split(" AND ")
        .map(|part| part.trim_matches(['(', ')']));
    let mut all = all.map(|part| part.replace('/', " OR "));
    all.all(|part| {
        part.split(" OR ")
            .any(|license| ALLOWED.contains(&license.trim()))
    })
}

/// The first two numbers of a version.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(license: &str, rust_version: &str) -> Package {
        Package {
            id: String::new(),
            name: "other".into(),
            version: "1.0.0".into(),
            license: Some(license.into()),
            rust_version: Some(rust_version.into()),
        }
    }

    #[test]
    fn a_choice_is_fine_if_one_licence_is() {
        for fine in [
            "MIT",
            "Unlicense/MIT",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(is_allowed(fine), "{fine}");
        }
        for wrong in [
            "GPL-3.0",
            "MPL-2.0",
            "MIT AND GPL-2.0",
            "(MIT OR Apache-2.0) AND X",
        ] {
            assert!(!is_allowed(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_crate_that_needs_a_newer_compiler_is_named() {
        assert!(faults(&package("MIT", "1.89"), (1, 89)).is_empty());
        assert_eq!(faults(&package("MIT", "1.90.1"), (1, 89)).len(), 1);
    }
}
