//! The functions of the header against those of the library: a C compiler sees both declarations of each.

mod common;

use std::path::Path;
use std::process::Command;

use cbindgen::{Builder, Config, ItemType, Language};
use common::Folder;

/// The types of the library and their names in the header; structures by their tags.
const TYPES: [(&str, &str); 6] = [
    ("Handle", "HANDLE"),
    ("Bool", "BOOL"),
    ("Overlapped", "_OVERLAPPED"),
    ("IoStatusBlock", "_IO_STATUS_BLOCK"),
    ("IoApcRoutine", "PIO_APC_ROUTINE"),
    ("SecurityAttributes", "_SECURITY_ATTRIBUTES"),
];

/// Every function that the library exports, as cbindgen declares it.
fn declarations() -> String {
    let mut config = Config {
        language: Language::C,
        no_includes: true,
        ..Config::default()
    };
    config.export.item_types = vec![ItemType::Functions];
    let rename = TYPES
        .iter()
        .map(|(ours, theirs)| ((*ours).into(), (*theirs).into()));
    config.export.rename = rename.collect();
    // cbindgen follows the modules from there.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let builder = Builder::new().with_config(config).with_src(source);
    let mut text = Vec::new();
    builder.generate().expect("declarations").write(&mut text);
    String::from_utf8(text).expect("text")
}

/// The compiler's errors for a source; none if it compiles.
fn refusal(source: &str) -> Option<String> {
    let folder = Folder::new();
    let file = folder.path("signatures.c");
    std::fs::write(&file, source).expect("a source");
    let mut command = Command::new("gcc");
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"]);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include/oncefs"));
    let output = command.arg(&file).output().expect("the compiler runs");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn header_and_library_declare_the_same_functions() {
    let declarations = declarations();
    let exported = include_str!("../oncefs.map");
    let symbols = exported
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.strip_suffix(';'))
        .filter(|symbol| *symbol != "*");
    let mut count = 0;
    for symbol in symbols {
        assert!(declarations.contains(&format!("{symbol}(")), "{symbol}");
        count += 1;
    }
    assert_eq!(declarations.matches(");").count(), count);
    let both = format!("#include <winioctl.h>\n{declarations}");
    assert_eq!(refusal(&both), None);
    // The compiler would notice a difference.
    let different = both.replace("DeviceIoControl(HANDLE", "DeviceIoControl(DWORD");
    assert_ne!(different, both);
    assert!(refusal(&different).is_some_and(|text| text.contains("conflicting types")));
}
