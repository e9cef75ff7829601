//! Regenerates the images in `bases/`, all or those named: our own, those of mkudffs, genisoimage and
//! newfs_udf, and volumes of rewritable media built from the structures alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use drive::Drive;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium, Recorder};
use hostile::Image;
use recording::{Attributes, CloseDisc, FormatOptions, NodeId, NodeKind, Recording, format};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = [
        (
            "small-150",
            Medium::DvdPlusR,
            Revision::V1_50,
            Behaviour::default(),
        ),
        (
            "small-201",
            Medium::DvdPlusR,
            Revision::V2_01,
            Behaviour::default(),
        ),
        ("cd-150", Medium::CdR80, Revision::V1_50, gap(64)),
        ("cd-201", Medium::CdR80, Revision::V2_01, gap(64)),
        ("dvd-closed", Medium::DvdR, Revision::V2_00, gap(64)),
        ("bd-260", Medium::BdR, Revision::V2_60, Behaviour::default()),
    ];
    for (name, medium, revision, behaviour) in ours {
        let image = folder.path().join(name);
        Recorder::create(&image, medium, Some(4000), behaviour)?;
        let options = FormatOptions {
            revision,
            label: "Hostile".into(),
            unique: 1,
            now: time(0),
            seconds: 1_700_000_000,
            root: Attributes::at(0o755, time(0)),
            rom: None,
        };
        format(drive(&image)?, &options)?;
        if name.starts_with("small") {
            small(&image)?;
        } else {
            grown(&image, name == "dvd-closed")?;
        }
        keep(name, &image)?;
        if is_asked_for(name) {
            fs::copy(Recorder::side_file(&image), to(&format!("{name}.side")))?;
        }
    }
    theirs(folder.path())?;
    other_sizes(folder.path())?;
    rewritable(folder.path())
}

/// Volumes whose blocks are not those of optical discs.
fn other_sizes(folder: &Path) -> Result<()> {
    for size in ["512", "4096"] {
        let name = format!("mkudffs-{size}");
        let image = folder.join(&name);
        let blocks = ((2 << 20) / size.parse::<u32>()?).to_string();
        let words = [
            "--new-file",
            "--uuid=0123456789abcdef",
            "--media-type=hd",
            "--udfrev=2.01",
            "--label=Hostile",
            "--blocksize",
            size,
            path(&image),
            &blocks,
        ];
        run("mkudffs", &words)?;
        keep(&name, &image)?;
    }
    Ok(())
}

/// This many blocks, with one nonzero byte in each.
fn sparse(blocks: usize) -> Vec<u8> {
    let mut bytes = vec![0; blocks * 2048];
    bytes.iter_mut().step_by(2048).for_each(|byte| *byte = 0x20);
    bytes
}

fn gap(blocks: u32) -> Behaviour {
    Behaviour {
        session_gap: Some(blocks),
        ..Behaviour::default()
    }
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + second, 0)
}

fn drive(image: &Path) -> Result<Drive> {
    Ok(Drive::open(Box::new(Recorder::open(image)?))?)
}

/// A file with eight blocks to be replaced with anything, and one node of each other kind that matters.
fn small(image: &Path) -> Result<()> {
    let mut recording = Recording::open(drive(image)?, time(1))?;
    let root = recording.root();
    add(&mut recording, root, "spare", &sparse(8))?;
    add(&mut recording, root, "file", b"text")?;
    let directory = recording.create(
        root,
        "directory",
        NodeKind::Directory,
        &Attributes::at(0o755, time(1)),
    )?;
    add(&mut recording, directory, "inner", b"inner text")?;
    recording.symlink(root, "link", "/a/../b", &Attributes::at(0o777, time(1)))?;
    recording.commit(time(2))?;
    Ok(())
}

/// Several generations, and a second session.
fn grown(image: &Path, end: bool) -> Result<()> {
    let mut recording = Recording::open(drive(image)?, time(1))?;
    let root = recording.root();
    let attributes = Attributes::at(0o4755, time(1));
    let directory = recording.create(root, "directory", NodeKind::Directory, &attributes)?;
    let inner = recording.create(directory, "inner", NodeKind::Directory, &attributes)?;
    let file = add(&mut recording, root, "file", &sparse(10))?;
    recording.link(file, inner, "hard link")?;
    for number in 0..30 {
        add(
            &mut recording,
            directory,
            &format!("a file whose name fills blocks {number:>40}"),
            b"text",
        )?;
    }
    recording.commit(time(2))?;
    for piece in 0..40_u64 {
        recording.write(file, piece * 16_384, &sparse(1))?;
        if piece % 20 == 19 {
            recording.commit(time(3))?;
        }
    }
    let special = [
        ("pipe", NodeKind::Fifo),
        ("socket", NodeKind::Socket),
        ("tty", NodeKind::CharacterDevice { major: 4, minor: 64 }),
        ("sda", NodeKind::BlockDevice { major: 8, minor: 1 }),
    ];
    for (name, kind) in special {
        recording.create(inner, name, kind, &attributes)?;
    }
    recording.symlink(inner, "link", "../a/./b", &attributes)?;
    recording.symlink(inner, "ä 😀", "/", &attributes)?;
    recording.unlink(directory, &format!("a file whose name fills blocks {:>40}", 7))?;
    recording.close(CloseDisc::No, time(4))?;
    drop(recording);
    let mut recording = Recording::open(drive(image)?, time(5))?;
    add(&mut recording, root, "of the second session", b"more")?;
    recording.commit(time(6))?;
    if end {
        recording.close(CloseDisc::Yes, time(7))?;
    }
    Ok(())
}

