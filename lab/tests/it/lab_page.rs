//! docs/lab.md names the code and the tests for each requirement of the lab. All of them must exist.

use std::fs;

use crate::workspace;

/// Six numbered requirements, some in two parts, and the routes of two services.
const ROWS: usize = 12;

#[test]
fn lab_page_names_existing_code_and_tests() {
    let page = fs::read_to_string(workspace().join("docs/lab.md")).expect("docs/lab.md");
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert_eq!(rows.len(), ROWS, "{rows:?}");
    for requirement in 1..=6 {
        assert!(
            rows.iter().any(|row| row.starts_with(&format!("| {requirement}. "))),
            "requirement {requirement} has no row"
        );
    }
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, code, tests] = cells[..] else { panic!("three cells: {row}") };
        for (cell, before, after) in [(code, "", ""), (tests, "#[test]\nfn ", "() {")] {
            for (file, names) in references(cell) {
                let text = fs::read_to_string(workspace().join(file))
                    .unwrap_or_else(|error| panic!("{file}: {error}"));
                assert!(!names.is_empty(), "no name in {file}");
                for name in names {
                    assert!(text.contains(&format!("{before}{name}{after}")), "{file} has no {name}");
                }
            }
        }
    }
}

/// Returns the files that a cell links to, and the names that it gives for each.
fn references(cell: &str) -> Vec<(&str, Vec<&str>)> {
    let references = cell.split("<br>").map(|reference| {
        let mut quoted = reference.split('`').skip(1).step_by(2);
        let file = quoted.next().expect("a file");
        assert!(reference.contains(&format!("](../{file})")), "{reference} links to another file");
        (file, quoted.collect())
    });
    references.collect()
}
