//! The document lists every rule.

use check::FindingKind;

#[test]
fn the_document_lists_each_rule_with_severity_and_clause() {
    let text = include_str!("../../../docs/understanding/check.md");
    for kind in FindingKind::ALL {
        // The document names a part of ECMA-167 by its number alone, and UDF 2.60 without its revision.
        let clause = kind
            .clause()
            .replace("ECMA-167 ", "")
            .replace("UDF 2.60 ", "UDF ");
        let row = format!(
            "| `{}` | {} | {clause} | {} |",
            kind.name(),
            kind.severity(),
            kind.rule()
        );
        assert!(
            text.contains(&row),
            "docs/understanding/check.md lacks the row:\n{row}"
        );
    }
    let rows = text.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, FindingKind::ALL.len(), "rows of rules that do not exist");
}
