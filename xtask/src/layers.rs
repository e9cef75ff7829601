//! The import check: each crate may use only the crates below it, and its head names the circles of its
//! files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use walkdir::WalkDir;
use xshell::cmd;

use crate::circles::{Circle, Files};
use crate::place::Place;

/// What the names of our packages begin with, which those of their crates do not.
const PREFIX: &str = "oncefs-";

/// Which of our crates each crate may import. Tests may use `emulator` beside them.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("mmc", &[]),
    ("ecma167", &[]),
    ("iso9660", &[]),
    ("mapfile", &[]),
    ("sgio", &["mmc"]),
    ("emulator", &["mmc"]),
    ("tcmu", &["mmc"]),
    ("drive", &["mmc"]),
    ("container", &["drive", "ecma167"]),
    ("volume", &["drive", "ecma167", "iso9660", "mmc"]),
    ("salvage", &["drive", "ecma167", "mmc", "volume"]),
    ("track", &["drive", "ecma167", "mmc"]),
    ("rom", &["ecma167", "iso9660", "track", "volume"]),
    (
        "recording",
        &["drive", "ecma167", "mmc", "rom", "track", "volume"],
    ),
    (
        "disc",
        &[
            "container",
            "drive",
            "ecma167",
            "emulator",
            "mmc",
            "sgio",
            "volume",
        ],
    ),
    ("control", &["disc", "drive", "ecma167", "recording", "volume"]),
    ("fuse", &["control", "drive", "ecma167", "recording", "volume"]),
    ("check", &["drive", "ecma167", "iso9660", "mmc"]),
    ("portrait", &["check", "drive", "ecma167", "volume"]),
    (
        "hostile",
        &[
            "check",
            "container",
            "drive",
            "ecma167",
            "emulator",
            "mmc",
            "recording",
            "volume",
        ],
    ),
    (
        "trials",
        &[
            "check",
            "drive",
            "ecma167",
            "emulator",
            "mmc",
            "recording",
            "volume",
        ],
    ),
    (
        "capi",
        &["control", "disc", "drive", "ecma167", "emulator", "recording"],
    ),
    (
        "oncefs",
        &[
            "check",
            "container",
            "control",
            "disc",
            "drive",
            "ecma167",
            "emulator",
            "mmc",
            "portrait",
            "recording",
            "salvage",
            "volume",
        ],
    ),
    ("cli", &["emulator", "fuse", "mapfile", "mmc", "oncefs", "tcmu"]),
    ("xtask", &["hostile", "iso9660", "trials"]),
];

/// What talks to the kernel by means that are not safe, each block with its reason.
const MAY_BE_UNSAFE: &[&str] = &["fuse", "sgio", "tcmu", "xtask"];

/// What any crate's tests may use.
const TESTS_MAY_IMPORT: &str = "emulator";

/// What the tests of a crate may use beside it: the judge is tried on good images, and shares no code with
/// what makes them.
const TESTS_MAY_ALSO_IMPORT: &[(&str, &str)] = &[
    ("check", "recording"),
    ("cli", "ecma167"),
    ("cli", "hostile"),
    ("oncefs", "hostile"),
    ("salvage", "hostile"),
    ("trials", "disc"),
    ("trials", "salvage"),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// Check every crate of the workspace and print what is wrong.
pub fn run(place: &Place) -> Result<()> {
    let packages = packages(place)?;
    let mut wrong = Vec::new();
    for package in &packages {
        check(package, &mut wrong)?;
        check_circles(package, &mut wrong)?;
    }
    if wrong.is_empty() {
        println!("layers: {} crates import downwards only", packages.len());
        return Ok(());
    }
    for line in &wrong {
        eprintln!("layers: {line}");
    }
    bail!(
        "{} imports, attributes or circles are not as the architecture has them",
        wrong.len()
    )
}

/// Print the types of all crates that have the same name.
pub fn print_names(place: &Place) -> Result<()> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages(place)? {
        for root in package.roots() {
            for (name, file) in Files::read(root)?.types() {
                let here = format!("{}/{file}", package.name);
                all.entry(name.to_owned()).or_default().push(here);
            }
        }
    }
    all.retain(|_, files| files.len() > 1);
    for (name, files) in &all {
        println!("{name}: {}", files.join(", "));
    }
    println!("names: {} stand for more than one type", all.len());
    Ok(())
}

fn packages(place: &Place) -> Result<Vec<Package>> {
    let shell = place.shell()?;
    let text = cmd!(shell, "cargo metadata --no-deps --format-version 1")
        .quiet()
        .read()?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata")?;
    let mut packages = metadata.packages;
    for package in &mut packages {
        let dependencies = package.dependencies.iter_mut().map(|one| &mut one.name);
        for name in dependencies.chain([&mut package.name]) {
            if let Some(short) = name.strip_prefix(PREFIX) {
                *name = short.to_owned();
            }
        }
    }
    Ok(packages)
}

impl Package {
    /// The root files of its library and its programs.
    fn roots(&self) -> impl Iterator<Item = &PathBuf> {
        let is_ours = |target: &&Target| {
            target
                .kind
                .iter()
                .any(|kind| kind.ends_with("lib") || kind == "bin")
        };
        self.targets.iter().filter(is_ours).map(|target| &target.src_path)
    }
}

