//! Tests of the three services together, of the `lab` that runs them in one process, of rules for the whole workspace,
//! and of the documents: the walkthrough, the practical, the API page, the requests for editors. The feature `pages` adds
//! tests that run the commands of the documents, `flask` those of the practical, `docker` tests of the containers, and
//! `browser` tests of the pages at `/docs` and `/live`.

mod access;
mod api_page;
#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "docker")]
mod compose;
mod console;
mod crash;
mod deletion;
#[cfg(any(feature = "flask", feature = "pages"))]
mod docs_run;
mod editor;
mod features;
#[cfg(feature = "flask")]
mod flask;
mod hop;
mod images;
mod invariants;
mod journey;
mod lab_page;
mod lab_process;
mod live;
#[cfg(feature = "pages")]
mod pages;
mod pictures;
mod practical;
mod problem_pages;
mod process;
mod refusals;
mod running_lab;
mod scripts;
mod sequences;
mod stopping;
mod users;
mod walkthrough;
mod writers;

use std::path::Path;

/// The root of the repository.
fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the lab is a folder of the workspace")
}
