//! docs/lab.md says where each demand of the lab is met: in files that are there, by what stands in them.

use std::fs;

use crate::workspace;

/// Six numbered demands, some in two parts, and the routes of two services.
const ROWS: usize = 12;

#[test]
fn the_page_on_the_lab_names_code_and_tests_that_are_there() {
    let page = fs::read_to_string(workspace().join("docs/lab.md")).expect("docs/lab.md is there");
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert_eq!(rows.len(), ROWS, "{rows:?}");
    for demand in 1..=6 {
        assert!(
            rows.iter().any(|row| row.starts_with(&format!("| {demand}. "))),
            "demand {demand} is answered"
        );
    }
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, code, tests] = cells[..] else { panic!("three cells: {row}") };
        for (cell, before, after) in [(code, "", ""), (tests, "#[test]\nfn ", "() {")] {
            for (file, names) in references(cell) {
                let text = fs::read_to_string(workspace().join(file))
                    .unwrap_or_else(|error| panic!("{file}: {error}"));
                assert!(!names.is_empty(), "what is there in {file}?");
                for name in names {
                    assert!(text.contains(&format!("{before}{name}{after}")), "{file} has no {name}");
                }
            }
        }
    }
}

/// The files that a cell links to, and what it names in each.
fn references(cell: &str) -> Vec<(&str, Vec<&str>)> {
    let references = cell.split("<br>").map(|reference| {
        let mut quoted = reference.split('`').skip(1).step_by(2);
        let file = quoted.next().expect("a file");
        assert!(reference.contains(&format!("](../{file})")), "{reference} links to the file that it names");
        (file, quoted.collect())
    });
    references.collect()
}
