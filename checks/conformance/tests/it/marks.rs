//! The marking grid of the practical.

use std::collections::BTreeMap;

use conformance::grid::{CRITERIA, TASKS};
use conformance::report::{Format, grid};
use conformance::{Lang, Level, Plan, checks};

use super::bad_lab::BadLab;

/// Returns the cells of the lines of a grid, without the head.
fn rows(grid: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    grid.lines().skip(2).map(cells).collect()
}

fn marks_of(mistake: Option<&'static str>) -> Vec<Vec<String>> {
    let lab = BadLab::start(mistake, true);
    let plan = Plan { only: TASKS.map(str::to_owned).to_vec(), ..lab.plan() };
    rows(&lab.check_with(plan).show(Format::Grid, Lang::En))
}

#[test]
fn each_required_check_is_marked_once() {
    let mut marked: BTreeMap<&str, usize> = BTreeMap::new();
    for id in CRITERIA.iter().flat_map(|criterion| criterion.checks) {
        assert!(checks::named(id).is_some(), "{id}");
        *marked.entry(id).or_default() += 1;
    }
    let twice: Vec<_> = marked.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let required = checks::all().filter(|check| check.level == Level::Required);
    let missing: Vec<_> = required.filter(|check| !marked.contains_key(check.id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn grid_has_20_points() {
    assert_eq!(CRITERIA.iter().map(|criterion| criterion.points).sum::<usize>(), 20);
    assert!(grid::empty(Lang::Fr).ends_with("| | **total** | **20** | |\n"));
}

#[test]
fn version_without_mistakes_gets_every_point() {
    let rows = marks_of(None);
    let (total, rows) = rows.split_last().expect("a total");
    assert_eq!(total[3], "**20/20**");
    assert!(rows.iter().all(|row| row[4].is_empty()), "{rows:?}");
}

#[test]
fn failed_check_costs_its_share_rounded_to_half_points() {
    let rows = marks_of(Some("health goes on at any 2xx"));
    let row = rows.iter().find(|row| row[4].contains("rule-on-204")).expect("a line with the check");
    assert_eq!([&*row[2], &*row[3], &*row[4]], ["9/10", "1.5/2", "`rule-on-204`"]);
    assert_eq!(rows.last().expect("a total")[3], "**19.5/20**");
}

#[test]
fn check_that_was_not_run_earns_nothing() {
    let lab = BadLab::start(None, true);
    let plan = Plan { only: vec!["task3".to_owned()], restart: None, ..lab.plan() };
    let report = lab.check_with(plan);
    assert_eq!(report.findings.len(), 2);
    let grid = report.show(Format::Grid, Lang::Fr);
    let line = grid.lines().find(|line| line.starts_with("| 3 |")).expect("the third task");
    assert!(
        line.ends_with("| 0/2 | 0/3 | `person-restart` (non lancé), `health-restart` (non lancé) |"),
        "{grid}"
    );
    assert!(grid.ends_with("| | **total** | | **0/20** | |\n"), "{grid}");
}
