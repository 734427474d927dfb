//! The commands of the README, in English and in French, print what the page shows, in a new lab and in one that was used
//! before.

use testkit::PATIENCE;
use testkit::console::{Mark, Page, Shell};

use crate::lab_process::{LabDir, LabProcess};
use crate::workspace;

/// The first answer of the page, and the same answer if the session was run before.
const REGISTERED: &str = r#"{"username":"ada","role":"user"}"#;
const REGISTERED_BEFORE: &str = r#"{"type":"/problems/username-taken",…}"#;

/// Runs the page as a reader does who opens a new terminal.
fn run(page: &Page, lab: &LabProcess) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shell = Shell::start(folder.path(), PATIENCE);
    shell.require("curl");
    let services = &lab.services;
    let ports = [(":5001", services.person), (":5002", services.health), (":5003", services.auth)]
        .map(|(documented, address)| (documented.to_owned(), format!(":{}", address.port())));
    let faults = page.faults(Mark::Run, &mut shell, &ports);
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn readme_session_works_again_in_the_same_lab() {
    run_twice("README.md");
}

#[test]
fn french_readme_session_works_again_in_the_same_lab() {
    run_twice("README.fr.md");
}

fn run_twice(name: &str) {
    let mut page = Page::read(&workspace().join(name)).expect("a README");
    assert!(page.text.contains(REGISTERED), "{name} has no answer {REGISTERED}");
    let dir = LabDir::new();
    let lab = dir.serve();
    run(&page, &lab);
    page.text = page.text.replace(REGISTERED, REGISTERED_BEFORE);
    run(&page, &lab);
    lab.stop();
}
