//! Tests of the three services together, of the `lab` that runs them in one process, of rules for the whole workspace,
//! and of the documents: the README, the walkthrough, the API page, the requests for editors. The feature `docker`
//! adds tests of the containers, `browser` tests of the pages at `/docs`, and `flask` the commands of the practical.

mod access;
mod api_page;
#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "docker")]
mod compose;
mod crash;
mod deletion;
mod editor;
#[cfg(feature = "flask")]
mod flask;
mod hop;
mod images;
mod invariants;
mod journey;
mod lab_page;
mod lab_process;
mod practical;
mod process;
mod readme;
mod refusals;
mod running_lab;
mod stopping;
mod users;
mod walkthrough;
mod writers;

use std::path::Path;

/// The root of the repository.
fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the lab is a folder of the workspace")
}
