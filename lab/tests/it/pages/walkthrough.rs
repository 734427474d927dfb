//! The walkthrough's commands print the output on the page.

use std::fs;
use std::process::{Command, Output};

use testkit::console::Mark;

use crate::walkthrough::{ENGLISH, FRENCH, page};
use crate::workspace;

/// Runs a page with `docs/run`, as readers do.
fn docs_run(page: &str) -> Output {
    let mut command = Command::new(workspace().join("docs/run"));
    command.arg(page).current_dir(workspace()).output().expect("docs/run can be run")
}

#[track_caller]
fn expect_success(page: &str) {
    let ran = docs_run(page);
    let [out, err] = [&ran.stdout, &ran.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(ran.status.success(), "{out}\n{err}");
    let commands = self::page(page).steps(Mark::Run).len();
    assert!(out.starts_with(&format!("{page}: {commands} commands were run, 0 differed")), "{out}");
}

#[test]
fn english_commands_print_what_the_page_shows() {
    expect_success(ENGLISH);
}

#[test]
fn french_commands_print_what_the_page_shows() {
    expect_success(FRENCH);
}

#[test]
fn wrong_answer_is_reported_with_page_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = folder.path().join("wrong.md");
    let text = "<!-- run -->\n```console\n$ scripts/login ada\n…\n$ scripts/create Ada\n{\"id\":2,…}\n```\n";
    fs::write(&wrong, text).expect("a new file");
    let name = wrong.display().to_string();
    let ran = docs_run(&name);
    let out = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{out}");
    let difference = "--- expected\n{\"id\":2,…}\n--- printed\n{\"id\":1,\"name\":\"Ada\",\"owner\":\"ada\"}";
    assert_eq!(
        out,
        format!("{name}:5: $ scripts/create Ada\n{difference}\n\n{name}: 2 commands were run, 1 differed\n")
    );
}
