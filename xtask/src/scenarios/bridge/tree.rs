//! A tree with everything that is hard for ISO 9660.

use iso9660::DateTime;

use crate::listing::Kind;
use crate::trees::Contents;

/// A name and its node; the names of a hard link have the same serial number and are otherwise equal.
pub struct Node {
    pub name: String,
    pub serial: u32,
    pub mode: u32,
    pub owner: (u32, u32),
    pub modified: DateTime,
    pub body: Body,
}

/// What a node is.
pub enum Body {
    Directory(Vec<Node>),
    /// Contents, in sections of these numbers of blocks; the last section has the rest.
    File(Vec<u8>, Vec<usize>),
    /// A file of zeros that no block of the image contains.
    Huge(u64),
    Link(String),
    Fifo,
    Device(Kind, u32, u32),
}

/// More than one section can have, and more than 4 GiB.
pub const HUGE_BYTES: u64 = 5_000_000_001;
/// The name of that file, in the root.
pub const HUGE_NAME: &str = "huge";

/// Creates nodes, each with a serial number.
struct Maker {
    contents: Contents,
    serial: u32,
}

const TIME: DateTime = DateTime {
    year: 2019,
    month: 2,
    day: 28,
    hour: 23,
    minute: 59,
    second: 58,
    centisecond: 0,
    offset: 0,
};

impl Maker {
    fn node(&mut self, name: impl Into<String>, mode: u32, body: Body) -> Node {
        self.serial += 1;
        Node {
            name: name.into(),
            serial: self.serial,
            mode,
            owner: (1000 + self.serial, 70_000),
            modified: TIME,
            body,
        }
    }

    fn file(&mut self, name: impl Into<String>, bytes: usize) -> Node {
        let contents = self.contents.bytes(bytes);
        self.node(name, 0o644, Body::File(contents, Vec::new()))
    }

    fn directory(&mut self, name: impl Into<String>, children: Vec<Node>) -> Node {
        self.node(name, 0o755, Body::Directory(children))
    }

    fn files(&mut self, names: impl IntoIterator<Item = String>) -> Vec<Node> {
        (1..)
            .zip(names)
            .map(|(bytes, name)| self.file(name, bytes))
            .collect()
    }

    fn names(&mut self) -> Vec<Node> {
        let same = "same beginning ".repeat(12);
        let mut names = self.files((0..20).map(|number| format!("{same}{number:02}.txt")));
        names.extend(self.files((0..20).map(|number| format!("{}{number:02}.txt", &same[..64]))));
        names.extend(self.files((0..9).map(|number| format!("Short Form.{number}x"))));
        names.extend(self.files([113, 114, 131, 132, 157].map(|bytes| "n".repeat(bytes))));
        names.extend(
            self.files(
                [
                    "README.TXT",
                    "readme.txt",
                    "naïve café.txt",
                    "Привет мир",
                    "日本語の名前.txt",
                    "\u{1F4BF} disc",
                    "a*b?c:d;e\\f",
                    "a_b_c_d_e_f",
                    " space in front",
                    "-rf",
                    ".hidden",
                    "no.ext.ension.at.all",
                    "trailing.",
                    "trailing",
                ]
                .map(str::to_owned),
            ),
        );
        names.push(self.file("d".repeat(250), 3000));
        names.push(self.directory("d".repeat(249), Vec::new()));
        let below = self.files(["inside".to_owned()]);
        names.push(self.directory(format!("{}é", "d".repeat(249)), below));
        names.push(self.directory("empty", Vec::new()));
        names
    }

    fn links(&mut self) -> Vec<Node> {
        let long = format!("{}/x", vec!["component"; 60].join("/"));
        let longest = format!("/{}", "0123456789/".repeat(93).trim_end_matches('/'));
        let targets = [
            "../names/README.TXT",
            "/",
            "/etc/passwd",
            ".",
            "..",
            "../..",
            "missing",
            "./a/../b/.",
            &long,
            &longest,
            &"w".repeat(255),
        ];
        (0..)
            .zip(targets)
            .map(|(number, target)| {
                self.node(format!("link {number:02}"), 0o777, Body::Link(target.to_owned()))
            })
            .collect()
    }

    fn special(&mut self) -> Vec<Node> {
        vec![
            self.node("fifo", 0o600, Body::Fifo),
            self.node("char", 0o660, Body::Device(Kind::CharDevice, 4, 64)),
            self.node("block", 0o640, Body::Device(Kind::BlockDevice, 259, 3)),
            self.node(
                "executable",
                0o755,
                Body::File(b"#!/bin/sh\n".to_vec(), Vec::new()),
            ),
            self.node("setuid", 0o6751, Body::File(b"set".to_vec(), Vec::new())),
            self.node("nobody's", 0o000, Body::File(b"none".to_vec(), Vec::new())),
            self.node("sticky", 0o1777, Body::Directory(Vec::new())),
        ]
    }

    fn times(&mut self) -> Vec<Node> {
        [1601, 1900, 1969, 1970, 2038, 2107, 2155, 9999]
            .map(|year| {
                let mut node = self.file(format!("{year}"), 10);
                node.modified.year = year;
                node
            })
            .into()
    }

    fn data(&mut self) -> Vec<Node> {
        let contents = self.contents.bytes(20 * 2048 + 77);
        let many = self.contents.bytes(100 * 2048);
        let mut data = vec![
            self.file("empty file", 0),
            self.file("one block", 2048),
            self.node("four sections", 0o644, Body::File(contents, vec![3, 1, 6])),
            self.node("100 sections", 0o644, Body::File(many, vec![1; 99])),
        ];
        let linked = self.file("linked", 5000);
        let (Body::File(contents, _), serial) = (&linked.body, linked.serial) else {
            return data;
        };
        data.push(Node {
            name: "linked again".to_owned(),
            body: Body::File(contents.clone(), Vec::new()),
            ..linked
        });
        data.push(Node {
            name: "linked".to_owned(),
            serial,
            mode: linked.mode,
            owner: linked.owner,
            modified: linked.modified,
            body: linked.body,
        });
        data
    }
}

/// The tree.
pub fn hard_tree() -> Node {
    let mut maker = Maker {
        contents: Contents::new(16),
        serial: 0,
    };
    let mut deep = maker.files(["bottom".to_owned()]);
    for level in (1..=12).rev() {
        deep = vec![maker.directory(format!("level {level}"), deep)];
    }
    let many = maker.files((0..300).map(|number| format!("file {number:03}.dat")));
    let mut top = vec![maker.node(HUGE_NAME, 0o644, Body::Huge(HUGE_BYTES))];
    for (name, children) in [
        ("many", many),
        ("names", maker.names()),
        ("links", maker.links()),
        ("special", maker.special()),
        ("times", maker.times()),
        ("data", maker.data()),
    ] {
        top.push(maker.directory(name, children));
    }
    top.append(&mut deep);
    maker.directory("", top)
}
