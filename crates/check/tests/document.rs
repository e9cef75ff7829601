//! The document lists every rule.

use check::{FindingKind, Severity};

#[test]
fn the_document_lists_each_rule_with_severity_and_clause() {
    let document = include_str!("../../../docs/understanding/check.md");
    let mut sections = document.split("\n## ");
    let rules = sections
        .find(|section| section.starts_with("Rules\n"))
        .expect("rules");
    let text = rules.split_whitespace().collect::<Vec<_>>().join(" ");
    for kind in FindingKind::ALL {
        // The document leaves out what it says once: the names of the two main standards, and "error".
        let clause = ["ECMA-167 ", "UDF 2.60 ", "oncefs, "]
            .iter()
            .fold(kind.clause().to_owned(), |clause, name| clause.replace(name, ""));
        let severity = match kind.severity() {
            Severity::Error => String::new(),
            other => format!(", {other}"),
        };
        let item = format!("- `{}`: {} ({clause}{severity})", kind.name(), kind.rule());
        assert!(
            text.contains(&item),
            "docs/understanding/check.md lacks the item:\n{item}"
        );
    }
    let items = rules.lines().filter(|line| line.starts_with("- `")).count();
    assert_eq!(items, FindingKind::ALL.len(), "items of rules that do not exist");
}