/// Shows the circles of files in a crate. Wrong are those that its head does not name, and those that it
/// names and that are not there.
fn check_circles(package: &Package, wrong: &mut Vec<String>) -> Result<()> {
    let name = package.name.as_str();
    let (mut expected, mut found) = (Vec::<Circle>::new(), Vec::new());
    for root in package.roots() {
        let files = Files::read(root)?;
        expected.extend(files.named_in_head());
        found.extend(files.circles());
    }
    let words = |circle: &Circle| circle.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    for circle in &found {
        println!(
            "layers: {name}: circle of {} files: {}",
            circle.len(),
            words(circle)
        );
        if !expected.contains(circle) {
            wrong.push(format!(
                "{name}: a circle of files that its head does not name: {}",
                words(circle)
            ));
        }
    }
    for circle in expected.iter().filter(|circle| !found.contains(circle)) {
        wrong.push(format!(
            "{name}: no such circle of files any more, so it is not named either: {}",
            words(circle)
        ));
    }
    Ok(())
}

fn check(package: &Package, wrong: &mut Vec<String>) -> Result<()> {
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let Some(allowed) = table.get(package.name.as_str()) else {
        wrong.push(format!(
            "{} stands in no layer: give it its place in xtask/src/layers.rs",
            package.name
        ));
        return Ok(());
    };
    let ours: BTreeSet<&str> = table.keys().copied().collect();
    for dependency in package
        .dependencies
        .iter()
        .filter(|d| ours.contains(d.name.as_str()))
    {
        let name = dependency.name.as_str();
        let in_tests = dependency.kind.as_deref() == Some("dev")
            && (name == TESTS_MAY_IMPORT || TESTS_MAY_ALSO_IMPORT.contains(&(&package.name, name)));
        if !allowed.contains(&name) && !in_tests {
            wrong.push(format!("{} depends on {name} in its Cargo.toml", package.name));
        }
    }
    let folder = package
        .manifest_path
        .parent()
        .context("a manifest without a folder")?;
    check_sources(package, folder, &ours, allowed, wrong)?;
    for target in package
        .targets
        .iter()
        .filter(|t| t.kind.iter().any(|k| k == "lib" || k == "bin"))
        .filter(|_| !MAY_BE_UNSAFE.contains(&package.name.as_str()))
    {
        let text = read(&target.src_path)?;
        if !text.contains("#![forbid(unsafe_code)]") {
            wrong.push(format!(
                "{} lacks #![forbid(unsafe_code)]",
                target.src_path.display()
            ));
        }
    }
    Ok(())
}

fn check_sources(
    package: &Package,
    folder: &Path,
    ours: &BTreeSet<&str>,
    allowed: &[&str],
    wrong: &mut Vec<String>,
) -> Result<()> {
    let files: Vec<PathBuf> = WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .map(|found| found.path().to_owned())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    // A module of the crate itself may bear the name of a crate: its paths are no imports.
    let own: BTreeSet<String> = files
        .iter()
        .flat_map(|path| path.strip_prefix(folder).unwrap_or(path).iter())
        .map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned())
        .collect();
    for file in &files {
        let text = read(file)?;
        // One way to name what the standard library has.
        for name in crates_named(&text, &BTreeSet::from(["alloc", "core"])) {
            if !own.contains(name) {
                wrong.push(format!("{} names {name}:: in place of std::", file.display()));
            }
        }
        for name in crates_named(&text, ours) {
            let fine = name == package.name
                || allowed.contains(&name)
                || name == TESTS_MAY_IMPORT
                || (file.starts_with(folder.join("tests"))
                    && TESTS_MAY_ALSO_IMPORT.contains(&(&package.name, name)))
                || own.contains(name);
            if !fine {
                wrong.push(format!("{} names the crate {name}", file.display()));
            }
        }
    }
    Ok(())
}

/// Those of `ours` that stand as the first segment of a path in `source`.
fn crates_named<'a>(source: &str, ours: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let mut named = BTreeSet::new();
    for line in source.lines().map(code_of) {
        for &name in ours {
            for (at, _) in line.match_indices(name) {
                let before = line[..at].chars().next_back();
                let starts = before.is_none_or(|c| !(c.is_alphanumeric() || "_:\"-/.".contains(c)));
                if starts && line[at + name.len()..].starts_with("::") {
                    named.insert(name);
                }
            }
        }
    }
    named
}

/// A line without its comment and without what is in its strings.
fn code_of(line: &str) -> String {
    let outside: Vec<&str> = line.split('"').step_by(2).collect();
    outside
        .join("\"")
        .split("//")
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(source: &str) -> Vec<&'static str> {
        crates_named(source, &BTreeSet::from(["volume", "drive"]))
            .into_iter()
            .collect()
    }

    #[test]
    fn the_first_segment_of_a_path_names_a_crate() {
        assert_eq!(
            named("use volume::Volume;\nlet d = drive::Drive::open();"),
            ["drive", "volume"]
        );
    }

    #[test]
    fn a_later_segment_a_longer_word_and_a_comment_name_none() {
        assert!(
            named("use crate::volume::X;\nmy_drive::open();\n// volume::open\nlet s = \"volume::x\";")
                .is_empty()
        );
    }

    #[test]
    fn the_table_points_downwards_only() {
        for (position, (name, allowed)) in MAY_IMPORT.iter().enumerate() {
            for below in *allowed {
                let at = MAY_IMPORT.iter().position(|(other, _)| other == below);
                assert!(at.is_some_and(|at| at < position), "{name} -> {below}");
            }
        }
    }
}
