//! Runs the commands of a page with `docs/run`, as readers do.

use std::process::{Command, Output};

use testkit::console::Mark;

use crate::walkthrough::page;
use crate::workspace;

pub(crate) fn docs_run(arguments: &[&str]) -> Output {
    let mut command = Command::new(workspace().join("docs/run"));
    command.args(arguments).current_dir(workspace()).output().expect("docs/run can be run")
}

/// Checks that the commands with this mark print what the page shows. The last argument is the page.
#[track_caller]
pub(crate) fn expect_success(mark: Mark, arguments: &[&str]) {
    let name = arguments.last().expect("a page");
    let ran = docs_run(arguments);
    let [out, err] = [&ran.stdout, &ran.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(ran.status.success(), "{out}\n{err}");
    let commands = page(name).steps(mark).len();
    assert!(out.starts_with(&format!("{name}: {commands} commands were run, 0 differed")), "{out}");
}
