//! The commands of the practical print what its pages show: the skeleton fails the first check of each task, the
//! solutions pass all checks of theirs, mistakes are found, and services in two languages work together.

use testkit::console::Mark;

use crate::docs_run::expect_success;
use crate::practical::{ENGLISH, FRENCH, TEACHER};

#[test]
fn practical_prints_what_the_page_shows() {
    expect_success(Mark::RunWithFlask, &["--flask", ENGLISH]);
}

#[test]
fn practical_in_french_prints_what_the_page_shows() {
    expect_success(Mark::RunWithFlask, &["--flask", FRENCH]);
}

#[test]
fn each_mistake_is_found_as_the_page_for_teachers_shows() {
    expect_success(Mark::RunWithFlask, &["--flask", TEACHER]);
}