fn add(recording: &mut Recording, parent: NodeId, name: &str, content: &[u8]) -> Result<NodeId> {
    let node = recording.create(parent, name, NodeKind::File, &Attributes::at(0o644, time(1)))?;
    recording.write(node, 0, content)?;
    Ok(node)
}

fn theirs(folder: &Path) -> Result<()> {
    for (name, medium, revision, blocks) in [
        ("mkudffs-150", "cdr", "1.50", "332850"),
        ("mkudffs-201", "dvdr", "2.01", "2298496"),
        ("mkudffs-260", "bdr", "2.60", "12219392"),
    ] {
        let image = folder.join(name);
        let media = format!("--media-type={medium}");
        let revision = format!("--udfrev={revision}");
        let words = [
            "--new-file",
            "--uuid=0123456789abcdef",
            &media,
            &revision,
            path(&image),
            blocks,
        ];
        run("mkudffs", &words)?;
        keep(name, &image)?;
    }
    let tree = folder.join("tree");
    fs::create_dir_all(tree.join("directory/inner"))?;
    fs::write(tree.join("file"), "text")?;
    fs::write(tree.join("directory/inner/other file"), vec![3; 5000])?;
    for number in 0..20 {
        fs::write(tree.join(format!("directory/a file with a name {number}")), "x")?;
    }
    let image = folder.join("genisoimage");
    run(
        "genisoimage",
        &["-quiet", "-udf", "-J", "-r", "-o", path(&image), path(&tree)],
    )?;
    keep("genisoimage", &image)?;
    let image = folder.join("newfs_udf");
    fs::File::create(&image)?.set_len(2400 * 2048)?;
    run("newfs_udf", &["-L", "Theirs", path(&image)])?;
    keep("newfs_udf", &image)
}

/// With spared packets, with a metadata partition, with named streams.
fn rewritable(folder: &Path) -> Result<()> {
    let image = folder.join("mkudffs-cdrw");
    let words = [
        "--new-file",
        "--uuid=0123456789abcdef",
        "--media-type=cdrw",
        "--udfrev=2.01",
        path(&image),
        "16384",
    ];
    run("mkudffs", &words)?;
    keep("mkudffs-cdrw", &image)?;
    let tree = folder.join("rewritable");
    fs::create_dir_all(tree.join("directory/inner"))?;
    fs::create_dir(tree.join("file:streams"))?;
    fs::write(tree.join("file"), "text")?;
    fs::write(tree.join("file:streams/Zone.Identifier"), "[ZoneTransfer]")?;
    fs::write(tree.join("file:streams/*UDF NT ACL"), sparse(3))?;
    fs::write(tree.join("large"), sparse(40))?;
    for number in 0..40 {
        fs::write(tree.join(format!("directory/a file with a name {number}")), "x")?;
    }
    let words = [
        "run",
        "-q",
        "-p",
        "oncefs-volume",
        "--example",
        "rewritable",
        "--",
        path(&tree),
        path(folder),
    ];
    run("cargo", &words)?;
    keep("sparable-201", &folder.join("sparable 2.01.img"))?;
    keep("metadata-250", &folder.join("metadata plain twice whole.img"))?;
    keep(
        "metadata-sparable",
        &folder.join("metadata sparable once whole.img"),
    )?;
    keep("replaced-150", &folder.join("entries replaced.img"))
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

fn run(program: &str, words: &[&str]) -> Result<()> {
    let output = Command::new(program).args(words).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

fn to(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bases").join(name)
}

fn is_asked_for(name: &str) -> bool {
    let mut asked = std::env::args().skip(1).peekable();
    asked.peek().is_none() || asked.any(|one| one == name)
}

fn keep(name: &str, image: &Path) -> Result<()> {
    if !is_asked_for(name) {
        return Ok(());
    }
    let bytes = fs::read(image)?;
    let mut image = Image::of_bytes(&bytes);
    // The original place of a spared packet, which nothing reads.
    image
        .blocks
        .retain(|_, block| block.iter().any(|byte| *byte != 0xEE));
    let short = image.encode();
    println!(
        "{name}: {} blocks, {} of them not empty, {} bytes",
        image.length,
        image.blocks.len(),
        short.len()
    );
    fs::write(to(&format!("{name}.blocks")), short)?;
    Ok(())
}
