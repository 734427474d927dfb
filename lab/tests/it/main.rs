//! The three services together, and the `lab` that runs them in one process; what holds for the whole
//! workspace; and what the documents tell: the README, the walkthrough, the requests for editors. With the feature
//! `docker`, the same in containers; with `browser`, the pages at `/docs` in a browser.

mod access;
mod api_page;
#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "docker")]
mod compose;
mod crash;
mod deletion;
mod editor;
mod hop;
mod images;
mod invariants;
mod journey;
mod lab;
mod lab_page;
mod lab_process;
mod process;
mod readme;
mod refusals;
mod stopping;
mod users;
mod walkthrough;
mod writers;

use std::path::Path;

/// The checkout that is tested.
fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the lab stands in the workspace")
}
