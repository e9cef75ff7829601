//! Changes every field of every structure and every relation between two, on discs of each medium, revision
//! and map: the judge must find each change, or `docs/understanding/check.md` must list it as legal with its
//! reason.

use std::collections::{BTreeMap, BTreeSet};

use hostile::inject::{self, JudgedDisc, Outcome};

/// Works on the discs in parallel.
fn on_each_disc<T: Send>(work: impl Fn(&mut JudgedDisc) -> T + Sync) -> Vec<T> {
    let discs = std::sync::Mutex::new(inject::discs());
    let done = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = discs.lock().unwrap().pop();
                    let Some(mut disc) = next else { return };
                    let result = work(&mut disc);
                    done.lock().unwrap().push(result);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

/// The document must have exactly these rows below a heading.
fn require_rows(heading: &str, rows: &[String]) {
    let document = include_str!("../../../docs/understanding/check.md");
    let section = document.split(heading).nth(1).expect("the section");
    let found: Vec<&str> = section
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(
        found == *rows,
        "docs/understanding/check.md, below {heading:?}, needs these rows:\n{}",
        rows.join("\n")
    );
}

#[test]
fn every_change_of_a_field_is_found_or_legal() {
    let results = on_each_disc(|disc| {
        let (mut outcomes, mut missed) = (BTreeMap::new(), Vec::new());
        inject::change_fields(disc, &mut outcomes, &mut missed);
        (outcomes, missed)
    });
    let mut all: BTreeMap<&'static str, Outcome> = BTreeMap::new();
    let mut missed = Vec::new();
    for (outcomes, more) in results {
        missed.extend(more);
        for (name, outcome) in outcomes {
            all.entry(name).or_default().add(outcome);
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
    let changes: u64 = all.values().map(|outcome| outcome.changes).sum();
    println!("{changes} changes");
    let fields: usize = all.values().map(|outcome| outcome.fields.len()).sum();
    assert_eq!((all.len(), fields), (25, 675), "structures, and their fields");
    require_rows("### Fields that may change", &inject::rows(&all));
}

#[test]
fn every_change_of_a_relation_is_found_or_legal() {
    let results = on_each_disc(|disc| {
        let (mut seen, mut missed) = (Vec::new(), Vec::new());
        inject::break_relations(disc, &mut seen, &mut missed);
        (seen, missed)
    });
    let mut found: BTreeSet<&'static str> = BTreeSet::new();
    let mut rows: BTreeSet<String> = BTreeSet::new();
    let mut missed = Vec::new();
    for (seen, more) in results {
        missed.extend(more);
        for (what, legal) in seen {
            if let Some(why) = legal {
                rows.insert(format!("| {what} | {why} |"));
            } else {
                found.insert(what);
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
    assert_eq!(found.len(), 46, "relations that no disc may break: {found:#?}");
    let rows: Vec<String> = rows.into_iter().collect();
    require_rows("### Relations that may change", &rows);
}
