//! The commands of the practical print what its pages show: the skeleton fails the first check of each task, the
//! solutions pass all checks of theirs, mistakes are found, and services in two languages work together.

use crate::practical::{ENGLISH, FRENCH, TEACHER};
use crate::walkthrough::{docs_run, page};
use testkit::console::Mark;

#[track_caller]
fn expect_success(name: &str) {
    let ran = docs_run(&["--flask", name]);
    let [out, err] = [&ran.stdout, &ran.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(ran.status.success(), "{out}\n{err}");
    let commands = page(name).steps(Mark::RunWithFlask).len();
    assert!(out.starts_with(&format!("{name}: {commands} commands were run, 0 differed")), "{out}");
}

#[test]
fn practical_prints_what_the_page_shows() {
    expect_success(ENGLISH);
}

#[test]
fn practical_in_french_prints_what_the_page_shows() {
    expect_success(FRENCH);
}

#[test]
fn each_mistake_is_found_as_the_page_for_teachers_shows() {
    expect_success(TEACHER);
}
