//! The commands of the walkthrough and of the slides print the output on their pages.

use std::fs;

use testkit::console::Mark;

use crate::docs_run::{docs_run, expect_success};
use crate::walkthrough::{ENGLISH, FRENCH};

#[test]
fn english_commands_print_what_the_page_shows() {
    expect_success(Mark::Run, &[ENGLISH]);
}

#[test]
fn french_commands_print_what_the_page_shows() {
    expect_success(Mark::Run, &[FRENCH]);
}

#[test]
fn commands_of_the_english_slides_print_what_they_show() {
    expect_success(Mark::Run, &["docs/slides.md"]);
}

#[test]
fn commands_of_the_french_slides_print_what_they_show() {
    expect_success(Mark::Run, &["docs/fr/diapos.md"]);
}

#[test]
fn wrong_answer_is_reported_with_page_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = folder.path().join("wrong.md");
    let text = "<!-- run -->\n```console\n$ scripts/login ada\n…\n$ scripts/create Ada\n{\"id\":2,…}\n```\n";
    fs::write(&wrong, text).expect("a new file");
    let name = wrong.display().to_string();
    let ran = docs_run(&[&name]);
    let out = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{out}");
    let difference = "--- expected\n{\"id\":2,…}\n--- printed\n{\"id\":1,\"name\":\"Ada\",\"owner\":\"ada\"}";
    assert_eq!(
        out,
        format!("{name}:5: $ scripts/create Ada\n{difference}\n\n{name}: 2 commands were run, 1 differed\n")
    );
}
